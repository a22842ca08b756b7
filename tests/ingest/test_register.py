from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.errors import MediaError, NotFound
from archive.files import sha256_of
from archive.models import Access, AccessLevel
from archive.people import People
from archive.store import Archive
from ingest.media import probe
from ingest.register import Item, Registered, plan, register
from ingest.sheet import Row
from tests.ingest.films import BEEPS, encode
from tests.ingest.sounds import write_bursts

ROW = Row(
    file="سخنرانی.wav",
    title="زن، زندگی، آزادی",
    event="همایش ۱۴۰۳",
    date="2024-08-02",
    place="تهران",
    speakers=("شیرین عبادی", "Narges Mohammadi"),
    languages=("fa",),
    source="آرشیو",
    rights="CC BY 4.0",
    access=Access(AccessLevel.RESTRICTED),
)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.open(tmp_path / "archive", create=True)


@pytest.fixture
def people(archive: Archive) -> People:
    return People.load(archive.root)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    return write_bursts(tmp_path / "سخنرانی.wav", 4)


def test_a_file_with_its_row_becomes_a_recording(archive: Archive, people: People, talk: Path) -> None:
    done = register(archive, people, Item(talk, ROW))
    assert done == Registered(sha256_of(talk)[:16], "new")
    kept = archive.recording(done.id)
    assert (kept.title, kept.date, kept.place, kept.year) == (ROW.title, "2024-08-02", "تهران", 2024)
    assert kept.event is not None
    assert kept.event.name.startswith("همایش")
    assert [people.get(speaker).name for speaker in kept.speakers] == list(ROW.speakers)
    assert (kept.languages, kept.source, kept.rights, kept.access) == (("fa",), "آرشیو", "CC BY 4.0", ROW.access)
    assert (kept.media.name, kept.media.sha256, kept.media.playable) == ("سخنرانی.wav", sha256_of(talk), True)
    assert archive.media_path(done.id).read_bytes() == talk.read_bytes()


def test_a_file_without_a_row_is_called_by_its_name(archive: Archive, people: People, talk: Path) -> None:
    kept = archive.recording(register(archive, people, Item(talk)).id)
    assert (kept.title, kept.event, kept.speakers, kept.access) == ("سخنرانی", None, (), Access())


def test_a_second_time_changes_nothing(archive: Archive, people: People, talk: Path) -> None:
    first = register(archive, people, Item(talk, ROW))
    before = _everything(archive)
    assert register(archive, people, Item(talk, ROW)) == Registered(first.id, "known")
    assert register(archive, people, Item(talk)) == Registered(first.id, "known")
    assert _everything(archive) == before


def test_a_changed_row_changes_the_recording_and_history_keeps_what_it_was(
    archive: Archive, people: People, talk: Path
) -> None:
    first = register(archive, people, Item(talk, ROW))
    changed = Row(file=ROW.file, title="Woman, life, freedom", access=Access(AccessLevel.PUBLIC))
    assert register(archive, people, Item(talk, changed)) == Registered(first.id, "updated")
    kept = archive.recording(first.id)
    assert (kept.title, kept.access, kept.place) == ("Woman, life, freedom", Access(), "تهران")
    assert ROW.title in str(archive.history(first.id)[-1].detail)


def test_an_empty_access_cell_opens_nothing(archive: Archive, people: People, talk: Path) -> None:
    first = register(archive, people, Item(talk, ROW))
    register(archive, people, Item(talk, Row(file=ROW.file, title="Other")))
    assert archive.recording(first.id).access == ROW.access


def test_the_same_bytes_under_another_name_become_an_alias(archive: Archive, people: People, talk: Path) -> None:
    first = register(archive, people, Item(talk, ROW))
    copy = Path(shutil.copy(talk, talk.with_name("copy.wav")))
    other_row = Row(file="copy.wav", title="Another title")
    assert register(archive, people, Item(copy, other_row)) == Registered(first.id, "alias")
    assert register(archive, people, Item(copy, other_row)) == Registered(first.id, "alias")
    kept = archive.recording(first.id)
    assert (kept.title, kept.aliases, archive.ids()) == (ROW.title, ("copy.wav",), (first.id,))


def test_the_same_bytes_at_once_are_one_recording(archive: Archive, talk: Path) -> None:
    copies = [Path(shutil.copy(talk, talk.with_name(f"{number}.wav"))) for number in range(4)]
    done: list[Registered] = []

    def work(path: Path) -> None:
        done.append(register(archive, People.load(archive.root), Item(path, ROW)))

    threads = [threading.Thread(target=work, args=(path,)) for path in copies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.state for one in done) == ["alias", "alias", "alias", "new"]
    (only,) = archive.ids()
    assert len(archive.recording(only).aliases) == 3


def test_a_file_that_is_no_recording_leaves_no_trace(archive: Archive, people: People, tmp_path: Path) -> None:
    before = _everything(archive)
    (tmp_path / "talk.mp4").write_text("not a film")
    with pytest.raises(MediaError):
        register(archive, people, Item(tmp_path / "talk.mp4", ROW))
    assert _everything(archive) == before


def test_a_file_that_changes_meanwhile_is_refused(
    archive: Archive, people: People, talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def probe_while_somebody_writes(path: Path) -> object:
        media = probe(path)
        write_bursts(path, 9)
        return media

    monkeypatch.setattr("ingest.register.probe", probe_while_somebody_writes)
    with pytest.raises(MediaError, match="Changed"):
        register(archive, people, Item(talk))
    assert archive.ids() == ()


def test_a_link_put_in_the_place_of_a_file_is_not_followed(archive: Archive, people: People, talk: Path) -> None:
    (item,) = plan([talk]).items
    secret = talk.rename(talk.with_name("secret.wav"))
    talk.symlink_to(secret)
    with pytest.raises(MediaError, match="no regular file"):
        register(archive, people, item)


def test_a_file_taken_away_meanwhile_is_an_error_of_its_own(archive: Archive, people: People, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be read"):
        register(archive, people, Item(tmp_path / "gone.mp3"))


@pytest.mark.parametrize(
    "name",
    [b"new\nline.mp3", b"-y.mp3", b"concat:a|b.mp3", b"%03d.mp3", "\u202e3pm.mp3".encode(), b"caf\xe9.mp3", b"CON."],
)
def test_a_hostile_name_becomes_an_id_on_disk_and_escaped_text_in_the_record(
    archive: Archive, people: People, tmp_path: Path, name: bytes
) -> None:
    talk = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    encode(tmp_path / "plain.mp3", *BEEPS).rename(talk)
    done = register(archive, people, Item(talk))
    kept = archive.recording(done.id)
    assert kept.media.name.isprintable()
    assert kept.title.isprintable()
    assert archive.media_path(done.id).name == "media.mp3"


def _everything(archive: Archive) -> dict[str, bytes]:
    return dict(_files(archive.root))


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "locks" not in path.parts:
            yield str(path), path.read_bytes()


def test_nothing_is_found_of_what_was_never_taken(archive: Archive) -> None:
    with pytest.raises(NotFound):
        archive.recording("0" * 16)
