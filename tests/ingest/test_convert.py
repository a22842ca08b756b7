"""The same weights in openai-whisper: taken apart rightly, with alignment heads, and never an unchecked pickle."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from archive.errors import ModelError
from ingest.weights import resolve

torch = pytest.importorskip("torch", reason="the extra [openai] is not installed")
pytest.importorskip("whisper", reason="the extra [openai] is not installed")

from ingest.convert import CHECKPOINT, DIGEST, checkpoint, load, read_arrays, to_openai  # noqa: E402

pytestmark = [pytest.mark.openai]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whisper base in a folder of its own, so that the shared cache stays as it is."""
    folder = tmp_path_factory.mktemp("models") / "base"
    shutil.copytree(resolve("base"), folder, ignore=shutil.ignore_patterns("openai*"), copy_function=os.link)
    return folder


def ct2_file(path: Path, *, version: int = 6, spec: str = "WhisperSpec", cut: int = 0) -> Path:
    """A CTranslate2 file with one int8 matrix of two rows, its scales, and an alias."""

    def text(value: str) -> bytes:
        return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"

    def variable(name: str, array: np.ndarray, number: int) -> bytes:
        shape = struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
        return text(name) + shape + struct.pack("<BI", number, array.nbytes) + array.tobytes()

    data = struct.pack("<I", version) + text(spec) + struct.pack("<II", 3, 2)
    data += variable("a/weight", np.array([[127, -127], [64, 0]], np.int8), 1)
    data += variable("a/weight_scale", np.array([127.0, 64.0], np.float32), 0)
    data += struct.pack("<I", 1) + text("b/weight") + text("a/weight")
    path.write_bytes(data[: len(data) - cut])
    return path


def test_int8_rows_are_divided_by_their_scale(tmp_path: Path) -> None:
    arrays = read_arrays(ct2_file(tmp_path / "model.bin"))
    assert arrays["a/weight"].tolist() == [[1.0, -1.0], [1.0, 0.0]]


@pytest.mark.parametrize("wrong", [{"version": 5}, {"spec": "TransformerSpec"}, {"cut": 30}, {"cut": 120}])
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(ModelError):
        read_arrays(ct2_file(tmp_path / "model.bin", **wrong))  # type: ignore[arg-type]


@pytest.mark.model
class TestBase:
    def test_every_weight_has_its_place(self, base: Path) -> None:
        made = to_openai(read_arrays(base / "model.bin"))
        assert made["dims"] == {
            "n_mels": 80,
            "n_audio_ctx": 1500,
            "n_audio_state": 512,
            "n_audio_head": 8,
            "n_audio_layer": 6,
            "n_vocab": 51865,
            "n_text_ctx": 448,
            "n_text_state": 512,
            "n_text_head": 8,
            "n_text_layer": 6,
        }
        # strict loading in `load` says that none is missing and none is left over
        assert len(made["model_state_dict"]) == 245

    def test_the_alignment_heads_are_the_models_own(self, base: Path) -> None:
        heads = json.loads((base / "config.json").read_text())["alignment_heads"]
        assert load(base).alignment_heads.to_dense().nonzero().tolist() == heads

    def test_it_is_made_once(self, base: Path) -> None:
        first = checkpoint(base).stat().st_mtime_ns
        assert checkpoint(base).stat().st_mtime_ns == first

    def test_a_pickle_that_somebody_put_there_is_never_loaded(self, base: Path) -> None:
        checkpoint(base)

        class Attack:
            def __reduce__(self) -> tuple[object, tuple[str]]:
                return os.system, ("touch " + str(base / "hit"),)

        (base / CHECKPOINT).write_bytes(pickle.dumps(Attack()))
        load(base)
        assert not (base / "hit").exists()

    def test_a_checkpoint_of_other_weights_is_made_again(self, base: Path) -> None:
        path = checkpoint(base)
        found, _ = (base / DIGEST).read_text().split()
        (base / DIGEST).write_text(f"{found} {'0' * 64}\n")
        before = path.stat().st_ino
        assert checkpoint(base).stat().st_ino != before
