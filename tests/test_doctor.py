"""What the doctor says of the voice nets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cli


def test_doctor_tells_whether_voices_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told() -> tuple[str, bool]:
        cli.main(["doctor", "--json", "--archive", str(tmp_path / "archive")])
        (found,) = [one for one in json.loads(capsys.readouterr().out) if one["check"] == "voice nets"]
        return found["found"], found["ok"]

    monkeypatch.setenv("ONRECORD_CACHE", str(tmp_path / "نهان"))
    found, well = told()
    assert (found.startswith("not fetched, so voices are not told apart"), well) == (True, True)
    assert found.endswith("onrecord models get voices")
    folder = tmp_path / "نهان" / "models" / "voices"
    folder.mkdir(parents=True)  # of nets that nobody checked
    found, well = told()
    assert (f"delete {folder} and run: onrecord models get voices" in found, well) == (True, False)
