"""Building an ONNX graph node by node. `onnx` is imported only here and only while weights are taken in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET = 17
IR = 8  # what onnxruntime of any version that faster-whisper takes can read


class Graph:
    """A graph under construction. Values are known by their names; each method adds a node and names what it gives."""

    def __init__(self, name: str, source: str, shape: Sequence[int | str]) -> None:
        from onnx import TensorProto, helper

        self._name = name
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._held: set[str] = set()
        self.source = source
        self._inputs = [helper.make_tensor_value_info(source, TensorProto.FLOAT, list(shape))]

    def constant(self, array: NDArray[Any], name: str = "") -> str:
        """A tensor of weights or of numbers that a node needs."""
        from onnx import numpy_helper

        name = name or f"c{len(self._constants)}"
        if name not in self._held:
            self._held.add(name)
            self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, kind: str, inputs: Sequence[str], outputs: int = 1, **attributes: Any) -> str:
        """A node of a kind that ONNX knows; gives the name of its first output."""
        from onnx import helper

        names = [f"n{len(self._nodes)}_{number}" for number in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0]

    def finish(self, output: str, name: str, shape: Sequence[int | str]) -> bytes:
        """The whole as bytes; equal weights give equal bytes."""
        from onnx import TensorProto, checker, helper

        self._nodes.append(helper.make_node("Identity", [output], [name]))
        made = helper.make_graph(
            self._nodes,
            self._name,
            self._inputs,
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))],
            self._constants,
        )
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="onrecord")
        model.ir_version = IR
        checker.check_model(model, full_check=True)
        return model.SerializeToString(deterministic=True)  # type: ignore[no-any-return]
