"""Watching a folder: what arrives is taken in once it stopped growing.

The folder is looked at again and again. A file system's notices of change would be quicker, but over a network they
do not come for what other machines write, and they do not say when a file is whole. A file counts as whole when
two looks found it with the same size and time of change, whatever that time is: clocks of servers differ.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.register import Item

EVERY_S = 10.0  # between two looks; copies over a network pause, but seldom that long

Stamp = tuple[int, int, int]  # size, time of change in ns, file number


@dataclass(slots=True)
class Watch:
    """What was seen of a folder and its sheet. `look` says what is to be taken in now, `taken` that it was."""

    folder: Path
    sheet: Path | None = None
    _seen: dict[Path, Stamp] = field(default_factory=dict)
    _taken: dict[Path, Stamp] = field(default_factory=dict)
    _whole: frozenset[Path] = frozenset()

    def look(self) -> frozenset[Path]:
        """Files that are whole and were not taken as they are; all that are whole, where the sheet changed.

        None while the sheet is written: half of it could make public what the rest closes.
        """
        seen = dict(_stamps(self.folder))
        if self.sheet and (stamp := _stamp(self.sheet)):
            seen[self.sheet] = stamp
        whole = {path: stamp for path, stamp in seen.items() if self._seen.get(path) == stamp}
        self._seen, self._whole = seen, frozenset(whole)
        if self.sheet in seen and self.sheet not in whole:
            return frozenset()
        fresh = {path for path, stamp in whole.items() if self._taken.get(path) != stamp}
        if self.sheet in fresh:
            fresh = set(whole)
        return frozenset(fresh)

    def is_ready(self, item: Item, fresh: Collection[Path]) -> bool:
        """Whether to take a recording in: it, its text or what it is a layer of is `fresh`, and all are whole."""
        needed = {path for path in (item.path, item.transcript, item.of) if path}
        return not needed.isdisjoint(fresh) and needed <= self._whole

    def taken(self, paths: Iterable[Path]) -> None:
        """These need no second look, until they change."""
        self._taken.update((path, self._seen[path]) for path in paths if path in self._seen)


def _stamps(top: Path) -> Iterable[tuple[Path, Stamp]]:
    """Every regular file below, links not followed, with its stamp."""
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(folder, name)
            if not name.startswith(".") and (stamp := _stamp(path)):
                yield path, stamp


def _stamp(path: Path) -> Stamp | None:
    try:
        state = path.lstat()
    except OSError:  # gone meanwhile
        return None
    return (state.st_size, state.st_mtime_ns, state.st_ino) if stat.S_ISREG(state.st_mode) else None
