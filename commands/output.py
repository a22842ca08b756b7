"""Where a command writes what it was asked for."""

from __future__ import annotations

from pathlib import Path

from archive.errors import UsageError
from commands.terminal import clean


def target_of(text: str | Path) -> Path:
    """The file that is to be written. UsageError where that is a folder, or lies in none."""
    target = Path(text)
    if target.is_dir():
        raise UsageError("this is a folder", where=clean(target), mend="name a file in it")
    if not target.absolute().parent.is_dir():
        raise UsageError("there is no such folder", where=clean(target.parent), mend="make it, or name another")
    return target
