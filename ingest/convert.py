"""The same weights for the reference engine: a CTranslate2 model turned into an openai-whisper checkpoint.

CTranslate2 fuses query, key and value into one matrix and names things its own way; here they are taken apart
again. The checkpoint is ours, so its pickle is loaded only if its digest is the one we wrote down, and with
`weights_only`, which runs no code.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
import whisper
from numpy.typing import NDArray

from archive.errors import ModelError
from ingest.weights import MODEL_FILE, sha256_of_model

CHECKPOINT = "openai.pt"
DIGEST = "openai.pt.sha256"  # of the checkpoint, and of the weights that it was made from

BINARY_VERSION = 6
LONGEST_NAME = 512
# CTranslate2's numbers for types of arrays; 5 is bfloat16, which numpy lacks
TYPES: dict[int, type[np.generic]] = {
    0: np.float32,
    1: np.int8,
    2: np.int16,
    3: np.int32,
    4: np.float16,
    5: np.uint16,
}

Arrays = dict[str, NDArray[Any]]


def load(folder: Path) -> whisper.Whisper:
    """openai-whisper's model of the weights in a CTranslate2 folder, with its alignment heads."""
    path = checkpoint(folder)
    model = whisper.load_model(str(path), device="cuda" if torch.cuda.is_available() else "cpu")
    heads = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("alignment_heads")
    if heads:
        # a model loaded by path has none of its own, and would align words with heads that do not align
        mask = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
        for layer, head in heads:
            mask[layer, head] = True
        model.register_buffer("alignment_heads", mask.to_sparse().to(model.device), persistent=False)
    return model


def checkpoint(folder: Path) -> Path:
    """The checkpoint of a model, beside it, made if it is missing or is not the one that was written down."""
    path, digest, source = folder / CHECKPOINT, folder / DIGEST, sha256_of_model(folder)
    if path.is_file() and digest.is_file() and digest.read_text().split() == [_digest(path), source]:
        return path
    arrays = read_arrays(folder / MODEL_FILE)
    handle, name = tempfile.mkstemp(prefix=".openai-", suffix=".pt", dir=folder)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            torch.save(to_openai(arrays), out)
        found = _digest(temporary)
        temporary.replace(path)
        digest.write_text(f"{found} {source}\n")
    finally:
        temporary.unlink(missing_ok=True)
    return path


def read_arrays(path: Path) -> Arrays:
    """Every array of a CTranslate2 file by name, int8 ones turned back into floats."""
    arrays: Arrays = {}
    with path.open("rb") as file:
        unpack = _reader(file, path)
        (version,) = unpack("<I")
        if version != BINARY_VERSION:
            raise ModelError(f"CTranslate2 format {version}, expected {BINARY_VERSION}", where=str(path))
        kind = _text(unpack)
        if kind != "WhisperSpec":
            raise ModelError(f"not a Whisper model but {kind}", where=str(path))
        _revision, count = unpack("<II")
        for _ in range(count):
            name = _text(unpack)
            (rank,) = unpack("<B")
            shape = unpack(f"<{rank}I")
            number, size = unpack("<BI")
            data = file.read(size)
            if len(data) != size or number not in TYPES:
                raise ModelError("cut short or not understood", where=str(path))
            array = np.frombuffer(data, TYPES[number]).reshape(shape)
            arrays[name] = (array.astype(np.uint32) << 16).view(np.float32) if number == 5 else array
        (count,) = unpack("<I")
        for _ in range(count):
            alias, name = _text(unpack), _text(unpack)
            arrays[alias] = arrays[name]
    for name in [name for name in arrays if f"{name}_scale" in arrays]:
        scale = arrays[f"{name}_scale"].astype(np.float32)
        arrays[name] = arrays[name].astype(np.float32) / (scale[:, None] if scale.ndim else scale)
    return arrays


def to_openai(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """The checkpoint: `dims` and a state dict in half precision, as published ones are."""
    state: dict[str, torch.Tensor] = {}

    def put(target: str, source: str, part: int = 0, of: int = 1) -> None:
        array = np.split(arrays[source], of)[part]
        state[target] = torch.from_numpy(np.array(array, dtype=np.float32)).to(torch.float16)

    def linear(target: str, source: str, part: int = 0, of: int = 1) -> None:
        put(f"{target}.weight", f"{source}/weight", part, of)
        # Whisper's keys have no bias; the fused one holds zeros in its place
        if not target.endswith(".key"):
            put(f"{target}.bias", f"{source}/bias", part, of)

    def norm(target: str, source: str) -> None:
        put(f"{target}.weight", f"{source}/gamma")
        put(f"{target}.bias", f"{source}/beta")

    linear("encoder.conv1", "encoder/conv1")
    linear("encoder.conv2", "encoder/conv2")
    put("encoder.positional_embedding", "encoder/position_encodings/encodings")
    put("decoder.positional_embedding", "decoder/position_encodings/encodings")
    put("decoder.token_embedding.weight", "decoder/embeddings/weight")
    norm("encoder.ln_post", "encoder/layer_norm")
    norm("decoder.ln", "decoder/layer_norm")
    for side in ("encoder", "decoder"):
        for index in range(_layers(arrays, side)):
            block, layer = f"{side}.blocks.{index}", f"{side}/layer_{index}"
            norm(f"{block}.attn_ln", f"{layer}/self_attention/layer_norm")
            for part, name in enumerate(("query", "key", "value")):
                linear(f"{block}.attn.{name}", f"{layer}/self_attention/linear_0", part, 3)
            linear(f"{block}.attn.out", f"{layer}/self_attention/linear_1")
            if side == "decoder":
                norm(f"{block}.cross_attn_ln", f"{layer}/attention/layer_norm")
                linear(f"{block}.cross_attn.query", f"{layer}/attention/linear_0")
                for part, name in enumerate(("key", "value")):
                    linear(f"{block}.cross_attn.{name}", f"{layer}/attention/linear_1", part, 2)
                linear(f"{block}.cross_attn.out", f"{layer}/attention/linear_2")
            norm(f"{block}.mlp_ln", f"{layer}/ffn/layer_norm")
            linear(f"{block}.mlp.0", f"{layer}/ffn/linear_0")
            linear(f"{block}.mlp.2", f"{layer}/ffn/linear_1")
    return {"dims": _dims(arrays, state), "model_state_dict": state}


def _dims(arrays: Mapping[str, NDArray[Any]], state: Mapping[str, torch.Tensor]) -> dict[str, int]:
    audio, text = state["encoder.positional_embedding"].shape, state["decoder.positional_embedding"].shape
    return {
        "n_mels": state["encoder.conv1.weight"].shape[1],
        "n_audio_ctx": audio[0],
        "n_audio_state": audio[1],
        "n_audio_head": int(arrays["encoder/num_heads"]),
        "n_audio_layer": _layers(arrays, "encoder"),
        "n_vocab": state["decoder.token_embedding.weight"].shape[0],
        "n_text_ctx": text[0],
        "n_text_state": text[1],
        "n_text_head": int(arrays["decoder/num_heads"]),
        "n_text_layer": _layers(arrays, "decoder"),
    }


def _layers(arrays: Mapping[str, NDArray[Any]], side: str) -> int:
    return len(
        {
            name.split("/")[1]
            for name in arrays
            if name.startswith(f"{side}/layer_") and "layer_norm" not in name.split("/")[1]
        }
    )


def _reader(file: BinaryIO, path: Path) -> Callable[[str], tuple[Any, ...]]:
    def unpack(form: str) -> tuple[Any, ...]:
        data = file.read(struct.calcsize(form))
        if len(data) != struct.calcsize(form):
            raise ModelError("cut short", where=str(path))
        return struct.unpack(form, data)

    return unpack


def _text(unpack: Callable[[str], tuple[Any, ...]]) -> str:
    """A string: its length in two bytes, counting a closing zero, then its bytes."""
    (length,) = unpack("<H")
    if not 0 < length <= LONGEST_NAME:
        raise ModelError("not a CTranslate2 file")
    (data,) = unpack(f"<{length}s")
    return str(data[:-1].decode())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
