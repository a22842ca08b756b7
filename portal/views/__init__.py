"""What the pages show: each view makes its data in one cached function and draws it in another."""
