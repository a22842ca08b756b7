"""From the archive to the index. The index is derived: deleted, stale or damaged, `rebuild` makes it anew.

A rebuild fills an index aside and swaps, so readers see the whole old one or the whole new one. What could not be
indexed is remembered, and `catch_up` indexes it later.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping

from archive.catalog import Catalog
from archive.errors import IndexUnready, NotIndexed, OnrecordError
from archive.store import Archive
from search import unindexed
from search.documents import Document, documents_of
from search.engines.base import Held, Index, Refused
from search.engines.choice import index_of

WAIT_SECONDS = 60.0  # a second writer waits that long: one recording takes far less, a rebuild may take longer
_BATCH = 500  # recordings between commits of a rebuild, to bound memory
_NAMED = 10  # segments named of those that an engine refuses

Progress = Callable[[int], None]
Skipped = Callable[[str, OnrecordError], None]


def index_recordings(
    archive: Archive,
    ids: Iterable[str],
    on_progress: Progress = lambda _done: None,
    *,
    wait_seconds: float = WAIT_SECONDS,
) -> int:
    """Put the newest transcripts of these recordings into the index, all in one commit; how many they are.

    Without an index that can be searched, every recording is indexed. `on_progress` is told how many
    recordings are done. Whatever goes wrong, they are remembered for `catch_up`. What was withdrawn and could not be
    taken out of the index then, goes now.
    """
    wanted = list(dict.fromkeys(ids))
    unindexed.remember(archive, wanted)
    with contextlib.closing(index_of(archive)) as index, index.only_writer(wait_seconds):
        used = index.writable()
        if used is None:
            return _rebuild(archive, index, on_progress, lambda _recording, _error: None)
        with contextlib.closing(index.writer(used)) as writer:
            for done, recording in enumerate(wanted, 1):
                writer.replace(recording, _documents(archive, recording))
                on_progress(done)
            gone = [name for name in unindexed.remembered(archive) if name not in archive]
            for recording in gone:
                writer.replace(recording, ())
            refused = writer.commit()
        unindexed.forget(archive, [*wanted, *gone])
    if refused:
        raise _not_indexed(refused)
    return len(wanted)


def remove(archive: Archive, recording: str, *, wait_seconds: float = WAIT_SECONDS) -> bool:
    """Take what was withdrawn out of the index; False, and nothing done, where it was put back meanwhile.

    Whatever goes wrong, it is remembered, and goes with the next indexing.
    """
    unindexed.remember(archive, [recording])
    with contextlib.closing(index_of(archive)) as index, index.only_writer(wait_seconds):
        if recording in archive:  # whoever put it back has indexed it, or will
            return False
        _remove(index, [recording])
        unindexed.forget(archive, [recording])
    return True


def rebuild(
    archive: Archive,
    on_progress: Progress = lambda _done: None,
    on_skipped: Skipped = lambda _recording, _error: None,
    *,
    wait_seconds: float = WAIT_SECONDS,
) -> int:
    """Index the whole archive aside and swap; how many recordings are in it.

    A recording that cannot be read is left out, and so is a segment that the engine refuses; `on_skipped` is told
    which recording and why.
    """
    with contextlib.closing(index_of(archive)) as index, index.only_writer(wait_seconds):
        return _rebuild(archive, index, on_progress, on_skipped)


def catch_up(
    archive: Archive,
    on_progress: Progress = lambda _done: None,
    on_skipped: Skipped = lambda _recording, _error: None,
) -> int:
    """Index what is not, or not as it is now, and take out what is not in the archive; how many recordings.

    A recording that cannot be read stays remembered, and `on_skipped` is told which and why.
    """
    with contextlib.closing(index_of(archive)) as index:
        used = index.writable()
        if used is None:
            return rebuild(archive, on_progress, on_skipped)
        with contextlib.closing(index.reader(used)) as reader:
            held = reader.held()
        gone = [recording for recording in held if recording not in archive]
        if gone:
            with index.only_writer(WAIT_SECONDS):
                _remove(index, gone)
                unindexed.forget(archive, gone)
    done = len(gone)
    for recording in _behind(archive, held):
        try:
            done += index_recordings(archive, [recording])
        except IndexUnready:
            raise
        except OnrecordError as error:
            on_skipped(recording, error)
        on_progress(done)
    return done


def _behind(archive: Archive, held: Mapping[str, Held]) -> list[str]:
    """Recordings whose words or whose day are others in the index, and those that were remembered."""
    cards = Catalog(archive).cards()
    changed = [card.id for card in cards if card.words and held.get(card.id) != Held(card.version, card.public_from)]
    return list(dict.fromkeys([*changed, *(name for name in unindexed.remembered(archive) if name in archive)]))


def _remove(index: Index, recordings: Iterable[str]) -> None:
    used = index.writable()
    if used is not None:
        with contextlib.closing(index.writer(used)) as writer:
            for recording in recordings:
                writer.replace(recording, ())
            writer.commit()


def _rebuild(archive: Archive, index: Index, on_progress: Progress, on_skipped: Skipped) -> int:
    remembered = unindexed.remembered(archive)
    ids = archive.ids()
    indexed = 0
    refused: list[Refused] = []
    left_out = set()
    with contextlib.closing(index.build()) as build:
        for done, recording in enumerate(ids, 1):
            try:
                build.replace(recording, list(_documents(archive, recording)))
                indexed += 1
            except IndexUnready:
                raise
            except OnrecordError as error:
                left_out.add(recording)
                on_skipped(recording, error)
            if done % _BATCH == 0:
                refused += build.commit()
            on_progress(done)
        refused += build.commit()
        build.publish()
    unindexed.forget(archive, [name for name in remembered if name not in left_out])
    for recording in dict.fromkeys(one.recording for one in refused):
        on_skipped(recording, _not_indexed([one for one in refused if one.recording == recording]))
    return indexed


def _documents(archive: Archive, recording: str) -> Iterator[Document]:
    """The documents of the newest transcript of each layer."""
    known = archive.recording(recording)
    for layer in known.layers:
        versions = archive.versions(recording, layer.id)
        if versions:
            yield from documents_of(known, archive.transcript(recording, versions[-1]))


def _not_indexed(refused: Iterable[Refused]) -> NotIndexed:
    all_of_them = list(refused)
    named = "; ".join(
        f"{one.recording} version {one.version} segment {one.segment}: {one.reason}" for one in all_of_them[:_NAMED]
    )
    more = f"; and {len(all_of_them) - _NAMED} more" if len(all_of_them) > _NAMED else ""
    return NotIndexed(f"the search engine refused {len(all_of_them)} segments: {named}{more}")
