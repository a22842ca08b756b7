"""The two voice nets at work: a voice as a vector, and who sounds how surely."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.voices.activity import WINDOW, Spans
from ingest.voices.campplus import DIMENSIONS
from ingest.voices.clustering import unit
from ingest.voices.filterbank import filter_bank
from ingest.voices.segmentation import FRAMES, NOBODY, SAMPLES, STEP, TOGETHER, Segmented, changes

BATCH = 32  # windows at once; more take memory and no less time
HALF = FRAMES // 2  # frames from one stretch of the segmentation net to the next
# of a frame in the mean of two stretches: the net knows least at the ends of its ten seconds
WEIGHT = (0.02 + np.minimum(np.arange(FRAMES) + 0.5, FRAMES - 0.5 - np.arange(FRAMES)) / FRAMES)[:, None]

Sound = NDArray[np.float32]


class VoiceNets:
    """The nets, loaded once. `sha256` is the digest of the one that makes vectors; `threads` 0 is all cores."""

    def __init__(self, folder: Path, sha256: str, threads: int = 0) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3  # errors only
        self.sha256 = sha256
        self._voices, self._segments = (
            onnxruntime.InferenceSession(str(folder / name), options, providers=["CPUExecutionProvider"])
            for name in ("campplus.onnx", "segmentation.onnx")
        )

    def vectors(self, sound: Sound, windows: Spans) -> NDArray[np.float32]:
        """A unit vector for each window of the sound: [windows, 192]. What is shorter than a window is repeated."""
        made = np.zeros((len(windows), DIMENSIONS), np.float32)
        for start in range(0, len(windows), BATCH):
            banks = [filter_bank(np.resize(sound[a:b], WINDOW)) for a, b in windows[start : start + BATCH]]
            [made[start : start + BATCH]] = self._voices.run(None, {"frames": np.stack(banks)})
        return unit(made)

    def segmented(self, sound: Sound) -> Segmented:
        """What the segmentation net says of the sound.

        Its stretches overlap by half, so that each moment is heard with what comes before and after it.
        """
        frames = math.ceil(len(sound) / STEP)
        sums, weights = np.zeros((frames + FRAMES, 2)), np.zeros((frames + FRAMES, 1))
        found: list[float] = []
        starts = range(0, max(1, frames - HALF), HALF)
        for first in starts:
            piece = sound[round(first * STEP) :][:SAMPLES]
            [[scores]] = self._segments.run(None, {"sound": np.pad(piece, (0, SAMPLES - len(piece)))[None, None]})
            likely = np.stack([1 - scores[:, NOBODY], scores[:, TOGETHER].sum(axis=1)], axis=1)
            sums[first : first + FRAMES] += WEIGHT * likely
            weights[first : first + FRAMES] += WEIGHT
            # each change is taken from the stretch that has it nearer to its middle
            low = HALF / 2 if first else 0
            high = 1.5 * HALF if first != starts[-1] else FRAMES
            found += [first + frame for frame in changes(scores) if low <= frame < high]
        somebody, together = (sums[:frames] / weights[:frames]).astype(np.float32).T
        return Segmented(somebody, together, np.round(np.array(found) * STEP).astype(np.int64))
