"""The filter bank that the voice net hears: 80 mel bands of 25 ms every 10 ms, as Kaldi makes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.speech import SAMPLE_RATE

FRAME = 400  # samples, 25 ms
STEP = 160  # samples, 10 ms
BANDS = 80
SPECTRUM = 512  # points of the Fourier transform
LOWEST_HZ = 20.0
PRE_EMPHASIS = 0.97
FLOOR = 1.1920929e-7  # of energy, so that silence has a logarithm
SCALE = 32768.0  # Kaldi counts in 16-bit samples


def filter_bank(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log energies [frames, 80] of samples from -1 to 1 at 16 kHz, each band's mean taken off."""
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float32) * np.float32(SCALE), FRAME)[::STEP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    spectrum = np.abs(np.fft.rfft((frames - PRE_EMPHASIS * before) * _WINDOW, SPECTRUM)) ** 2
    energies = np.log(np.maximum(spectrum.astype(np.float32) @ _BANK, FLOOR))
    return np.asarray(energies - energies.mean(axis=0), np.float32)


def _mel(hertz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log1p(np.asarray(hertz) / 700.0))


def _triangles() -> NDArray[np.float32]:
    """The weight of each frequency in each band: [257, 80]."""
    edges = np.linspace(_mel(LOWEST_HZ), _mel(SAMPLE_RATE / 2), BANDS + 2)
    mel = _mel(np.arange(SPECTRUM // 2 + 1) * SAMPLE_RATE / SPECTRUM)[:, None]
    rising = (mel - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - mel) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


_BANK = _triangles()
_WINDOW = (np.hanning(FRAME) ** 0.85).astype(np.float32)  # Kaldi's "povey" window
