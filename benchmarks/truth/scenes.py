"""Sound whose truth is known: noises in which nobody speaks, and phrases of real speech laid at known times.

Everything is made from a seed and the sample recordings, and is the same on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count as counting
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.halves import Half, half_of
from benchmarks.speeches import SAMPLES
from ingest.media import SAMPLE_RATE, PcmStream

Sound = NDArray[np.float64]  # 16 kHz mono, from -1 to 1

LOUDNESS = 0.06  # root mean square of speech, whatever it was recorded at
ROOM = 0.0005  # of what is heard in a pause: silence in a recording is never nothing
CROWD_VOICES = 24  # fewer are a few people talking, whose words are there to be heard
CROWD_LOUDNESS = 0.03
LONGEST_CLIP_S = 160

LEAST_PAUSE_S = 0.35  # of the pauses at which a recording is parted into phrases
SHORTEST_PHRASE_S, LONGEST_PHRASE_S = 1.0, 12.0
BELOW_PEAK_DB, ABOVE_FLOOR_DB = 22.0, 8.0  # what is softer than either is a pause, and is cut off
CLICK = 10  # frames of 10 ms; sound that does not fill half of them sets nothing in
PAUSES_S = (0.3, 0.5, 0.8, 1.2, 2.0, 3.5)  # between phrases


@dataclass(frozen=True, slots=True)
class Clip:
    """A sample recording of one language; `said` is its text where that is known."""

    file: str
    language: str
    said: str

    @property
    def path(self) -> Path:
        return SAMPLES / self.file

    @property
    def half(self) -> Half:
        return half_of(self.file)


@cache
def clips() -> tuple[Clip, ...]:
    """The samples of one speaker or a few, without the duplicates that are cut from a longer one beside them."""
    entries = json.loads((SAMPLES / "metadata.json").read_text(encoding="utf-8"))
    return tuple(
        Clip(entry["file"], entry["language"], entry["transcript"] or "")
        for entry in entries
        if not entry["file"].startswith("audio/multi") and "_full" not in entry["file"] and "149s" not in entry["file"]
    )


@cache
def sound_of(file: str) -> Sound:
    """A sample at the loudness of all."""
    return levelled(SAMPLES / file, LONGEST_CLIP_S)


def levelled(path: Path, longest_s: int) -> Sound:
    """A recording, or so many seconds of it, at the loudness of all."""
    with PcmStream(path) as stream:
        sound = stream.read(longest_s * SAMPLE_RATE).astype(np.float64) / 32768
    sound *= LOUDNESS / (np.sqrt(np.mean(sound**2)) + 1e-9)
    return sound


def as_pcm(sound: Sound) -> NDArray[np.int16]:
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def room(seconds: float, chance: np.random.Generator) -> Sound:
    return chance.normal(0, ROOM, round(seconds * SAMPLE_RATE))


def _coloured(length: int, slope: float, chance: np.random.Generator) -> Sound:
    """Noise whose power falls with the frequency to the `slope`: 0 white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(chance.normal(0, 1, length))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** (slope / 2)
    spectrum[0] = 0
    sound: Sound = np.fft.irfft(spectrum, length)
    sound /= np.sqrt(np.mean(sound**2))
    return sound


def _hum(length: int, chance: np.random.Generator) -> Sound:
    clock = np.arange(length) / SAMPLE_RATE
    mains = float(chance.choice([50.0, 60.0]))
    parts = [np.sin(2 * np.pi * mains * n * clock + chance.uniform(0, 6)) / n for n in range(1, 9)]
    sound: Sound = 0.05 * np.sum(parts, axis=0) + chance.normal(0, 0.002, length)
    return sound


def _music(length: int, chance: np.random.Generator) -> Sound:
    """Chords of a piano of sorts, and over them a melody that slides and trembles as a voice does."""
    sound = np.zeros(length)
    beat = int(chance.uniform(0.4, 0.7) * SAMPLE_RATE)
    root = chance.uniform(98, 147)
    scale = root * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11]) / 12)
    for number, start in enumerate(range(0, length - beat, beat)):
        clock = np.arange(min(4 * beat, length - start)) / SAMPLE_RATE
        if number % 4 == 0:
            degree = int(chance.integers(0, 7))
            for step in (0, 2, 4):
                pitch = scale[(degree + step) % 7]
                for harmonic in range(1, 7):
                    wave = np.sin(2 * np.pi * pitch * harmonic * clock)
                    sound[start : start + len(clock)] += 0.03 * np.exp(-1.5 * clock) * wave / harmonic
        clock = clock[:beat]
        pitch = 2 * scale[int(chance.integers(0, 7))] * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * clock))
        phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
        shape = np.sin(np.pi * np.arange(len(clock)) / len(clock)) ** 0.5
        for harmonic in range(1, 10):
            sound[start : start + len(clock)] += 0.04 * shape * np.sin(harmonic * phase) / harmonic
    return sound


def _applause(length: int, chance: np.random.Generator) -> Sound:
    """Some hundred pairs of hands that set in and die away."""
    sound: Sound = np.zeros(length)
    swell = np.sin(np.pi * np.arange(length) / length) ** 0.5
    for start in chance.integers(0, length - 800, 250 * length // SAMPLE_RATE):
        size = int(chance.integers(160, 640))
        clap = chance.normal(0, 1, size) * np.exp(-np.arange(size) / size * 5)
        sound[start : start + size] += chance.uniform(0.02, 0.12) * clap
    sound *= swell
    return sound


def _crowd(length: int, chance: np.random.Generator, half: Half) -> Sound:
    """Many voices of the samples of one half at once, none of which can be made out."""
    voices = [clip.file for clip in clips() if clip.half == half]
    sound = np.zeros(length)
    for number in range(CROWD_VOICES):
        voice = sound_of(voices[number % len(voices)])
        sound += np.resize(np.roll(voice, int(chance.integers(len(voice)))), length)
    sound *= CROWD_LOUDNESS / np.sqrt(np.mean(sound**2))
    return sound


NOISES: dict[str, Callable[[int, np.random.Generator], Sound]] = {
    "silence": lambda length, _chance: np.zeros(length),
    "room": lambda length, chance: chance.normal(0, ROOM, length),
    "white": lambda length, chance: 0.05 * _coloured(length, 0, chance),
    "pink": lambda length, chance: 0.05 * _coloured(length, 1, chance),
    "brown": lambda length, chance: 0.08 * _coloured(length, 2, chance),
    "tone": lambda length, chance: (
        0.2 * np.sin(2 * np.pi * chance.uniform(200, 1200) * np.arange(length) / SAMPLE_RATE)
    ),
    "hum": _hum,
    "music": _music,
    "applause": _applause,
}
CROWD = "crowd"
KINDS = (*NOISES, CROWD)


def noise(kind: str, seed: int, seconds: float) -> Sound:
    """A noise of a kind; its half is that of its name."""
    chance = np.random.default_rng(seed)
    length = round(seconds * SAMPLE_RATE)
    if kind == CROWD:
        return _crowd(length, chance, half_of(noise_name(kind, seed)))
    return NOISES[kind](length, chance)


def noise_name(kind: str, seed: int) -> str:
    return f"{kind}-{seed}"


def seeds(kind: str, half: Half, count: int) -> list[int]:
    """The first seeds of a kind whose noises are of a half."""
    return list(islice((seed for seed in counting() if half_of(noise_name(kind, seed)) == half), count))


@dataclass(frozen=True, slots=True)
class Scene:
    """Sound, and where a phrase begins and ends in it, in seconds."""

    sound: Sound
    phrases: tuple[tuple[float, float], ...]


def sets_in(sound: Sound) -> NDArray[np.bool_]:
    """For each 10 ms, whether it is loud and most of the next 100 ms are."""
    hop = SAMPLE_RATE // 100
    frames = sound[: len(sound) // hop * hop].reshape(-1, hop)
    level = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    loud = level > max(np.percentile(level, 95) - BELOW_PEAK_DB, np.percentile(level, 5) + ABOVE_FLOOR_DB)
    following = np.convolve(np.pad(loud, (0, CLICK - 1)), np.ones(CLICK), "valid")
    return np.asarray(loud & (following > CLICK // 2))


def phrases(sound: Sound) -> list[Sound]:
    """The stretches between pauses, each cut where it sets in, to 10 ms: laid into silence, its onset is known."""
    hop = SAMPLE_RATE // 100
    loud = np.flatnonzero(sets_in(sound))
    if not len(loud):
        return []
    cuts = np.flatnonzero(np.diff(loud) > LEAST_PAUSE_S * 100)
    firsts, lasts = loud[np.concatenate(([0], cuts + 1))], loud[np.concatenate((cuts, [len(loud) - 1]))]
    return [
        sound[first * hop : (last + CLICK) * hop]
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
        if SHORTEST_PHRASE_S <= (last + CLICK - first) / 100 <= LONGEST_PHRASE_S
    ]


def spaced(parts: Sequence[Sound], chance: np.random.Generator) -> Scene:
    """Phrases after pauses of lengths that are drawn, in the hiss of a room."""
    pieces: list[Sound] = []
    spans = []
    clock = 0
    for part in parts:
        pause = round(float(chance.choice(PAUSES_S)) * SAMPLE_RATE)
        clock += pause
        spans.append((clock / SAMPLE_RATE, (clock + len(part)) / SAMPLE_RATE))
        pieces += [np.zeros(pause), part]
        clock += len(part)
    pieces.append(np.zeros(SAMPLE_RATE))
    sound = np.concatenate(pieces)
    return Scene(sound + chance.normal(0, ROOM, len(sound)), tuple(spans))
