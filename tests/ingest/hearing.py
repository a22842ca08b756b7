"""Sound for the tests of listening: real recordings as samples, and sounds in which nobody speaks."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archive.models import Media, Recording
from ingest.media import SAMPLE_RATE, PcmStream
from ingest.speech import FRAME, Speech

KENNEDY = "audio/en/en_jfk_inaugural_1961.wav"
# fmt: off
KENNEDY_SAID = [
    "and", "so", "my", "fellow", "americans", "ask", "not", "what", "your", "country", "can", "do", "for", "you",
    "ask", "what", "you", "can", "do", "for", "your", "country",
]
# fmt: on


def pcm_of(path: Path) -> NDArray[np.int16]:
    """A whole (short) recording as 16 kHz mono samples."""
    with PcmStream(path) as stream:
        return stream.read(3600 * SAMPLE_RATE)


def recording_of(path: Path, *languages: str) -> Recording:
    """A recording that only says what listening needs."""
    return Recording(
        path.stem, path.stem, Media(path.name, path.suffix, "", 0, 0.0, "", "", "", "", True), languages=languages
    )


def plain(words: list[str]) -> list[str]:
    """Words without punctuation, in lower case."""
    return [re.sub(r"\W", "", word.lower()) for word in words]


def voiced(length: int, *spans: tuple[float, float]) -> Speech:
    """Voice activity over so many samples that is sure of the spans (seconds) and of nothing else."""
    centres = (np.arange(length // FRAME + 1) + 0.5) * FRAME / SAMPLE_RATE
    heard = np.zeros(len(centres), np.float32)
    for start, end in spans:
        heard[(centres >= start) & (centres < end)] = 1
    return Speech((), heard)


def nobody_speaks(kind: str, seconds: int = 20) -> NDArray[np.int16]:
    """A sound without a voice, always the same: silence, hiss, noise, tone, music or applause."""
    chance = np.random.default_rng(7)
    length = SAMPLE_RATE * seconds
    clock = np.arange(length) / SAMPLE_RATE
    if kind == "silence":
        sound = np.zeros(length)
    elif kind == "hiss":
        sound = chance.normal(0, 0.003, length)
    elif kind == "noise":
        sound = chance.normal(0, 0.05, length)
    elif kind == "tone":
        sound = 0.2 * np.sin(2 * np.pi * 440 * clock)
    elif kind == "music":
        sound = _chords(length)
    elif kind == "applause":
        sound = _claps(length, chance)
    else:
        raise ValueError(kind)
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def _chords(length: int) -> NDArray[np.float64]:
    sound = np.zeros(length)
    for beat in range(length * 2 // SAMPLE_RATE):
        start = beat * SAMPLE_RATE // 2
        clock = np.arange(min(SAMPLE_RATE, length - start)) / SAMPLE_RATE
        for interval in (1, 1.25, 1.5, 2):
            for harmonic in range(1, 6):
                pitch = (220, 261.6, 196, 174.6)[beat // 4 % 4] * interval * harmonic
                sound[start : start + len(clock)] += np.exp(-3 * clock) * np.sin(2 * np.pi * pitch * clock) / harmonic
    return sound / 32


def _claps(length: int, chance: np.random.Generator) -> NDArray[np.float64]:
    sound = np.zeros(length)
    for start in chance.integers(0, length - 500, length * 60 // SAMPLE_RATE):
        size = int(chance.integers(128, 480))
        sound[start : start + size] += chance.normal(0, 0.12, size) * np.exp(-np.arange(size) / size * 5)
    return sound
