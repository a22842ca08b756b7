"""Where the hits are: runs of terms in a passage and in what follows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archive.models import Recording, Transcript
from search.clauses import AllOf, Clause
from search.documents import Document, documents_of
from search.planner import plan
from search.query import parse
from search.spans import Locator, Span, Terms

Described = Callable[..., Recording]
Said = Callable[..., Transcript]


class Words:
    """A vocabulary for wildcards."""

    def vocabulary(self, prefix: str) -> tuple[str, ...]:
        return tuple(word for word in ("country", "countries", "county", "peace") if word.startswith(prefix))


def clause_of(text: str) -> Clause:
    return plan(parse(text), ("en",), Words(), lambda _name, _typed: ()).clause


def spans(text: str, document: Document) -> list[Span]:
    return Locator(clause_of(text)).spans(Terms(document))


@pytest.fixture
def document(recording_of: Described, transcript_of: Said) -> Document:
    said = transcript_of(["ask not what your country can do for you — ask what", "you can do for your countries"])
    return next(iter(documents_of(recording_of(), said)))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ask", [(0, 0), (9, 9)]),
        ("asks", [(0, 0), (9, 9)]),
        ("=asks", []),
        ("ask not", [(0, 1), (9, 9)]),
        ("not country", [(1, 1), (4, 4)]),
        ("not OR country", [(1, 1), (4, 4)]),
        ("ask -country", [(0, 0), (9, 9)]),
        ('"ask what"', [(9, 10)]),
        ('"what you can do"', [(10, 13)]),
        ('"you can do for"', []),
        ('"not country"', []),
        ('"not country"~1', []),
        ('"not country"~2', [(1, 4)]),
        ('"country not"~9', []),
        ('"ask what"~1', [(0, 2), (9, 10)]),
        ("countr*", [(4, 4)]),
        ("contry~", [(4, 4)]),
        ("can you", [(5, 5), (8, 8)]),
    ],
)
def test_hits_are_runs_of_terms(typed: str, found: list[Span], document: Document) -> None:
    assert spans(typed, document) == found


def test_hits_that_overlap_or_touch_are_one(document: Document) -> None:
    assert spans('"what your country" OR "country can do"', document) == [(2, 6)]
    assert spans("your country can", document) == [(3, 5)]


def test_a_query_of_fields_seeks_nothing() -> None:
    assert not Locator(clause_of("year:1960")).seeks
    assert Locator(AllOf((clause_of("peace"), clause_of("year:1960")))).seeks


def test_words_near_each_other_may_lie_across_the_border(recording_of: Described, transcript_of: Said) -> None:
    first, second = documents_of(recording_of(), transcript_of(["war and", "then some peace"]))
    assert spans('"war peace"~3', first) == [(0, 4)]
    assert spans('"war peace"~3', second) == []
