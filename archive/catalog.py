"""The catalog: every recording's card in one SQLite file, for lists and counts. Derived, may be deleted.

A connection is opened for each call (0.2 ms), so that threads and processes share nothing and a deleted file is
noticed and made anew. Write-ahead logging lets readers read beside the one writer.
"""

from __future__ import annotations

import calendar
import contextlib
import dataclasses
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from archive.errors import MachineError, OnrecordError
from archive.layout import MANIFEST, is_id
from archive.locks import held
from archive.models import Access, AccessLevel, Card, Quality, Transcript
from archive.people import PEOPLE, People
from archive.store import Archive

FILE = "catalog.sqlite"
APPLICATION = 0x4F6E5263  # "OnRc": a SQLite file without it is none of ours
SCHEMA = 1
NEVER = 99999999  # `public_from` of what is public on no day
BUSY_SECONDS = 30.0

_TABLE = """CREATE TABLE cards (
    id TEXT PRIMARY KEY, date TEXT NOT NULL, title TEXT NOT NULL, public_from INTEGER NOT NULL,
    state TEXT NOT NULL, card BLOB NOT NULL)"""


class Catalog:
    """Cards of an archive's recordings; brought up to date when opened, and by `put`."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._path = archive.root / FILE
        self._names: Mapping[str, str] = {}
        self._names_state = ""
        self.refresh()

    def put(self, recording: str) -> Card:
        """Read a recording anew and keep its card; to be called after every change."""
        with self._writing() as connection:
            card = self._keep(connection, recording)
        return self._named((card,))[0]

    def rebuild(self) -> int:
        """Make every card anew; gives how many there are."""
        with self._writing() as connection:
            connection.execute("DELETE FROM cards")
        return self.refresh()

    def refresh(self) -> int:
        """Read anew what changed since it was put, drop what is gone; gives how many cards there are."""
        with self._reading() as connection:
            known = dict(connection.execute("SELECT id, state FROM cards"))
        if known == {recording: self._state(recording) for recording in self._archive.ids()}:
            return len(known)
        with self._writing() as connection:
            self._fill(connection)
            return int(connection.execute("SELECT count(*) FROM cards").fetchone()[0])

    def cards(self, ids: Iterable[str] | None = None, public_on: int | None = None) -> tuple[Card, ...]:
        """Cards in the order of `ids`, else newest first; only what is public on the day yyyymmdd, where given."""
        day = NEVER if public_on is None else min(public_on, NEVER - 1)
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT id, card FROM cards WHERE public_from <= ? ORDER BY date DESC, title, id", (day,)
            ).fetchall()
        if ids is not None:
            found = dict(rows)
            rows = [(known, found[known]) for known in dict.fromkeys(ids) if known in found]
        return self._named(msgspec.json.decode(card, type=Card) for _, card in rows)

    def card(self, recording: str) -> Card | None:
        """One recording's card, or None where there is no such recording."""
        if not is_id(recording):
            return None
        with self._reading() as connection:
            row = connection.execute("SELECT card FROM cards WHERE id = ?", (recording,)).fetchone()
        return self._named((msgspec.json.decode(row[0], type=Card),))[0] if row else None

    def _keep(self, connection: sqlite3.Connection, recording: str) -> Card:
        state = self._state(recording)  # before the card: what changes between the two is read again next time
        card = card_of(self._archive, recording)
        connection.execute(
            "INSERT OR REPLACE INTO cards VALUES (?, ?, ?, ?, ?, ?)",
            (card.id, card.date, card.title, card.public_from, state, msgspec.json.encode(card)),
        )
        return card

    def _fill(self, connection: sqlite3.Connection) -> None:
        known = dict(connection.execute("SELECT id, state FROM cards"))
        here = self._archive.ids()
        dropped = set(known).difference(here)
        for recording in here:
            if known.get(recording) != self._state(recording):
                try:
                    self._keep(connection, recording)
                except OnrecordError:  # what does not parse is in no list; verify names it
                    dropped.add(recording)
        connection.executemany("DELETE FROM cards WHERE id = ?", [(recording,) for recording in dropped])

    def _named(self, cards: Iterable[Card]) -> tuple[Card, ...]:
        """The cards with the names of their speakers as the register has them now."""
        state = _state_of(self._archive.root / PEOPLE)
        if state != self._names_state:
            self._names = {person.id: person.name for person in People.load(self._archive.root).all()}
            self._names_state = state
        names = self._names
        return tuple(
            dataclasses.replace(card, speakers=tuple((known, names.get(known, known)) for known, _ in card.speakers))
            for card in cards
        )

    def _state(self, recording: str) -> str:
        return _state_of(self._archive.recordings / recording / MANIFEST)  # every change writes a new manifest

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with contextlib.closing(self._open()) as connection:
                yield connection
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                self._discard()
            raise MachineError(
                f"the catalog cannot be used: {error}",
                where=str(self._path),
                mend="check that the folder is writable and the disk not full, then run the same again",
            ) from error

    def _open(self) -> sqlite3.Connection:
        connection = self._ours()
        if connection is None:
            with held(self._archive.locks, "catalog"):
                connection = self._ours() or self._made()  # another process may have made it while we waited
        return connection

    def _ours(self) -> sqlite3.Connection | None:
        """A connection to the catalog; None where there is none, or the file is damaged or of another schema."""
        connection = None
        try:
            connection = _connect(self._path, "rw")
            marks = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
            connection.execute("SELECT 1 FROM cards LIMIT 1").fetchone()
            if marks == [APPLICATION, SCHEMA]:
                return connection
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY):
                raise
        if connection is not None:
            connection.close()
        return None

    def _discard(self) -> None:
        for suffix in ("-wal", "-shm", ""):  # a write-ahead log left beside a new file would be played into it
            self._path.with_name(FILE + suffix).unlink(missing_ok=True)

    def _made(self) -> sqlite3.Connection:
        self._discard()
        connection = _connect(self._path, "rwc")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_TABLE)
        self._fill(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")  # in the transaction, so only a whole file is ours
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("COMMIT")
        return connection


def card_of(archive: Archive, recording: str) -> Card:
    """What a list shows of a recording, read from its files; the speakers' names are their ids."""
    known = archive.recording(recording)
    versions = archive.versions(recording)
    newest = archive.transcript(recording, versions[-1]) if versions else None
    event = known.event
    label = f"{event.name} {event.edition}".strip() if event and event.edition not in event.name else ""
    return Card(
        id=recording,
        title=known.title,
        event=event.id if event else "",
        event_name=label or (event.name if event else ""),
        date=known.date or (event.date if event else ""),
        year=known.year,
        place=known.place or (event.place if event else ""),
        speakers=tuple((speaker, speaker) for speaker in known.speakers),
        languages=known.languages or _heard(newest),
        duration=known.media.duration,
        video=bool(known.media.video_codec),
        public_from=public_from(known.access),
        version=newest.version if newest else 0,
        words=sum(len(segment.words) for segment in newest.segments) if newest else 0,
        suspect=sum(segment.quality is Quality.SUSPECT for segment in newest.segments) if newest else 0,
        warnings=known.media.warnings,
    )


def public_from(access: Access) -> int:
    """The first day (yyyymmdd) on which all may see it; 0 for always, NEVER for what is restricted.

    An embargo until a mere year or month ends with its last day, and one that ends on no day we can read, never.
    """
    if access.level is AccessLevel.PUBLIC:
        return 0
    parts = access.until.split("-")
    if access.level is AccessLevel.RESTRICTED or not all(part.isascii() and part.isdecimal() for part in parts):
        return NEVER
    year, month, day = (*map(int, parts), 0, 0, 0)[:3]
    month = month or 12
    if not (1 <= year <= 9999 and month <= 12 and len(parts) <= 3):
        return NEVER
    last = calendar.monthrange(year, month)[1]
    return year * 10000 + month * 100 + min(day or last, last)


def _heard(transcript: Transcript | None) -> tuple[str, ...]:
    return (transcript.language,) if transcript and transcript.language != "und" else ()


def _state_of(path: Path) -> str:
    try:
        status = path.stat()
    except FileNotFoundError:
        return "none"
    return f"{status.st_ino} {status.st_mtime_ns} {status.st_size}"


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA synchronous = NORMAL")  # derived: a power cut may cost the last card, never the file
    return connection
