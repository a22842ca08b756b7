"""The archive, its catalog, its people and its search, opened once for the whole process and when first needed.

Pages and routes run in many threads and share these. What cannot be opened is tried again on the next request,
so a portal that started before its archive or its index comes to life without a restart.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from archive.cards import public_from
from archive.catalog import Catalog
from archive.errors import MachineError, NotFound
from archive.models import Recording
from archive.people import People
from archive.places import default_archive
from archive.store import Archive
from archive.tombstones import error_of
from search.searcher import Searcher

Opened = TypeVar("Opened")


@dataclass(slots=True)
class _House:
    """What is open in this process, by name."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    open: dict[str, object] = field(default_factory=dict)
    people_stamp: int = -1


_HOUSE = _House()


def archive() -> Archive:
    """The archive that this process serves; MachineError, with what to do, while there is none."""
    try:
        return _once("archive", lambda: Archive.open(default_archive()))
    except NotFound as error:  # not that one recording is unknown: nothing can be served yet
        raise MachineError(error.what, where=error.where, mend=error.mend) from error


def catalog() -> Catalog:
    """The cards of every recording."""
    return _once("catalog", lambda: Catalog(archive()))


def searcher() -> Searcher:
    """Search over the archive; IndexUnready where there is no index yet."""
    return _once("searcher", lambda: Searcher.open(archive()))


def people() -> People:
    """The speaker register, read again when its file has changed."""
    stamp = people_stamp()
    with _HOUSE.lock:
        if stamp != _HOUSE.people_stamp:
            _HOUSE.open.pop("people", None)
            _HOUSE.people_stamp = stamp
        return _once("people", lambda: People.load(archive().root))


def people_stamp() -> int:
    """Changes whenever the speaker register does."""
    try:
        return (archive().root / "people.json").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def close() -> None:
    """Let go of everything; what is asked for next is opened anew."""
    with _HOUSE.lock:
        search = _HOUSE.open.pop("searcher", None)
        if isinstance(search, Searcher):
            search.close()
        _HOUSE.open.clear()
        _HOUSE.people_stamp = -1


def today() -> int:
    """The day on which access is judged, yyyymmdd, by this machine's calendar."""
    return int(datetime.date.today().strftime("%Y%m%d"))


def public_recording(identifier: str) -> Recording:
    """A recording that everybody may see today, from the record itself.

    NotFound, in the same words, for what is unknown, restricted or still under embargo; Withdrawn for what everybody
    could see when it was taken out.
    """
    try:
        known = archive().withdrawal(identifier)
        recording = None if known else archive().recording(identifier)
    except NotFound:
        known = recording = None
    if known and public_from(known.access) <= min(today(), int(known.at[:10].replace("-", ""))):
        raise error_of(known)
    if recording is None or public_from(recording.access) > today():
        raise NotFound("there is no such recording here")
    return recording


def speaker_names(identifiers: Iterable[str]) -> dict[str, str]:
    """The shown name of each speaker, in the order given; a voice without a name keeps its id."""
    names = people().shown()
    return {identifier: names.get(identifier, identifier) for identifier in identifiers}


def _once(name: str, opener: Callable[[], Opened]) -> Opened:
    with _HOUSE.lock:
        if name not in _HOUSE.open:
            _HOUSE.open[name] = opener()
        return _HOUSE.open[name]  # type: ignore[return-value]
