"""The toy engine: an index in memory, for tests and for reading how an engine must behave."""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from search.clauses import (
    AllOf,
    AnyOf,
    Between,
    Clause,
    Keyword,
    NoneOf,
    Number,
    Run,
    TermField,
    Wanted,
    Where,
    placings,
)
from search.documents import Document
from search.engines.base import SCORE_DIGITS, Counts, Found, Held, Refused, Scored, Tally, Values, in_order, terms_of
from search.models import Sort

_K1 = 1.2
_B = 0.75
# lengths that a byte can tell apart: exact to 40, then eight steps for every doubling
_LENGTHS = [*range(40), *(40 - 16 + ((8 + step % 8) << (step // 8 - 1)) for step in range(16, 240))]


class ToyIndex:
    """What writers have committed: recordings and their documents. Hand it to readers and writers."""

    def __init__(self) -> None:
        self.recordings: dict[str, tuple[Document, ...]] = {}
        self.commits = 0


class ToyWriter:
    """Writes to a ToyIndex."""

    def __init__(self, index: ToyIndex) -> None:
        self._index = index
        self._pending: dict[str, tuple[Document, ...]] = {}

    def replace(self, recording: str, documents: Iterable[Document]) -> int:
        """Put these in the place of all the recording's documents."""
        self._pending[recording] = tuple(documents)
        return len(self._pending[recording])

    def commit(self) -> tuple[Refused, ...]:
        """Make everything since the last commit seen."""
        self._index.recordings = self._index.recordings | self._pending
        self._index.commits += 1
        self._pending = {}
        return ()

    def close(self) -> None:
        """Drop what was not committed."""
        self._pending = {}


class ToyReader:
    """Reads a ToyIndex as of its last refresh, by looking at every document."""

    def __init__(self, index: ToyIndex) -> None:
        self._index = index
        self._seen = -1
        self.refresh()

    def search(self, clause: Clause, sort: Sort, limit: int) -> Found:
        """The documents that answer the clause, in order."""
        by_score = sort is Sort.RELEVANCE
        scores = ((self._score(clause, document), document) for document in self._documents)
        found = [
            Scored(round(score, SCORE_DIGITS) if by_score else 0.0, document)
            for score, document in scores
            if score is not None
        ]
        return Found(len(found), in_order(found, sort)[:limit])

    def each(self, clause: Clause, sort: Sort | None) -> Iterator[Scored]:
        """Every document that answers, in order."""
        yield from self.search(clause, sort or Sort.NEWEST, len(self._documents)).documents

    def counts(self, clause: Clause, fields: Sequence[Keyword | Number]) -> tuple[Counts, ...]:
        """For each field, its values with how many documents have them."""
        answering = [document for document in self._documents if self._score(clause, document) is not None]
        return tuple(Counter(str(getattr(document, field.value)) for document in answering) for field in fields)

    def tally(self, clause: Clause, fields: Sequence[Keyword | Number]) -> Mapping[Values, Tally]:
        """The documents that answer by their values of the fields."""
        out: dict[Values, Tally] = {}
        for document in self._documents:
            if self._score(clause, document) is not None:
                values = tuple(str(getattr(document, field.value)) for field in fields)
                former = out.get(values, Tally(0, 0))
                out[values] = Tally(former.documents + 1, former.words + document.words)
        return out

    def vocabulary(self, prefix: str) -> tuple[str, ...]:
        """Surfaces with this beginning, the most frequent first."""
        counts = self._frequencies[TermField.SURFACE]
        found = [term for term in counts if term.startswith(prefix)]
        return tuple(sorted(found, key=lambda term: (-counts[term], term)))

    def held(self) -> Mapping[str, Held]:
        """The recordings in the index."""
        by_version = sorted(self._documents, key=lambda document: document.version)
        return {document.recording: Held(document.version, document.public_from) for document in by_version}

    def refresh(self) -> bool:
        """See what was committed since."""
        if self._seen == self._index.commits:
            return False
        self._seen = self._index.commits
        self._documents = [document for documents in self._index.recordings.values() for document in documents]
        self._terms = {
            field: {id(document): terms_of(document, field).split() for document in self._documents}
            for field in TermField
        }
        self._frequencies = {
            field: Counter(term for terms in self._terms[field].values() for term in set(terms)) for field in TermField
        }
        self._mean_length = {
            field: sum(map(len, self._terms[field].values())) / max(len(self._documents), 1) for field in TermField
        }
        return True

    def close(self) -> None:
        """Nothing to let go of."""

    def _score(self, clause: Clause, document: Document) -> float | None:
        """How well the document answers, None where it does not."""
        match clause:
            case Wanted(runs):
                return max(filter(None, (self._run_score(run, document) for run in runs)), default=None)
            case Where(field, values):
                return 0.0 if getattr(document, field.value) in values else None
            case Between(field, low, high):
                return 0.0 if low <= getattr(document, field.value) <= high else None
            case NoneOf(part):
                return 0.0 if self._score(part, document) is None else None
            case AllOf(parts):
                scores = [self._score(part, document) for part in parts]
                return None if None in scores else sum(filter(None, scores))
            case AnyOf(parts):
                matching = [score for part in parts if (score := self._score(part, document)) is not None]
                return sum(matching) if matching else None

    def _run_score(self, run: Run, document: Document) -> float | None:
        """BM25 of the run where the border falls best, with the frequencies of all its terms."""
        terms = self._terms[run.field][id(document)]
        best = None
        for placed in placings(run):
            size = len(placed)
            times = sum(tuple(terms[at : at + size]) == placed for at in range(len(terms) - size + 1))
            if times:
                length = _LENGTHS[bisect.bisect_right(_LENGTHS, len(terms)) - 1]
                norm = _K1 * (1 - _B + _B * length / self._mean_length[run.field])
                weight = sum(self._rarity(run.field, term) for term in placed) * (1 + _K1)
                best = max(best or 0.0, weight * times / (times + norm))
        return best

    def _rarity(self, field: TermField, term: str) -> float:
        frequency = self._frequencies[field][term]
        return math.log(1 + (len(self._documents) - frequency + 0.5) / (frequency + 0.5))
