"""A text given on the command line: kept, searched, compared, and never able to steer the terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import cli
from archive.models import FLOOR, TRANSLATION, Layer
from archive.store import Archive
from tests.ingest.programs import Before, heard_talk


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Before:
    return heard_talk(tmp_path_factory.mktemp("import"))


@pytest.fixture
def archive(heard: Before) -> Path:
    """That archive."""
    return heard.again()


def test_a_given_text_is_kept_searched_and_compared(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (recording,) = Archive.open(archive).ids()
    text = archive.parent / "typescript.txt"
    text.write_text("One \x1b[31mword for کتابخانه", "utf-8")
    of = ["--archive", str(archive)]
    capsys.readouterr()
    assert cli.main(["import-transcript", recording, str(text), "--source", "Typescript of 1961", *of]) == 0
    told = capsys.readouterr().out
    assert told == f"version 2 of {recording}: 4 words; times as heard in version 1, 2 differences\n"
    assert cli.main(["search", "کتابخانه", "--json", *of]) == 0
    (moment,) = json.loads(capsys.readouterr().out)["moments"]
    assert (moment["start"], moment["text"]) == (1.472, "کتابخانه")
    assert cli.main(["compare", recording, "2", "1", *of]) == 0
    assert (
        capsys.readouterr().out == "    0:00  [31mword → word\n    0:01  \u2068کتابخانه\u2069 → every\n2 differences\n"
    )
    assert cli.main(["compare", recording, "2", "1", "--json", *of]) == 0
    assert json.loads(capsys.readouterr().out)[1] == {
        "start": 1.472,
        "end": 1.728,
        "first": "کتابخانه",
        "second": "every",
    }


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        (["--layer", "interpreter"], 1, "no layer 'interpreter' (it has floor)"),
        (["--language", "klingon"], 2, "--language: 'klingon' is no language code"),
        (["--language", "فارسی; ar"], 2, "--language: 'فارسی' is no language code (write fa)"),
        (["--language", "fa; ar"], 2, "--language: several languages where one is meant (name one, such as fa)"),
    ],
)
def test_what_cannot_be_meant_is_said(
    archive: Path, capsys: pytest.CaptureFixture[str], more: list[str], code: int, told: str
) -> None:
    (recording,) = Archive.open(archive).ids()
    text = archive.parent / "talk.txt"
    text.write_text("one word")
    assert cli.main(["import-transcript", recording, str(text), *more, "--archive", str(archive)]) == code
    assert told in capsys.readouterr().err
    assert Archive.open(archive).versions(recording) == (1,)


def test_a_given_text_is_not_taken_for_a_machine_s_translation(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = Archive.open(archive)
    (known,) = map(opened.recording, opened.ids())
    layers = (*known.layers, Layer(TRANSLATION, 0, "en", translates=FLOOR))
    opened.update(replace(known, layers=layers), agent="test", reason="a translation")
    text = archive.parent / "talk.txt"
    text.write_text("متن سخنرانی", "utf-8")
    command = ["import-transcript", known.id, str(text), "--layer", TRANSLATION, "--archive", str(archive)]
    assert cli.main(command) == 1
    assert f"correct that: onrecord correct {known.id} --layer translation" in capsys.readouterr().err
    assert opened.versions(known.id) == (1,)
