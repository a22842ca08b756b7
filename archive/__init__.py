"""The record: what was kept, on disk, as plain files that need no program of ours to be read."""
