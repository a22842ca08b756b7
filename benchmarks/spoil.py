"""Speech as poor recordings hold it: hoarse, echoing, far away or amid noise, from a seed and the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.truth.scenes import Sound, as_pcm, levelled
from ingest.media import SAMPLE_RATE
from tests.ingest.sounds import write_wav

Chance = np.random.Generator

LONGEST_S = 600
HEARD = 0.005  # softer samples are pauses
LIMIT = 0.08  # above which a hoarse one is bent
ECHO_S, ECHO_SHARE = 0.5, 0.35  # length of an echo that dies away to a thousandth in 0.6 s, and its share of the sound
FAR = 0.15


def spoil(source: Path, target: Path, way: str) -> Path:
    """A recording spoiled in one of `WAYS`, as a WAV file."""
    spoiled = WAYS[way](levelled(source, LONGEST_S), np.random.default_rng(5))
    return write_wav(target, as_pcm(spoiled))


def _hoarse(sound: Sound, chance: Chance) -> Sound:
    """As over a telephone of old: narrow, overdriven, with a hiss 15 dB below."""
    bent = np.tanh(_band(sound, 250, 2600) / LIMIT) * LIMIT
    return bent + _noise(bent, 15, _band(chance.normal(0, 1, len(sound)), 150, 5000))


def _echoing(sound: Sound, chance: Chance) -> Sound:
    clock = np.arange(int(ECHO_S * SAMPLE_RATE)) / SAMPLE_RATE
    room = chance.normal(0, 1, len(clock)) * np.exp(-6.9 * clock / 0.6)
    room *= ECHO_SHARE / np.sqrt(np.sum(room**2))
    room[0] = 1
    size = 1 << (len(sound) + len(room)).bit_length()
    echo: Sound = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(room, size), size)[: len(sound)]
    return echo


def _far(sound: Sound, chance: Chance) -> Sound:
    """Hoarse, in an echo, and so soft that the recorder's own noise is near."""
    return FAR * _echoing(_hoarse(sound, chance), chance) + chance.normal(0, 0.001, len(sound))


def _noisy(sound: Sound, chance: Chance) -> Sound:
    """Amid a noise 8 dB below, as of traffic."""
    return sound + _noise(sound, 8, _band(chance.normal(0, 1, len(sound)), 80, 3000))


WAYS: dict[str, Callable[[Sound, Chance], Sound]] = {
    "hoarse": _hoarse,
    "echoing": _echoing,
    "far": _far,
    "noisy": _noisy,
}


def _band(sound: Sound, low: float, high: float) -> Sound:
    """What lies between two frequencies in Hz: a Butterworth filter of the fourth order without delay."""
    pitch = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    gain = 1 / np.sqrt(1 + (low / np.maximum(pitch, 1)) ** 8) / np.sqrt(1 + (pitch / high) ** 8)
    kept: Sound = np.fft.irfft(np.fft.rfft(sound) * gain, len(sound))
    return kept


def _noise(sound: Sound, below_db: float, noise: Sound) -> Sound:
    """A noise so far below the speech, its pauses left out."""
    speech = np.sqrt(np.mean(sound[np.abs(sound) > HEARD] ** 2))
    loud: Sound = noise * speech * 10 ** (-below_db / 20) / np.std(noise)
    return loud
