"""Words start where they sound, not in the pause before them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from archive.models import Word
from ingest.onset import loudness, tighten
from ingest.speech import SAMPLE_RATE, find_speech
from ingest.transcribers import Hints, Transcriber
from tests.ingest.hearing import KENNEDY, pcm_of, plain, voiced


def sound(*parts: tuple[float, float]) -> np.ndarray:
    """Noise of given loudness (0 to 1) and length in seconds, one part after the other."""
    chance = np.random.default_rng(3)
    return np.concatenate([chance.normal(0, level, round(length * SAMPLE_RATE)) for level, length in parts]).astype(
        np.float32
    )


def test_a_start_moves_off_the_pause_to_the_onset() -> None:
    pcm = sound((0.001, 1.0), (0.1, 0.5), (0.001, 1.0))
    (word,) = tighten([Word("ask", 0.2, 1.5)], pcm, voiced(len(pcm), (1.0, 1.5)))
    assert word.start == pytest.approx(1.0, abs=0.03)
    assert word.end == 1.5


def test_an_end_that_trails_into_a_pause_moves_to_where_the_sound_stops() -> None:
    pcm = sound((0.1, 0.5), (0.001, 1.0))
    (word,) = tighten([Word("you", 0.0, 1.2)], pcm, voiced(len(pcm), (0.0, 0.5)))
    assert word.start == 0.0
    assert word.end == pytest.approx(0.5, abs=0.04)


def test_a_word_that_sounds_all_along_stays() -> None:
    pcm = sound((0.1, 2.0))
    word = Word("America", 0.5, 1.2)
    assert tighten([word], pcm, voiced(len(pcm), (0.0, 2.0))) == (word,)


def test_the_silence_of_a_stop_consonant_does_not_cut_a_word() -> None:
    pcm = sound((0.001, 0.5), (0.1, 0.2), (0.001, 0.1), (0.1, 0.3), (0.001, 0.5))
    (word,) = tighten([Word("October", 0.2, 1.1)], pcm, voiced(len(pcm), (0.5, 1.1)))
    assert word.start == pytest.approx(0.5, abs=0.03)


def test_applause_in_the_pause_is_no_onset() -> None:
    pcm = sound((0.08, 1.0), (0.1, 0.5), (0.001, 0.5))
    (word,) = tighten([Word("tonight", 0.1, 1.5)], pcm, voiced(len(pcm), (1.0, 1.5)))
    assert word.start > 0.7


def test_a_soft_beginning_that_is_heard_late_as_a_voice_is_of_the_word() -> None:
    pcm = sound((0.001, 1.0), (0.02, 0.35), (0.1, 0.5), (0.001, 0.5))
    (word,) = tighten([Word("شکر", 0.4, 1.85)], pcm, voiced(len(pcm), (1.4, 1.85)))
    assert word.start == pytest.approx(1.0, abs=0.03)


def test_a_start_that_comes_late_after_a_pause_moves_back_to_the_onset() -> None:
    pcm = sound((0.1, 0.5), (0.001, 0.8), (0.1, 0.6), (0.001, 0.5))
    words = [Word("ask", 0.0, 0.5), Word("not", 1.45, 1.9)]
    _, word = tighten(words, pcm, voiced(len(pcm), (0.0, 0.5), (1.3, 1.9)))
    assert word.start == pytest.approx(1.3, abs=0.03)


def test_the_end_of_the_word_before_is_not_taken_in() -> None:
    """It sounds on after its time, and a voice is heard until the next begins."""
    pcm = sound((0.1, 0.6), (0.001, 0.2), (0.1, 0.6), (0.001, 0.5))
    words = [Word("noch", 0.0, 0.5), Word("still", 0.5, 1.4)]
    _, word = tighten(words, pcm, voiced(len(pcm), (0.0, 1.4)))
    assert word.start == pytest.approx(0.8, abs=0.03)


def test_sounds_that_noise_parts_are_one_word_where_a_voice_is_heard_between() -> None:
    pcm = sound((0.01, 1.0), (0.1, 0.1), (0.01, 0.2), (0.1, 0.4), (0.01, 0.5))
    (word,) = tighten([Word("L'accident", 0.6, 1.7)], pcm, voiced(len(pcm), (1.0, 1.7)))
    assert word.start == pytest.approx(1.0, abs=0.03)
    (word,) = tighten([Word("L'accident", 0.6, 1.7)], pcm, voiced(len(pcm), (1.0, 1.1), (1.3, 1.7)))
    assert word.start == pytest.approx(1.3, abs=0.03), "a gap without a voice parts a cough from a word"


def test_silence_changes_nothing() -> None:
    pcm = np.zeros(2 * SAMPLE_RATE, np.int16)
    word = Word("nothing", 0.5, 1.5)
    assert tighten([word], pcm, voiced(len(pcm))) == (word,)


def test_a_word_of_no_length_stays() -> None:
    pcm = sound((0.1, 1.0))
    word = Word("a", 0.5, 0.5)
    assert tighten([word], pcm, voiced(len(pcm), (0.0, 1.0))) == (word,)


def test_words_stay_in_order_and_begin_after_the_word_before() -> None:
    chance = np.random.default_rng(11)
    pcm = sound(*[(float(level), 0.2) for level in chance.choice([0.001, 0.02, 0.1], 100)])
    borders = np.sort(chance.uniform(0, 20, 61))
    words = [Word(str(index), float(a), float(b)) for index, (a, b) in enumerate(pairwise(borders))]
    moved = tighten(words, pcm, voiced(len(pcm), (0.0, 20.0)))
    ends = [0.0, *(word.end for word in words)]
    for former, before, after in zip(ends, words, moved, strict=False):
        assert former - 0.001 <= after.start <= after.end <= before.end + 0.001


def test_loudness_is_in_decibels_below_full_scale() -> None:
    square = np.tile(np.array([1, -1], np.float32), SAMPLE_RATE)
    assert loudness(square)[:100] == pytest.approx(0.0, abs=0.01)
    assert len(loudness(square)) == 200


@pytest.mark.model
def test_kennedys_words_start_where_he_says_them(samples: Path, faster: Transcriber) -> None:
    """By ear: the first "what" comes at 5.38 s after a second of silence, the second "ask" at 8.17 s."""
    pcm = pcm_of(samples / KENNEDY)
    speech = faster.speech(pcm)
    heard = faster.hear(pcm, speech, Hints(languages=("en",)))
    words = tighten([word for segment in heard.segments for word in segment.words], pcm, speech)
    starts = {text: [w.start for w in words if plain([w.text]) == [text]] for text in ("and", "ask", "what")}
    assert starts["what"][0] == pytest.approx(5.38, abs=0.05)
    assert starts["ask"][1] == pytest.approx(8.17, abs=0.05)
    assert starts["and"][0] == pytest.approx(0.32, abs=0.15)
    assert words[-1].end == pytest.approx(10.4, abs=0.15)


@pytest.mark.model
def test_known_pauses_between_phrases_are_left_out_of_the_words(samples: Path, faster: Transcriber) -> None:
    """One phrase after pauses of a known length: each time its first word starts at the same place in it."""
    phrase = pcm_of(samples / "audio/en/en_reagan_berlin_1987.mp3")
    found = find_speech(phrase).regions
    phrase = phrase[found[0].start : found[-1].end]
    level = loudness(phrase)
    inside = float(np.argmax(level > np.percentile(level, 95) - 25)) / 100
    onsets, parts, clock = [], [], 0.0
    for pause in (0.5, 1.0, 1.5, 2.5):
        parts += [np.zeros(round(pause * SAMPLE_RATE), np.int16), phrase]
        onsets.append(clock + pause + inside)
        clock += pause + len(phrase) / SAMPLE_RATE
    pcm = np.concatenate(parts)
    speech = faster.speech(pcm)
    heard = faster.hear(pcm, speech, Hints(languages=("en",)))
    words = tighten([word for segment in heard.segments for word in segment.words], pcm, speech)
    errors = [min(abs(word.start - onset) for word in words) for onset in onsets]
    assert np.median(errors) <= 0.05
    assert max(errors) <= 0.15
