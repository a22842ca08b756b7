"""Where embedded indexes are kept: folders under ARCHIVE/index, and the file that names the one in use.

A build fills another folder and then replaces that one file, so readers see the whole old index or the whole new one.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from archive.errors import IndexUnready
from archive.files import atomic_write
from archive.store import Archive
from search.engines.base import MEND, InUse
from search.engines.embedded import EmbeddedReader, EmbeddedWriter
from search.engines.turns import turn
from search.terms import ANALYSIS_VERSION

CURRENT = "current.json"
SCHEMA = "onrecord/index/1"
ENGINE = "tantivy"
_FOLDER = re.compile(r"tantivy-a(\d+)-(\d+)")


class Current(msgspec.Struct, frozen=True):
    """Which folder under ARCHIVE/index is searched, and by which analysis its terms were made."""

    schema: str
    engine: str
    analysis_version: int
    folder: str


class EmbeddedIndex:
    """The embedded indexes of one archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._root = archive.index

    @property
    def where(self) -> str:
        """The folder of the indexes."""
        return str(self._root)

    def in_use(self) -> InUse | None:
        """The folder in use."""
        path = self._root / CURRENT
        try:
            found = msgspec.json.decode(path.read_bytes(), type=Current)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise IndexUnready(f"the search index cannot be read: {error}", where=str(path), mend=MEND) from error
        if found.schema != SCHEMA or not _FOLDER.fullmatch(found.folder):
            raise IndexUnready("the search index is of another format", where=str(path), mend=MEND)
        return InUse(found.folder, found.analysis_version, _written(self._root / found.folder))

    def writable(self) -> InUse | None:
        """The folder in use, None where it is damaged or of another analysis."""
        try:
            found = self.in_use()
        except IndexUnready:
            return None
        usable = found is not None and found.analysis_version == ANALYSIS_VERSION and bool(found.mark)
        return found if usable else None

    def reader(self, used: InUse) -> EmbeddedReader:
        """A reader of the folder in use."""
        return EmbeddedReader(self._root / used.name)

    def writer(self, used: InUse) -> EmbeddedWriter:
        """A writer into the folder in use."""
        return EmbeddedWriter(self._root / used.name)

    def build(self) -> EmbeddedBuild:
        """Begin another folder."""
        numbers = [int(found[2]) for path in self._folders() if (found := _FOLDER.fullmatch(path.name))]
        return EmbeddedBuild(self, self._root / f"tantivy-a{ANALYSIS_VERSION}-{max(numbers, default=0) + 1}")

    @contextlib.contextmanager
    def only_writer(self, wait_seconds: float) -> Iterator[None]:
        """Hold the archive's lock of the index."""
        with turn(self._archive, wait_seconds):
            yield

    def close(self) -> None:
        """Nothing to let go of."""

    def use(self, folder: Path) -> None:
        """Make the folder the one in use, and delete the former ones and what killed builds left.

        Who reads them keeps them open.
        """
        entry = Current(SCHEMA, ENGINE, ANALYSIS_VERSION, folder.name)
        atomic_write(self._root / CURRENT, msgspec.json.format(msgspec.json.encode(entry)) + b"\n")
        for path in self._folders():
            if path != folder:
                shutil.rmtree(path, ignore_errors=True)

    def _folders(self) -> list[Path]:
        return [path for path in self._root.glob("tantivy-*") if _FOLDER.fullmatch(path.name)]


class EmbeddedBuild(EmbeddedWriter):
    """Fills a folder that nobody reads yet."""

    def __init__(self, index: EmbeddedIndex, folder: Path) -> None:
        super().__init__(folder)
        self._kept_in = index
        self._open = True

    def publish(self) -> None:
        """Make the folder the one in use, once nothing in it changes any more."""
        self.close()
        self._kept_in.use(self._folder)

    def close(self) -> None:
        """Let the folder go."""
        if self._open:
            self._open = False
            super().close()


def _written(folder: Path) -> int:
    """When the index in the folder was last committed to; 0 where there is none."""
    try:
        return (folder / "meta.json").stat().st_mtime_ns
    except OSError:
        return 0
