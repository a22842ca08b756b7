"""What is there to search at this moment: the catalog's cards, the names in use, and the index in use.

Other processes write all of them. Their files are looked at before every search (some microseconds), and read anew
when they changed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.catalog import BESIDE, Catalog
from archive.catalog import FILE as CATALOG_FILE
from archive.errors import IndexUnready
from archive.models import Card, LayerKind
from archive.people import People
from archive.store import Archive
from search.clauses import EVERYTHING, Clause, Keyword, NoneOf, Where
from search.engines.base import MEND, Held, Index, InUse, Reader
from search.engines.choice import index_of
from search.engines.toy import ToyIndex, ToyReader
from search.labels import Labels
from search.models import Coverage, Filters
from search.terms import ANALYSIS_VERSION

_FORMER_SECONDS = 1.0  # waited for a view that is being read, before the former one answers


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalog and the register say, as of one state of their files."""

    state: object
    cards: Mapping[str, Card]
    labels: Labels


@dataclass(frozen=True, slots=True)
class View:
    """One state of the index: its reader, the languages its words were analysed in, its recordings.

    `translations` says whether any of its words are translated ones.
    """

    used: InUse | None
    reader: Reader
    languages: tuple[str, ...]
    held: Mapping[str, Held]
    translations: bool = False


_NOTHING = View(None, ToyReader(ToyIndex()), (), {})


class Present:
    """Keeps the last state that was read. Safe for several threads.

    A cluster is asked by each of them for itself, so that one slow answer holds up only who waits for it.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._lock = threading.Lock()  # of what is read from this machine's files
        self._catalog: Catalog | None = None
        self._known: Known | None = None
        self._index: Index | None = None
        self._reading = threading.Lock()  # of the view
        self._fault: tuple[float, IndexUnready] | None = None
        self._view: View | None = None

    def now(self) -> tuple[Known, View]:
        """What is known and indexed now. Raises IndexUnready where the index cannot be searched."""
        with self._lock:
            if self._index is None:
                self._index = index_of(self._archive)
            index = self._index
        view = self._view_of(index)
        with self._lock:
            known = self._read_known()  # after the view, so that whatever it holds is known
        # nothing to search is an empty index; transcripts that nobody indexed are a fault to mend
        if view.used is None and any(card.words for card in known.cards.values()):
            raise IndexUnready("there is no search index", where=index.where, mend=MEND)
        return known, view

    def close(self) -> None:
        """Let go of the index."""
        with self._reading, self._lock:
            if self._view is not None:
                self._view.reader.close()
                self._view = None
            if self._index is not None:
                self._index.close()
                self._index = None

    def _read_known(self) -> Known:
        if self._catalog is None:
            self._catalog = Catalog(self._archive)
        root = self._archive.root
        state = [_state(root / name) for name in (CATALOG_FILE, f"{CATALOG_FILE}-wal", *BESIDE)]
        if self._known is None or self._known.state != state:
            cards = self._catalog.cards()
            labels = Labels(People.load(root).all(), cards)
            self._known = Known(state, {card.id: card for card in cards}, labels)
        return self._known

    def _view_of(self, index: Index) -> View:
        """The view of the index in use, read anew where it changed."""
        asked = time.monotonic()
        used = _usable(index)
        view = self._view
        if used is None:
            return _NOTHING
        if view is not None and view.used == used:
            return view
        # one thread reads it anew; where that takes long, the others go on with what was there
        if not self._reading.acquire(timeout=-1 if view is None else _FORMER_SECONDS):
            return view or _NOTHING
        try:
            return self._read(index, asked)
        finally:
            self._reading.release()

    def _read(self, index: Index, asked: float) -> View:
        """Another view, unless another thread read it, or failed to, while this one waited."""
        if self._fault is not None and self._fault[0] > asked:
            fault = self._fault[1]
            raise IndexUnready(fault.what, where=fault.where, mend=fault.mend)
        try:
            # asked once more, for what this thread saw may be older than what another has read since
            used = _usable(index)
            view = self._view
            if used is None:
                return _NOTHING
            if view is not None and view.used == used:
                return view
            if view is not None and view.used is not None and view.used.name == used.name:
                reader = view.reader
                reader.refresh()
            else:
                reader = index.reader(used)
            languages, layers = reader.counts(EVERYTHING, (Keyword.ANALYSED, Keyword.LAYER))
            translations = LayerKind.TRANSLATION.value in layers
            self._view = View(used, reader, tuple(sorted(languages)), reader.held(), translations)
        except IndexUnready as error:
            self._fault = (time.monotonic(), error)
            raise
        return self._view


def _usable(index: Index) -> InUse | None:
    """The index in use; IndexUnready where it is of another analysis."""
    used = index.in_use()
    if used is not None and used.analysis_version != ANALYSIS_VERSION:
        raise IndexUnready("the search index was made by another version of the analysis", where=index.where, mend=MEND)
    return used


def visible(known: Known, filters: Filters) -> Mapping[str, Card]:
    """The cards of what may be shown. The catalog decides, for an index may be behind it."""
    if filters.public_on is None:
        return known.cards
    return {name: card for name, card in known.cards.items() if card.public_from <= filters.public_on}


def hidden(view: View, cards: Mapping[str, Card], filters: Filters) -> tuple[Clause, ...]:
    """Leaves out what the index still shows but the catalog does not: deleted, or not public any more."""
    day = filters.public_on
    behind = [
        name for name, held in view.held.items() if name not in cards and (day is None or held.public_from <= day)
    ]
    return (NoneOf(Where(Keyword.RECORDING, tuple(behind))),) if behind else ()


def coverage(view: View, cards: Mapping[str, Card]) -> Coverage:
    """Which of these recordings are searched as they are now."""
    heard = [card for card in cards.values() if card.version]
    behind = [
        card.id for card in heard if card.words and view.held.get(card.id) != Held(card.version, card.public_from)
    ]
    return Coverage(
        recordings=len(cards),
        searched=len(heard) - len(behind),
        without_transcript=tuple(card.id for card in cards.values() if not card.version),
        not_indexed=tuple(behind),
    )


def _state(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written or replaced."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return found.st_ino, found.st_size, found.st_mtime_ns
