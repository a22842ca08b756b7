"""The catalog: cards for lists, derived from the files, gone today and back tomorrow."""

from __future__ import annotations

import contextlib
import dataclasses
import sqlite3
from pathlib import Path

import pytest

from archive.cards import NEVER, public_from
from archive.catalog import Catalog
from archive.errors import MachineError
from archive.models import Access, AccessLevel, Name, Quality, Recording, Speaker
from archive.people import People
from archive.store import Archive
from tests.archive.conftest import MakeRecording, MakeTranscript


def add(archive: Archive, describe: MakeRecording, content: bytes, **more: object) -> str:
    source = archive.root.parent / "another.mp3"
    source.write_bytes(content)
    return archive.register(source, describe(source, **more)).id


def test_a_card_shows_what_the_files_say(archive: Archive, kept: Recording, transcript: MakeTranscript) -> None:
    catalog = Catalog(archive)
    speaker = People.load(archive.root).ensure("محمود دولت‌آبادی")
    archive.update(dataclasses.replace(kept, speakers=(speaker.id,)), agent="x", reason="named")
    made = transcript("سلام دنیا", "ask not what")
    segments = (made.segments[0], dataclasses.replace(made.segments[1], quality=Quality.SUSPECT))
    archive.add_transcript(dataclasses.replace(made, segments=segments), agent="toy")
    card = catalog.put(kept.id)
    assert card == catalog.card(kept.id) == catalog.cards()[0]
    assert (card.title, card.event, card.event_name) == (kept.title, "کنفرانس-تهران-2015", "کنفرانس تهران 2015")
    assert (card.date, card.year, card.place) == ("2015-03-21", 2015, "تهران")
    assert card.speakers == ((speaker.id, "محمود دولت‌آبادی"),)
    assert (card.version, card.words, card.suspect, card.languages) == (1, 5, 1, ("fa",))
    assert (card.duration, card.video, card.public_from) == (12.5, False, 0)


def test_cards_follow_the_register_of_people(archive: Archive, kept: Recording) -> None:
    people = People.load(archive.root)
    speaker = people.ensure("Mina")
    archive.update(dataclasses.replace(kept, speakers=(speaker.id, "unknown-1")), agent="x", reason="named")
    catalog = Catalog(archive)
    assert catalog.cards()[0].speakers == (("mina", "Mina"), ("unknown-1", "unknown-1"))
    people.put(Speaker("mina", (Name("مینا رضایی"),)))
    people.save()
    assert catalog.cards()[0].speakers[0] == ("mina", "مینا رضایی")


def test_cards_come_newest_first_or_as_asked(archive: Archive, kept: Recording, describe: MakeRecording) -> None:
    older = add(archive, describe, b"older", date="1961-01-20")
    newer = add(archive, describe, b"newer", date="2020")
    catalog = Catalog(archive)
    assert [card.id for card in catalog.cards()] == [newer, kept.id, older]
    assert [card.id for card in catalog.cards([older, "0" * 16, newer, older])] == [older, newer]
    assert catalog.cards([]) == ()


def test_what_is_not_public_today_is_left_out(archive: Archive, kept: Recording, describe: MakeRecording) -> None:
    embargoed = add(archive, describe, b"later", access=Access(AccessLevel.EMBARGOED, "2030-06-01"))
    add(archive, describe, b"never", access=Access(AccessLevel.RESTRICTED))
    catalog = Catalog(archive)
    assert [card.id for card in catalog.cards(public_on=20300531)] == [kept.id]
    assert {card.id for card in catalog.cards(public_on=20300601)} == {kept.id, embargoed}
    assert len(catalog.cards(public_on=NEVER)) == 2
    assert len(catalog.cards()) == 3


@pytest.mark.parametrize(
    ("access", "day"),
    [
        (Access(), 0),
        (Access(AccessLevel.RESTRICTED, "2020-01-01"), NEVER),
        (Access(AccessLevel.EMBARGOED, "2030-06-01"), 20300601),
        (Access(AccessLevel.EMBARGOED, "2030-02"), 20300228),
        (Access(AccessLevel.EMBARGOED, "2030"), 20301231),
        (Access(AccessLevel.EMBARGOED, ""), NEVER),
        (Access(AccessLevel.EMBARGOED, "soon"), NEVER),
        (Access(AccessLevel.EMBARGOED, "2030-13-01"), NEVER),
        (Access(AccessLevel.EMBARGOED, "٢٠٣٠"), NEVER),
    ],
)
def test_an_embargo_ends_on_its_day_and_never_early(access: Access, day: int) -> None:
    assert public_from(access) == day


def test_the_catalog_may_be_deleted_at_any_time(archive: Archive, kept: Recording) -> None:
    catalog = Catalog(archive)
    before = catalog.cards()
    for path in archive.root.glob("catalog.sqlite*"):
        path.unlink()
    assert catalog.cards() == before
    assert catalog.card(kept.id) == before[0]


def another_program(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE cards (name)")
    connection.close()


def an_older_schema(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 0")
    connection.close()


def no_database(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [another_program, an_older_schema, no_database, empty])
def test_a_catalog_that_is_not_ours_is_made_anew(archive: Archive, kept: Recording, damage: object) -> None:
    catalog = Catalog(archive)
    before = catalog.cards()
    path = archive.root / "catalog.sqlite"
    if damage is not an_older_schema:
        path.unlink()
    damage(path)  # type: ignore[operator]
    assert catalog.cards() == before
    assert Catalog(archive).cards() == before


def test_a_database_with_rotten_pages_is_made_anew(archive: Archive, kept: Recording) -> None:
    before = Catalog(archive).cards()
    path = archive.root / "catalog.sqlite"
    for page in range(1, path.stat().st_size // 4096):
        for junk in (b"\xff", b"\x00", b"junk"):
            data = bytearray(path.read_bytes())
            data[page * 4096 + 3 : page * 4096 + 4096] = (junk * 4096)[:4093]
            path.write_bytes(data)
            assert Catalog(archive).cards() == before


def test_a_card_that_rotted_is_read_anew_from_the_files(archive: Archive, kept: Recording) -> None:
    before = Catalog(archive).cards()
    with contextlib.closing(sqlite3.connect(archive.root / "catalog.sqlite")) as connection, connection:
        connection.execute("UPDATE cards SET card = '{'")
    with pytest.raises(MachineError, match="run the same again"):
        Catalog(archive).cards()
    assert Catalog(archive).cards() == before


def test_one_reader_sees_what_another_puts(archive: Archive, kept: Recording, describe: MakeRecording) -> None:
    reader, writer = Catalog(archive), Catalog(archive)
    assert len(reader.cards()) == 1
    other = add(archive, describe, b"other", title="Other")
    writer.put(other)
    assert {card.id for card in reader.cards()} == {kept.id, other}
    archive.update(dataclasses.replace(archive.recording(other), title="Renamed"), agent="x", reason="y")
    writer.put(other)
    assert [card.title for card in reader.cards([other])] == ["Renamed"]


def test_what_changed_while_nobody_looked_is_seen_when_opened(
    archive: Archive, kept: Recording, transcript: MakeTranscript
) -> None:
    assert Catalog(archive).cards()[0].version == 0
    archive.add_transcript(transcript(), agent="toy")
    assert Catalog(archive).cards()[0].version == 1


def test_a_recording_that_is_gone_or_damaged_is_in_no_list(
    archive: Archive, kept: Recording, describe: MakeRecording
) -> None:
    other = add(archive, describe, b"other")
    catalog = Catalog(archive)
    (archive.recordings / other / "recording.json").write_text("{")
    assert catalog.rebuild() == 1
    assert [card.id for card in catalog.cards()] == [kept.id]
    (archive.recordings / kept.id).rename(archive.root.parent / "gone")
    catalog.refresh()
    assert catalog.cards() == ()


@pytest.mark.parametrize("hostile", ["' OR 1=1 --", "../..", "", "0" * 16])
def test_there_is_no_card_for_what_is_no_recording(archive: Archive, kept: Recording, hostile: str) -> None:
    assert Catalog(archive).card(hostile) is None
