"""Nothing is invented where nobody speaks, and what cannot be trusted says why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from archive.models import Quality, Word
from benchmarks.truth.scenes import CROWD, as_pcm, noise
from ingest import guard
from ingest.guard import is_stock_phrase, said
from ingest.loops import is_loop, is_twice
from ingest.speech import Speech, find_speech
from ingest.transcribers import HeardSegment, Hints, Transcriber
from tests.ingest.hearing import nobody_speaks, pcm_of


def segment(text: str, *, probability: float = 0.9, **figures: float | str) -> HeardSegment:
    """A segment as a transcriber hears it, a word each half second."""
    words = tuple(Word(word, i / 2, i / 2 + 0.5, probability) for i, word in enumerate(text.split()))
    return HeardSegment(words, **{"language": "en", "logprob": -0.3, **figures})  # type: ignore[arg-type]


def judge(heard: HeardSegment) -> tuple[Quality, tuple[str, ...]]:
    """One segment judged for itself."""
    return guard.judge([heard])[0]


class TestWhatNobodySaid:
    @pytest.mark.model
    @pytest.mark.parametrize("kind", ["silence", "hiss", "noise", "tone", "music", "applause"])
    def test_no_word_is_invented(self, kind: str, faster: Transcriber) -> None:
        pcm = nobody_speaks(kind)
        speech = faster.speech(pcm)
        heard = faster.hear(pcm, speech, Hints())
        assert said(heard.segments, speech) == []

    @pytest.mark.model
    @pytest.mark.parametrize("seed", [0, 1])
    @pytest.mark.usefixtures("samples")
    def test_next_to_nothing_is_made_of_a_crowd_and_none_of_it_trusted(self, seed: int, faster: Transcriber) -> None:
        """Whisper makes some hundred words of each, most of them one phrase over and over."""
        crowd = as_pcm(noise(CROWD, seed, 30.0))
        speech = faster.speech(crowd)
        heard = faster.hear(crowd, speech, Hints())
        kept = said(heard.segments, speech)
        made, left = (sum(len(each.words) for each in segments) for segments in (heard.segments, kept))
        assert left <= made / 5
        assert all(quality is not Quality.OK for quality, _ in guard.judge(kept))

    def test_a_loop_of_segments_where_whisper_hears_nobody_was_not_said(self) -> None:
        voice = Speech((), np.full(1000, 0.9, np.float32))
        murmur = [segment("I don't know.", no_speech=0.8)] * 5
        assert said(murmur, voice) == []
        assert said(murmur[:4], voice) == murmur[:4]

    def test_a_loop_where_whisper_hears_nobody_was_not_said(self) -> None:
        voice = Speech((), np.full(1000, 0.9, np.float32))
        assert said([segment("من می گویم " * 6, no_speech=0.85, language="fa")], voice) == []
        assert said([segment("من می گویم " * 6, no_speech=0.2, language="fa")], voice)
        assert said([segment("free at last, free at last, thank God almighty", no_speech=0.85)], voice)

    def test_words_that_whisper_hears_nobody_say_and_does_not_believe_in_were_not_said(self) -> None:
        voice = Speech((), np.full(1000, 0.9, np.float32))
        assert said([segment("I don't know", probability=0.1, no_speech=0.8)], voice) == []
        assert said([segment("ما نمی‌دانیم چرا", probability=0.1, no_speech=0.2, language="fa")], voice)
        assert said([segment("I don't know", probability=0.8, no_speech=0.8)], voice)

    def test_a_full_stop_alone_was_not_said(self) -> None:
        assert said([segment("."), segment("؟")], Speech((), np.full(100, 0.9, np.float32))) == []

    def test_text_without_a_voice_under_it_was_not_said(self) -> None:
        silent = Speech((), np.full(100, 0.05, np.float32))
        assert said([segment("thank you for watching")], silent) == []

    def test_text_with_a_voice_under_a_part_of_it_was_said(self) -> None:
        probabilities = np.full(100, 0.05, np.float32)
        probabilities[20:30] = 0.9
        assert said([segment("four more years")], Speech((), probabilities))

    def test_a_click_is_no_voice(self) -> None:
        probabilities = np.full(100, 0.05, np.float32)
        probabilities[20:22] = 0.9
        assert said([segment("four more years")], Speech((), probabilities)) == []

    def test_real_speech_was_said(self, samples: Path) -> None:
        pcm = pcm_of(samples / "audio/fa/fa_hezar_speech_example.mp3")
        assert said([segment("و این تنها محدود", language="fa")], find_speech(pcm))


class TestQuality:
    def test_plain_speech_is_ok(self) -> None:
        assert judge(segment("ask not what your country can do for you")) == (Quality.OK, ())

    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("I'm sorry, " * 8, "en"),
            ("من می گویم " * 6, "fa"),
            ("شكرا لكم شكرا لكم " * 4, "ar"),
            ("ご視聴" + "ありがとう" * 9, "ja"),
        ],
    )
    def test_a_loop_is_suspect_in_any_language(self, text: str, language: str) -> None:
        quality, reasons = judge(segment(text, language=language))
        assert quality is Quality.SUSPECT
        assert guard.LOOP in reasons

    @pytest.mark.parametrize(
        "text",
        [
            "Never give in. Never, never, never, never.",
            "Free at last, free at last, thank God almighty, we are free at last.",
            "We shall fight on the beaches, we shall fight on the landing grounds, we shall fight in the fields",
        ],
    )
    def test_what_speakers_repeat_is_no_loop(self, text: str) -> None:
        assert not is_loop(text.split())

    @pytest.mark.parametrize(
        ("text", "said_in"),
        [
            ("which have outraged the conscience of mankind, which have outraged the conscience of mankind.", 2.8),
            ("که وجدان بشریت را به عصیان واداشته که وجدان بشریت را به عصیان واداشته است", 2.0),
            ("آذت الضمير الإنساني وكان غاية آذت الضمير الإنساني وكان غاية", 1.8),
        ],
    )
    def test_what_comes_twice_was_said_twice_only_where_there_is_time_for_it(self, text: str, said_in: float) -> None:
        assert is_twice(text.split(), said_in)
        assert not is_twice(text.split(), 2 * said_in)
        assert not is_twice(text.split()[:7], said_in / 4)

    def test_a_segment_that_comes_five_times_in_a_row_is_a_loop(self) -> None:
        said = [segment("All right."), *[segment("I'm going to take a look.")] * 5, segment("Thank you.")]
        assert [guard.LOOP in reasons for _, reasons in guard.judge(said)] == [False, *[True] * 5, False]

    def test_text_that_compresses_too_well_is_a_loop(self) -> None:
        assert judge(segment("yeah yeah", compression=9.0))[1] == (guard.LOOP,)

    @pytest.mark.parametrize(
        "text",
        [
            "Thanks for watching!",
            "Subtitles by the Amara.org community",
            "Untertitel im Auftrag des ZDF für funk, 2017",
            "Sous-titres réalisés par la communauté d'Amara.org",
            "Субтитры сделал DimaTorzok",
            "ترجمة نانسي قنقر",
            "اشتركوا في القناة",
            "ご視聴ありがとうございました",
        ],
    )
    def test_subtitle_credits_are_stock_phrases(self, text: str) -> None:
        assert is_stock_phrase(text)

    @pytest.mark.parametrize(
        "text",
        [
            "We do not subscribe to the view that peace is lost.",
            "A book that was translated by the committee.",
            "با تشکر از همراهی شما در این همایش",
        ],
    )
    def test_what_speakers_say_is_no_stock_phrase(self, text: str) -> None:
        assert not is_stock_phrase(text)

    def test_thank_you_is_a_stock_phrase_only_in_doubt(self) -> None:
        assert judge(segment("Thank you."))[0] is Quality.OK
        assert judge(segment("Thank you.", no_speech=0.8))[1] == (guard.STOCK,)

    def test_words_over_what_is_probably_no_speech_are_suspect(self) -> None:
        assert judge(segment("a word or two", no_speech=0.8, logprob=-0.9))[1] == (guard.SILENT,)

    def test_words_over_what_may_be_no_speech_are_low(self) -> None:
        assert judge(segment("a word or two", no_speech=0.8)) == (Quality.LOW, (guard.SILENT,))

    def test_the_wrong_script_is_suspect(self) -> None:
        assert judge(segment("ve intihantama atıp da", language="fa"))[1] == (guard.SCRIPT,)
        assert judge(segment("و این تنها محدود به محیط کار نیست", language="fa"))[0] is Quality.OK

    def test_uncertain_words_are_low(self) -> None:
        assert judge(segment("so we are like this", probability=0.4)) == (Quality.LOW, (guard.UNSURE,))

    def test_words_with_hardly_any_certainty_are_suspect(self) -> None:
        assert judge(segment("ve intihantama da korniz", probability=0.1))[1] == (guard.HOPELESS,)

    def test_one_quiet_word_is_only_low(self) -> None:
        assert judge(segment("Right.", probability=0.2))[0] is Quality.LOW
