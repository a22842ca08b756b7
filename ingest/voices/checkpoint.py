"""Torch checkpoints as numpy arrays, without torch and without running anything that stands in them.

A checkpoint is a zip of raw storages and a pickle that says how tensors lie in them. A pickle may call any function
by its name, so only the names that a plain state dict needs are known here; any other ends the reading.
"""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from archive.errors import ModelError

Weights = dict[str, NDArray[np.float32]]

_STORAGES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


def read_checkpoint(path: Path, within: str = "") -> Weights:
    """The float32 tensors of a state dict by their names; `within` is its key where the pickle holds more than it."""
    try:
        with zipfile.ZipFile(path) as file:
            [pickled] = [name for name in file.namelist() if name.endswith("/data.pkl")]
            with file.open(pickled) as stream:
                loaded = _Reader(stream, file, pickled.removesuffix("data.pkl")).load()
        state = loaded[within] if within else loaded
        return {name: value for name, value in state.items() if value.dtype == np.float32}
    except ModelError:
        raise
    # what damaged or hostile bytes raise in zipfile, pickle and numpy is not to be listed
    except Exception as error:
        raise ModelError(f"no checkpoint that can be read ({error})", where=str(path)) from error


class _Reader(pickle.Unpickler):  # its `find_class` is the whitelist
    def __init__(self, stream: Any, file: zipfile.ZipFile, folder: str) -> None:
        super().__init__(stream)
        self._file, self._folder = file, folder

    def find_class(self, module: str, name: str) -> Any:
        """What a name stands for; only data comes of these."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        return _refuse(f"{module}.{name}")

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        """A storage: ("storage", its type, its file, its device, its length)."""
        kind, dtype, key, _device, _length = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            _refuse(str(kind))
        return np.frombuffer(self._file.read(f"{self._folder}data/{key}"), dtype)


def _tensor(
    storage: NDArray[Any], offset: int, shape: Sequence[int], stride: Sequence[int], *_autograd: object
) -> NDArray[Any]:
    """The tensor of that shape in a storage. Strides count elements, and only rows without gaps are taken."""
    packed = [int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))]
    if any(length > 1 and found != expected for length, found, expected in zip(shape, stride, packed, strict=True)):
        _refuse(f"strides {tuple(stride)}")
    return storage[offset : offset + int(np.prod(shape))].reshape(tuple(shape))


def _refuse(what: str) -> NoReturn:
    raise ModelError(f"a checkpoint of plain weights does not need {what}, so it is not read")
