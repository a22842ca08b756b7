"""Watching a folder: what counts as arrived, and the program that waits for it."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from archive.store import Archive
from ingest.register import Item
from ingest.watch import Watch
from tests.ingest.programs import fill, program, start, tasks, until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def test_a_file_is_whole_when_two_looks_find_it_the_same(folder: Path) -> None:
    talk, watch = folder / "talk.wav", Watch(folder)
    talk.write_bytes(b"half")
    assert watch.look() == set()
    talk.write_bytes(b"half and half")
    assert watch.look() == set()
    assert watch.look() == {talk}


def test_what_was_taken_is_passed_over_until_it_changes(folder: Path) -> None:
    talk, watch = folder / "talk.wav", Watch(folder)
    talk.write_bytes(b"whole")
    watch.look()
    watch.taken(watch.look())
    assert watch.look() == set()
    talk.write_bytes(b"another")
    watch.look()
    assert watch.look() == {talk}


def test_what_waits_for_space_comes_again(folder: Path) -> None:
    talk, watch = folder / "talk.wav", Watch(folder)
    talk.write_bytes(b"whole")
    watch.look()
    assert watch.look() == {talk}
    assert watch.look() == {talk}


def test_a_changed_sheet_brings_all_files_again(folder: Path, tmp_path: Path) -> None:
    talk, sheet = folder / "talk.wav", tmp_path / "sheet.csv"
    talk.write_bytes(b"whole")
    sheet.write_text("file,title\n", "utf-8")
    watch = Watch(folder, sheet)
    watch.look()
    watch.taken(watch.look())
    sheet.write_text("file,title\ntalk.wav,A talk\n", "utf-8")
    assert watch.look() == set()
    assert watch.look() == {talk, sheet}


def test_nothing_is_taken_by_a_sheet_that_is_still_written(folder: Path, tmp_path: Path) -> None:
    talk, sheet = folder / "talk.wav", tmp_path / "sheet.csv"
    talk.write_bytes(b"whole")
    sheet.write_text("file,access\n", "utf-8")
    watch = Watch(folder, sheet)
    watch.look()
    sheet.write_text("file,access\ntalk.wav,restricted\n", "utf-8")
    assert watch.look() == set(), "the talk is whole and the sheet was not"
    assert watch.look() == {talk, sheet}


def test_a_recording_waits_for_its_text_and_comes_again_with_another(folder: Path) -> None:
    talk, text = folder / "سخنرانی.wav", folder / "متن.vtt"
    talk.write_bytes(b"whole")
    text.write_bytes(b"half")
    watch, item = Watch(folder), Item(talk, transcript=text)
    watch.look()
    text.write_bytes(b"half and half")
    assert not watch.is_ready(item, watch.look())
    fresh = watch.look()
    assert watch.is_ready(item, fresh)
    watch.taken(fresh)
    text.write_bytes(b"corrected")
    watch.look()
    assert watch.is_ready(item, watch.look())


def test_an_interpreters_file_waits_for_the_recording_that_it_belongs_to(folder: Path) -> None:
    hall, booth = folder / "hall.mp4", folder / "booth.wav"
    booth.write_bytes(b"whole")
    hall.write_bytes(b"half")
    watch, item = Watch(folder), Item(booth, of=hall)
    watch.look()
    hall.write_bytes(b"half and half")
    fresh = watch.look()
    assert (booth in fresh, watch.is_ready(item, fresh)) == (True, False)
    watch.taken(fresh)
    assert watch.is_ready(item, watch.look())


def test_links_hidden_files_and_what_is_gone_are_passed_over(folder: Path) -> None:
    (folder / ".hidden.wav").write_bytes(b"x")
    (folder / "link.wav").symlink_to(folder / ".hidden.wav")
    (folder / "gone.wav").write_bytes(b"x")
    watch = Watch(folder)
    watch.look()
    (folder / "gone.wav").unlink()
    assert watch.look() == set()


def test_what_arrives_is_taken_in_whole_and_a_bad_file_is_named_once(folder: Path, tmp_path: Path) -> None:
    archive, outside = tmp_path / "archive", fill(tmp_path / "outside", talk=40)
    whole = (outside / "talk.wav").read_bytes()
    watching = start(program("watch", archive, folder, "--engine", "toy", "--every", 0.2))
    (folder / "bad.wav").write_bytes(b"RIFF nothing of the kind")
    arriving = folder / "talk.wav"
    arriving.write_bytes(whole[: len(whole) // 2])
    with arriving.open("ab") as file:
        file.write(whole[len(whole) // 2 :])
    until(lambda: (archive / "work" / "ledger.sqlite").exists() and "talk" in tasks(archive))
    until(lambda: tasks(archive)["talk"].state == "done")
    talk = tasks(archive)["talk"].recording
    shutil.copy(outside / "talk.wav", folder / "again.wav")
    fill(folder, later=2)
    until(lambda: "later" in tasks(archive))  # by then all has been said of what came before
    watching.send_signal(signal.SIGTERM)
    said = watching.communicate()[1]
    assert watching.returncode == 130
    assert said.count("bad.wav") == 1
    opened = Archive.open(archive)
    assert set(opened.ids()) == {talk, tasks(archive)["later"].recording}, "the same sound is kept once"
    assert sum(len(segment.words) for segment in opened.transcript(talk).segments) == 40
