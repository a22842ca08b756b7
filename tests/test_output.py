"""Commands that write a file say in a sentence where none can be."""

from __future__ import annotations

from pathlib import Path

import pytest

import cli
from archive.store import Archive
from tests.ingest.programs import fill


@pytest.mark.parametrize("command", ["export", "slurm", "clip"])
@pytest.mark.parametrize(("place", "said"), [("nowhere/یک.m4a", "nowhere: there is no such folder"), ("", "a folder")])
def test_a_place_where_no_file_can_be_is_named_and_not_the_program_s_own(
    command: str, place: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    talk, archive = fill(tmp_path, talk=2) / "talk.wav", tmp_path / "archive"
    assert cli.main(["ingest", str(talk), "--engine", "toy", "--quiet", "--archive", str(archive)]) == 0
    (known,) = Archive.open(archive).ids()
    of = {"export": [known], "slurm": [], "clip": [f"/?recording={known}&t=0,1"]}[command]
    assert cli.main([command, *of, "-o", str(tmp_path / place), "--archive", str(archive)]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert ".tmp" not in told
