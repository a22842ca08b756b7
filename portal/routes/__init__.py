"""What the portal answers beside Streamlit's pages, one module a kind of thing that is asked for."""
