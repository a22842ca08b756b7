"""The command line: what it answers, how it ends, and that its reference tells all of it."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import cli
from archive.store import Archive
from commands.terminal import clean, isolated, json_text
from search import unindexed
from search.engines import folders
from search.terms import ANALYSIS_VERSION
from tests.ingest.sounds import write_bursts

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "data" / "samples"
OLD = 1_000_000_000  # so that nobody waits whether a file still grows
HOSTILE = "\x1b[31mred\u202egnp.exe"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two recordings heard by the toy engine, one with a hostile title."""
    folder = tmp_path_factory.mktemp("cli")
    inbox = folder / "inbox"
    inbox.mkdir()
    for name, bursts in (("one.wav", 4), ("two.wav", 6)):
        os.utime(write_bursts(inbox / name, bursts), (OLD, OLD))
    sheet = inbox / "sheet.csv"
    rows = "one.wav,First talk,Congress 1961,1961-05-02,Ada Lovelace\ntwo.wav,,Congress 1972,1972-05-02,\n"
    sheet.write_text(f"file,title,event,date,speakers\n{rows}", "utf-8")
    root = str(folder / "archive")
    assert cli.main(["ingest", str(inbox), "--sheet", str(sheet), "--engine", "toy", "--quiet", "--archive", root]) == 0
    # a sheet refuses such a title, but an archive may come from anywhere
    opened = Archive.open(folder / "archive")
    second = next(known for known in map(opened.recording, opened.ids()) if known.title == "two")
    opened.update(replace(second, title=HOSTILE), agent="test", reason="to see what becomes of it")
    assert cli.main(["index", "--archive", root]) == 0
    return folder / "archive"


def onrecord(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """The program as a process of its own."""
    command = [sys.executable, str(ROOT / "cli.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def verbs() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in cli.build_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


@pytest.mark.parametrize(("verb", "parser"), list(verbs()), ids=[verb for verb, _ in verbs()])
def test_every_command_and_option_stands_in_the_reference(verb: str, parser: argparse.ArgumentParser) -> None:
    page = (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")
    general, *sections = re.split(r"^## ", page, flags=re.MULTILINE)
    section = next(part for part in sections if part.startswith(f"onrecord {verb}\n"))
    options = [option for action in parser._actions for option in action.option_strings]
    assert [option for option in options if option not in ("-h", "--help") and option not in general + section] == []


def test_search_answers_with_the_times_of_the_words(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["search", "word for", "--json", "--archive", str(archive)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["total"] == 2
    assert answer["coverage"]["searched"] == 2
    moment = next(moment for moment in answer["moments"] if moment["title"] == "First talk")
    assert set(moment) == {
        *("recording", "title", "event", "year", "speaker", "language"),
        *("quality", "reasons", "layer", "start", "end", "text", "before", "after", "url", "media"),
    }
    assert (moment["before"], moment["text"], moment["after"]) == ("one", "word for", "every")
    assert moment["start"] == pytest.approx(0.5, abs=0.05)


def test_search_streams_every_moment_one_json_object_a_line(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["search", "word for", "--sort", "oldest", "--archive", str(archive)]
    assert cli.main([*asked, "--json"]) == 0
    moments = json.loads(capsys.readouterr().out)["moments"]
    assert cli.main([*asked, "--all"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == moments


@pytest.mark.parametrize(
    ("narrowed", "total"),
    [
        (("--year", "1961"), 1),
        (("--year", "1960-1980"), 2),
        (("--year", "1990"), 0),
        (("--event", "Congress"), 2),
        (("--event", "Congress 1972"), 1),
        (("--speaker", "ada lovelace"), 1),
        (("--speaker", "nobody"), 0),
        (("--language", "fa"), 0),
        (("--quality", "ok"), 2),
        (("--quality", "low", "--quality", "suspect"), 0),
        (("--layer", "floor"), 2),
        (("--layer", "interpreter"), 0),
    ],
)
def test_search_is_narrowed(
    narrowed: tuple[str, ...], total: int, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", "word", *narrowed, "--json", "--archive", str(archive)]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == total


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("for",), "2 moments in 2 recordings; searched 2 of 2 recordings\n"),
        (("for", "--year", "1961"), "1 moment in 1 recording"),
        (("unsaid",), "no moments; searched 2 of 2 recordings\n"),
        (("first talks",), "no moments; searched 2 of 2 recordings\na recording is called First talk (1961)  "),
        (("year:1961",), "1 recording; searched 2 of 2 recordings\nFirst talk (1961)"),
    ],
)
def test_search_counts_in_words(
    asked: tuple[str, ...], said: str, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", *asked, "--archive", str(archive)]) == 0
    assert capsys.readouterr().out.startswith(said)


def test_search_counts_by_year_and_speaker(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["search", "word", "--by", "year", "--by", "speaker", "--archive", str(archive)]
    assert cli.main([*asked, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    rows = {tuple(row["labels"]): row for row in answer["rows"]}
    assert [rows["1961", "Ada Lovelace"]["moments"], rows["1972", ""]["moments"]] == [1, 1]
    assert rows["1961", "Ada Lovelace"]["url"] == "/?q=word&year=1961&speaker=ada-lovelace"
    assert cli.main(asked) == 0
    first, heads, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("2 moments in ")
    assert heads.split() == ["in", "10,000", "moments", "words", "year", "speaker"]
    assert first.endswith("; searched 2 of 2 recordings")
    assert [line.split()[1] for line in lines] == ["1", "1"]
    assert cli.main([*asked, "--all"]) == 2


def test_search_without_a_word_counts_words_alone(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["search", "speaker:lovelace", "--by", "speaker", "--archive", str(archive)]) == 0
    first, heads, line = capsys.readouterr().out.splitlines()
    words, _ = first.split(" words; searched 2 of 2 recordings")
    assert (heads.split(), line.split()) == (["words", "speaker"], [words, "Ada", "Lovelace"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Lovelase", "nobody in the register is called Lovelase; near it: Ada Lovelace"),
        ("Xerxes", "nobody in the register is called Xerxes; `onrecord people` lists them"),
        ("LOVELACE, Ada", ""),
        ("ada-lovelace", ""),
        ("unknown-1", ""),
    ],
)
def test_a_speaker_nobody_knows_is_said_to_be_unknown(
    name: str, said: str, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["search", "word", "--speaker", name, "--archive", str(archive)]) == 0
    assert capsys.readouterr().err == (f"onrecord: {said}\n" if said else "")


def test_a_query_that_cannot_be_read_is_said_in_a_line(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["search", '"never closed', "--archive", str(archive)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("onrecord: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("year", ["sixty", "1970-1960", ""])
def test_a_year_that_is_none_is_a_usage_error(year: str, archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["search", "word", "--year", year, "--archive", str(archive)]) == 2
    assert "--year" in capsys.readouterr().err


def test_a_hostile_title_cannot_steer_the_terminal(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["status"], ["search", "word"], ["status", "--json"], ["search", "word", "--json"]):
        assert cli.main([*command, "--archive", str(archive)]) == 0
        shown = capsys.readouterr().out
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "gnp.exe" in shown


def test_status_lists_what_is_kept(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status", "--json", "--archive", str(archive)]) == 0
    status = json.loads(capsys.readouterr().out)
    assert sorted(recording["words"] for recording in status["recordings"]) == [4, 6]
    assert status["tasks"] == []


def test_people_lists_the_register(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["people", "--archive", str(archive)]) == 0
    assert "Ada Lovelace" in capsys.readouterr().out


@pytest.mark.parametrize(("fmt", "begins"), [("vtt", "WEBVTT"), ("srt", "1\n"), ("json", "{"), ("txt", "")])
def test_a_transcript_is_exported(fmt: str, begins: str, archive: Path, tmp_path: Path) -> None:
    recording = Archive.open(archive).ids()[0]
    target = tmp_path / f"out.{fmt}"
    code = cli.main(["export", recording, "--format", fmt, "-o", str(target), "--archive", str(archive)])
    assert code == 0
    text = target.read_text("utf-8")
    assert text.startswith(begins)
    assert "word" in text


def test_an_unknown_recording_is_said_and_ends_with_1(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", "0" * 16, "--archive", str(archive)]) == 1
    assert capsys.readouterr().err.startswith("onrecord: ")


def test_verify_names_a_changed_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "inbox").mkdir()
    os.utime(write_bursts(tmp_path / "inbox" / "talk.wav", 4), (OLD, OLD))
    root = str(tmp_path / "archive")
    assert cli.main(["ingest", str(tmp_path / "inbox"), "--engine", "toy", "--quiet", "--archive", root]) == 0
    assert cli.main(["verify", "--archive", root]) == 0
    (media,) = (tmp_path / "archive").rglob("media.wav")
    damaged = bytearray(media.read_bytes())
    damaged[100] ^= 1
    media.write_bytes(damaged)
    capsys.readouterr()
    assert cli.main(["verify", "--json", "--archive", root]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["path"].endswith("media.wav")
    assert finding["expected"] != finding["found"]


def test_the_index_is_built_anew(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["index", "--archive", str(archive)]) == 0
    assert "2 recordings indexed" in capsys.readouterr().out


def test_without_an_archive_the_way_to_one_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["search", "word", "--archive", str(tmp_path / "none")]) == 1
    assert "onrecord ingest" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_said_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")
    assert cli.main(["ingest", str(tmp_path), "--engine", "toy", "--archive", str(tmp_path / "file" / "archive")]) == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_doctor_tells_which_index_answers_and_what_it_lacks(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(root: Path) -> dict[str, str]:
        cli.main(["doctor", "--json", "--archive", str(root)])
        return {check["check"]: check["found"] for check in json.loads(capsys.readouterr().out)}

    assert str(archive / "index") in told(archive)["search index"]
    Archive.open(tmp_path / "new", create=True)
    assert told(tmp_path / "new")["search index"].startswith("none yet in ")
    unindexed.remember(Archive.open(archive), ["a" * 16])
    assert told(archive)["not yet indexed"] == f"{'a' * 16}; `onrecord index --catch-up` does it"
    unindexed.forget(Archive.open(archive), ["a" * 16])
    assert "not yet indexed" not in told(archive)


def test_doctor_tells_versions_and_the_archive(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["doctor", "--json", "--archive", str(archive)])
    checks = {check["check"]: check for check in json.loads(capsys.readouterr().out)}
    assert checks["archive"]["found"].startswith("2 recordings")
    assert {"python", "ffmpeg", "streamlit", "langdetect"} <= set(checks)


def test_catching_up_makes_an_index_of_another_version_anew_and_leaves_one_that_is_current(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = shutil.copytree(archive, tmp_path / "archive")
    monkeypatch.setattr(folders, "ANALYSIS_VERSION", ANALYSIS_VERSION + 1)
    said = []
    for _ in range(2):
        assert cli.main(["index", "--catch-up", "--archive", str(own)]) == 0
        said.append(capsys.readouterr().out)
    assert said == ["2 recordings indexed.\n", "The index is as the archive is.\n"]


def test_a_second_ingest_says_that_there_is_nothing_to_do(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inbox = archive.parent / "inbox"
    arguments = ["ingest", str(inbox), "--engine", "toy", "--archive", str(archive)]
    assert cli.main(arguments) == 0
    capsys.readouterr()
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out == "Nothing to do: 2 recordings kept already.\n"


def test_a_bad_file_ends_with_1_and_is_in_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.mp3"
    bad.write_bytes(b"")
    os.utime(bad, (OLD, OLD))
    code = cli.main(["ingest", str(bad), "--engine", "toy", "--json", "--archive", str(tmp_path / "archive")])
    report = json.loads(capsys.readouterr().out)
    assert code == 1
    assert "bad.mp3" in json.dumps([report["findings"], report["recordings"]])


def test_paths_and_queries_come_from_stdin(archive: Path) -> None:
    found = onrecord("search", "-", "--json", "--archive", str(archive), input="word for\n")
    assert json.loads(found.stdout)["total"] == 2
    taken = onrecord("ingest", "-", "--engine", "toy", "--archive", str(archive), input=f"{archive.parent / 'inbox'}\n")
    assert taken.returncode == 0, taken.stderr


def test_a_reader_that_goes_away_is_no_error(archive: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "status", "--archive", str(archive)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdout is not None
    program.stdout.close()
    assert program.stderr is not None
    said = program.stderr.read()
    program.stderr.close()
    assert (program.wait(), said) == (0, b"")


def test_an_interrupt_is_said_and_the_next_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    os.utime(write_bursts(tmp_path / "inbox" / "talk.wav", 2 * 60 * 9), (OLD, OLD))  # long enough to be caught in it
    arguments = ["ingest", str(tmp_path / "inbox"), "--engine", "toy", "--archive", str(tmp_path / "archive")]
    program = subprocess.Popen([sys.executable, str(ROOT / "cli.py"), *arguments], stderr=subprocess.PIPE, text=True)
    assert program.stderr is not None
    for line in program.stderr:
        if line.endswith(": listening\n"):
            break
    program.send_signal(signal.SIGINT)
    rest = program.stderr.read()
    program.stderr.close()
    assert program.wait() == 130
    assert "run the same command again" in rest
    assert onrecord(*arguments).returncode == 0


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("ingest",), ("export", "x", "--format", "docx")])
def test_a_command_that_cannot_be_meant_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert onrecord(*arguments).returncode == 2


def test_what_steers_is_made_visible_and_persian_stays_itself() -> None:
    assert clean("a\nb\x9b\u2066c") == "a␣U+000Ab␣U+009B␣U+2066c"
    assert clean("می‌شود") == "می‌شود"
    assert isolated("سلام") == "\u2068سلام\u2069"
    assert isolated("hello") == "hello"


def test_json_is_the_same_data_and_harmless_to_show() -> None:
    value = {"title": HOSTILE + "\U000e0001", "words": ["سلام", "می‌شود"]}
    text = json_text(value)
    assert json.loads(text) == value
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "سلام" in text


@pytest.mark.model
def test_the_kennedy_clip_goes_in_and_its_words_come_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(tmp_path / "archive")
    arguments = [str(SAMPLES / "kennedy-inaugural-1961.mp3"), "--sheet", str(SAMPLES / "speeches.csv")]
    assert cli.main(["ingest", *arguments, "--quiet", "--archive", root]) == 0
    capsys.readouterr()
    for query, start in (('"what your country can do"', 5.38), ('"ask what you can do"', 8.17)):
        assert cli.main(["search", query, "--json", "--speaker", "john f kennedy", "--archive", root]) == 0
        (moment,) = json.loads(capsys.readouterr().out)["moments"]
        assert moment["start"] == pytest.approx(start, abs=0.15)
        assert moment["year"] == 1961
