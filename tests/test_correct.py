"""Corrections on the command line: shown, kept as a version, searched at once, and never over somebody else's."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import cli
from archive.models import Layer, Maker, MakerKind, Segment, Transcript, Word
from archive.store import Archive
from archive.verify import verify
from tests.ingest.programs import Before, heard_talk


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Before:
    return heard_talk(tmp_path_factory.mktemp("correct"))


@pytest.fixture
def archive(heard: Before) -> Archive:
    """That archive."""
    return Archive.open(heard.again())


def run(archive: Archive, verb: str, *arguments: str) -> int:
    return cli.main([verb, *arguments, "--archive", str(archive.root)])


def correct(archive: Archive, *arguments: str) -> int:
    return run(archive, "correct", *archive.ids(), *arguments)


def hits(archive: Archive, query: str, capsys: pytest.CaptureFixture[str]) -> list[tuple[float, str]]:
    capsys.readouterr()
    assert run(archive, "search", query, "--json") == 0
    return [(moment["start"], moment["text"]) for moment in json.loads(capsys.readouterr().out)["moments"]]


def test_a_word_is_corrected_at_its_seconds_and_found_at_once(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    [recording] = archive.ids()
    capsys.readouterr()
    assert correct(archive, "--t", "0.9,1.3", "کتاب", "--by", "مینا \x1b[31m", "--why", "misheard") == 0
    told = capsys.readouterr().out
    assert told == (
        f"    0:00  for → \u2068کتاب\u2069\nversion 2 of {recording}: 1 word in place of 1; version 1 stays as it was\n"
    )
    assert hits(archive, "کتاب", capsys) == [(0.992, "کتاب")]
    assert hits(archive, "for", capsys) == [], "the former version leaves nothing in the index"
    made = archive.transcript(recording)
    assert (made.maker.kind, made.maker.name) == (MakerKind.PERSON, "مینا \\x1b[31m")
    assert archive.transcript(recording, 1).segments[0].words[2].text == "for"
    event = archive.history(recording)[-1]
    assert (event.event, event.agent) == ("creation", "onrecord correct")
    assert event.detail["reason"] == "misheard"
    assert list(verify(archive)) == []


def test_an_edited_export_is_taken_back(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    [recording] = archive.ids()
    for version, (suffix, was, now) in enumerate([("vtt", "word", "واژه"), ("txt", "every", "كل")], 1):
        file = archive.root.parent / f"talk.{suffix}"
        assert run(archive, "export", recording, "--format", suffix, "-o", str(file)) == 0
        file.write_text(file.read_text("utf-8").replace(was, now), "utf-8")
        assert correct(archive, "--from", str(file), "--dry-run") == 0
        assert capsys.readouterr().out.endswith("1 word in place of 1; nothing was kept\n")
        assert max(archive.versions(recording)) == version
        assert correct(archive, "--from", str(file), "--by", "Mina") == 0
        assert f"version {version + 1} of" in capsys.readouterr().out
    first, last = archive.transcript(recording, 1), archive.transcript(recording)
    assert last.segments[0].text == "one واژه for كل"
    times = [[(word.start, word.end) for word in made.segments[0].words] for made in (first, last)]
    assert times[0] == times[1]


def test_nobody_corrects_over_what_somebody_else_did_meanwhile(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    [recording] = archive.ids()
    file = archive.root.parent / "talk.txt"
    assert run(archive, "export", recording, "--format", "txt", "-o", str(file)) == 0
    assert correct(archive, "--t", "0,0.5", "eins", "--by", "Ali") == 0
    file.write_text(file.read_text("utf-8").replace("every", "each"), "utf-8")
    assert correct(archive, "--from", str(file), "--by", "Mina") == 1
    told = capsys.readouterr().err
    assert "version 2 is newer than version 1, which this changes" in told
    assert f"onrecord compare {recording} 1 2" in told
    assert correct(archive, "--t", "0,0.5", "un", "--of", "1", "--by", "Mina") == 1
    assert archive.versions(recording) == (1, 2)


def test_a_newer_version_that_is_known_may_be_replaced_by_one_made_of_an_older(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    [recording] = archive.ids()
    file = archive.root.parent / "talk.txt"
    assert correct(archive, "--t", "0,0.5", "eins", "--by", "Ali") == 0
    assert run(archive, "export", recording, "--version", "1", "--format", "txt", "-o", str(file)) == 0
    assert correct(archive, "--from", str(file), "--over", "1", "--by", "Mina") == 1
    assert correct(archive, "--from", str(file), "--over", "2", "--by", "Mina") == 0
    third = archive.transcript(recording)
    assert (third.version, third.segments) == (3, archive.transcript(recording, 1).segments)
    assert dict(third.maker.settings)["from version"] == "1"
    assert correct(archive, "--of", "2", "--over", "3", "--t", "1.4,1.8", "هر", "--by", "مینا") == 0
    assert archive.transcript(recording).segments[0].text == "eins word for هر"
    assert hits(archive, "eins", capsys) == [(0.0, "eins")]


def test_the_version_that_was_seen_says_which_layer_is_meant(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    [recording] = archive.ids()
    known = archive.recording(recording)
    archive.update(replace(known, layers=(*known.layers, Layer("fa", 0, "fa"))), agent="test", reason="an interpreter")
    said = Segment(0.0, 1.0, (Word("یک", 0.0, 0.5), Word("كتاب", 0.5, 1.0)), language="fa")
    booth = Transcript(recording, 0, Maker(MakerKind.ENGINE, "toy"), (said,), "fa", "fa", 2.0)
    archive.add_transcript(booth, agent="test")
    assert correct(archive, "--of", "2", "--t", "0.5,1", "کتاب", "--by", "Mina") == 0
    made = archive.transcript(recording, 3)
    assert (made.layer, made.segments[0].text) == ("fa", "یک کتاب")
    assert correct(archive, "--of", "3", "--layer", "floor", "--t", "0.5,1", "x", "--by", "Mina") == 2
    assert "version 3 is of the layer fa" in capsys.readouterr().err
    assert correct(archive, "--of", "9", "--t", "0.5,1", "x", "--by", "Mina") == 1
    assert "no transcript version 9 (the newest is 3)" in capsys.readouterr().err


def test_a_correction_that_changes_nothing_is_not_kept(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    [recording] = archive.ids()
    file = archive.root.parent / "talk.vtt"
    assert run(archive, "export", recording, "-o", str(file)) == 0
    capsys.readouterr()
    assert correct(archive, "--from", str(file), "--by", "Mina") == 0
    assert capsys.readouterr().out == "nothing differs from version 1\n"
    assert archive.versions(recording) == (1,)


def test_what_changes_is_given_as_data(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert correct(archive, "--t", "0.9,1.3", "of", "--t", "1.4,1.8", "", "--by", "Mina", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["of"], told["version"], told["words"]) == (1, 2, 1)
    assert [(one["first"], one["second"]) for one in told["changes"]] == [("for", "of"), ("every", "")]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--t", "0,1", "x"], 2, "nobody is named who corrects (add --by NAME"),
        (["--by", "Mina"], 2, "nothing to correct is named"),
        (["--t", "0,1", "two", "words", "--by", "M"], 2, "too many words behind --t 0,1 (put them in quotes"),
        (["--t", "0,1", "--by", "M"], 2, "no words behind --t 0,1"),
        (["--t", "0-1", "x", "--by", "M"], 2, "'0-1' is not START,END in seconds"),
        (["--t", "0,1", "x", "--by", "M" * 201], 2, "--by takes 200 characters"),
        (["--t", "50,60", "x", "--by", "M"], 1, "no stretch of the recording"),
        (["--t", "0,1", "x", "--by", "M", "--layer", "fa"], 1, "no layer 'fa' (it has floor)"),
        (["--t", "0,1", "--by", "M", "--speaker", "Nobody"], 1, "the register does not know the speaker Nobody"),
        (["--t", "0,1", "--by", "M", "--language", "klingon"], 2, "--language: 'klingon' is no language code"),
        (["--from", "gone.txt", "--by", "M"], 1, "gone.txt"),
        (["--from", "gone.txt", "--t", "0,1", "x", "--by", "M"], 2, "--from goes with none of"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_kept(
    archive: Archive, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, told: str
) -> None:
    assert correct(archive, *arguments) == code
    assert told in capsys.readouterr().err
    assert archive.versions(*archive.ids()) == (1,)
