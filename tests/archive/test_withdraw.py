"""A recording taken out of the archive: nothing of it is lost, what it was is said, and it can be put back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archive.catalog import Catalog
from archive.errors import Damaged, InputError, NotFound, Withdrawn
from archive.models import Access, AccessLevel, Recording
from archive.reader import Reader
from archive.store import Archive
from archive.tombstones import tombstone_path
from archive.verify import verify
from archive.withdraw import LONGEST_WHY, put_back, withdraw

if TYPE_CHECKING:
    from tests.archive.conftest import MakeRecording, MakeTranscript

WHY = "اعتراض به حق نشر از سوی سخنران"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a recording, but for those that a line of history changes."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(("history", "manifest")))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def events(archive: Reader, recording: str) -> list[str]:
    return [event.event for event in archive.history(recording)]


def test_the_folder_moves_whole_and_its_history_says_why(
    archive: Archive, kept: Recording, transcript: MakeTranscript
) -> None:
    archive.add_transcript(transcript(), agent="toy")
    before = contents(archive.folder(kept.id))
    made = withdraw(archive, kept.id, by="مینا", why=WHY)
    assert contents(archive.withdrawn / kept.id) == before
    assert not (archive.recordings / kept.id).exists()
    last = archive.out.history(kept.id)[-1]
    assert (last.event, last.agent, last.detail) == ("deaccession", "مینا", {"reason": WHY})
    assert archive.withdrawal(kept.id) == made
    assert (made.sha256, made.title, made.by, made.why) == (kept.media.sha256, kept.title, "مینا", WHY)
    assert list(verify(archive)) == []


def test_the_tombstone_keeps_how_open_the_recording_was(
    archive: Archive, source: Path, describe: MakeRecording
) -> None:
    closed = replace(describe(source), access=Access(AccessLevel.EMBARGOED, "2999"))
    archive.register(source, closed)
    assert withdraw(archive, closed.id, by="Mina", why="mistake").access == closed.access


def test_what_is_out_is_in_no_list_and_says_when_and_why(archive: Archive, kept: Recording) -> None:
    catalog = Catalog(archive)
    withdraw(archive, kept.id, by="Mina", why=WHY)
    assert archive.ids() == ()
    assert kept.id not in archive
    assert Catalog(archive).cards() == catalog.cards() == ()
    for ask in (archive.recording, archive.media_path, archive.versions, archive.history):
        with pytest.raises(Withdrawn, match=f"by Mina: {WHY}.*--undo {kept.id}"):
            ask(kept.id)


def test_the_same_bytes_are_not_taken_in_again(
    archive: Archive, kept: Recording, source: Path, describe: MakeRecording, transcript: MakeTranscript
) -> None:
    withdraw(archive, kept.id, by="Mina", why=WHY)
    with pytest.raises(Withdrawn, match=WHY):
        archive.register(source, describe(source))
    with pytest.raises(Withdrawn, match=WHY):
        archive.add_transcript(transcript(), agent="toy")
    assert archive.ids() == ()


def test_put_back_it_is_as_it_was(archive: Archive, kept: Recording, transcript: MakeTranscript) -> None:
    archive.add_transcript(transcript(), agent="toy")
    before = contents(archive.folder(kept.id))
    withdraw(archive, kept.id, by="Mina", why=WHY)
    put_back(archive, kept.id, by="Sara", why="the claim was dropped")
    assert contents(archive.folder(kept.id)) == before
    assert archive.withdrawal(kept.id) is None
    assert not (archive.withdrawn / kept.id).exists()
    assert events(archive, kept.id)[-2:] == ["deaccession", "accession"]
    assert archive.history(kept.id)[-1].detail == {"reason": "the claim was dropped"}
    assert list(verify(archive)) == []
    withdraw(archive, kept.id, by="Mina", why="again")
    assert events(archive.out, kept.id)[-3:] == ["deaccession", "accession", "deaccession"]


def test_what_cannot_be_withdrawn_is_said(archive: Archive, kept: Recording) -> None:
    with pytest.raises(NotFound):
        withdraw(archive, "0" * 16, by="Mina", why=WHY)
    with pytest.raises(NotFound, match="no recording"):
        withdraw(archive, "../etc", by="Mina", why=WHY)
    for by, why in ((" ", WHY), ("Mina", "\u2028"), ("Mina", "x" * (LONGEST_WHY + 1))):
        with pytest.raises(InputError, match=r"--(by|why)"):
            withdraw(archive, kept.id, by=by, why=why)
    with pytest.raises(NotFound, match="not withdrawn"):
        put_back(archive, kept.id, by="Mina")
    withdraw(archive, kept.id, by="Mina", why=WHY)
    with pytest.raises(Withdrawn):
        withdraw(archive, kept.id, by="Sara", why="other")


def test_a_recording_whose_history_rotted_stays_until_it_is_restored(archive: Archive, kept: Recording) -> None:
    history = archive.folder(kept.id) / "history.jsonl"
    history.write_bytes(history.read_bytes() + b"\n")
    with pytest.raises(Damaged):
        withdraw(archive, kept.id, by="Mina", why=WHY)
    assert (kept.id in archive, archive.withdrawal(kept.id)) == (True, None)


def test_a_folder_that_was_deleted_leaves_its_tombstone(
    archive: Archive, kept: Recording, source: Path, describe: MakeRecording
) -> None:
    withdraw(archive, kept.id, by="Mina", why=WHY)
    shutil.rmtree(archive.withdrawn / kept.id)
    assert list(verify(archive)) == []
    with pytest.raises(NotFound, match="were deleted"):
        put_back(archive, kept.id, by="Mina")
    with pytest.raises(Withdrawn):
        archive.register(source, describe(source))
    tombstone_path(archive.root, kept.id).unlink()
    archive.register(source, describe(source))
    assert archive.ids() == (kept.id,)


def test_a_withdrawn_recording_is_never_laid_over_another(archive: Archive, kept: Recording) -> None:
    shutil.copytree(archive.folder(kept.id), archive.withdrawn / kept.id)
    with pytest.raises(Damaged, match="both"):
        withdraw(archive, kept.id, by="Mina", why=WHY)
    assert (kept.id in archive, archive.withdrawal(kept.id)) == (True, None)


def test_verify_reads_what_is_out_too(archive: Archive, kept: Recording) -> None:
    withdraw(archive, kept.id, by="Mina", why=WHY)
    media = archive.withdrawn / kept.id / "media.mp3"
    media.write_bytes(media.read_bytes()[::-1])
    tombstone_path(archive.root, kept.id).write_text("{")
    (archive.withdrawn / "notes.txt").touch()
    found = {(finding.code, finding.path) for finding in verify(archive)}
    assert found == {
        ("changed", f"withdrawn/{kept.id}/media.mp3"),
        ("unparseable", f"withdrawn/{kept.id}.json"),
        ("unlisted", "withdrawn/notes.txt"),
    }
    assert [finding.code for finding in verify(archive, [kept.id])] == ["changed"]
    tombstone_path(archive.root, kept.id).unlink()
    assert ("missing", f"withdrawn/{kept.id}.json") in {(f.code, f.path) for f in verify(archive)}
