"""Where in a passage the hits are: from clauses and terms to runs of words, the same whatever the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from search.clauses import HEAD_TERMS, AllOf, AnyOf, Between, Clause, NoneOf, Run, TermField, Wanted, Where
from search.documents import Document
from search.terms import GHOST

# first and last term of a hit, counted from the first term of its passage
Span = tuple[int, int]


class Terms:
    """The terms of a document and of what follows it, by field; the first `own` of them are its own.

    With the documents that follow, their terms stand in the place of its ghost words.
    """

    def __init__(self, document: Document, following: Sequence[Document] = ()) -> None:
        self.own = document.own
        self._documents = (document, *following)
        self._read: dict[TermField, list[str]] = {}

    def of(self, field: TermField) -> list[str]:
        """All terms in one of their forms, none of them marked."""
        terms = self._read.get(field)
        if terms is None:
            terms = self._read[field] = self._terms(field)
        return terms

    def _terms(self, field: TermField) -> list[str]:
        document, *following = self._documents
        terms: list[str] = getattr(document, field.value).split()
        if following:
            del terms[self.own :]
            for after in following:
                terms += getattr(after, field.value).split()[: after.own]
        else:
            bare = len(GHOST)
            terms[self.own :] = [term[bare:] for term in terms[self.own :]]
        return terms


class _Sought:
    """Runs made ready: those of one term are looked up in a set, phrases are compared."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self.words: dict[TermField, set[str]] = {}
        self.phrases: list[Run] = []
        for run in dict.fromkeys(runs):
            if len(run.terms) == 1:
                self.words.setdefault(run.field, set()).add(run.terms[0])
            else:
                self.phrases.append(run)

    def spans(self, terms: Terms) -> Iterator[Span]:
        for field, wanted in self.words.items():
            for at, term in enumerate(terms.of(field)[: terms.own]):
                if term in wanted:
                    yield at, at
        for run in self.phrases:
            yield from _near(run, terms) if run.slop else _verbatim(run, terms)


class Locator:
    """Finds the hits of one query in passages."""

    def __init__(self, clause: Clause) -> None:
        self._clause = clause
        self._shown = _Sought(run for wanted in _wanted(clause, absent=False) for run in wanted.runs)
        self._ready: dict[int, _Sought] = {}
        # how many terms from its first a hit may need to see; words near each other are only looked for among ghosts
        runs = [run for wanted in _wanted(clause, absent=True) for run in wanted.runs]
        self.longest = max((len(run.terms) for run in runs if not run.slop), default=1)

    @property
    def seeks(self) -> bool:
        """Whether the query names any word to show."""
        return bool(self._shown.words or self._shown.phrases)

    @property
    def looks_ahead(self) -> bool:
        """Whether a hit may reach beyond the ghost words of the passage where it starts."""
        return self.longest > HEAD_TERMS

    def spans(self, terms: Terms) -> list[Span]:
        """The hits in order. Those that overlap or touch are one: an answer is a stretch of speech to play."""
        return _merged(sorted(self._shown.spans(terms)))

    def holds(self, terms: Terms, document: Document) -> bool:
        """Whether the passage answers the whole query."""
        return self._holds(self._clause, terms, document)

    def _holds(self, clause: Clause, terms: Terms, document: Document) -> bool:
        match clause:
            case Wanted():
                return any(True for _ in self._sought(clause).spans(terms))
            case Where(field, values):
                return getattr(document, field.value) in values
            case Between(field, low, high):
                return bool(low <= getattr(document, field.value) <= high)
            case AllOf(parts):
                return all(self._holds(part, terms, document) for part in parts)
            case AnyOf(parts):
                return any(self._holds(part, terms, document) for part in parts)
            case NoneOf(part):
                return not self._holds(part, terms, document)

    def _sought(self, wanted: Wanted) -> _Sought:
        """Made ready once a query; by identity, since comparing hundreds of runs costs more than it saves."""
        ready = self._ready.get(id(wanted))
        if ready is None:
            ready = self._ready[id(wanted)] = _Sought(wanted.runs)
        return ready


def _verbatim(run: Run, terms: Terms) -> list[Span]:
    among = terms.of(run.field)
    first, length = run.terms[0], len(run.terms)
    wanted = list(run.terms)
    return [
        (at, at + length - 1) for at in range(terms.own) if among[at] == first and among[at : at + length] == wanted
    ]


def _near(run: Run, terms: Terms) -> list[Span]:
    """In order, taking each next term where it first comes: that leaves the fewest words between in all."""
    among = terms.of(run.field)
    out = []
    for start in range(terms.own):
        if among[start] != run.terms[0]:
            continue
        limit = min(start + len(run.terms) + run.slop, len(among))
        at = start
        for term in run.terms[1:]:
            at = next((later for later in range(at + 1, limit) if among[later] == term), -1)
            if at < 0:
                break
        else:
            out.append((start, at))
    return out


def _merged(spans: Sequence[Span]) -> list[Span]:
    out: list[Span] = []
    for first, last in spans:
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return out


def _wanted(clause: Clause, *, absent: bool) -> list[Wanted]:
    """What people see marked, and also what must be absent where asked."""
    match clause:
        case Wanted():
            return [clause]
        case AllOf(parts) | AnyOf(parts):
            return [wanted for part in parts for wanted in _wanted(part, absent=absent)]
        case NoneOf(part) if absent:
            return _wanted(part, absent=absent)
        case _:
            return []
