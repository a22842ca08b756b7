"""Search engines, side by side: `embedded` (tantivy, the default) and `toy` (in memory), one contract for both."""
