"""How often something is said: the moments of the answer, beside every word among which they were looked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import search.hits
from archive.errors import QueryError, UsageError
from archive.models import Access, AccessLevel
from search.indexer import rebuild
from search.models import By, Counted, Filters
from search.searcher import Searcher
from tests.search.test_searcher import ENGLISH, fill

WORDS = {"1948": 8, "1961": 22, "1968": 16, "2003": 17}  # of the four speeches of `fill`


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, new_shelf: Any) -> Any:
    """Four speeches in four languages, for tests that change nothing."""
    return fill(new_shelf(tmp_path_factory.mktemp("counted")))


def count(library: Any, text: str, filters: Filters = Filters(), by: Sequence[By] = (By.YEAR,)) -> Counted:  # noqa: B008
    with Searcher.open(library.archive) as searcher:
        return searcher.counts(text, filters, by=by)


def figures(counted: Counted) -> dict[tuple[str, ...], tuple[int, int]]:
    return {row.values: (row.moments, row.words) for row in counted.rows}


def test_moments_stand_beside_all_words_of_their_year_and_years_without_moments_are_there_too(library: Any) -> None:
    counted = count(library, "ask OR حقوق")
    assert figures(counted) == {
        ("1948",): (1, WORDS["1948"]),
        ("1961",): (2, WORDS["1961"]),
        ("1968",): (0, WORDS["1968"]),
        ("2003",): (1, WORDS["2003"]),
    }
    assert (counted.moments, counted.words, counted.exact) == (4, sum(WORDS.values()), True)
    assert counted.rows[1].per_10000 == pytest.approx(10_000 * 2 / WORDS["1961"])
    assert counted.coverage.searched == 4


def test_moments_are_counted_and_not_passages(shelf: Any) -> None:
    shelf.add(["peace and peace and peace", "صلح و صلح", "سلام"], date="1961")
    rebuild(shelf.archive)
    assert count(shelf, "peace").moments == 3
    assert count(shelf, '"peace and"').moments == 1, "those that touch are one, as in an answer"


@pytest.mark.parametrize(
    "typed",
    ["ask OR country", "آزاد OR حقوق", "humai*", '"ask country"~9', '"ask not what your country can do for you ask"'],
)
def test_all_rows_together_have_the_moments_of_the_answer(typed: str, library: Any) -> None:
    for by in ((By.YEAR,), (By.SPEAKER,), (By.LANGUAGE, By.EVENT), (By.YEAR, By.SPEAKER)):
        with Searcher.open(library.archive) as searcher:
            assert searcher.counts(typed, by=by).moments == searcher.search(typed).total > 0


def test_speakers_and_events_are_shown_by_name_and_who_is_not_known_by_none(library: Any) -> None:
    counted = count(library, "حقوق", by=(By.SPEAKER,))
    assert [(row.values, row.labels, row.moments) for row in counted.rows] == [
        (("",), ("",), 1),
        (("john-f-kennedy",), ("John F. Kennedy",), 0),
        (("rené-cassin",), ("René Cassin",), 0),
        (("شیرین-عبادی",), ("شیرین عبادی",), 1),
    ]
    assert count(library, "ask", by=(By.EVENT,)).rows[1].labels == ("Inauguration 1961",)
    assert count(library, "ask", by=(By.LANGUAGE,)).rows[0].labels == ("Arabic",)


def test_voices_without_a_name_are_not_taken_for_one_person_each(shelf: Any, transcript_of: Any) -> None:
    for _ in range(2):
        one = shelf.add(["ask"])
        shelf.keep(one, transcript_of(["ask me", "ask now"], speakers=("unknown-1", "unknown-2"), recording=one))
    rebuild(shelf.archive)
    assert figures(count(shelf, "ask", by=(By.SPEAKER,))) == {("",): (4, 8)}


def test_a_person_whose_name_begins_as_those_of_nameless_voices_do_is_somebody(shelf: Any) -> None:
    shelf.add(["ask me"], speaker="Unknown Soldier")
    rebuild(shelf.archive)
    [row] = count(shelf, "ask", by=(By.SPEAKER,)).rows
    assert (row.values, row.labels, row.moments) == (("unknown-soldier",), ("Unknown Soldier",), 1)


def test_filters_and_fields_of_the_query_narrow_the_words_too(library: Any) -> None:
    by_filter = figures(count(library, "ask", Filters(languages=("en",))))
    by_field = figures(count(library, "ask language:en"))
    assert by_filter == by_field == {("1961",): (2, WORDS["1961"])}
    assert figures(count(library, "ask -language:en")) == {
        (year,): (0, words) for year, words in WORDS.items() if year != "1961"
    }
    either = figures(count(library, "(ask year:1961) OR (حقوق year:2003)"))
    assert either[("1968",)] == (0, WORDS["1968"]), "what only one side asks narrows nothing"


def test_without_a_word_the_words_alone_are_counted(library: Any) -> None:
    for typed in ("", "?!"):
        assert figures(count(library, typed)) == {(year,): (0, words) for year, words in WORDS.items()}


def test_what_nobody_may_see_has_no_words(shelf: Any) -> None:
    shelf.add(["ask the secret"], access=Access(AccessLevel.RESTRICTED))
    shelf.add(["ask later on"], access=Access(AccessLevel.EMBARGOED, "2030-06-01"))
    shelf.add(["ask openly"])
    rebuild(shelf.archive)
    assert figures(count(shelf, "ask", Filters(public_on=20300531))) == {("1961",): (1, 2)}
    assert figures(count(shelf, "ask", Filters(public_on=20300601))) == {("1961",): (2, 5)}
    assert figures(count(shelf, "ask")) == {("1961",): (3, 8)}


def test_more_than_can_be_read_is_a_floor_of_one_moment_a_passage(
    library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = count(library, "country OR ask")
    monkeypatch.setattr(search.hits, "MAX_TALLIED", 1)
    floor = count(library, "country OR ask")
    assert (exact.exact, exact.moments) == (True, 4)
    assert (floor.exact, floor.moments) == (False, 2)
    with pytest.raises(QueryError, match="more than 1 passages"):
        count(library, '"ask country"~9')


def test_an_empty_archive_has_no_rows(shelf: Any) -> None:
    counted = count(shelf, "ask")
    assert (counted.rows, counted.per_10000) == ((), 0.0)


def test_counts_by_nothing_or_twice_by_the_same_are_refused(library: Any) -> None:
    for by in ((), (By.YEAR, By.YEAR)):
        with pytest.raises(UsageError):
            count(library, "ask", by=by)


def test_joined_entries_are_one_speaker(shelf: Any, transcript_of: Any) -> None:
    from archive.people import People

    one = shelf.add(ENGLISH, speaker="Sara Haddadi")
    gone = People.load(shelf.archive.root).ensure("سارا حدادی").id
    shelf.keep(one, transcript_of(["ask me"], speakers=(gone,), recording=one))
    two = shelf.add(["ask now"], speaker="Sara Haddadi")
    People.load(shelf.archive.root).join(gone, "sara-haddadi")
    rebuild(shelf.archive)
    assert two
    assert figures(count(shelf, "ask", by=(By.SPEAKER,))) == {("sara-haddadi",): (2, 4)}
