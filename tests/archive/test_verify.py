"""Verify: every damage is named by path, algorithm, expected and found; nothing is mended on the way."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.errors import NotFound
from archive.models import Recording
from archive.store import Archive
from archive.verify import Mismatch, verify
from tests.archive.conftest import MakeTranscript


@pytest.fixture
def folder(archive: Archive, kept: Recording, transcript: MakeTranscript) -> Path:
    """The folder of a recording with a transcript."""
    archive.add_transcript(transcript(), agent="toy")
    return archive.recordings / kept.id


def only(archive: Archive) -> Mismatch:
    found = list(verify(archive))
    assert len(found) == 1, found
    return found[0]


def sign(folder: Path, name: str) -> None:
    """Make the manifest agree with a file that was tampered with."""
    manifest = folder / "manifest-sha256.txt"
    lines = [line for line in manifest.read_text().splitlines() if not line.endswith(f"  {name}")]
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    manifest.write_text("\n".join(sorted([*lines, f"{digest}  {name}"], key=lambda line: line[66:])) + "\n")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("media.mp3", b"0"),
        ("recording.json", b"12.5"),
        ("history.jsonl", b"success"),
        ("transcripts/0001.json", b"0.98"),
    ],
)
def test_a_flipped_bit_is_named(archive: Archive, folder: Path, name: str, near: bytes) -> None:
    path = folder / name
    data = bytearray(path.read_bytes())
    expected = hashlib.sha256(data).hexdigest()
    data[data.index(near) + len(near) - 1] ^= 1  # the file still parses, so that only the digest can tell
    path.write_bytes(data)
    finding = only(archive)
    assert (finding.code, finding.algorithm) == ("changed", "sha256")
    assert finding.path == finding.where == f"recordings/{folder.name}/{name}"
    assert (finding.expected, finding.found) == (expected, hashlib.sha256(data).hexdigest())
    assert expected in finding.what
    assert finding.found in finding.what


def test_verify_mends_nothing(archive: Archive, folder: Path) -> None:
    (folder / "media.mp3").write_bytes(b"other")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert list(verify(archive)) == list(verify(archive))
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_rot_is_not_signed_by_a_later_change(archive: Archive, folder: Path) -> None:
    (folder / "media.mp3").write_bytes(b"other")
    archive.note(folder.name, "validation", agent="test")
    assert only(archive).code == "changed"


@pytest.mark.parametrize("name", ["media.mp3", "recording.json", "history.jsonl", "transcripts/0001.json"])
def test_a_missing_file_is_named(archive: Archive, folder: Path, name: str) -> None:
    (folder / name).unlink()
    finding = only(archive)
    assert (finding.code, finding.path) == ("missing", f"recordings/{folder.name}/{name}")


def test_a_missing_manifest_is_named_and_not_made_anew(archive: Archive, folder: Path) -> None:
    (folder / "manifest-sha256.txt").unlink()
    assert (only(archive).code, only(archive).path[-19:]) == ("missing", "manifest-sha256.txt")


def test_an_unlisted_file_is_named(archive: Archive, folder: Path) -> None:
    (folder / "transcripts" / "0002.json").write_text("{}")
    assert {finding.code for finding in verify(archive)} == {"unlisted", "unparseable"}


@pytest.mark.parametrize(
    "line", ["nonsense", "A" * 64 + "  media.mp3", "0" * 64 + "  ../../etc/passwd", "0" * 64 + "  /etc/passwd", ""]
)
def test_a_manifest_that_is_none_is_named(archive: Archive, folder: Path, line: str) -> None:
    with (folder / "manifest-sha256.txt").open("a") as handle:
        handle.write(line + "\n")
    assert only(archive).code == "unparseable"


@pytest.mark.parametrize("name", ["recording.json", "transcripts/0001.json", "history.jsonl"])
def test_a_file_with_the_right_digest_must_still_parse(archive: Archive, folder: Path, name: str) -> None:
    (folder / name).write_bytes(b'{"schema": "onrecord/')
    sign(folder, name)
    finding = only(archive)
    assert (finding.code, finding.path) == ("unparseable", f"recordings/{folder.name}/{name}")


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("recording.json", "id", "0" * 16),
        ("transcripts/0001.json", "recording", "0" * 16),
        ("transcripts/0001.json", "version", 2),
    ],
)
def test_a_file_about_something_else_is_named(
    archive: Archive, folder: Path, name: str, field: str, value: object
) -> None:
    content = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({**content, field: value}))
    sign(folder, name)
    assert (only(archive).code, only(archive).path) == ("inconsistent", f"recordings/{folder.name}/{name}")


def test_media_signed_under_another_id_is_named(archive: Archive, folder: Path) -> None:
    (folder / "media.mp3").write_bytes(b"other words")
    sign(folder, "media.mp3")
    finding = only(archive)
    assert (finding.code, finding.expected) == ("inconsistent", hashlib.sha256(b"other words").hexdigest())


def as_symlink(path: Path) -> None:
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere.rename(path.parents[3] / "elsewhere"))


def as_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("replace", [as_symlink, as_fifo])
@pytest.mark.parametrize("name", ["media.mp3", "recording.json", "history.jsonl"])
def test_what_is_no_regular_file_is_refused(
    archive: Archive, folder: Path, name: str, replace: Callable[[Path], None]
) -> None:
    replace(folder / name)
    assert (only(archive).code, only(archive).path) == ("not-a-file", f"recordings/{folder.name}/{name}")


def test_a_folder_that_is_a_symlink_is_refused(archive: Archive, folder: Path, tmp_path: Path) -> None:
    folder.rename(tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    assert only(archive).code == "not-a-file"


def test_strangers_beside_the_recordings_are_named(archive: Archive, folder: Path) -> None:
    (archive.recordings / "Thumbs.db").touch()
    (archive.recordings / folder.name.upper()).mkdir()
    assert {finding.code for finding in verify(archive)} == {"unlisted"}


def test_a_register_of_people_that_does_not_parse_is_named(archive: Archive) -> None:
    (archive.root / "people.json").write_text("[]")
    assert (only(archive).code, only(archive).path) == ("unparseable", "people.json")


def test_a_change_that_was_committed_and_not_finished_is_named_until_the_archive_is_opened(
    archive: Archive, folder: Path
) -> None:
    pending = archive.recordings / ".pending" / folder.name
    pending.mkdir()
    for name in ("recording.json", "manifest-sha256.txt"):
        (pending / name).write_bytes((folder / name).read_bytes())
    assert only(archive).code == "unfinished"
    Archive.open(archive.root)
    assert list(verify(archive)) == []
    assert not pending.exists()


def test_one_broken_recording_does_not_close_the_archive(archive: Archive, folder: Path) -> None:
    pending = archive.recordings / ".pending"
    (pending / folder.name).mkdir()
    folder.rename(archive.root.parent / "gone")
    assert Archive.open(archive.root).ids() == ()
    assert [finding.code for finding in verify(archive, [folder.name])] == ["missing"]


def test_only_what_is_asked_for_is_read(archive: Archive, folder: Path) -> None:
    (archive.root / "people.json").write_text("[]")
    assert list(verify(archive, [folder.name])) == []
    assert [finding.code for finding in verify(archive, ["0" * 16])] == ["missing"]
    with pytest.raises(NotFound):
        list(verify(archive, ["../.."]))
