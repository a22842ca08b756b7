"""The segmentation net of pyannote as an ONNX graph: in ten seconds of sound, which of three voices sound when.

After Bredin, "pyannote.audio 2.1 speaker diarization pipeline" (2023), and Plaquet and Bredin, "Powerset multi-class
cross entropy loss for neural speaker diarization" (2023). Here it says where anybody speaks, where two do at once, and
where one voice follows on another; whose they are over ten seconds and more it cannot say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.speech import SAMPLE_RATE
from ingest.voices.checkpoint import Weights
from ingest.voices.graph import Graph

SAMPLES = 10 * SAMPLE_RATE  # what it was trained to hear at once
CLASSES = 7  # nobody; one of three voices; two of them at once
FRAMES = 589  # that it gives for them
STEP = SAMPLES / FRAMES  # samples in a frame
NOBODY = 0
TOGETHER = slice(4, 7)  # the classes in which two sound
VOICES = ((1, 4, 5), (2, 4, 6), (3, 5, 6))  # the classes in which each of the three voices sounds
SHORTEST_VOICE_S = 0.5  # less of a voice is a slip of the net
HIDDEN = 128
LAYERS = 4
LOWEST_HZ = NARROWEST_HZ = 50.0
STRIDE = 10
SLOPE = 0.01  # of the leaky rectifiers
EPSILON = 1e-5


@dataclass(frozen=True, slots=True)
class Segmented:
    """What the net says of a sound: how likely somebody speaks and two do at once in each frame, and the samples at
    which another voice goes on."""

    somebody: NDArray[np.float32]
    together: NDArray[np.float32]
    changes: NDArray[np.int64]


def changes(scores: NDArray[np.float32]) -> Iterator[float]:
    """The frames of one stretch, of whose scores [frames, 7] these are, at which the voice changes: a pause between two
    voices is parted in its middle."""
    loudest = np.stack([scores[:, classes].sum(axis=1) for classes in VOICES]).argmax(axis=0)
    heard = np.flatnonzero(scores[:, NOBODY] <= 0.5)
    runs = [(voice, [int(frame) for frame in run]) for voice, run in groupby(heard, key=lambda frame: loudest[frame])]
    long = [(voice, run) for voice, run in runs if (run[-1] + 1 - run[0]) * STEP >= SHORTEST_VOICE_S * SAMPLE_RATE]
    for (voice, run), (following, its) in pairwise(long):
        if voice != following:
            yield (run[-1] + 1 + its[0]) / 2


def segmentation(weights: Weights) -> bytes:
    """The graph: `sound` [stretches, 1, 160000] to `scores` [stretches, frames, 7], which sum to 1."""
    graph = Graph("segmentation", "sound", ("stretches", 1, SAMPLES))

    def weight(name: str) -> str:
        return graph.constant(weights[name], name)

    def normal(x: str, name: str) -> str:
        return graph.add(
            "InstanceNormalization", [x, weight(f"{name}.weight"), weight(f"{name}.bias")], epsilon=EPSILON
        )

    x = normal(graph.source, "sincnet.wav_norm1d")
    filters = graph.constant(sinc_filters(weights, "sincnet.conv1d.0.filterbank"), "sinc")
    x = graph.add("Abs", [graph.add("Conv", [x, filters], strides=[STRIDE])])
    for layer in range(3):
        if layer:
            x = graph.add("Conv", [x, weight(f"sincnet.conv1d.{layer}.weight"), weight(f"sincnet.conv1d.{layer}.bias")])
        x = graph.add("MaxPool", [x], kernel_shape=[3], strides=[3])
        x = graph.add("LeakyRelu", [normal(x, f"sincnet.norm1d.{layer}")], alpha=SLOPE)
    x = graph.add("Transpose", [x], perm=[2, 0, 1])  # ONNX wants time first
    for layer in range(LAYERS):
        x = graph.add("LSTM", [x, *_lstm(graph, weights, layer)], hidden_size=HIDDEN, direction="bidirectional")
        x = graph.add("Transpose", [x], perm=[0, 2, 1, 3])  # [time, direction, stretch, hidden]
        x = graph.add("Reshape", [x, graph.constant(np.array([0, 0, 2 * HIDDEN]))])
    x = graph.add("Transpose", [x], perm=[1, 0, 2])
    for name in ("linear.0", "linear.1", "classifier"):
        x = graph.add("MatMul", [x, graph.constant(weights[f"{name}.weight"].T, f"{name}.weight")])
        x = graph.add("Add", [x, weight(f"{name}.bias")])
        if name != "classifier":
            x = graph.add("LeakyRelu", [x], alpha=SLOPE)
    return graph.finish(graph.add("Softmax", [x], axis=-1), "scores", ("stretches", "frames", CLASSES))


def sinc_filters(weights: Weights, name: str) -> NDArray[np.float32]:
    """The band filters that the first layer keeps as pairs of a lower edge and a width: [80, 1, 251]."""
    low = LOWEST_HZ + np.abs(weights[f"{name}.low_hz_"])
    high = np.clip(low + NARROWEST_HZ + np.abs(weights[f"{name}.band_hz_"]), LOWEST_HZ, SAMPLE_RATE / 2)
    times, window = weights[f"{name}.n_"], weights[f"{name}.window_"]
    width = 2 * (high - low)
    even = (np.sin(high @ times) - np.sin(low @ times)) / (times / 2) * window
    odd = (np.cos(low @ times) - np.cos(high @ times)) / (times / 2) * window
    cosines = np.concatenate([even, width, even[:, ::-1]], axis=1)
    sines = np.concatenate([odd, np.zeros_like(width), -odd[:, ::-1]], axis=1)
    return (np.concatenate([cosines / width, sines / width])[:, None]).astype(np.float32)


def _lstm(graph: Graph, weights: Weights, layer: int) -> list[str]:
    """A layer's weights in ONNX's order of gates, both directions stacked."""

    def both(name: str) -> list[NDArray[np.float32]]:
        return [_gates(weights[f"lstm.{name}_l{layer}{direction}"]) for direction in ("", "_reverse")]

    biases = [np.concatenate(pair) for pair in zip(both("bias_ih"), both("bias_hh"), strict=True)]
    return [
        graph.constant(np.stack(both("weight_ih")), f"lstm.{layer}.input"),
        graph.constant(np.stack(both("weight_hh")), f"lstm.{layer}.state"),
        graph.constant(np.stack(biases), f"lstm.{layer}.bias"),
    ]


def _gates(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """Torch keeps input, forget, cell, output; ONNX wants input, output, forget, cell."""
    entry, forget, cell, exit_ = np.split(array, 4)
    return np.concatenate([entry, exit_, forget, cell])
