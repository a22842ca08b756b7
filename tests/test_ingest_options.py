"""What ingest is told: a language or a model that is none is refused before anything is kept, and one
that is gone keeps nothing waiting for ever."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import cli
from archive.store import Archive
from ingest.ledger import Ledger
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
    [
        ("larg-v3", 2, "no Whisper size `larg-v3` (one of tiny, base,"),
        ("./larg", 3, "./larg: the model is not there: no such folder"),
    ],
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


def test_a_model_that_is_gone_is_blamed_and_what_waits_for_it_can_be_given_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound, root = write_bursts(tmp_path / "سخن.wav", 4), ["--archive", str(tmp_path / "archive")]
    os.utime(sound, (OLD, OLD))
    assert cli.main(["ingest", str(sound), "--engine", "toy", "--quiet", *root]) == 0
    (known,) = Archive.open(tmp_path / "archive").ids()
    with Ledger(tmp_path / "archive" / "work") as ledger:
        ledger.queue(known, f"faster/{tmp_path / 'usb'}")
    assert cli.main(["work", "--quiet", *root]) == 3
    said = capsys.readouterr().err
    assert "usb: the model is not there" in said
    assert "onrecord status" in said
    assert cli.main(["status", *root]) == 0
    assert f"onrecord retry {known} --drop" in capsys.readouterr().out
    assert cli.main(["retry", known, "--drop", *root]) == 0
    assert cli.main(["work", *root]) == 0
    assert cli.main(["status", *root]) == 0
    assert "Not done" not in capsys.readouterr().out
    assert cli.main(["retry", known, "--drop", *root]) == 1
    assert cli.main(["retry", "--drop", *root]) == 2
