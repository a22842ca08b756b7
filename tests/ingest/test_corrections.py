"""A person's words in the place of others: where they lie, whose they are, how far they can be trusted."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from archive.errors import InputError
from archive.models import (
    OFFSET,
    TRANSLATED,
    Layer,
    LayerFile,
    Maker,
    MakerKind,
    Media,
    Quality,
    Segment,
    Transcript,
    Word,
)
from archive.revision import above, revised
from ingest.corrections import LEAST_S, corrected
from ingest.edits import Edit, Edits, Naming, Stretch, at_times, words_of
from ingest.imports import ESTIMATED

FLOOR_LAYER = Layer()
ENGINE = Maker(MakerKind.ENGINE, "faster-whisper", "1.2.1", "base")


def heard(*texts: str, language: str = "en", maker: Maker = ENGINE, pause: float = 1.0) -> Transcript:
    """A version 3 of segments whose words touch, half a second each, with pauses between the segments."""
    segments, clock = [], 1.0
    for text in texts:
        words = []
        for word in text.split():
            words.append(Word(word, round(clock, 3), round(clock + 0.5, 3), 0.4))
            clock += 0.5
        made = Segment(words[0].start, words[-1].end, tuple(words), "ann", language, Quality.LOW, ("low probability",))
        segments.append(made)
        clock += pause
    return Transcript("0" * 16, 3, maker, tuple(segments), language=language, duration=clock)


def correct(base: Transcript, *edits: Edit) -> Transcript:
    made = corrected(base, Edits(edits), FLOOR_LAYER, by="مینا", why="the name")
    times = [time for word in words_of(made) for time in (word.start, word.end)]
    assert times == sorted(times), "words never go back"
    assert all(word.end - word.start >= LEAST_S / 2 for word in words_of(made)), "each can be quoted"
    return made


def said(transcript: Transcript) -> list[str]:
    return [segment.text for segment in transcript.segments]


def spans(transcript: Transcript) -> dict[str, tuple[float, float]]:
    return {word.text: (word.start, word.end) for word in words_of(transcript)}


def test_a_word_takes_the_time_of_the_one_it_replaces_and_no_other_word_changes() -> None:
    base = heard("ask knot what your", "country can")
    made = correct(base, Edit(1, 2, ("not",)))
    assert said(made) == ["ask not what your", "country can"]
    assert spans(made)["not"] == (1.5, 2.0)
    untouched = [word for word in words_of(base) if word.text != "knot"]
    assert [word for word in words_of(made) if word.text != "not"] == untouched
    assert made.segments[1] is base.segments[1]


def test_a_persons_word_is_vouched_for_and_its_passage_says_that_it_was_corrected() -> None:
    made = correct(heard("ask knot what", "your country"), Edit(1, 2, ("not",)))
    assert [word.probability for word in words_of(made)] == [0.4, 1.0, 0.4, 0.4, 0.4]
    assert [segment.corrected for segment in made.segments] == [True, False]
    assert made.segments[0].quality is Quality.LOW, "nobody vouched for its other words"
    assert [made.made(segment) for segment in made.segments] == [MakerKind.PERSON, MakerKind.ENGINE]


def test_a_passage_that_a_person_gave_whole_is_doubted_no_longer() -> None:
    base = heard("bud buriest", "your country")
    made = correct(base, Edit(0, 2, ("bud", "bury’st")))
    assert (made.segments[0].quality, made.segments[0].reasons) == (Quality.OK, ())
    guessed = replace(base, segments=(replace(base.segments[0], reasons=(ESTIMATED,)),))
    made = correct(guessed, Edit(0, 2, ("within", "thine")))
    assert (made.segments[0].quality, made.segments[0].reasons) == (Quality.LOW, (ESTIMATED,))


def test_giving_the_same_words_confirms_them() -> None:
    base = heard("ask not what", "your country")
    made = corrected(base, at_times(base, [Stretch(1.0, 2.5, "ask not what")]), FLOOR_LAYER, by="Mina")
    assert [(w.text, w.start, w.end) for w in words_of(made)] == [(w.text, w.start, w.end) for w in words_of(base)]
    assert (made.segments[0].quality, made.segments[1].quality) == (Quality.OK, Quality.LOW)


def test_the_version_names_who_why_from_which_and_what_made_the_rest() -> None:
    maker = correct(heard("ask knot"), Edit(1, 2, ("not",))).maker
    assert (maker.kind, maker.name, maker.words_by) == (MakerKind.PERSON, "مینا", MakerKind.ENGINE)
    assert dict(maker.settings) == {
        "from version": "3",
        "words by": "engine",
        "made by": "faster-whisper base 1.2.1",
        "words": "1",
        "instead of": "1",
        "why": "the name",
    }
    again = revised(replace(heard("ask not"), version=4, maker=maker), "Ali", FLOOR_LAYER)
    assert dict(again.settings)["made by"] == "faster-whisper base 1.2.1"
    assert again.words_by is MakerKind.ENGINE


def test_what_a_machine_translated_stays_marked_as_that() -> None:
    translated = heard("all humans", maker=replace(ENGINE, settings=(TRANSLATED,)))
    assert correct(translated, Edit(1, 2, ("people",))).translated


def test_words_are_taken_out_and_a_passage_without_words_goes() -> None:
    base = heard("um ask um not", "thank you", "your")
    made = correct(base, Edit(0, 1), Edit(2, 3), Edit(4, 6))
    assert said(made) == ["ask not", "your"]
    assert (made.segments[0].start, made.segments[0].corrected) == (1.5, True)


def test_a_word_between_two_that_touch_gets_a_part_of_the_time_of_the_one_before_it() -> None:
    base = heard("ask what", "then")
    made = correct(base, Edit(1, 1, ("not",)))
    assert said(made) == ["ask not what", "then"]
    assert (spans(made)["ask"], spans(made)["not"]) == ((1.0, 1.25), (1.25, 1.5))
    assert spans(made)["what"] == (1.5, 2.0)


def test_words_are_put_in_behind_a_passage_or_before_the_next_one() -> None:
    base = heard("ask not", "what your")
    behind = correct(base, Edit(2, 2, ("indeed",)))
    assert said(behind) == ["ask not indeed", "what your"]
    assert spans(behind)["indeed"] == (2.0, 2.56)
    before = correct(base, Edit(2, 2, ("so",), leads=True))
    assert said(before) == ["ask not", "so what your"]
    assert spans(before)["so"] == (2.76, 3.0)


def test_the_first_word_of_a_recording_that_begins_at_once_can_be_put_in() -> None:
    base = Transcript("0" * 16, 1, ENGINE, (Segment(0.0, 0.5, (Word("mother", 0.0, 0.5),)),), duration=0.5)
    made = correct(base, Edit(0, 0, ("The",), leads=True))
    assert said(made) == ["The mother"]


def test_words_in_a_long_silence_are_a_passage_of_their_own_in_the_seconds_that_are_named() -> None:
    base = heard("ask not", "what your", pause=60.0)
    edits = at_times(base, [Stretch(20.0, 24.0, "سلام بر همه")], speaker="mina", language="fa")
    made = corrected(base, edits, FLOOR_LAYER, by="Mina")
    assert said(made) == ["ask not", "سلام بر همه", "what your"]
    new = made.segments[1]
    assert (new.start, new.end, new.speaker, new.language, new.quality) == (20.0, 24.0, "mina", "fa", Quality.OK)


def test_more_words_than_before_share_the_time_of_their_run() -> None:
    made = correct(heard("it is governmental here"), Edit(2, 3, ("of", "the", "government")))
    new = [spans(made)[text] for text in ("of", "the", "government")]
    assert (new[0][0], new[-1][1]) == (2.0, 2.5)
    assert all(before[1] <= after[0] for before, after in pairwise(new))


def test_a_run_over_two_passages_is_dealt_out_by_its_times() -> None:
    made = correct(heard("ask knot", "wot your"), Edit(1, 3, ("not", "what")))
    assert said(made) == ["ask not", "what your"]


@pytest.mark.parametrize(
    ("text", "was", "now", "language"),
    [
        ("قانون اساسى مشروطه", "اساسى", ("اساسی",), "fa"),
        ("من می روم خانه", "روم", ("می‌روم",), "fa"),
        ("السلام عليكم جميعا", "جميعا", ("جميعًا",), "ar"),
    ],
)
def test_persian_and_arabic_words_are_corrected_letter_for_letter(
    text: str, was: str, now: tuple[str, ...], language: str
) -> None:
    base = heard(text, language=language)
    at = text.split().index(was)
    made = correct(base, Edit(at, at + 1, now))
    assert said(made) == [text.replace(was, now[0])]
    assert spans(made)[now[0]] == spans(base)[was]


class TestTimes:
    def test_only_words_that_lie_mostly_in_the_seconds_are_replaced(self) -> None:
        base = heard("ask knot what your")
        assert at_times(base, [Stretch(1.3, 2.2, "not")]).edits == (Edit(1, 2, ("not",)),)
        assert at_times(base, [Stretch(1.5, 2.0, "")]).edits == (Edit(1, 2),)

    def test_words_before_the_first_of_a_stretch_stay_with_it(self) -> None:
        base = heard("ask not", "what your", pause=0.0)
        made = corrected(base, at_times(base, [Stretch(2.0, 3.0, "so what your")]), FLOOR_LAYER, by="Mina")
        assert said(made) == ["ask not", "so what your"]

    def test_several_are_made_at_once_in_any_order(self) -> None:
        base = heard("ask knot wot your")
        edits = at_times(base, [Stretch(2.0, 2.5, "what"), Stretch(1.5, 2.0, "not")])
        assert [edit.texts for edit in edits.edits] == [("not",), ("what",)]

    def test_a_speaker_and_a_language_part_a_passage(self) -> None:
        base = heard("one two سه چهار")
        edits = at_times(base, [Stretch(2.0, 3.0)], speaker="mina", language="fa")
        made = corrected(base, edits, FLOOR_LAYER, by="Ali")
        assert [(s.text, s.speaker, s.language) for s in made.segments] == [
            ("one two", "ann", "en"),
            ("سه چهار", "mina", "fa"),
        ]
        assert not any(segment.corrected for segment in made.segments), "no word was changed"

    @pytest.mark.parametrize(
        ("stretches", "told"),
        [
            ([Stretch(-1.0, 2.0, "x")], "-1,2: no stretch of the recording"),
            ([Stretch(2.0, 1.0, "x")], "no stretch of the recording"),
            ([Stretch(0.0, float("nan"), "x")], "no stretch of the recording"),
            ([Stretch(0.0, 1e9, "x")], "no stretch of the recording"),
            ([Stretch(0.0, 0.5, "")], "no word lies there"),
            ([Stretch(1.0, 2.0, "a"), Stretch(1.5, 2.5, "b")], "the words of two stretches overlap"),
            ([Stretch(1.0, 2.0, "x" * 2000)], "a word of more than 1,000 characters"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, stretches: list[Stretch], told: str) -> None:
        with pytest.raises(InputError, match=told):
            at_times(heard("ask not what"), stretches)

    def test_control_characters_do_not_become_words(self) -> None:
        (edit,) = at_times(heard("ask knot"), [Stretch(1.5, 2.0, "n\x1b[31mot")]).edits
        assert edit.texts == ("n", "[31mot")

    def test_words_without_spaces_are_changed_whole(self) -> None:
        base = heard("今日は 良い 天気", language="ja")
        assert at_times(base, [Stretch(1.0, 2.5, "今日も良い天気")]).edits == (Edit(0, 1, ("今", "日", "も")),)


class TestAbove:
    def test_it_goes_with_its_layer_where_that_was_put_elsewhere_on_the_clock(self) -> None:
        media = Media("fa.wav", "wav", "0" * 64, 1, 9.0, "wav", "pcm", "", "audio/wav", True)
        layer = Layer("fa", 0, "fa", LayerFile(media, 2.5))
        former = correct(heard("سلام بر", language="fa"), Edit(0, 1, ("درود",)))
        moved = above(former, 7, layer)
        assert (moved.segments[0].start, spans(moved)["درود"]) == (3.5, (3.5, 4.0))
        assert dict(moved.maker.settings)["above version"] == "7"
        assert dict(moved.maker.settings)[OFFSET] == "2.500"
        assert above(moved, 8, layer).segments == moved.segments


def test_a_naming_alone_is_no_correction_of_words() -> None:
    base = heard("one two", "three")
    made = corrected(base, Edits(namings=(Naming(2, 3, "bob"),)), FLOOR_LAYER, by="Ali")
    assert [segment.speaker for segment in made.segments] == ["ann", "bob"]
    assert made.segments[0] is base.segments[0]
    assert made.segments[1].quality is Quality.LOW
