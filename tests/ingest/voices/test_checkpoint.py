"""A checkpoint gives its tensors and never runs anything."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from archive.errors import ModelError
from ingest.voices.checkpoint import read_checkpoint

torch = pytest.importorskip("torch")


def test_gives_the_tensors_that_torch_wrote(tmp_path: Path) -> None:
    state = {
        "a.weight": torch.randn(3, 4, 5),
        "a.bias": torch.randn(3),
        "seen": torch.tensor(7),
        "one": torch.randn(1, 6),
    }
    torch.save({"format_version": 1, "state_dict": state}, tmp_path / "net.pt")
    found = read_checkpoint(tmp_path / "net.pt", "state_dict")
    assert sorted(found) == ["a.bias", "a.weight", "one"]  # counters are no weights
    for name, array in found.items():
        np.testing.assert_array_equal(array, state[name].numpy())


def test_a_checkpoint_that_would_run_a_command_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    class Attack:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "was-here"),)

    with zipfile.ZipFile(tmp_path / "net.pt", "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps({"weight": Attack()}))
    with pytest.raises(ModelError, match=r"does not need posix\.mkdir"):
        read_checkpoint(tmp_path / "net.pt")
    assert not (tmp_path / "was-here").exists()


def test_a_view_with_gaps_is_refused_rather_than_read_wrong(tmp_path: Path) -> None:
    torch.save({"turned": torch.randn(3, 4).T}, tmp_path / "net.pt")
    with pytest.raises(ModelError, match="strides"):
        read_checkpoint(tmp_path / "net.pt")


def test_half_a_file_is_named(tmp_path: Path) -> None:
    torch.save({"weight": torch.randn(100)}, tmp_path / "net.pt")
    half = (tmp_path / "net.pt").read_bytes()[:300]
    (tmp_path / "net.pt").write_bytes(half)
    with pytest.raises(ModelError, match=r"net\.pt: no checkpoint that can be read"):
        read_checkpoint(tmp_path / "net.pt")
