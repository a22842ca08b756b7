"""Words to moments: terms, query, engines, hits and counts. Rebuilt from an archive at any time."""
