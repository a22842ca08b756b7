"""The ledger's file: its tables, and a task's row as a value."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from ingest.lease import Holder, Lease
from ingest.tasks import State, Task

FILE = "ledger.sqlite"
BUSY_S = 30.0  # how long to wait for another process's transaction

SCHEMA_VERSION = 2
_TABLES = (
    """CREATE TABLE task (
        number INTEGER PRIMARY KEY, recording TEXT NOT NULL, recipe TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'open', reason TEXT NOT NULL DEFAULT '', starts INTEGER NOT NULL DEFAULT 0,
        seconds REAL NOT NULL DEFAULT 0, source TEXT NOT NULL DEFAULT '', duration REAL NOT NULL DEFAULT 0,
        stage TEXT NOT NULL DEFAULT '', first REAL, at REAL NOT NULL DEFAULT 0, began REAL,
        audio REAL NOT NULL DEFAULT 0, wall REAL NOT NULL DEFAULT 0,
        host TEXT, pid INTEGER, born TEXT, boot TEXT, until REAL, until_wall REAL, clock TEXT,
        UNIQUE (recording, recipe)
    ) STRICT""",
    "CREATE TABLE source (path BLOB PRIMARY KEY, signature TEXT NOT NULL, recording TEXT NOT NULL) STRICT",
    """CREATE TABLE refused (
        path BLOB PRIMARY KEY, name TEXT NOT NULL, code TEXT NOT NULL, what TEXT NOT NULL, mend TEXT NOT NULL
    ) STRICT""",
)


def connect(work: Path) -> sqlite3.Connection:
    """Open the ledger in a folder, making both where they are not there."""
    work.mkdir(parents=True, exist_ok=True)
    path = work / FILE
    try:
        return _open(path)
    except sqlite3.OperationalError:
        raise  # busy or no space: the ledger itself is whole
    except sqlite3.DatabaseError:
        # it is derived, so a damaged one is put aside and what is done is read from the archive
        path.replace(path.with_suffix(".damaged"))
        return _open(path)


def tasks(db: sqlite3.Connection, recording: str = "", recipe: str = "") -> list[Task]:
    """Every task, or those of a recording, or of a recipe, in the order in which they were put in."""
    rows = db.execute(
        "SELECT recording, recipe, state, reason, starts, seconds, source, duration, stage, first, at, began,"
        " audio, wall, host, pid, born, boot, until, until_wall, clock"
        " FROM task WHERE ?1 IN ('', recording) AND ?2 IN ('', recipe) ORDER BY number",
        (recording, recipe),
    )
    return [_task_of(row) for row in rows]


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    try:
        if _version(db) != SCHEMA_VERSION:
            _create(db)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _create(db: sqlite3.Connection) -> None:
    """The tables, in place of those of another version: what they held is derived."""
    db.execute("BEGIN IMMEDIATE")
    if _version(db) != SCHEMA_VERSION:  # else another process was first
        for table in ("task", "source", "refused"):
            db.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in _TABLES:
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _task_of(row: tuple[Any, ...]) -> Task:
    recording, recipe, state, reason, starts, seconds, *shown_and_times = row[:14]
    lease = Lease(Holder(*row[14:18]), *row[18:]) if state == State.RUNNING else None
    return Task(recording, recipe, State(state), reason, starts, seconds, lease, *shown_and_times)
