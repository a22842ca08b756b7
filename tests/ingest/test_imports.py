"""A given text as a transcript: its words are the file's, its times what was heard, its disagreements shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from archive.errors import InputError
from archive.models import Layer, Maker, MakerKind, Media, Quality, Recording, Segment, Transcript, Word
from archive.store import GivenFile
from ingest.align import places
from ingest.differences import Difference, differences
from ingest.imports import DIFFERS, ESTIMATED, imported, names_in


def words(text: str, *, start: float = 0.0, step: float = 0.5) -> tuple[Word, ...]:
    """Words that each sound for 0.4 s."""
    return tuple(Word(word, start + at * step, start + at * step + 0.4) for at, word in enumerate(text.split()))


def heard(*said: Sequence[Word], language: str = "en", duration: float = 100.0) -> Transcript:
    segments = tuple(Segment(part[0].start, part[-1].end, tuple(part), language=language) for part in said)
    return Transcript("0" * 16, 3, Maker(MakerKind.ENGINE, "toy"), segments, language=language, duration=duration)


def given(
    text: str,
    by_engine: Transcript | None,
    *languages: str,
    name: str = "talk.txt",
    duration: float = 100.0,
) -> Transcript:
    media = Media(name, "mp3", "", 0, duration, "mp3", "mp3", "", "audio/mpeg", True)
    recording = Recording("0" * 16, "talk", media, languages=languages)
    people = {"شیرین عبادی": "shirin"}
    file = GivenFile(name, name.rpartition(".")[2], text.encode())
    return imported(recording, file, by_engine, layer=Layer(), speaker=lambda who: people.get(who, ""))


def starts(transcript: Transcript) -> list[tuple[str, float]]:
    return [(word.text, word.start) for segment in transcript.segments for word in segment.words]


def settings(transcript: Transcript) -> dict[str, str]:
    return dict(transcript.maker.settings)


def test_words_take_the_times_at_which_they_were_heard_and_stay_as_they_were_written() -> None:
    made = given("Ask NOT, what?", heard(words("ask not what", start=7)), "en")
    assert starts(made) == [("Ask", 7.0), ("NOT,", 7.5), ("what?", 8.0)]
    assert made.segments[0].quality is Quality.OK


def test_persian_words_are_found_across_spelling_and_the_zwnj() -> None:
    by_engine = heard(words("ما مي‌خواهيم كه هیچکس نترسد"), language="fa")
    made = given("ما می خواهیم که هیچ‌کس نترسد", by_engine, "fa")
    assert [word for word, _ in starts(made)] == ["ما", "می", "خواهیم", "که", "هیچ\u200cکس", "نترسد"]
    assert [start for _, start in starts(made)] == [0.0, 0.5, 0.6, 1.0, 1.5, 2.0]
    assert settings(made)["differences"] == "0"
    assert made.segments[0].language == "fa"


def test_arabic_words_are_found_across_hamza_and_vowel_signs() -> None:
    made = given("إنّ الحريّةَ حقٌّ", heard(words("ان الحرية حق", start=2), language="ar"), "ar")
    assert [start for _, start in starts(made)] == [2.0, 2.5, 3.0]
    assert made.segments[0].quality is Quality.OK


def test_words_that_were_heard_together_share_the_time_by_their_letters() -> None:
    found = places(["ever", "yone"], [Word("everyone", 1.0, 1.8)])
    assert [(place.start, place.end) for place in found if place] == [(1.0, 1.4), (1.4, 1.8)]


def test_words_that_nobody_heard_lie_between_those_that_were() -> None:
    made = given("one (and very) two", heard(words("one two", step=10.0)), "en")
    (_, one), (_, add), (_, very), (_, two) = starts(made)
    assert (one, two) == (0.0, 10.0)
    assert 0.4 <= add < very < 3  # as long as they take to say, not as long as the pause


def test_what_was_not_said_is_suspect_and_says_so() -> None:
    said = words("we choose to go to the moon in this decade")
    text = "We choose to go to the moon in this decade.\n\nThank you all for your kindest attention, good night."
    made = given(text, heard(said), "en")
    assert [(part.quality, part.reasons) for part in made.segments] == [
        (Quality.OK, ()),
        (Quality.SUSPECT, (DIFFERS, ESTIMATED)),
    ]


def test_the_differences_are_listed_with_their_times_and_counted_in_the_version() -> None:
    by_engine = heard(words("ask knot what the country can do for you all"))
    made = given("Ask not what your country can, do for you.", by_engine, "en")
    assert differences(made, by_engine) == (
        Difference(0.5, 0.9, "not", "knot"),
        Difference(1.5, 1.9, "your", "the"),
        Difference(4.5, 4.9, "", "all"),
    )
    assert (settings(made)["compared"], settings(made)["differences"]) == ("3", "3")


def test_how_words_are_parted_by_spaces_is_no_difference() -> None:
    assert differences(heard(words("every one می خواهد")), heard(words("everyone می‌خواهد"))) == ()


@pytest.mark.parametrize(
    ("first", "second"), [("thy self-thy foe", "Thyself thy foe"), ("کتاب های‌کتاب خوب", "کتاب‌های کتاب خوب")]
)
def test_a_word_between_two_that_are_parted_otherwise_is_none_whichever_comes_first(first: str, second: str) -> None:
    assert differences(heard(words(first)), heard(words(second))) == ()
    assert differences(heard(words(second)), heard(words(first))) == ()


VTT = """WEBVTT

00:10.000 --> 00:12.000
<v شیرین عبادی>Good morning everyone here

00:12.000 --> 00:14.000
<v Somebody>good morning to you too

00:20.000 --> 00:21.000
<v Somebody>goodbye
"""


def test_before_anybody_listened_words_lie_within_their_cues() -> None:
    made = given(VTT, None, "en", name="talk.vtt")
    assert settings(made)["times"] == "cues"
    assert [(part.speaker, part.start, part.end, part.quality) for part in made.segments] == [
        ("shirin", 10.0, 12.0, Quality.OK),
        ("", 12.0, 14.0, Quality.OK),
        ("", 20.0, 21.0, Quality.OK),
    ]
    assert names_in(GivenFile("talk.vtt", "vtt", VTT.encode())) == ("شیرین عبادی", "Somebody")


def test_before_anybody_listened_a_text_without_times_is_spread_over_the_recording_and_says_so() -> None:
    made = given("یک دو سه", None, "fa", duration=11.0)
    assert settings(made)["times"] == "estimated"
    assert (made.segments[0].quality, made.segments[0].reasons) == (Quality.LOW, (ESTIMATED,))
    assert [start for _, start in starts(made)] == [0.0, 3.667, 7.333]


def test_a_phrase_that_comes_twice_is_found_in_its_own_cue() -> None:
    text = "WEBVTT\n\n00:10.000 --> 00:12.000\nYes, good morning\n\n00:20.000 --> 00:22.000\nYes, good morning\n"
    made = given(text, heard(words("yes good morning", start=20.2)), "en", name="talk.vtt")
    assert [start for _, start in starts(made)] == [10.0, 10.4, 10.8, 20.2, 20.7, 21.2]


def test_captions_of_another_cut_take_their_times_from_what_was_heard() -> None:
    said = words("Good morning everyone here good morning to you too", start=40), words("goodbye", start=50)
    made = given(VTT, heard(*said), "en", name="talk.vtt")
    assert starts(made)[0] == ("Good", 40.0)
    assert starts(made)[-1] == ("goodbye", 50.0)
    assert settings(made)["clock off by"] == "30.0 s"


def test_a_cue_after_the_end_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"talk.vtt line 9: a cue begins at 20.0 s, after the recording's end at 12.0 s"
    ):
        given(VTT, None, "en", name="talk.vtt", duration=12.0)


def test_times_never_go_back_and_stay_within_the_recording() -> None:
    by_engine = heard(words("a b c d e f g", start=95.0), duration=98.0)
    made = given("a x y b c q d d d e f g h i j k", by_engine, "en")
    times = [time for part in made.segments for word in part.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[-1] <= 98.0


def test_chinese_is_taken_a_character_a_word() -> None:
    made = given("我们选择登月。", heard(words("我 们 选 择 登 月"), language="zh"), "zh")
    assert [word for word, _ in starts(made)] == ["我", "们", "选", "择", "登", "月。"]
    assert made.segments[0].text == "我们选择登月。"


def test_a_hundred_thousand_words_are_laid_beside_as_many() -> None:
    """By anchors: compared letter by letter at once it would take 40 GB."""
    chance = np.random.default_rng(5)
    said = [f"w{number}" for number in chance.zipf(1.3, 100_000) % 9999]
    by_engine = [
        Word("zz" if number % 13 == 0 else word, float(number), number + 0.5) for number, word in enumerate(said)
    ]
    found = places(said, by_engine)
    assert np.mean([place is not None and abs(place.start - at) < 1 for at, place in enumerate(found)]) > 0.98


def test_two_texts_that_have_nothing_in_common_are_not_forced_together() -> None:
    alien = [Word(f"q{number}", float(number), number + 0.5) for number in range(20_000)]
    assert not any(places([f"w{number}" for number in range(20_000)], alien))


@pytest.mark.model
@pytest.mark.slow
def test_words_of_a_known_text_start_where_they_sound(samples: Path) -> None:
    """All lines of a sonnet, each beside the first sound from its reference on; no word begins in a silence."""
    from benchmarks.truth.ears import Ours
    from benchmarks.truth.sonnet import lines

    found = lines(Ours("base"))
    errors = [abs(line.aligned - line.sounds) for line in found]
    assert len(errors) == 15
    assert np.median(errors) <= 0.08
    assert sum(error > 0.25 for error in errors) <= 2  # one or two words are misheard, others on another processor
