"""Where things are unless told otherwise."""

from __future__ import annotations

import os
from pathlib import Path


def default_archive() -> Path:
    """The archive's folder: $ONRECORD_ARCHIVE, else `data/archive` under the current folder."""
    return Path(os.environ.get("ONRECORD_ARCHIVE") or Path("data") / "archive").expanduser().absolute()


def cache_dir() -> Path:
    """Where weights are kept: $ONRECORD_CACHE, else `onrecord` in the user's cache folder (XDG)."""
    if told := os.environ.get("ONRECORD_CACHE"):
        return Path(told).expanduser().absolute()
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # the XDG specification says to ignore a relative one
    return (base if base.is_absolute() else Path.home() / ".cache") / "onrecord"
