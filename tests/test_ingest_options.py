"""What ingest is told: a language or a model that is none is refused before anything is kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import cli
from tests.ingest.sounds import write_bursts

OLD = 1_000_000_000  # so that nobody waits whether a file still grows


@pytest.mark.parametrize("command", ["ingest", "watch"])
def test_a_language_that_is_none_ends_with_2_and_nothing_is_made(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "archive"
    assert cli.main([command, str(tmp_path), "--language", "farsi", "--archive", str(archive)]) == 2
    assert "--language: 'farsi' is no language code (write fa)" in capsys.readouterr().err
    assert not archive.exists()


@pytest.mark.parametrize(
    ("model", "code", "said"),
    [("larg-v3", 2, "no Whisper size `larg-v3` (one of tiny, base,"), ("./larg", 3, "./larg: no such folder")],
)
def test_a_model_that_is_none_leaves_nothing_that_waits_for_it(
    model: str, code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.utime(write_bursts(tmp_path / "talk.wav", 2), (OLD, OLD))
    archive = str(tmp_path / "archive")
    command = ["ingest", str(tmp_path / "talk.wav"), "--model", model, "--queue", "--archive", archive]
    assert cli.main(command) == code
    assert said in capsys.readouterr().err
    assert cli.main(["work", "--archive", archive]) == 0
    assert "Nothing to do." in capsys.readouterr().out
