"""The catalog: every recording's card in one SQLite file, for lists and counts. Derived, may be deleted.

A connection is opened for each call (0.3 ms), so that threads and processes share nothing and a deleted file is
noticed and made anew. Write-ahead logging lets readers read beside the one writer. Cards once read stay in memory
(reading 10,000 takes a third of a second), and a call reads only those that are new since.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from archive.cards import NEVER, card_of
from archive.cards import public_from as public_from
from archive.errors import MachineError, OnrecordError
from archive.layout import MANIFEST, WITHDRAWN
from archive.locks import held
from archive.models import Card
from archive.people import PEOPLE, People
from archive.store import Archive
from archive.tombstones import withdrawn_ids

FILE = "catalog.sqlite"
BESIDE = (PEOPLE, WITHDRAWN)  # what also decides which cards are shown, and with which names
APPLICATION = 0x4F6E5263  # "OnRc": a SQLite file without it is none of ours
SCHEMA = 4  # of the tables and the cards in them
BUSY_SECONDS = 30.0

# `seq` grows with every card that is written, so that a reader can ask for what is new; `made` tells one file
# from another that took its place
_TABLES = (
    "CREATE TABLE cards (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, state TEXT, card BLOB)",
    "CREATE TABLE made (token TEXT)",
)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Cards as they were read: `token` of the file, the highest `seq`, the states of what is `BESIDE` it, all `rows`,
    and of these the `cards` that are shown."""

    token: str = ""
    seq: int = 0
    beside: tuple[str, ...] = ()
    rows: Mapping[str, Card] = field(default_factory=dict)
    cards: Mapping[str, Card] = field(default_factory=dict)
    ordered: tuple[Card, ...] = ()


class Catalog:
    """Cards of an archive's recordings; brought up to date when opened, and by `put`."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._path = archive.root / FILE
        self._shelf = _Shelf()
        with contextlib.suppress(MachineError), self._reading() as connection:
            if connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("rotten pages")  # by which the file goes, and refresh makes it anew
        self.refresh()

    def put(self, recording: str) -> Card:
        """Read a recording anew and keep its card; to be called after every change."""
        with self._writing() as connection:
            card = self._keep(connection, recording)
        return self._read().cards.get(recording, card)

    def rebuild(self) -> int:
        """Make every card anew; gives how many there are."""
        with self._writing() as connection:
            connection.execute("UPDATE cards SET state = ''")
            return self._fill(connection)

    def refresh(self) -> int:
        """Read anew what changed since it was put, drop what is gone; gives how many cards there are."""
        with self._reading() as connection:
            known = dict(connection.execute("SELECT id, state FROM cards"))
        if known == {recording: self._state(recording) for recording in self._archive.ids()}:
            return len(known)
        with self._writing() as connection:
            return self._fill(connection)

    def cards(self, ids: Iterable[str] | None = None, public_on: int | None = None) -> tuple[Card, ...]:
        """Cards in the order of `ids`, else newest first; only what is public on the day yyyymmdd, where given."""
        day = NEVER if public_on is None else min(public_on, NEVER - 1)
        shelf = self._read()
        if ids is None:
            return tuple(card for card in shelf.ordered if card.public_from <= day)
        found = (shelf.cards.get(recording) for recording in dict.fromkeys(ids))
        return tuple(card for card in found if card and card.public_from <= day)

    def card(self, recording: str) -> Card | None:
        """One recording's card, or None where there is no such recording."""
        return self._read().cards.get(recording)

    def _read(self) -> _Shelf:
        """All cards, with the names of their speakers as the register has them now.

        What has a tombstone has none: whoever wrote it may have been killed before the catalog was told.
        """
        shelf, beside = self._shelf, tuple(_state_of(self._archive.root / name) for name in BESIDE)
        with self._reading() as connection:
            connection.execute("BEGIN")  # one view for the queries that follow
            token, count, newest = connection.execute(
                "SELECT (SELECT token FROM made), count(*), coalesce(max(seq), 0) FROM cards"
            ).fetchone()
            if (token, beside) != (shelf.token, shelf.beside):
                shelf = _Shelf(token, beside=beside)
            if (count, newest) == (len(shelf.rows), shelf.seq):
                return shelf
            fresh = self._after(connection, shelf.seq)
            rows = {**shelf.rows, **fresh}
            if len(rows) != count:  # some are gone
                rows = self._after(connection, 0)
        out = withdrawn_ids(self._archive.root)
        cards = {recording: card for recording, card in rows.items() if recording not in out}
        ordered = sorted(cards.values(), key=lambda card: (card.title, card.id))
        ordered.sort(key=lambda card: card.date, reverse=True)
        self._shelf = _Shelf(token, newest, beside, rows, cards, tuple(ordered))
        return self._shelf

    def _after(self, connection: sqlite3.Connection, seq: int) -> dict[str, Card]:
        names = People.load(self._archive.root).shown()
        rows = connection.execute("SELECT card FROM cards WHERE seq > ?", (seq,))
        read = (msgspec.json.decode(row[0], type=Card) for row in rows)
        return {
            card.id: replace(card, speakers=tuple((known, names.get(known, known)) for known, _ in card.speakers))
            for card in read
        }

    def _keep(self, connection: sqlite3.Connection, recording: str) -> Card:
        state = self._state(recording)  # before the card: what changes between the two is read again next time
        card = card_of(self._archive, recording)
        connection.execute(
            "INSERT OR REPLACE INTO cards (id, state, card) VALUES (?, ?, ?)",
            (card.id, state, msgspec.json.encode(card)),
        )
        return card

    def _fill(self, connection: sqlite3.Connection) -> int:
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
        return int(connection.execute("SELECT count(*) FROM cards").fetchone()[0])

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
        except (sqlite3.Error, msgspec.DecodeError) as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
            if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
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
        try:
            connection = _connect(self._path, "rw")
        except sqlite3.OperationalError:
            return None
        try:
            marks = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
            connection.execute("SELECT seq FROM cards LIMIT 1").fetchone()
            if marks == [APPLICATION, SCHEMA]:
                # derived: a power cut may cost the last card, never the file
                connection.execute("PRAGMA synchronous = NORMAL")
                return connection
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY):
                connection.close()
                raise
        connection.close()
        return None

    def _discard(self) -> None:
        for suffix in ("-wal", "-shm", ""):  # a write-ahead log left beside a new file would be played into it
            self._path.with_name(FILE + suffix).unlink(missing_ok=True)

    def _made(self) -> sqlite3.Connection:
        self._discard()
        connection = _connect(self._path, "rwc")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                connection.execute(table)
            connection.execute("INSERT INTO made VALUES (?)", (secrets.token_hex(8),))
            self._fill(connection)
            # in the transaction, so that a file is ours only when it is whole
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection


def _state_of(path: Path) -> str:
    try:
        status = path.stat()
    except FileNotFoundError:
        return "none"
    return f"{status.st_ino} {status.st_mtime_ns} {status.st_size}"


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
