"""What is not installed unless asked for: the extras of pyproject.toml, and how one of them is added."""

from __future__ import annotations


def adding(extra: str) -> str:
    """The command that adds an extra to the program's own environment, for whom it is missing."""
    return f"in the project's folder, run: make setup EXTRA={extra}"
