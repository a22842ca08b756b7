"""What stands out of the sound behind it: a crowd talks too, but further away than whoever was recorded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.speech import FRAME, SAMPLE_RATE, spoken

ABOVE_DB = 7.0  # over the quietest moments of what sounds like speech; a crowd is some 4 dB above its own
QUIETEST = 2  # the percentile that stands for them: between two words even a fast speaker leaves only what is behind
AVERAGED = 13  # frames, 0.4 s: words rise and fall by more than a crowd is below them
BLOCK_S = 10.0
REACH = 3  # blocks before and after, from which the quietest moments of a block are taken; rooms change
LEAST_FRAMES = 50  # with less speech around, nothing is known of what is behind it
DIGITAL_SILENCE = 1e-12


def stands_out(sound: NDArray[np.float32], probabilities: NDArray[np.float32]) -> NDArray[np.bool_]:
    """For each frame of a sound whether it is louder than what is behind the speech, whose probability is given.

    In a quiet room everything that is said is; the quietest moments of speech lie far below it there.
    """
    frames = len(probabilities)
    padded = np.pad(sound, (0, max(0, frames * FRAME - len(sound))))[: frames * FRAME]
    energy = np.square(padded, dtype=np.float64).reshape(frames, FRAME).mean(axis=1) + DIGITAL_SILENCE
    averaged = np.convolve(energy, np.ones(AVERAGED) / AVERAGED, mode="same")[:frames]
    speech = np.zeros(frames, bool)
    for region in spoken(probabilities):
        speech[region.start // FRAME : region.end // FRAME] = True
    behind = np.zeros(frames)
    block = round(BLOCK_S * SAMPLE_RATE / FRAME)
    for start in range(0, frames, block):
        around = slice(max(0, start - REACH * block), start + (REACH + 1) * block)
        said = energy[around][speech[around]]
        if len(said) > LEAST_FRAMES:
            behind[start : start + block] = np.percentile(said, QUIETEST)
    return np.asarray(averaged >= behind * 10 ** (ABOVE_DB / 10))
