"""Which recordings the index has to be told of: a file of their name in ARCHIVE/work/unindexed, until it is.

Those that are in the archive are to be indexed, those that were withdrawn to be taken out. The file is laid before the
index is touched, so a cluster that is away or a killed process loses none of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from archive.layout import checked_id, is_id
from archive.store import Archive


def remember(archive: Archive, recordings: Iterable[str]) -> None:
    """Note that the index has to be told of these."""
    folder = _folder(archive)
    folder.mkdir(parents=True, exist_ok=True)
    for recording in recordings:
        (folder / checked_id(recording)).touch()


def forget(archive: Archive, recordings: Iterable[str]) -> None:
    """The index has been told of these."""
    for recording in recordings:
        with contextlib.suppress(FileNotFoundError):
            (_folder(archive) / recording).unlink()


def remembered(archive: Archive) -> tuple[str, ...]:
    """Those that it has to be told of, in the order of their ids."""
    try:
        return tuple(sorted(path.name for path in _folder(archive).iterdir() if is_id(path.name)))
    except FileNotFoundError:
        return ()


def _folder(archive: Archive) -> Path:
    return archive.work / "unindexed"
