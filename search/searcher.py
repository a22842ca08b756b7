"""The door of this room: a query and filters in, an answer of playable moments out."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from types import TracebackType

from archive.errors import UsageError
from archive.models import Card
from archive.store import Archive
from search.counting import counted
from search.engines.base import Counts
from search.facets import disjunctive
from search.hits import DocumentHits, Finder
from search.labels import Labels
from search.models import Answer, By, Counted, Coverage, Facets, Filters, Moment, RecordingHits, Sort
from search.moments import moments_of
from search.present import Present, coverage, visible
from search.query import parse
from search.question import Question

MAX_RECORDINGS = 100  # on one page
UNFILTERED = Filters()


class Searcher:
    """Searches one archive. Safe for several threads; sees what other processes index and rebuild."""

    def __init__(self, archive: Archive) -> None:
        self._present = Present(archive)

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
        self._present.close()

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

        A query that names no word gives the recordings with a passage that it and the filters leave, without moments;
        newest first, unless the oldest are asked for.
        """
        if min(limit, offset, moments) < 0:
            raise UsageError("limit, offset and moments cannot be negative")
        limit = min(limit, MAX_RECORDINGS)
        asked = self._asked(text, filters)
        reader, labels = asked.view.reader, asked.known.labels

        def facets(counts: Sequence[Counts]) -> Facets:
            return labels.facets(disjunctive(reader, asked.clause, asked.filters, counts))

        finder = Finder(reader, asked.clause(), sort)
        covered = coverage(asked.view, asked.cards)
        if not finder.seeks:
            counts, within = finder.counts()
            listed = _by_date((card for card in asked.cards.values() if card.id in within), sort)
            hits = tuple(RecordingHits(card, (), 0) for card in listed[offset : offset + limit])
            return Answer(text, 0, True, len(listed), hits, facets(counts), covered)
        found = finder.gather(offset, limit)
        page = [
            recording
            for recording in found.order[offset : offset + limit]
            if recording in found.hits and recording in asked.cards
        ]
        return Answer(
            query=text,
            total=found.total,
            exact=found.exact and not asked.planned.cut,
            recordings=found.recordings,
            hits=tuple(_shown(asked.cards[recording], found.hits[recording], moments, labels) for recording in page),
            facets=facets(found.counts),
            coverage=covered,
        )

    def each(
        self, text: str, filters: Filters = UNFILTERED, *, sort: Sort = Sort.RELEVANCE
    ) -> Generator[tuple[Card, Moment]]:
        """Every moment that answers, passage by passage in the order of the answer; however many, in little memory."""
        asked = self._asked(text, filters)
        labels = asked.known.labels
        finder = Finder(asked.view.reader, asked.clause(), sort)
        for hit in finder.each() if finder.seeks else ():
            card, name = asked.cards.get(hit.document.recording), labels.speaker(hit.document.speaker)
            if card is None:  # it came in, or is to be hidden, since the catalog was read
                continue
            for moment in moments_of(
                hit.document, hit.spans, score=hit.score, speaker_name=name, following=hit.following
            ):
                yield card, moment

    def counts(self, text: str, filters: Filters = UNFILTERED, *, by: Sequence[By] = (By.YEAR,)) -> Counted:
        """How often a query is answered and among how many words, told apart by one or more of `By`.

        A query that names no word gives the words alone. Raises QueryError also where too much would have to be read.
        """
        if not by or len(set(by)) < len(by):
            raise UsageError("counts are told apart by one thing or more, each once")
        asked = self._asked(text, filters)
        reader = asked.view.reader
        finder = Finder(reader, asked.clause(), Sort.RELEVANCE)
        rows, exact = counted(reader, finder, asked.among(), by, asked.known.labels)
        return Counted(
            query=text,
            seeks=finder.seeks,
            by=tuple(by),
            moments=sum(row.moments for row in rows),
            words=sum(row.words for row in rows),
            exact=exact and not asked.planned.cut,
            rows=rows,
            coverage=coverage(asked.view, asked.cards),
        )

    def coverage(self, filters: Filters = UNFILTERED) -> Coverage:
        """What an answer can see of the recordings that this audience may see."""
        known, view = self._present.now()
        return coverage(view, visible(known, filters))

    def _asked(self, text: str, filters: Filters) -> Question:
        return Question.of(parse(text), filters, *self._present.now())


def _by_date(cards: Iterable[Card], sort: Sort) -> list[Card]:
    """Cards, which come newest first, in that order or the oldest first; those without a date are the last in both."""
    return sorted(cards, key=lambda card: card.date or "9999") if sort is Sort.OLDEST else list(cards)


def _shown(card: Card, hits: Sequence[DocumentHits], limit: int, labels: Labels) -> RecordingHits:
    """A recording with its first `limit` moments, in order of time."""
    moments: list[Moment] = []
    for hit in sorted(hits, key=lambda hit: (hit.document.version, hit.document.segment)):
        spans = hit.spans[: limit - len(moments)]
        name = labels.speaker(hit.document.speaker)
        if spans:
            moments += moments_of(hit.document, spans, score=hit.score, speaker_name=name, following=hit.following)
    moments.sort(key=lambda moment: moment.start)  # those of several layers are mixed
    return RecordingHits(card, tuple(moments), sum(len(hit.spans) for hit in hits))
