"""Register: a file and its row become a recording of the archive, once for the same bytes."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from archive.errors import ArchiveError, InputError, MediaError
from archive.events import event_of
from archive.files import sha256_of
from archive.layout import ID_CHARACTERS
from archive.models import Layer, LayerFile, Recording
from archive.people import People
from archive.store import Archive
from archive.tombstones import error_of
from ingest.intake import Item, Plan, plan
from ingest.layers import MAX_LAYERS
from ingest.names import shown, title_of
from ingest.probe import probe, tracks
from ingest.sheet import Row

__all__ = ["Item", "Plan", "Registered", "State", "plan", "refuse_withdrawn", "register", "register_layer"]

AGENT = "onrecord"

State = Literal["new", "known", "alias", "updated"]


@dataclass(frozen=True, slots=True)
class Registered:
    """A file's recording. `state`: `new`; `known`, nothing changed; `alias`, the same bytes in another file, whose
    name is now noted; `updated`, known bytes with a row that says something else than before.
    """

    id: str
    state: State


def register(
    archive: Archive,
    people: People,
    item: Item,
    *,
    how: str = "copy",
    is_own: Callable[[Recording], bool] = lambda _known: True,
) -> Registered:
    """Take a file into the archive (by `copy`, `reflink` or `link`), or find that its bytes are there.

    `is_own` tells a recording's own file from a copy of it that has the same name. MediaError where it is no
    recording, or changes meanwhile.
    """
    before = _stamp(item)
    digest = sha256_of(item.path)
    recording_id = digest[:ID_CHARACTERS]
    if recording_id in archive:
        return _known(archive, people, item, digest, is_own)
    refuse_withdrawn(archive, recording_id, item)
    media = replace(probe(item.path), sha256=digest)
    _refuse_if_changed(item, before)
    recording = Recording(id=recording_id, title=title_of(item.path), media=media, layers=tracks(item.path))
    if item.row:
        recording = _described(recording, item.row, people)
    kept = archive.register(item.path, recording, how=how, agent=AGENT)
    if kept.media.name != media.name or replace(kept, media=media) != recording:  # another process was first
        return _known(archive, people, item, digest, is_own)
    return Registered(recording_id, "new")


def register_layer(archive: Archive, recording: str, item: Item, row: Row, *, how: str = "copy") -> Registered:
    """Take an interpreter's file in as a layer of a recording, or find that it is one with these bytes.

    MediaError where it holds no sound, or changes meanwhile; InputError where it cannot be a layer of that recording.
    """
    before = _stamp(item)
    media = replace(probe(item.path), sha256=sha256_of(item.path))
    _refuse_if_changed(item, before)
    known = archive.recording(recording)
    there = known.layer(row.layer)
    if there is None and len(known.layers) >= MAX_LAYERS:
        raise InputError(f"the recording {recording} has {MAX_LAYERS} layers, which is all", where=shown(item.path))
    offset = row.offset if row.offset is not None else there.offset if there else 0.0
    if offset >= known.media.duration:
        what = f"it would begin at {offset:.3f} s, and the recording {recording} ends at {known.media.duration:.3f} s"
        raise InputError(what, where=shown(item.path), mend="correct the column offset of its row")
    layer = Layer(row.layer, 0, row.layer, LayerFile(media, offset, row.source, row.rights))
    kept = archive.add_layer(recording, layer, item.path, how=how, agent=AGENT)
    state: State = "known" if kept == known else "updated" if there else "new"
    return Registered(recording, state)


def refuse_withdrawn(archive: Archive, recording: str, item: Item) -> None:
    """Raises Withdrawn where the file's recording was taken out of the archive."""
    if known := archive.withdrawal(recording):
        raise error_of(known, where=shown(item.path))


def _known(
    archive: Archive, people: People, item: Item, digest: str, is_own: Callable[[Recording], bool]
) -> Registered:
    known = archive.recording(digest[:ID_CHARACTERS])
    if known.media.sha256 != digest:
        raise ArchiveError(
            f"the id {known.id} is taken by other bytes, {known.media.sha256}; this file's are {digest}",
            where=shown(item.path),
            mend="keep this file elsewhere and report it: two files whose hashes begin alike are a rarity",
        )
    name = shown(item.path.name)
    if name != known.media.name or not is_own(known):
        # the row of a copy says nothing about the recording, the first file's row does
        archive.add_alias(known.id, name, agent=AGENT)
        return Registered(known.id, "alias")
    described = _described(known, item.row, people) if item.row else known
    if described == known:
        return Registered(known.id, "known")
    archive.update(described, agent=AGENT, reason="the metadata sheet changed")
    return Registered(known.id, "updated")


def _described(recording: Recording, row: Row, people: People) -> Recording:
    """The recording with what its row says; an empty cell leaves what is known."""
    date = row.date or recording.date
    place = row.place or recording.place
    speakers = tuple(dict.fromkeys(speaker.id for speaker in people.ensure_all(row.speakers)))
    return replace(
        recording,
        title=row.title or recording.title,
        event=event_of(row.event, date, place) if row.event else recording.event,
        date=date,
        place=place,
        speakers=speakers or recording.speakers,
        languages=row.languages or recording.languages,
        source=row.source or recording.source,
        rights=row.rights or recording.rights,
        access=row.access or recording.access,
    )


def _refuse_if_changed(item: Item, before: tuple[int, int, int, int]) -> None:
    if _stamp(item) != before:
        raise MediaError(
            "Changed: it changed while it was read", where=shown(item.path), mend="run again when it is complete"
        )


def _stamp(item: Item) -> tuple[int, int, int, int]:
    """What changes when somebody writes to the file or puts another in its place."""
    try:
        state = os.lstat(item.path)
    except OSError as error:
        raise MediaError(
            f"it cannot be read: {error.strerror}", where=shown(item.path), mend="check who may read it"
        ) from error
    if not stat.S_ISREG(state.st_mode):
        raise MediaError("no regular file", where=shown(item.path), mend="give the file itself")
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
