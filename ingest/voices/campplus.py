"""CAM++ as an ONNX graph: 1.5 s of a voice, as filter bank, to 192 numbers that are near for one speaker.

After Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware Masking" (2023).
"""

from __future__ import annotations

import numpy as np

from ingest.voices.checkpoint import Weights
from ingest.voices.filterbank import BANDS
from ingest.voices.graph import Graph

NET = "campplus"  # its name in an archive, beside its digest
FRAMES = 148  # of 10 ms, in a window of 1.5 s
DIMENSIONS = 192
EPSILON = 1e-5

# layers, kernel and dilation of the three dense blocks
BLOCKS = ((12, 3, 1), (24, 3, 2), (16, 3, 2))
HALVED = FRAMES // 2  # frames after the first convolution over time


def campplus(weights: Weights) -> bytes:
    """The graph: `frames` [windows, 148, 80] to `voices` [windows, 192]."""
    net = _Net(weights)
    graph = net.graph
    sound = graph.add("Transpose", [graph.source], perm=[0, 2, 1])
    x = graph.add("Unsqueeze", [sound, graph.constant(np.array([1]))])
    x = net.bands(x)
    x = graph.add("Reshape", [x, graph.constant(np.array([0, -1, FRAMES]))])
    x = net.normal(net.conv(x, "xvector.tdnn.linear", stride=2, pad=2), "xvector.tdnn.nonlinear.batchnorm")
    for number, (layers, kernel, dilation) in enumerate(BLOCKS, 1):
        for layer in range(1, layers + 1):
            new = net.dense(x, f"xvector.block{number}.tdnnd{layer}", kernel, dilation)
            x = graph.add("Concat", [x, new], axis=1)
        x = net.normal(x, f"xvector.transit{number}.nonlinear.batchnorm")
        x = net.conv(x, f"xvector.transit{number}.linear")
    x = net.normal(x, "xvector.out_nonlinear.batchnorm")
    x = net.conv(net.statistics(x), "xvector.dense.linear")
    x = net.normal(x, "xvector.dense.nonlinear.batchnorm", relu=False)
    x = graph.add("Reshape", [x, graph.constant(np.array([-1, DIMENSIONS]))])
    return graph.finish(x, "voices", ("windows", DIMENSIONS))


class _Net:
    """The layers, over the weights by their names."""

    def __init__(self, weights: Weights) -> None:
        self.graph, self._weights = Graph(NET, "frames", ("windows", FRAMES, BANDS)), weights

    def conv(self, x: str, name: str, stride: int = 1, pad: int = 0, dilation: int = 1) -> str:
        """A convolution over time."""
        inputs = [x, self._weight(f"{name}.weight")]
        if f"{name}.bias" in self._weights:
            inputs.append(self._weight(f"{name}.bias"))
        return self.graph.add("Conv", inputs, strides=[stride], pads=[pad, pad], dilations=[dilation])

    def plane(self, x: str, name: str, normal: str, stride: int = 1) -> str:
        """A convolution over bands and time with its normalisation; only bands are ever halved."""
        weight = self._weights[f"{name}.weight"]
        pad = weight.shape[-1] // 2
        x = self.graph.add("Conv", [x, self._weight(f"{name}.weight")], strides=[stride, 1], pads=[pad] * 4)
        return self.normal(x, normal, relu=False)

    def normal(self, x: str, name: str, *, relu: bool = True) -> str:
        """Batch normalisation, and what is below zero cut off."""
        mean, variance = self._weight(f"{name}.running_mean"), self._weight(f"{name}.running_var")
        size = self._weights[f"{name}.running_mean"].shape
        if f"{name}.weight" in self._weights:
            scale, shift = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        else:
            scale = self.graph.constant(np.ones(size, np.float32), f"{name}.weight")
            shift = self.graph.constant(np.zeros(size, np.float32), f"{name}.bias")
        x = self.graph.add("BatchNormalization", [x, scale, shift, mean, variance], epsilon=EPSILON)
        return self.graph.add("Relu", [x]) if relu else x

    def bands(self, x: str) -> str:
        """The residual head over bands: 80 of them become 10 in 32 channels, time stays."""
        x = self.graph.add("Relu", [self.plane(x, "head.conv1", "head.bn1")])
        for name, stride in (("layer1.0", 2), ("layer1.1", 1), ("layer2.0", 2), ("layer2.1", 1)):
            block = f"head.{name}"
            inner = self.graph.add("Relu", [self.plane(x, f"{block}.conv1", f"{block}.bn1", stride)])
            inner = self.plane(inner, f"{block}.conv2", f"{block}.bn2")
            kept = self.plane(x, f"{block}.shortcut.0", f"{block}.shortcut.1", stride) if stride == 2 else x
            x = self.graph.add("Relu", [self.graph.add("Add", [inner, kept])])
        return self.graph.add("Relu", [self.plane(x, "head.conv2", "head.bn2", 2)])

    def dense(self, x: str, name: str, kernel: int, dilation: int) -> str:
        """A dense layer: what it finds nearby, masked by the context.

        The net was trained with the mean of the whole plus that of each stretch of 100 frames. A window is
        shorter than that, so the two are one.
        """
        x = self.conv(self.normal(x, f"{name}.nonlinear1.batchnorm"), f"{name}.linear1")
        x = self.normal(x, f"{name}.nonlinear2.batchnorm")
        found = self.conv(x, f"{name}.cam_layer.linear_local", pad=(kernel - 1) // 2 * dilation, dilation=dilation)
        mean = self.graph.add("ReduceMean", [x], axes=[2], keepdims=1)
        context = self.graph.add("Add", [mean, mean])
        mask = self.graph.add("Relu", [self.conv(context, f"{name}.cam_layer.linear1")])
        mask = self.graph.add("Sigmoid", [self.conv(mask, f"{name}.cam_layer.linear2")])
        return self.graph.add("Mul", [found, mask])

    def statistics(self, x: str) -> str:
        """Mean and standard deviation over time."""
        mean = self.graph.add("ReduceMean", [x], axes=[2], keepdims=1)
        off = self.graph.add("Sub", [x, mean])
        squares = self.graph.add("ReduceSum", [self.graph.add("Mul", [off, off]), self.graph.constant(np.array([2]))])
        count = self.graph.constant(np.array(HALVED - 1, np.float32))
        deviation = self.graph.add("Sqrt", [self.graph.add("Div", [squares, count])])
        return self.graph.add("Concat", [mean, deviation], axis=1)

    def _weight(self, name: str) -> str:
        return self.graph.constant(self._weights[name], name)
