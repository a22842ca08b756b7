"""The ONNX graphs are the nets: with any weights they give what torch gives."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnx")
torch = pytest.importorskip("torch")

import onnxruntime  # noqa: E402

from ingest.voices.campplus import FRAMES, campplus  # noqa: E402
from ingest.voices.checkpoint import Weights  # noqa: E402
from ingest.voices.segmentation import CLASSES, SAMPLES, segmentation, sinc_filters  # noqa: E402
from ingest.voices.segmentation import FRAMES as FRAMES_OF_TEN_SECONDS  # noqa: E402
from tests.ingest.voices import nets  # noqa: E402

CLOSE = 1e-4


def test_campplus_gives_what_torch_gives() -> None:
    state = nets.campplus_state(torch.Generator().manual_seed(1))
    frames = torch.randn(3, FRAMES, 80, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        expected = nets.campplus(state, frames).numpy()
    [found] = _opened(campplus(_arrays(state))).run(None, {"frames": frames.numpy()})
    assert expected.std() > 0.1  # the net is alive
    np.testing.assert_allclose(found, expected, atol=CLOSE)


def test_segmentation_gives_what_torch_gives() -> None:
    state = nets.segmentation_state(torch.Generator().manual_seed(3))
    sound = 0.1 * torch.randn(1, 1, SAMPLES, generator=torch.Generator().manual_seed(4))
    filters = torch.tensor(sinc_filters(_arrays(state), "sincnet.conv1d.0.filterbank"))
    with torch.no_grad():
        expected = nets.segmentation(state, filters, sound).numpy()
    [found] = _opened(segmentation(_arrays(state))).run(None, {"sound": sound.numpy()})
    assert expected.std(axis=1).max() > 1e-3
    assert found.shape == (1, FRAMES_OF_TEN_SECONDS, CLASSES)
    np.testing.assert_allclose(found, expected, atol=CLOSE)


def test_a_band_filter_lets_its_band_through_and_no_other() -> None:
    state = _arrays(nets.segmentation_state(torch.Generator().manual_seed(3)))
    name = "sincnet.conv1d.0.filterbank"
    state[f"{name}.low_hz_"][0], state[f"{name}.band_hz_"][0] = 950, 350  # above 50 Hz each: from 1000 to 1400
    spectrum = np.abs(np.fft.rfft(sinc_filters(state, name)[0, 0], 16_000))
    assert spectrum[1200] > 10 * max(spectrum[600], spectrum[2000])


def test_the_same_weights_give_the_same_bytes() -> None:
    weights = _arrays(nets.segmentation_state(torch.Generator().manual_seed(3)))
    assert segmentation(weights) == segmentation(weights)


def _arrays(state: nets.State) -> Weights:
    return {name: tensor.numpy() for name, tensor in state.items()}


def _opened(graph: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
