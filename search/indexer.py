"""From the archive to the index. The index is derived: deleted, stale or damaged, `rebuild` makes it anew.

ARCHIVE/index/current.json names the folder in use. A rebuild fills another folder and then replaces that one file,
so readers see the whole old index or the whole new one.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from archive.errors import IndexUnready, OnrecordError
from archive.files import atomic_write
from archive.locks import held
from archive.store import Archive
from search.documents import Document, documents_of
from search.engines.embedded import MEND, EmbeddedWriter
from search.terms import ANALYSIS_VERSION

CURRENT = "current.json"
SCHEMA = "onrecord/index/1"
ENGINE = "tantivy"
WAIT_SECONDS = 60.0  # a second writer waits that long: one recording takes far less, a rebuild may take longer
_POLL_SECONDS = 0.1
_BATCH = 500  # recordings between commits of a rebuild, to bound memory
_FOLDER = re.compile(r"tantivy-a(\d+)-(\d+)")

Progress = Callable[[int], None]
Skipped = Callable[[str, OnrecordError], None]


@dataclass(frozen=True, slots=True)
class Current:
    """Which folder under ARCHIVE/index is searched, and by which analysis its terms were made."""

    schema: str
    engine: str
    analysis_version: int
    folder: str


def current(archive: Archive) -> Current | None:
    """The index in use, None where there is none. Raises IndexUnready where the file cannot be read."""
    path = archive.index / CURRENT
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Current)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise IndexUnready(f"the search index cannot be read: {error}", where=str(path), mend=MEND) from error
    if found.schema != SCHEMA or not _FOLDER.fullmatch(found.folder):
        raise IndexUnready("the search index is of another format", where=str(path), mend=MEND)
    return found


def index_recordings(
    archive: Archive,
    ids: Iterable[str],
    on_progress: Progress = lambda _done: None,
    *,
    wait_seconds: float = WAIT_SECONDS,
) -> int:
    """Put the newest transcripts of these recordings into the index, all in one commit; how many they are.

    Without an index that can be searched, every recording is indexed. `on_progress` is told how many
    recordings are done.
    """
    wanted = list(dict.fromkeys(ids))
    with _only_writer(archive, wait_seconds):
        folder = _usable(archive)
        if folder is None:
            return _rebuild(archive, on_progress, lambda _recording, _error: None)
        with contextlib.closing(EmbeddedWriter(folder)) as writer:
            for done, recording in enumerate(wanted, 1):
                writer.replace(recording, _documents(archive, recording))
                on_progress(done)
            writer.commit()
    return len(wanted)


def remove(archive: Archive, recording: str, *, wait_seconds: float = WAIT_SECONDS) -> None:
    """Take a recording out of the index."""
    with _only_writer(archive, wait_seconds):
        folder = _usable(archive)
        if folder is not None:
            with contextlib.closing(EmbeddedWriter(folder)) as writer:
                writer.replace(recording, ())
                writer.commit()


def rebuild(
    archive: Archive,
    on_progress: Progress = lambda _done: None,
    on_skipped: Skipped = lambda _recording, _error: None,
    *,
    wait_seconds: float = WAIT_SECONDS,
) -> int:
    """Index the whole archive aside and swap; how many recordings are in it.

    A recording that cannot be read is left out, and `on_skipped` is told which and why.
    """
    with _only_writer(archive, wait_seconds):
        return _rebuild(archive, on_progress, on_skipped)


def _rebuild(archive: Archive, on_progress: Progress, on_skipped: Skipped) -> int:
    folder = _next_folder(archive)
    ids = archive.ids()
    indexed = 0
    with contextlib.closing(EmbeddedWriter(folder)) as writer:
        for done, recording in enumerate(ids, 1):
            try:
                writer.replace(recording, list(_documents(archive, recording)))
                indexed += 1
            except IndexUnready:
                raise
            except OnrecordError as error:
                on_skipped(recording, error)
            if done % _BATCH == 0:
                writer.commit()
            on_progress(done)
        writer.commit()
    entry = Current(SCHEMA, ENGINE, ANALYSIS_VERSION, folder.name)
    atomic_write(archive.index / CURRENT, msgspec.json.format(msgspec.json.encode(entry)) + b"\n")
    _sweep(archive, keep=folder.name)
    return indexed


def _documents(archive: Archive, recording: str) -> Iterator[Document]:
    """The documents of the newest transcript of each layer."""
    known = archive.recording(recording)
    for layer in known.layers:
        versions = archive.versions(recording, layer.id)
        if versions:
            yield from documents_of(known, archive.transcript(recording, versions[-1]))


def _usable(archive: Archive) -> Path | None:
    """The folder of the index, None where only a rebuild can give one."""
    try:
        found = current(archive)
    except IndexUnready:
        return None
    if found is None or found.analysis_version != ANALYSIS_VERSION:
        return None
    folder = archive.index / found.folder
    return folder if (folder / "meta.json").is_file() else None


def _next_folder(archive: Archive) -> Path:
    numbers = [int(found[2]) for path in _folders(archive) if (found := _FOLDER.fullmatch(path.name))]
    return archive.index / f"tantivy-a{ANALYSIS_VERSION}-{max(numbers, default=0) + 1}"


def _sweep(archive: Archive, keep: str) -> None:
    """Delete the folders of former indexes and of rebuilds that were killed; who reads them keeps them open."""
    for path in _folders(archive):
        if path.name != keep:
            shutil.rmtree(path, ignore_errors=True)


def _folders(archive: Archive) -> list[Path]:
    return [path for path in archive.index.glob("tantivy-*") if _FOLDER.fullmatch(path.name)]


@contextlib.contextmanager
def _only_writer(archive: Archive, wait_seconds: float) -> Iterator[None]:
    """Be the one writer of the index, waiting for another one to finish."""
    give_up = time.monotonic() + wait_seconds
    while True:
        with held(archive.locks, "index", wait=False) as ours:
            if ours:
                yield
                return
        if time.monotonic() >= give_up:
            raise IndexUnready(
                "another process is writing the search index",
                where=str(archive.index),
                mend="wait until it is done, then run: onrecord index",
            )
        time.sleep(_POLL_SECONDS)
