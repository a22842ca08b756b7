"""The filter bank is Kaldi's."""

from __future__ import annotations

import numpy as np

from ingest.voices.filterbank import filter_bank

BANDS = [0, 20, 40, 60, 79]


def test_gives_what_kaldi_native_fbank_gives() -> None:
    """Of a rising tone; figures of kaldi-native-fbank 1.22 with 80 bands and no dither, each band's mean taken off."""
    time = np.arange(24_000) / 16_000
    tone = 0.3 * np.sin(2 * np.pi * (200 + 1500 * time) * time) + 0.01 * np.cos(2 * np.pi * 3000 * time)
    bank = filter_bank(tone.astype(np.float32))
    assert bank.shape == (148, 80)
    expected = [
        [3.551, 2.052, -7.935, -6.626, -3.866],
        [1.61, -1.59, 3.375, -3.158, -0.608],
        [-0.282, -4.885, -5.201, 3.222, 4.375],
    ]
    np.testing.assert_allclose(bank[[0, 70, 147]][:, BANDS], expected, atol=0.05)
