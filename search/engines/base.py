"""The contract of a search engine: what answers clauses with documents, and what keeps the documents.

An engine compares terms and counts them; it analyses nothing. Any two give the same documents in the same order and
the same counts, which one conformance suite in tests/search tries on all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from search.clauses import Clause, Keyword, Number, TermField
from search.documents import Document
from search.models import Sort
from search.terms import GHOST

MEND = "run: onrecord index"
NO_DAY = 99_999_999  # where the oldest come first, those without a date come last
SCORE_DIGITS = 4  # engines agree on a score to some seven digits; what differs beyond is no order


@dataclass(frozen=True, slots=True)
class Scored:
    """A document that answers, and how well (BM25; 0 when ordered by date)."""

    score: float
    document: Document


@dataclass(frozen=True, slots=True)
class Found:
    """The first documents that answer, in order, and how many do in all."""

    total: int
    documents: tuple[Scored, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many documents, and how many words are spoken in them."""

    documents: int
    words: int


@dataclass(frozen=True, slots=True)
class Held:
    """What an index holds of a recording: its newest transcript version, and from which day it is public."""

    version: int
    public_from: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that an engine cannot hold, and why."""

    recording: str
    version: int
    segment: int
    reason: str


@dataclass(frozen=True, slots=True)
class InUse:
    """The index that answers now: its name, the analysis that made its terms, a mark that every commit changes."""

    name: str
    analysis_version: int
    mark: object


Counts = Mapping[str, int]
Values = tuple[str, ...]


class Reader(Protocol):
    """One view of an index, steady until `refresh`."""

    def search(self, clause: Clause, sort: Sort, limit: int) -> Found:
        """The first `limit` documents that answer the clause in the order of `in_order`; with 0, only how many do."""
        ...

    def each(self, clause: Clause, sort: Sort | None) -> Iterator[Scored]:
        """Every document that answers, in the same order; never all of them in memory.

        Without a sort they come unscored and as they lie, which costs least.
        """
        ...

    def counts(self, clause: Clause, fields: Sequence[Keyword | Number]) -> tuple[Counts, ...]:
        """For each field, its values (as text) among the documents that answer, with how many have them."""
        ...

    def tally(self, clause: Clause, fields: Sequence[Keyword | Number]) -> Mapping[Values, Tally]:
        """The documents that answer by their values (as text) of the fields, one or more, taken together."""
        ...

    def vocabulary(self, prefix: str) -> tuple[str, ...]:
        """Surfaces in the index with this beginning (not empty), the most frequent first, then by spelling."""
        ...

    def held(self) -> Mapping[str, Held]:
        """The recordings in the index, all that have words."""
        ...

    def refresh(self) -> bool:
        """See what was committed since; whether there was anything."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class Writer(Protocol):
    """The one writer of an index. Nothing is seen before `commit`, and then all of it."""

    def replace(self, recording: str, documents: Iterable[Document]) -> int:
        """Put these in the place of all the recording's documents; how many they are."""
        ...

    def commit(self) -> tuple[Refused, ...]:
        """Make everything since the last commit durable and seen; gives what the engine cannot hold."""
        ...

    def close(self) -> None:
        """Let the index go; what was not committed is dropped."""
        ...


class Build(Writer, Protocol):
    """The writer of an index that is made aside. `commit` bounds what is kept in memory, nobody sees it."""

    def publish(self) -> None:
        """Put the index in the place of the one in use, whole or not at all, and clear the former away."""
        ...


class Index(Protocol):
    """Where the index of one archive is kept. Errors of reading and writing it are IndexUnready."""

    @property
    def where(self) -> str:
        """The place, as it is named in errors."""
        ...

    def in_use(self) -> InUse | None:
        """The index that answers now; None where there is none."""
        ...

    def writable(self) -> InUse | None:
        """The same, where recordings can be put into it; None where only another build gives one."""
        ...

    def reader(self, used: InUse) -> Reader:
        """A reader of the index in use."""
        ...

    def writer(self, used: InUse) -> Writer:
        """A writer into the index in use. Only for the only writer."""
        ...

    def build(self) -> Build:
        """Begin another index aside, and clear away what killed builds left. Only for the only writer."""
        ...

    def only_writer(self, wait_seconds: float) -> AbstractContextManager[None]:
        """Be the one writer, waiting so long for another; then IndexUnready says who writes."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def terms_of(document: Document, field: TermField) -> str:
    """A document's terms as every engine indexes them: behind them the bare mark, a term that every document has.

    So engines agree on how many documents have any term at all, and every part of an index can tell how many it has.
    """
    return f"{getattr(document, field.value)} {GHOST}"


def in_order(documents: Iterable[Scored], sort: Sort) -> tuple[Scored, ...]:
    """Best first, then newest, then by recording and segment; or by date first, where asked."""
    return tuple(sorted(documents, key=order_of(sort)))


def order_of(sort: Sort) -> Callable[[Scored], tuple[float | str, ...]]:
    """What documents are sorted by."""
    match sort:
        case Sort.OLDEST:
            return lambda found: (found.document.day or NO_DAY, *_place(found))
        case Sort.NEWEST:
            return lambda found: (-found.document.day, *_place(found))
        case Sort.RELEVANCE:
            return lambda found: (-found.score, -found.document.day, *_place(found))


def _place(found: Scored) -> tuple[str, int, int]:
    document = found.document
    return document.recording, document.version, document.segment
