"""Filters by name: read like the fields of a query."""

from __future__ import annotations

from typing import Any

import pytest

from search.indexer import rebuild
from search.models import Filters
from tests.search.test_searcher import ENGLISH, ask, fill


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory, new_shelf: Any) -> Any:
    """Four speeches in four languages, for tests that change nothing."""
    return fill(new_shelf(tmp_path_factory.mktemp("named")))


@pytest.mark.parametrize(
    ("field", "filters"),
    [
        ("speaker:kennedy", Filters(speakers=("kennedy",))),
        ("speaker:عبادي", Filters(speakers=("عبادي",))),
        ('speaker:"Kennedy, John F"', Filters(speakers=("Kennedy, John F",))),
        ("event:nobel", Filters(events=("nobel",))),
        ("language:persian", Filters(languages=("persian",))),
        ("speaker:nobody", Filters(speakers=("nobody",))),
        ("language:xx", Filters(languages=("xx",))),
    ],
)
def test_a_filter_means_what_the_same_field_of_a_query_means(named: Any, field: str, filters: Filters) -> None:
    by_field, by_filter = ask(named, field), ask(named, "", filters)
    assert [found.card.id for found in by_filter.hits] == [found.card.id for found in by_field.hits]
    assert bool(by_field.hits) is ("nobody" not in field and "xx" not in field)


def test_an_id_as_a_filter_chooses_one_of_two_of_like_names(shelf: Any) -> None:
    father = shelf.add(ENGLISH, speaker="George Bush", title="Father")
    son = shelf.add(ENGLISH, speaker="George Bush Jr.", title="Son")
    rebuild(shelf.archive)
    both = ask(shelf, "country", Filters(speakers=("George Bush",)))
    one = ask(shelf, "country", Filters(speakers=("george-bush",)))
    assert {found.card.id for found in both.hits} == {father, son}
    assert [found.card.id for found in one.hits] == [father]
