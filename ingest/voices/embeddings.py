"""The two voice nets at work: a voice as a vector, and who sounds how surely."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.voices.activity import WINDOW, Spans
from ingest.voices.campplus import DIMENSIONS
from ingest.voices.clustering import unit
from ingest.voices.filterbank import filter_bank
from ingest.voices.segmentation import CLASSES, SAMPLES

BATCH = 32  # windows at once; more take memory and no less time

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

    def scores(self, sound: Sound) -> NDArray[np.float32]:
        """The probability of each class of the segmentation net in each of its frames: [frames, 7]."""
        made = [np.zeros((0, CLASSES), np.float32)]
        for start in range(0, len(sound), SAMPLES):
            piece = np.pad(sound[start : start + SAMPLES], (0, max(0, SAMPLES - (len(sound) - start))))
            [found] = self._segments.run(None, {"sound": piece[None, None]})
            made.append(found[0])
        return np.concatenate(made)
