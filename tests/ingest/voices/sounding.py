"""Where the speaker of a clean recording speaks, by WebRTC's activity detector: what is scored must not trim its own
reference, so nothing of `ingest` says it."""

from __future__ import annotations

import numpy as np
import webrtcvad
from numpy.typing import NDArray

from ingest.media import SAMPLE_RATE

Sound = NDArray[np.float32]

STRICTEST = 3  # of the detector's modes
STEP = SAMPLE_RATE // 100  # 10 ms, a frame of the detector
LOUD_DB = -20.0  # what the loud parts of a recording are brought to, for the detector hears nothing in very soft ones
LOUD = 95  # the percentile of a recording's levels that stands for its loud parts
FILLED_S = 0.5  # a shorter pause belongs to the turn
SHORTEST_S = 0.1  # less of it is a click


def sounding(sound: Sound) -> list[tuple[int, int]]:
    """The stretches (start, end) of a recording in which its speaker speaks, in samples."""
    gain = 10 ** ((LOUD_DB - np.percentile(levels(sound), LOUD)) / 20)
    pcm = (np.clip(sound * gain, -1, 1) * 32767).astype("<i2")
    detector = webrtcvad.Vad(STRICTEST)
    starts = range(0, len(pcm) - STEP + 1, STEP)
    heard = [detector.is_speech(pcm[start : start + STEP].tobytes(), SAMPLE_RATE) for start in starts]
    edges = np.flatnonzero(np.diff(np.array(heard, np.int8), prepend=0, append=0)) * STEP
    found: list[tuple[int, int]] = []
    for start, end in edges.reshape(-1, 2).tolist():
        if end - start < SHORTEST_S * SAMPLE_RATE:
            continue
        if found and start - found[-1][1] < FILLED_S * SAMPLE_RATE:
            start = found.pop()[0]
        found.append((start, end))
    return found


def levels(sound: Sound) -> NDArray[np.float64]:
    """Decibels of each 10 ms, over the 30 around them."""
    energy = np.convolve(np.square(sound, dtype=np.float64), np.ones(3 * STEP) / (3 * STEP), mode="same")[::STEP]
    return np.asarray(10 * np.log10(energy + 1e-12))


def loudness(sound: Sound) -> float:
    """The root mean square of what is spoken."""
    spoken = np.concatenate([sound[start:end] for start, end in sounding(sound)])
    return float(np.sqrt(np.mean(np.square(spoken, dtype=np.float64))))
