"""The door of this room: a query and filters in, an answer of playable moments out."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from archive.catalog import FILE as CATALOG_FILE
from archive.catalog import Catalog
from archive.errors import IndexUnready, UsageError
from archive.models import Card
from archive.people import PEOPLE, People
from archive.store import Archive
from search.clauses import EVERYTHING, AllOf, Between, Clause, Keyword, Number, Where, conditions, is_checked, proposal
from search.documents import Document
from search.engines.base import Counts, Reader, Scored
from search.engines.embedded import MEND, EmbeddedReader
from search.engines.toy import ToyIndex, ToyReader
from search.indexer import current
from search.labels import Labels
from search.models import Answer, Coverage, Facets, Filters, Moment, RecordingHits, Sort
from search.moments import moments_of
from search.planner import plan
from search.query import parse
from search.spans import Locator, Span, terms_of
from search.terms import ANALYSIS_VERSION

MAX_SEGMENTS = 2_000  # of which every hit is located; beyond, an answer's total is a floor
MAX_RECORDINGS = 100  # on one page
UNFILTERED = Filters()
_FACETS = (Number.YEAR, Keyword.SPEAKER, Keyword.EVENT, Keyword.LANGUAGE)
_AHEAD_SEGMENTS = 16  # read at a time to check the end of a long quote


@dataclass(frozen=True, slots=True)
class _Known:
    """What the catalog and the register say, as of the state of their files."""

    state: object
    cards: Mapping[str, Card]
    labels: Labels


@dataclass(frozen=True, slots=True)
class _View:
    """One state of the index: its reader, the languages its words were analysed in, the versions it holds."""

    folder: str
    reader: Reader
    languages: tuple[str, ...]
    versions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Hits:
    """The hits in one document."""

    score: float
    document: Document
    spans: Sequence[Span]
    following: Sequence[Document]


class Searcher:
    """Searches one archive. Safe for several threads; sees what other processes index and rebuild."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._lock = threading.Lock()
        self._catalog: Catalog | None = None
        self._known: _Known | None = None
        self._view: _View | None = None

    @classmethod
    def open(cls, archive: Archive) -> Searcher:
        """A searcher of the archive. An index that cannot be searched is reported by each search, until it can."""
        return cls(archive)

    def __enter__(self) -> Searcher:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index."""
        with self._lock:
            if self._view is not None:
                self._view.reader.close()
                self._view = None

    def search(
        self,
        text: str,
        filters: Filters = UNFILTERED,
        *,
        sort: Sort = Sort.RELEVANCE,
        limit: int = 10,
        offset: int = 0,
        moments: int = 50,
    ) -> Answer:
        """The moments that answer a query, by recording: `limit` recordings from `offset`, `moments` of each.

        A query that names no word gives no moments, but the counts of what it and the filters leave.
        """
        if min(limit, offset, moments) < 0:
            raise UsageError("limit, offset and moments cannot be negative")
        node = parse(text)
        known, view = self._now()
        planned = plan(node, view.languages, view.reader, known.labels.meant)
        clause = AllOf((planned.clause, *conditions(filters)))
        locator = Locator(clause)
        visible = self._visible(known, filters)
        coverage = self._coverage(visible, view)
        if not locator.seeks:
            counts = view.reader.counts(clause, _FACETS)
            return Answer(text, 0, True, 0, (), known.labels.facets(counts), coverage)
        found = view.reader.search(proposal(clause), sort, MAX_SEGMENTS)
        whole = found.total <= MAX_SEGMENTS
        hits = list(self._located(view, locator, clause, found.documents, visible))
        groups = _by_recording(hits)
        page = list(groups)[offset : offset + min(limit, MAX_RECORDINGS)]
        if not whole and page:
            # every hit of the recordings that are shown, not only those among the best
            of_page = AllOf((clause, Where(Keyword.RECORDING, tuple(page))))
            more = view.reader.search(proposal(of_page), sort, MAX_SEGMENTS).documents
            groups.update(_by_recording(self._located(view, locator, clause, more, visible)))
        counts = _counted(hits) if whole else view.reader.counts(proposal(clause), _FACETS)
        return Answer(
            query=text,
            total=sum(len(hit.spans) for hit in hits),
            exact=whole and not planned.cut,
            recordings=len(_by_recording(hits)),
            hits=tuple(_shown(visible[recording], groups[recording], moments, known.labels) for recording in page),
            facets=known.labels.facets(counts),
            coverage=coverage,
        )

    def overview(self, filters: Filters = UNFILTERED) -> tuple[Facets, Coverage]:
        """What can be searched: counts over all segments that the filters leave, and the coverage."""
        known, view = self._now()
        counts = view.reader.counts(AllOf(conditions(filters)), _FACETS)
        return known.labels.facets(counts), self._coverage(self._visible(known, filters), view)

    def coverage(self, filters: Filters = UNFILTERED) -> Coverage:
        """What an answer can see of the recordings that this audience may see."""
        known, view = self._now()
        return self._coverage(self._visible(known, filters), view)

    def _visible(self, known: _Known, filters: Filters) -> Mapping[str, Card]:
        """The cards of what may be shown. The catalog decides, for it is never behind as an index may be."""
        if filters.public_on is None:
            return known.cards
        return {name: card for name, card in known.cards.items() if card.public_from <= filters.public_on}

    def _coverage(self, visible: Mapping[str, Card], view: _View) -> Coverage:
        heard = [card for card in visible.values() if card.version]
        behind = [card.id for card in heard if card.words and view.versions.get(card.id, 0) != card.version]
        return Coverage(
            recordings=len(visible),
            searched=len(heard) - len(behind),
            without_transcript=tuple(card.id for card in visible.values() if not card.version),
            not_indexed=tuple(behind),
        )

    def _located(
        self,
        view: _View,
        locator: Locator,
        clause: Clause,
        documents: Iterable[Scored],
        visible: Mapping[str, Card],
    ) -> Iterator[_Hits]:
        """The documents that do answer, with their hits."""
        checked = is_checked(clause)
        for scored in documents:
            document = scored.document
            if document.recording not in visible:
                continue
            following = _following(view.reader, document, locator.longest) if locator.looks_ahead else []
            terms = terms_of(document, following)
            if checked and not locator.holds(terms, document):
                continue
            spans = locator.spans(terms)
            if spans:
                yield _Hits(scored.score, document, spans, following)

    def _now(self) -> tuple[_Known, _View]:
        """What is known and indexed at this moment."""
        with self._lock:
            return self._read_known(), self._read_index()

    def _read_known(self) -> _Known:
        if self._catalog is None:
            self._catalog = Catalog(self._archive)
        root = self._archive.root
        state = [_state(root / name) for name in (CATALOG_FILE, f"{CATALOG_FILE}-wal", PEOPLE)]
        if self._known is None or self._known.state != state:
            cards = self._catalog.cards()
            labels = Labels(People.load(root).all(), cards)
            self._known = _Known(state, {card.id: card for card in cards}, labels)
        return self._known

    def _read_index(self) -> _View:
        """The index as it is now, opened anew after a rebuild."""
        used = current(self._archive)
        if used is None:
            return self._without_index()
        if used.analysis_version != ANALYSIS_VERSION:
            raise IndexUnready(
                "the search index was made by another version of the analysis",
                where=str(self._archive.index),
                mend=MEND,
            )
        view = self._view
        if view is None or view.folder != used.folder:
            reader: Reader = EmbeddedReader(self._archive.index / used.folder)
        elif view.reader.refresh():
            reader = view.reader
        else:
            return view
        (languages,) = reader.counts(EVERYTHING, (Keyword.ANALYSED,))
        self._view = _View(used.folder, reader, tuple(sorted(languages)), reader.versions())
        return self._view

    def _without_index(self) -> _View:
        """Nothing to search is an empty index; transcripts that nobody indexed are a fault to mend."""
        if any(card.words for card in self._read_known().cards.values()):
            raise IndexUnready("there is no search index", where=str(self._archive.index), mend=MEND)
        return _View("", ToyReader(ToyIndex()), (), {})


def _following(reader: Reader, document: Document, terms: int) -> list[Document]:
    """The next documents of the same transcript version, until they have that many terms or there are no more."""
    out: list[Document] = []
    seen = 0
    while seen < terms:
        first = document.segment + 1 + len(out)
        last = first + _AHEAD_SEGMENTS - 1
        clause = AllOf(
            (
                Where(Keyword.RECORDING, (document.recording,)),
                Between(Number.VERSION, document.version, document.version),
                Between(Number.SEGMENT, first, last),
            )
        )
        for scored in reader.search(clause, Sort.OLDEST, _AHEAD_SEGMENTS).documents:
            if seen < terms:
                out.append(scored.document)
                seen += terms_of(scored.document).own
        if len(out) < last - document.segment:
            break
    return out


def _by_recording(hits: Iterable[_Hits]) -> dict[str, list[_Hits]]:
    """The hits of each recording, recordings in the order of their first hit."""
    groups: dict[str, list[_Hits]] = {}
    for hit in hits:
        groups.setdefault(hit.document.recording, []).append(hit)
    return groups


def _counted(hits: Sequence[_Hits]) -> tuple[Counts, ...]:
    return tuple(Counter(str(getattr(hit.document, field.value)) for hit in hits) for field in _FACETS)


def _shown(card: Card, hits: Sequence[_Hits], limit: int, labels: Labels) -> RecordingHits:
    """A recording with its first `limit` moments."""
    moments: list[Moment] = []
    for hit in sorted(hits, key=lambda hit: (hit.document.version, hit.document.segment)):
        if len(moments) >= limit:
            break
        name = labels.speaker(hit.document.speaker)
        spans = hit.spans[: limit - len(moments)]
        moments += moments_of(hit.document, spans, score=hit.score, speaker_name=name, following=hit.following)
    return RecordingHits(card, tuple(moments), sum(len(hit.spans) for hit in hits))


def _state(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written or replaced."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return found.st_ino, found.st_size, found.st_mtime_ns
