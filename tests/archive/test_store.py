"""The store: recordings by their bytes, versions that only grow, history that keeps what was."""

from __future__ import annotations

import dataclasses
import os
import stat
from pathlib import Path

import pytest

from archive.errors import ArchiveError, Damaged, InputError, MediaError, NotFound
from archive.models import Access, AccessLevel, Recording
from archive.store import Archive, GivenFile
from archive.verify import verify
from tests.archive.conftest import MakeRecording, MakeTranscript


def test_a_recording_keeps_its_bytes_and_its_digest(archive: Archive, source: Path, kept: Recording) -> None:
    assert archive.ids() == (kept.id,)
    assert kept.id in archive
    assert archive.media_path(kept.id).read_bytes() == source.read_bytes()
    assert kept.media.sha256.startswith(kept.id)
    assert kept.media.bytes == source.stat().st_size
    assert archive.recording(kept.id) == kept
    assert list(verify(archive)) == []


def test_the_layout_is_the_documented_one(archive: Archive, kept: Recording, transcript: MakeTranscript) -> None:
    archive.add_transcript(transcript(), agent="toy")
    folder = archive.root / "recordings" / kept.id
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {
        "media.mp3", "recording.json", "transcripts/0001.json", "history.jsonl", "manifest-sha256.txt",
    }  # fmt: skip


def test_the_manifest_is_what_sha256sum_checks(archive: Archive, kept: Recording) -> None:
    lines = (archive.recordings / kept.id / "manifest-sha256.txt").read_text().splitlines()
    assert [line.split("  ")[1] for line in lines] == ["history.jsonl", "media.mp3", "recording.json"]
    assert lines[1].split("  ")[0] == kept.media.sha256


def test_the_same_bytes_again_change_nothing(
    archive: Archive, source: Path, kept: Recording, describe: MakeRecording
) -> None:
    before = archive.history(kept.id)
    assert archive.register(source, describe(source, title="another title")) == kept
    assert archive.history(kept.id) == before


def test_a_file_that_changed_since_it_was_hashed_is_refused(
    archive: Archive, source: Path, describe: MakeRecording
) -> None:
    described = describe(source)
    with source.open("ab") as handle:
        handle.write(b"more")
    with pytest.raises(MediaError, match="changed while"):
        archive.register(source, described)
    assert archive.ids() == ()
    assert list(verify(archive)) == []


def test_other_bytes_under_a_taken_id_are_refused(
    archive: Archive, source: Path, kept: Recording, describe: MakeRecording
) -> None:
    other = dataclasses.replace(kept, media=dataclasses.replace(kept.media, sha256=kept.id + "0" * 48))
    with pytest.raises(ArchiveError, match="taken by other bytes"):
        archive.register(source, other)


@pytest.mark.parametrize(
    "hostile", ["../../etc/passwd", "..", "", "A" * 16, "0" * 15, "0" * 17, "0" * 15 + "\n", "٠" * 16]
)
def test_what_is_no_id_never_becomes_a_path(archive: Archive, hostile: str) -> None:
    assert hostile not in archive
    for act in (archive.recording, archive.media_path, archive.playable_path, archive.versions, archive.history):
        with pytest.raises(NotFound):
            act(hostile)
    with pytest.raises(NotFound):
        archive.note(hostile, "fixity check", agent="test")
    with pytest.raises(NotFound):
        archive.add_alias(hostile, "name")
    assert not list(archive.locks.glob("*"))


@pytest.mark.parametrize(
    ("suffix", "name"),
    [(".MP3", "media.mp3"), ("../x", "media.bin"), ("", "media.bin"), ("a" * 9, "media.bin"), ("m٤v", "media.bin")],
)
def test_a_suffix_is_harmless_on_disk(
    archive: Archive, source: Path, describe: MakeRecording, suffix: str, name: str
) -> None:
    described = describe(source)
    media = dataclasses.replace(described.media, suffix=suffix)
    kept = archive.register(source, dataclasses.replace(described, media=media))
    assert archive.media_path(kept.id).name == name
    assert list(verify(archive)) == []


def test_a_symlink_or_fifo_is_not_taken_in(
    archive: Archive, source: Path, describe: MakeRecording, tmp_path: Path
) -> None:
    described = describe(source)
    link, fifo = tmp_path / "link.mp3", tmp_path / "fifo.mp3"
    link.symlink_to(source)
    os.mkfifo(fifo)
    for path in (link, fifo, tmp_path, tmp_path / "missing.mp3"):
        for how in ("copy", "link"):
            with pytest.raises(MediaError):
                archive.register(path, described, how=how)
    assert archive.ids() == ()


def test_a_hard_link_moves_no_bytes(archive: Archive, source: Path, describe: MakeRecording) -> None:
    kept = archive.register(source, describe(source), how="link")
    assert archive.media_path(kept.id).stat().st_ino == source.stat().st_ino
    assert list(verify(archive)) == []


def test_files_are_as_readable_as_the_umask_says(archive: Archive, kept: Recording) -> None:
    umask = os.umask(0)
    os.umask(umask)
    for path in (archive.root / "archive.json", archive.media_path(kept.id)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


def test_versions_count_up_and_stay(archive: Archive, kept: Recording, transcript: MakeTranscript) -> None:
    first = archive.add_transcript(transcript("سلام"), agent="toy")
    second = archive.add_transcript(transcript("سلام دنیا"), agent="mina")
    assert (first.version, second.version) == (1, 2)
    assert archive.versions(kept.id) == (1, 2)
    assert archive.transcript(kept.id) == second
    assert archive.transcript(kept.id, 1) == first
    assert archive.transcript(kept.id, 1).segments[0].words[0].text == "سلام"


def test_the_newest_transcript_again_is_not_a_new_version(archive: Archive, transcript: MakeTranscript) -> None:
    first = archive.add_transcript(transcript(), agent="toy")
    assert archive.add_transcript(transcript(), agent="toy") == first
    archive.add_transcript(transcript("other"), agent="toy")
    assert archive.add_transcript(transcript(), agent="toy").version == 3


def test_a_version_is_refused_where_another_came_after_the_one_it_was_made_of(
    archive: Archive, kept: Recording, transcript: MakeTranscript
) -> None:
    archive.add_transcript(transcript("سلام"), agent="toy")
    archive.add_transcript(transcript("floor", layer="en"), agent="toy")
    assert archive.add_transcript(transcript("درود"), agent="mina", after=1, reason="misheard").version == 3
    assert archive.history(kept.id)[-1].detail["reason"] == "misheard"
    with pytest.raises(ArchiveError, match="version 3 is newer than version 1"):
        archive.add_transcript(transcript("سلام بر همه"), agent="ali", after=1)
    with pytest.raises(ArchiveError, match="is newer than version 1"):
        archive.add_transcript(transcript("bonjour", layer="fr"), agent="ali", after=1)
    assert archive.versions(kept.id) == (1, 2, 3)
    assert archive.add_transcript(transcript("درود"), agent="mina", after=1).version == 3, "the same once more"


def test_a_deleted_version_number_is_not_given_again(
    archive: Archive, kept: Recording, transcript: MakeTranscript
) -> None:
    archive.add_transcript(transcript("one"), agent="toy")
    archive.add_transcript(transcript("two"), agent="toy")
    (archive.recordings / kept.id / "transcripts" / "0002.json").unlink()
    assert archive.add_transcript(transcript("three"), agent="toy").version == 3


def test_layers_have_versions_of_their_own(archive: Archive, kept: Recording, transcript: MakeTranscript) -> None:
    archive.add_transcript(transcript("floor"), agent="toy")
    archive.add_transcript(transcript("interpreter", layer="en"), agent="toy")
    assert archive.versions(kept.id, "floor") == (1,)
    assert archive.versions(kept.id, "en") == (2,)
    assert archive.transcript(kept.id, layer="floor").version == 1
    with pytest.raises(NotFound):
        archive.transcript(kept.id, layer="fr")


def test_the_same_transcript_gives_the_same_bytes_in_two_archives(
    archive: Archive, source: Path, kept: Recording, transcript: MakeTranscript, describe: MakeRecording, tmp_path: Path
) -> None:
    other = Archive.open(tmp_path / "other", create=True)
    other.register(source, describe(source))
    written = []
    for one in (archive, other):
        one.add_transcript(transcript(), agent="toy")
        written.append((one.recordings / kept.id / "transcripts" / "0001.json").read_bytes())
    assert written[0] == written[1]


def test_history_keeps_the_former_values(archive: Archive, kept: Recording) -> None:
    restricted = Access(AccessLevel.RESTRICTED)
    archive.update(dataclasses.replace(kept, title="نوروز ۱۳۹۴", access=restricted), agent="mina", reason="asked")
    last = archive.history(kept.id)[-1]
    assert (last.event, last.agent, last.detail["reason"]) == ("metadata modification", "mina", "asked")
    assert last.detail["former title"] == '"سخنرانی نوروزی"'
    assert last.detail["former access"] == '{"level":"public","until":""}'
    assert archive.recording(kept.id).title == "نوروز ۱۳۹۴"


def test_an_update_without_a_change_writes_nothing(archive: Archive, kept: Recording) -> None:
    before = archive.history(kept.id)
    archive.update(kept, agent="mina", reason="none")
    assert archive.history(kept.id) == before


def test_an_update_cannot_change_which_bytes_it_is(archive: Archive, kept: Recording) -> None:
    media = dataclasses.replace(kept.media, sha256=kept.id + "0" * 48)
    with pytest.raises(ArchiveError, match="which bytes"):
        archive.update(dataclasses.replace(kept, media=media), agent="mina", reason="no")


def test_an_alias_is_noted_once(archive: Archive, kept: Recording) -> None:
    for name in ("copy.mp3", "copy.mp3", kept.media.name):
        archive.add_alias(kept.id, name)
    assert archive.recording(kept.id).aliases == ("copy.mp3",)


def test_an_access_copy_takes_the_place_of_the_former_one(archive: Archive, kept: Recording, tmp_path: Path) -> None:
    assert archive.playable_path(kept.id) == archive.media_path(kept.id)
    for suffix, data in ((".m4a", b"first"), (".webm", b"second")):
        made = tmp_path / f"made{suffix}"
        made.write_bytes(data)
        archive.set_access_copy(kept.id, made, suffix, "audio/mp4")
    assert archive.playable_path(kept.id).name == "access.webm"
    assert archive.playable_path(kept.id).read_bytes() == b"second"
    assert not (archive.recordings / kept.id / "access.m4a").exists()
    assert list(verify(archive)) == []


def test_history_names_are_those_of_premis(archive: Archive, kept: Recording) -> None:
    archive.note(kept.id, "fixity check", agent="onrecord", files="3")
    assert [event.event for event in archive.history(kept.id)] == [
        "ingestion", "message digest calculation", "fixity check",
    ]  # fmt: skip
    with pytest.raises(ArchiveError, match="PREMIS"):
        archive.note(kept.id, "did something", agent="onrecord")


def test_history_survives_every_character(archive: Archive, kept: Recording) -> None:
    text = 'a\u2028b\u0085c\nd\r"\\\u0000\u200c'
    archive.note(kept.id, "validation", agent=text, note=text)
    assert archive.history(kept.id)[-1].detail == {"note": text}


def test_text_that_is_no_unicode_is_refused_and_nothing_changes(archive: Archive, kept: Recording) -> None:
    with pytest.raises(InputError, match="no Unicode"):
        archive.update(dataclasses.replace(kept, title="bad \udcff name"), agent="x", reason="y")
    assert archive.recording(kept.id) == kept
    assert list(verify(archive)) == []


@pytest.mark.parametrize("file", ["history.jsonl", "recording.json"])
def test_nothing_is_built_on_a_file_that_rotted(archive: Archive, kept: Recording, file: str) -> None:
    path = archive.recordings / kept.id / file
    path.write_bytes(path.read_bytes().replace(b"mp3", b"mp4", 1))
    with pytest.raises(Damaged, match="manifest says"):
        archive.note(kept.id, "validation", agent="x")
    assert [finding.path for finding in verify(archive)] == [f"recordings/{kept.id}/{file}"]


def test_no_file_passes_for_one_of_another_recording(
    archive: Archive, kept: Recording, describe: MakeRecording, transcript: MakeTranscript, tmp_path: Path
) -> None:
    archive.add_transcript(transcript(), agent="toy")
    other = tmp_path / "other.mp3"
    other.write_bytes(b"other")
    restricted = archive.register(other, describe(other, access=Access(AccessLevel.RESTRICTED)))
    here, there = archive.recordings / kept.id, archive.recordings / restricted.id
    (there / "transcripts" / "0001.json").write_bytes((here / "transcripts" / "0001.json").read_bytes())
    (here / "recording.json").write_bytes((there / "recording.json").read_bytes())
    for act in (archive.recording, archive.media_path, archive.playable_path):
        with pytest.raises(Damaged, match=restricted.id):
            act(kept.id)
    with pytest.raises(Damaged, match=kept.id):
        archive.transcript(restricted.id)


def test_an_unknown_recording_leaves_no_trace(archive: Archive, transcript: MakeTranscript) -> None:
    with pytest.raises(NotFound):
        archive.add_transcript(dataclasses.replace(transcript(), recording="0" * 16), agent="toy")
    assert not list((archive.recordings / ".pending").iterdir())


def test_no_archive_is_made_where_none_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no archive here"):
        Archive.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_an_archive_is_not_made_among_other_things(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    with pytest.raises(ArchiveError, match=r"thesis\.odt"):
        Archive.open(tmp_path, create=True)


def test_an_archive_of_a_newer_format_is_refused(archive: Archive) -> None:
    (archive.root / "archive.json").write_text('{"schema": "onrecord/archive/2", "format": 2}')
    with pytest.raises(ArchiveError, match="newer format") as caught:
        Archive.open(archive.root)
    assert "update onrecord" in str(caught.value)


def test_a_given_text_is_kept_beside_its_transcript_once_and_under_the_manifest(
    archive: Archive, kept: Recording, transcript: MakeTranscript
) -> None:
    words = GivenFile("زیرنویس.VTT", ".VTT", "WEBVTT\n\nسلام".encode())
    for text in ("سلام", "سلام دنیا"):
        archive.add_transcript(transcript(text), agent="test", given=words)
    assert archive.given(kept.id, words.path) == words.data
    assert [path.name for path in (archive.folder(kept.id) / "given").iterdir()] == [f"{words.sha256}.vtt"]
    assert [event.event for event in archive.history(kept.id)].count("accession") == 1
    assert list(verify(archive)) == []
    (archive.folder(kept.id) / words.path).write_bytes(b"WEBVTT")
    assert [finding.path.rpartition("/")[2] for finding in verify(archive)] == [f"{words.sha256}.vtt"]


@pytest.mark.parametrize("path", ["recording.json", "given/../recording.json", "given/" + "0" * 64, ""])
def test_no_other_file_passes_for_a_given_one(archive: Archive, kept: Recording, path: str) -> None:
    with pytest.raises(NotFound):
        archive.given(kept.id, path)
