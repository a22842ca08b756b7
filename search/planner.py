"""From the tree of a query to clauses: every word analysed in each language that the index holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rapidfuzz.distance import OSA

from search import syntax
from search.clauses import (
    EVERYTHING,
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
)
from search.syntax import FieldName
from search.terms import analyse

MAX_EXPANSION = 500  # words that one wildcard or fuzzy word may stand for, the most frequent first

Resolve = Callable[[FieldName, str], tuple[str, ...]]


class Vocabulary(Protocol):
    """Where wildcards find the words they stand for."""

    def vocabulary(self, prefix: str) -> tuple[str, ...]:
        """Surfaces in the index with this beginning, the most frequent first."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask an engine. `cut` says that a wildcard stood for more words than are looked for."""

    clause: Clause
    cut: bool = False


def plan(node: syntax.Node, languages: Sequence[str], vocabulary: Vocabulary, resolve: Resolve) -> Plan:
    """The clauses of a syntax. `resolve` gives the ids that a typed speaker, event or language may mean."""
    planner = _Planner(tuple(languages), vocabulary, resolve)
    return Plan(planner.clause(node), planner.cut)


class _Planner:
    def __init__(self, languages: tuple[str, ...], vocabulary: Vocabulary, resolve: Resolve) -> None:
        self.languages = languages
        self.vocabulary = vocabulary
        self.resolve = resolve
        self.cut = False

    def clause(self, node: syntax.Node) -> Clause:
        match node:
            case syntax.Phrase():
                return self.phrase(node)
            case syntax.Wild(pieces):
                return self.wild(pieces)
            case syntax.Fuzzy(word, edits):
                return self.fuzzy(word, edits)
            case syntax.Field(name, value):
                return self.field(name, value)
            case syntax.And(parts):
                return AllOf(tuple(self.clause(part) for part in parts)) if parts else EVERYTHING
            case syntax.Or(parts):
                return AnyOf(tuple(self.clause(part) for part in parts))
            case syntax.Not(part):
                return NoneOf(self.clause(part))

    def phrase(self, phrase: syntax.Phrase) -> Clause:
        runs: dict[Run, None] = {}
        for language in self.languages:
            analysis = analyse(phrase.words, language)
            if not phrase.exact and analysis.stems:
                runs[Run(TermField.STEM, analysis.stems, phrase.slop)] = None
            # a quote that runs over a border where the language changes is found as it is spelled
            if analysis.surfaces and (phrase.exact or (len(analysis.surfaces) > 1 and len(self.languages) > 1)):
                runs[Run(TermField.SURFACE, analysis.surfaces, phrase.slop)] = None
        return Wanted(tuple(runs)) if runs else AnyOf()

    def wild(self, pieces: tuple[str, ...]) -> Clause:
        shape = re.compile(".*".join(re.escape(piece) for piece in pieces), re.DOTALL)
        return self.any_of([term for term in self.vocabulary.vocabulary(pieces[0]) if shape.fullmatch(term)])

    def fuzzy(self, word: str, edits: int) -> Clause:
        near = {
            term: distance
            for term in self.vocabulary.vocabulary(word[0])  # people get the first letter right
            if abs(len(term) - len(word)) <= edits
            and (distance := OSA.distance(term, word, score_cutoff=edits)) <= edits
        }
        return self.any_of(sorted(near, key=near.__getitem__))

    def any_of(self, terms: list[str]) -> Clause:
        self.cut |= len(terms) > MAX_EXPANSION
        if not terms:
            return AnyOf()
        return Wanted(tuple(Run(TermField.SURFACE, (term,)) for term in terms[:MAX_EXPANSION]))

    def field(self, name: FieldName, value: str) -> Clause:
        if name is FieldName.YEAR:
            first, last = value.split("-")
            return Between(Number.YEAR, int(first), int(last))
        values = self.resolve(name, value)
        return Where(Keyword(name.value), values) if values else AnyOf()
