"""WAV files for tests: of any samples, or bursts of a tone, each of which the toy engine hears as a word."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 16_000


def write_bursts(path: Path, bursts: int, *, pitch: int = 440) -> Path:
    """A WAV file with so many bursts of a fifth of a second, one each half second."""
    clock = np.arange(RATE // 2)
    burst = np.where(clock < RATE // 5, np.sin(clock * 2 * np.pi * pitch / RATE) * 12_000, 0).astype("<i2")
    return write_wav(path, np.tile(burst, bursts))


def write_wav(path: Path, samples: NDArray[np.int16]) -> Path:
    """A WAV file of one channel, at 16 kHz."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())
    return path
