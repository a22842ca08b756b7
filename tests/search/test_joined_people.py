"""Two entries of one person: joined on the command line, found under either from then on."""

from __future__ import annotations

from typing import Any

import pytest

import cli
from archive.catalog import Catalog
from search.indexer import rebuild
from search.models import Filters
from search.searcher import Searcher

SPOKEN = ["peace is the work of many"]


@pytest.fixture
def two(shelf: Any) -> Any:
    """A speech by each of two entries, and one whose transcript itself names the second."""
    shelf.first = shelf.add(SPOKEN, speaker="Sara Haddadi", title="First")
    shelf.second = shelf.add(SPOKEN, speaker="سارا حدادی", title="Second", language="fa")
    shelf.gone = shelf.archive.recording(shelf.second).speakers[0]
    rebuild(shelf.archive)
    assert cli.main(["people", "merge", "سارا حدادی", "sara-haddadi", "--archive", str(shelf.archive.root)]) == 0
    return shelf


def test_the_recordings_name_the_person_and_their_history_whom_before(two: Any) -> None:
    assert two.archive.recording(two.second).speakers == ("sara-haddadi",)
    change = two.archive.history(two.second)[-1]
    assert (change.event, change.agent) == ("metadata modification", "onrecord people merge")
    assert two.gone in change.detail["former speakers"]
    assert [card.speakers for card in Catalog(two.archive).cards()] == [(("sara-haddadi", "Sara Haddadi"),)] * 2


@pytest.mark.parametrize("of_index", ["as the merge left it", "as it was before"])
def test_either_id_finds_both_and_they_count_as_one(two: Any, of_index: str, transcript_of: Any) -> None:
    if of_index == "as it was before":  # passages that name the old id themselves, which no transcript can change
        two.keep(two.second, transcript_of(SPOKEN, "fa", [two.gone], recording=two.second))
        rebuild(two.archive)
    with Searcher.open(two.archive) as searcher:
        for speaker in ("sara-haddadi", two.gone):
            answer = searcher.search("peace", Filters(speakers=(speaker,)))
            assert {found.card.id for found in answer.hits} == {two.first, two.second}
            assert [(value.value, value.count) for value in answer.facets.speakers] == [("sara-haddadi", 2)]
            assert {moment.speaker_name for found in answer.hits for moment in found.moments} == {"Sara Haddadi"}
        assert searcher.search("speaker:حدادی peace").recordings == 2


def test_joining_again_changes_nothing(two: Any, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(two.archive.history(two.second))
    assert cli.main(["people", "--archive", str(two.archive.root), "merge", two.gone, "sara-haddadi"]) == 0
    assert "changed in 0 recordings" in capsys.readouterr().out
    assert len(two.archive.history(two.second)) == before


def test_a_spelling_is_added_and_listed(two: Any, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(two.archive.root)
    assert cli.main(["people", "name", "sara-haddadi", "Сара Хаддади", "--archive", root]) == 0
    assert cli.main(["people", "--archive", root]) == 0
    listed = capsys.readouterr().out.splitlines()[-1]
    assert listed.startswith("sara-haddadi: Sara Haddadi, ")
    assert "Сара Хаддади; formerly also" in listed
