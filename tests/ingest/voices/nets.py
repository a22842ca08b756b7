"""The two voice nets in torch, written for the tests alone: what the ONNX graphs are held against."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

State = dict[str, Tensor]


def campplus(state: State, frames: Tensor) -> Tensor:
    """`frames` [windows, time, 80] to voices [windows, 192], with the pooling that it was trained with."""

    def normal(x: Tensor, name: str) -> Tensor:
        running = (state[f"{name}.running_mean"], state[f"{name}.running_var"])
        return functional.batch_norm(x, *running, state.get(f"{name}.weight"), state.get(f"{name}.bias"))

    def conv(x: Tensor, name: str, **more: int) -> Tensor:
        return functional.conv1d(x, state[f"{name}.weight"], state.get(f"{name}.bias"), **more)

    def plane(x: Tensor, name: str, norm: str, stride: int) -> Tensor:
        weight = state[f"{name}.weight"]
        x = functional.conv2d(x, weight, stride=(stride, 1), padding=weight.shape[-1] // 2)
        return normal(x, norm)

    x = plane(frames.transpose(1, 2)[:, None], "head.conv1", "head.bn1", 1).relu()
    for name in ("layer1.0", "layer1.1", "layer2.0", "layer2.1"):
        block, stride = f"head.{name}", 2 if name.endswith("0") else 1
        inner = plane(x, f"{block}.conv1", f"{block}.bn1", stride).relu()
        inner = plane(inner, f"{block}.conv2", f"{block}.bn2", 1)
        x = (inner + (plane(x, f"{block}.shortcut.0", f"{block}.shortcut.1", 2) if stride == 2 else x)).relu()
    x = plane(x, "head.conv2", "head.bn2", 2).relu().flatten(1, 2)
    x = normal(conv(x, "xvector.tdnn.linear", stride=2, padding=2), "xvector.tdnn.nonlinear.batchnorm").relu()
    for number, (layers, dilation) in enumerate(((12, 1), (24, 2), (16, 2)), 1):
        for layer in range(1, layers + 1):
            name = f"xvector.block{number}.tdnnd{layer}"
            y = conv(normal(x, f"{name}.nonlinear1.batchnorm").relu(), f"{name}.linear1")
            y = normal(y, f"{name}.nonlinear2.batchnorm").relu()
            near = conv(y, f"{name}.cam_layer.linear_local", padding=dilation, dilation=dilation)
            stretches = functional.avg_pool1d(y, 100, 100, ceil_mode=True)
            stretches = stretches.repeat_interleave(100, dim=2)[:, :, : y.shape[2]]
            mask = conv(y.mean(2, keepdim=True) + stretches, f"{name}.cam_layer.linear1").relu()
            x = torch.cat([x, near * conv(mask, f"{name}.cam_layer.linear2").sigmoid()], 1)
        x = conv(normal(x, f"xvector.transit{number}.nonlinear.batchnorm").relu(), f"xvector.transit{number}.linear")
    x = normal(x, "xvector.out_nonlinear.batchnorm").relu()
    x = conv(torch.cat([x.mean(2), x.std(2)], 1)[:, :, None], "xvector.dense.linear")[:, :, 0]
    return normal(x, "xvector.dense.nonlinear.batchnorm")


def segmentation(state: State, filters: Tensor, sound: Tensor) -> Tensor:
    """`sound` [stretches, 1, samples] to the probabilities of seven classes [stretches, frames, 7]."""

    def normal(x: Tensor, name: str) -> Tensor:
        return functional.instance_norm(x, weight=state[f"{name}.weight"], bias=state[f"{name}.bias"])

    x = functional.conv1d(normal(sound, "sincnet.wav_norm1d"), filters, stride=10).abs()
    for layer in range(3):
        if layer:
            name = f"sincnet.conv1d.{layer}"
            x = functional.conv1d(x, state[f"{name}.weight"], state[f"{name}.bias"])
        x = functional.leaky_relu(normal(functional.max_pool1d(x, 3), f"sincnet.norm1d.{layer}"))
    lstm = torch.nn.LSTM(60, 128, num_layers=4, bidirectional=True, batch_first=True)
    lstm.load_state_dict({name.removeprefix("lstm."): w for name, w in state.items() if name.startswith("lstm.")})
    x = lstm(x.transpose(1, 2))[0]
    for name in ("linear.0", "linear.1"):
        x = functional.leaky_relu(functional.linear(x, state[f"{name}.weight"], state[f"{name}.bias"]))
    return functional.linear(x, state["classifier.weight"], state["classifier.bias"]).softmax(-1)


def campplus_state(rng: torch.Generator) -> State:
    """Weights of the right shapes and of a size at which signals neither die nor grow."""
    state: State = {}

    def conv(name: str, *shape: int, bias: bool = False) -> None:
        state[f"{name}.weight"] = torch.randn(*shape, generator=rng) / (shape[1] * max(1, shape[-1])) ** 0.5
        if bias:
            state[f"{name}.bias"] = torch.randn(shape[0], generator=rng) * 0.1

    def normal(name: str, size: int, *, affine: bool = True) -> None:
        state[f"{name}.running_mean"] = torch.randn(size, generator=rng) * 0.1
        state[f"{name}.running_var"] = torch.rand(size, generator=rng) + 0.5
        if affine:
            state[f"{name}.weight"] = torch.rand(size, generator=rng) + 0.5
            state[f"{name}.bias"] = torch.randn(size, generator=rng) * 0.1

    conv("head.conv1", 32, 1, 3, 3)
    for block in ("layer1.0", "layer1.1", "layer2.0", "layer2.1"):
        for end in "12":
            conv(f"head.{block}.conv{end}", 32, 32, 3, 3)
            normal(f"head.{block}.bn{end}", 32)
        if block.endswith("0"):
            conv(f"head.{block}.shortcut.0", 32, 32, 1, 1)
            normal(f"head.{block}.shortcut.1", 32)
    conv("head.conv2", 32, 32, 3, 3)
    for name in ("head.bn1", "head.bn2"):
        normal(name, 32)
    conv("xvector.tdnn.linear", 128, 320, 5)
    normal("xvector.tdnn.nonlinear.batchnorm", 128)
    size = 128
    for number, layers in enumerate((12, 24, 16), 1):
        for layer in range(1, layers + 1):
            name = f"xvector.block{number}.tdnnd{layer}"
            normal(f"{name}.nonlinear1.batchnorm", size)
            conv(f"{name}.linear1", 128, size, 1)
            normal(f"{name}.nonlinear2.batchnorm", 128)
            conv(f"{name}.cam_layer.linear_local", 32, 128, 3)
            conv(f"{name}.cam_layer.linear1", 64, 128, 1, bias=True)
            conv(f"{name}.cam_layer.linear2", 32, 64, 1, bias=True)
            size += 32
        normal(f"xvector.transit{number}.nonlinear.batchnorm", size)
        conv(f"xvector.transit{number}.linear", size // 2, size, 1)
        size //= 2
    normal("xvector.out_nonlinear.batchnorm", size)
    conv("xvector.dense.linear", 192, 2 * size, 1)
    normal("xvector.dense.nonlinear.batchnorm", 192, affine=False)
    return state


def segmentation_state(rng: torch.Generator) -> State:
    """Weights of the right shapes; the band filters lie like the trained ones, from low to high."""
    bands, half = 40, 125
    name = "sincnet.conv1d.0.filterbank"
    state: State = {
        f"{name}.low_hz_": torch.linspace(0, 7000, bands)[:, None],
        f"{name}.band_hz_": torch.full((bands, 1), 150.0),
        f"{name}.n_": 2 * torch.pi * torch.arange(-half, 0.0)[None] / 16_000,
        f"{name}.window_": torch.hamming_window(2 * half + 1, periodic=False)[:half],
        "sincnet.wav_norm1d.weight": torch.ones(1),
        "sincnet.wav_norm1d.bias": torch.zeros(1),
    }
    for layer, size in enumerate((80, 60, 60)):
        state[f"sincnet.norm1d.{layer}.weight"] = torch.rand(size, generator=rng) + 0.5
        state[f"sincnet.norm1d.{layer}.bias"] = torch.randn(size, generator=rng) * 0.1
    for layer, size in ((1, 80), (2, 60)):
        state[f"sincnet.conv1d.{layer}.weight"] = torch.randn(60, size, 5, generator=rng) * 0.05
        state[f"sincnet.conv1d.{layer}.bias"] = torch.randn(60, generator=rng) * 0.1
    for layer in range(4):
        for end in (f"l{layer}", f"l{layer}_reverse"):
            state[f"lstm.weight_ih_{end}"] = torch.randn(512, 256 if layer else 60, generator=rng) * 0.1
            state[f"lstm.weight_hh_{end}"] = torch.randn(512, 128, generator=rng) * 0.1
            state[f"lstm.bias_ih_{end}"] = torch.randn(512, generator=rng) * 0.1
            state[f"lstm.bias_hh_{end}"] = torch.randn(512, generator=rng) * 0.1
    for name, (to, size) in {"linear.0": (128, 256), "linear.1": (128, 128), "classifier": (7, 128)}.items():
        state[f"{name}.weight"] = torch.randn(to, size, generator=rng) * 0.2
        state[f"{name}.bias"] = torch.randn(to, generator=rng) * 0.1
    return state
