"""The hits of one query: documents from an engine, their words checked, every hit located."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from archive.errors import QueryError
from search.clauses import AllOf, Between, Clause, Keyword, Number, Where, is_checked, proposal
from search.documents import Document
from search.engines.base import Counts, Found, Reader, Scored, Values
from search.models import Sort
from search.spans import Locator, Span, Terms

MAX_SEGMENTS = 2_000  # of which every hit is located; where more answer, the total is a floor
MAX_TALLIED = 50_000  # the same where hits are only counted: two CPU seconds
FACETS: tuple[Keyword | Number, ...] = (
    Number.YEAR,
    Keyword.SPEAKER,
    Keyword.EVENT,
    Keyword.LANGUAGE,
    Keyword.QUALITY,
    Keyword.LAYER,
)
_FEW_SEGMENTS = 256  # mostly enough for a page of recordings
_AHEAD_SEGMENTS = 16  # read at a time to check the end of a long quote


@dataclass(frozen=True, slots=True)
class DocumentHits:
    """The hits in one document. `following` are the documents behind it in which they were also looked for."""

    score: float
    document: Document
    spans: Sequence[Span]
    following: Sequence[Document]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a query gives: `total` hits (a floor unless `exact`), the recordings in order, counts by `FACETS`.

    `recordings` counts them all, `order` has those that can be shown.
    """

    total: int
    exact: bool
    recordings: int
    order: Sequence[str]
    counts: Sequence[Counts]
    hits: Mapping[str, Sequence[DocumentHits]]


class Finder:
    """Asks one engine one query."""

    def __init__(self, reader: Reader, clause: Clause, sort: Sort) -> None:
        self._reader = reader
        self._clause = clause
        self._sort = sort
        self._locator = Locator(clause)
        self._checked = is_checked(clause)

    @property
    def seeks(self) -> bool:
        """Whether the query names any word to show."""
        return self._locator.seeks

    def counts(self) -> tuple[tuple[Counts, ...], Counts]:
        """Counts by `FACETS`, and by recording, of the documents that answer, as far as the engine can tell."""
        *facets, recordings = self._reader.counts(proposal(self._clause), (*FACETS, Keyword.RECORDING))
        return tuple(facets), recordings

    def count(self, field: Keyword | Number) -> Counts:
        """Counts of one field, as exact as those that `gather` gives."""
        total = self._best(0).total
        if not self.seeks or total > MAX_SEGMENTS:
            return self._reader.counts(proposal(self._clause), (field,))[0]
        return _counted(list(self._located(self._best(total).documents)), (field,))[0]

    def tally(self, fields: Sequence[Keyword | Number]) -> tuple[Mapping[Values, int], bool]:
        """How many hits have each values of the fields, and whether that is all: else it is one for each document."""
        proposed = proposal(self._clause)
        if self._best(0).total <= MAX_TALLIED:
            tallied: Counter[Values] = Counter()
            names = [field.value for field in fields]
            for hit in self._located(self._reader.each(proposed, None)):
                tallied[tuple(str(getattr(hit.document, name)) for name in names)] += len(hit.spans)
            return tallied, True
        if self._checked:  # what an engine proposes is no floor, and to check the first of them would be no count
            raise QueryError(
                f"to count this, more than {MAX_TALLIED:,} passages would have to be read",
                mend="narrow it by year or speaker, or ask for words that are rarer together",
            )
        return {values: tally.documents for values, tally in self._reader.tally(proposed, fields).items()}, False

    def each(self) -> Iterator[DocumentHits]:
        """Every document that answers, with its hits, the best first."""
        return self._located(self._reader.each(proposal(self._clause), self._sort))

    def gather(self, offset: int, limit: int) -> Gathered:
        """The hits, of `limit` recordings from `offset` all of them."""
        total = self._best(0).total
        if total > MAX_SEGMENTS:
            return self._broad(total, offset, limit)
        hits = list(self._located(self._best(total).documents))
        groups = _by_recording(hits)
        return Gathered(_count(hits), True, len(groups), list(groups), _counted(hits, FACETS), groups)

    def _broad(self, total: int, offset: int, limit: int) -> Gathered:
        """Where too much answers to look at each: the best, and all hits of the recordings that are shown."""
        counts, within = self.counts()
        if self._checked:
            hits = list(self._located(self._best(MAX_SEGMENTS).documents))
            order = list(_by_recording(hits))
            total, recordings = _count(hits), len(order)
        else:
            order = self._order(offset + limit)
            recordings = len(within)  # and `total` stays: every document has a hit or more
        page = order[offset : offset + limit]
        of_page = proposal(AllOf((self._clause, Where(Keyword.RECORDING, tuple(page)))))
        documents = self._reader.search(of_page, self._sort, MAX_SEGMENTS).documents if page else ()
        return Gathered(total, False, recordings, order, counts, _by_recording(self._located(documents)))

    def _order(self, wanted: int) -> list[str]:
        """The first recordings by their best documents, as many as wanted if they are among `MAX_SEGMENTS`."""
        for size in (_FEW_SEGMENTS, MAX_SEGMENTS):
            order = list(dict.fromkeys(scored.document.recording for scored in self._best(size).documents))
            if len(order) >= wanted:
                break
        return order

    def _best(self, size: int) -> Found:
        return self._reader.search(proposal(self._clause), self._sort, size)

    def _located(self, documents: Iterable[Scored]) -> Iterator[DocumentHits]:
        """The documents that do answer, with their hits."""
        for scored in documents:
            document = scored.document
            following = self._following(document) if self._locator.looks_ahead else []
            terms = Terms(document, following)
            if self._checked and not self._locator.holds(terms, document):
                continue
            spans = self._locator.spans(terms)
            if spans:
                yield DocumentHits(scored.score, document, spans, following)

    def _following(self, document: Document) -> list[Document]:
        """The next documents of the transcript version, until a hit can be seen whole or there are no more."""
        out: list[Document] = []
        seen = 0
        while seen < self._locator.longest:
            first = document.segment + 1 + len(out)
            clause = AllOf(
                (
                    Where(Keyword.RECORDING, (document.recording,)),
                    Between(Number.VERSION, document.version, document.version),
                    Between(Number.SEGMENT, first, first + _AHEAD_SEGMENTS - 1),
                )
            )
            more = [scored.document for scored in self._reader.search(clause, Sort.OLDEST, _AHEAD_SEGMENTS).documents]
            out += more
            seen += sum(after.own for after in more)
            if len(more) < _AHEAD_SEGMENTS:
                break
        return out


def _by_recording(hits: Iterable[DocumentHits]) -> dict[str, list[DocumentHits]]:
    """The hits of each recording, recordings in the order of their first hit."""
    groups: dict[str, list[DocumentHits]] = {}
    for hit in hits:
        groups.setdefault(hit.document.recording, []).append(hit)
    return groups


def _count(hits: Iterable[DocumentHits]) -> int:
    return sum(len(hit.spans) for hit in hits)


def _counted(hits: Sequence[DocumentHits], fields: Sequence[Keyword | Number]) -> tuple[Counts, ...]:
    documents = [hit.document for hit in hits]
    return tuple(Counter(map(str, map(attrgetter(field.value), documents))) for field in fields)
