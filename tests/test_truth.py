"""The sound that fidelity is measured on is what it is said to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.halves import DEV, HALVES, HELD_OUT
from benchmarks.spoil import WAYS, spoil
from benchmarks.transcribe import interval
from benchmarks.truth.ears import HeardWord
from benchmarks.truth.scenes import KINDS, NOISES, as_pcm, clips, noise, phrases, seeds, sound_of, spaced
from benchmarks.truth.times import start_errors
from benchmarks.truth.words import found_in, split
from ingest.media import SAMPLE_RATE, PcmStream
from tests.ingest.hearing import KENNEDY


@pytest.mark.parametrize("kind", NOISES)
def test_a_noise_is_the_same_for_its_seed_and_another_for_another(kind: str) -> None:
    first, again, other = (as_pcm(noise(kind, seed, 2.0)) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert kind == "silence" or not np.array_equal(first, other)


def test_every_noise_has_seeds_on_both_halves() -> None:
    assert all(len({*seeds(kind, DEV, 3), *seeds(kind, HELD_OUT, 3)}) == 6 for kind in KINDS)


@pytest.mark.usefixtures("samples")
def test_most_languages_are_on_both_halves_by_a_hash_alone() -> None:
    languages = {half: {clip.language for clip in clips() if clip.half == half} for half in HALVES}
    assert all({"ar", "de", "en", "es", "fr"} <= spoken for spoken in languages.values())


def test_a_phrase_is_laid_where_the_scene_says(samples: Path) -> None:
    parts = phrases(sound_of("audio/en/en_jfk_inaugural_1961.wav"))
    scene = spaced(parts, np.random.default_rng(1))
    assert len(scene.phrases) == len(parts) > 2
    for start, end in scene.phrases:
        first, last = round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)
        assert np.abs(scene.sound[first - SAMPLE_RATE // 5 : first]).max() < 0.01
        assert np.abs(scene.sound[first : first + SAMPLE_RATE // 50]).max() > 0.01
        assert np.abs(scene.sound[last : last + SAMPLE_RATE // 5]).max() < 0.01


def test_the_error_is_that_of_the_first_word_of_a_phrase() -> None:
    scene = spaced([np.full(SAMPLE_RATE, 0.1)] * 2, np.random.default_rng(1))
    (one, _), (two, until) = scene.phrases
    heard = [HeardWord("a", one - 0.2, one + 0.5, "en"), HeardWord("b", one + 0.6, two + 0.01, "en")]
    assert start_errors(heard, scene) == pytest.approx([-0.2])
    heard.append(HeardWord("c", two + 0.1, until, "en"))
    assert start_errors(heard, scene) == pytest.approx([-0.2, 0.1])


def test_words_are_found_in_order_whatever_their_case_and_points() -> None:
    assert found_in(split("We shall fight; ما می‌جنگیم"), split("we fight, ما می‌جنگیم!")) == 5


def test_a_difference_is_given_with_the_interval_it_lies_in_over_other_draws_of_recordings() -> None:
    assert interval([2, 2, 2], [100, 100, 100]) == pytest.approx((2.0, 2.0))
    least, most = interval([-3, 4, 0, 2, -1, -2, 5, -4], [100] * 8)
    assert -4 < least < 0 < most < 5


@pytest.mark.parametrize("way", WAYS)
def test_a_recording_is_spoiled_the_same_each_time_and_nothing_is_moved(
    samples: Path, tmp_path: Path, way: str
) -> None:
    once, again = (spoil(samples / KENNEDY, tmp_path / f"{number}.wav", way) for number in range(2))
    assert once.read_bytes() == again.read_bytes()
    with PcmStream(samples / KENNEDY) as whole, PcmStream(once) as spoiled:
        before, after = (stream.read(60 * SAMPLE_RATE).astype(float) for stream in (whole, spoiled))
    assert len(before) == len(after)
    together = np.fft.irfft(np.conj(np.fft.rfft(before)) * np.fft.rfft(after))
    assert abs(int(np.argmax(together))) <= 3, "no filter delays it"


def test_a_noisy_recording_has_a_noise_as_loud_as_is_said() -> None:
    chance = np.random.default_rng(2)
    speech = chance.choice([-0.1, 0.1], 4 * SAMPLE_RATE)
    noise_alone = WAYS["noisy"](speech, chance) - speech
    assert 20 * np.log10(np.std(noise_alone) / np.std(speech)) == pytest.approx(-8, abs=0.01)
