"""Speakers on segments: parted between words, named by the sheet or numbered, never guessed."""

from __future__ import annotations

import numpy as np
import pytest

from archive.models import Maker, MakerKind, Quality, Segment, Transcript, Word
from ingest.voices.attribute import OVERLAP, attributed
from ingest.voices.naming import named
from ingest.voices.turns import Heard, Turn

MAKER = Maker(MakerKind.ENGINE, "toy", settings=(("beam", "5"),))


def heard(*turns: tuple[float, float, int], together: tuple[tuple[float, float], ...] = ()) -> Heard:
    made = tuple(Turn(*turn) for turn in turns)
    voices = max((turn.voice for turn in made), default=-1) + 1
    spans = np.array(together, np.float64).reshape(-1, 2)
    return Heard(made, np.eye(max(voices, 1), 192, dtype=np.float32), np.ones(voices), spans)


def transcript(*words: tuple[str, float, float], quality: Quality = Quality.OK) -> Transcript:
    said = tuple(Word(*word) for word in words)
    segment = Segment(said[0].start, said[-1].end, said, language="en", quality=quality)
    return Transcript("0" * 16, 0, MAKER, (segment,))


def shown(made: Transcript) -> list[tuple[str, str]]:
    return [(segment.speaker, segment.text) for segment in made.segments]


def test_a_segment_is_parted_between_the_words_where_the_voice_changes() -> None:
    said = transcript(("Are", 0, 0.3), ("you", 0.3, 1.0), ("Yes", 1.3, 1.6), ("I", 1.7, 1.8), ("am", 1.8, 2.2))
    made = attributed(said, heard((0, 1.1, 0), (1.2, 2.3, 1)), ("unknown-1", "unknown-2"), "d")
    assert shown(made) == [("unknown-1", "Are you"), ("unknown-2", "Yes I am")]
    assert [(segment.start, segment.end) for segment in made.segments] == [(0, 1.0), (1.3, 2.2)]


def test_a_word_belongs_to_the_voice_that_sounds_through_most_of_it() -> None:
    said = transcript(("one", 0, 1.0), ("two", 1.0, 2.0))
    made = attributed(said, heard((0, 1.4, 0), (1.4, 3, 1)), ("a", "b"), "d")
    assert shown(made) == [("a", "one"), ("b", "two")]


def test_a_word_in_a_pause_belongs_to_the_nearest_voice() -> None:
    said = transcript(("hm", 2.0, 2.3))
    assert shown(attributed(said, heard((0, 1, 0), (2.5, 4, 1)), ("a", "b"), "d")) == [("b", "hm")]


def test_a_change_shorter_than_half_a_second_inside_a_segment_is_none() -> None:
    said = transcript(("we", 0, 0.5), ("the", 0.5, 0.8), ("people", 0.8, 1.5))
    made = attributed(said, heard((0, 0.5, 0), (0.5, 0.8, 1), (0.8, 2, 0)), ("a", "b"), "d")
    assert shown(made) == [("a", "we the people")]


def test_two_at_once_are_marked_and_lower_the_quality() -> None:
    said = transcript(("no", 0, 0.5), ("never", 0.5, 1.5))
    [segment] = attributed(said, heard((0, 2, 0), together=((0.4, 1.2),)), ("a",), "d").segments
    assert (segment.quality, segment.reasons) == (Quality.LOW, (OVERLAP,))


def test_suspect_words_stay_suspect_when_two_speak() -> None:
    said = transcript(("no", 0, 2), quality=Quality.SUSPECT)
    [segment] = attributed(said, heard((0, 2, 0), together=((0, 2),)), ("a",), "d").segments
    assert segment.quality is Quality.SUSPECT


def test_the_maker_says_which_net_heard_the_voices() -> None:
    made = attributed(transcript(("no", 0, 1)), heard((0, 1, 0)), ("a",), "d1935")
    assert made.maker.settings == (("beam", "5"), ("voices", "campplus d1935"))


def test_no_voice_heard_leaves_the_words_with_nobody() -> None:
    assert shown(attributed(transcript(("no", 0, 1)), heard(), (), "d")) == [("", "no")]


@pytest.mark.parametrize(
    ("seconds", "speakers", "expected"),
    [
        ([90.0], ("jfk",), ("jfk",)),
        ([5.0, 95.0], ("jfk",), ("unknown-1", "jfk")),
        ([60.0, 40.0], ("jfk",), ("unknown-1", "unknown-2")),
        ([60.0, 40.0], ("jfk", "nixon"), ("unknown-1", "unknown-2")),
        ([60.0, 40.0], (), ("unknown-1", "unknown-2")),
        ([], ("jfk",), ()),
    ],
    ids=["one is one", "an introduction", "a second voice is clear", "which is which", "nobody named", "silence"],
)
def test_the_sheet_names_a_voice_only_where_it_leaves_no_choice(
    seconds: list[float], speakers: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert named(np.array(seconds), speakers) == expected
