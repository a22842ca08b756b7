"""The ledger of work: which recording is to be heard by which engine, who is at it, and what came of it.

It lies in the archive's `work` folder and may be deleted: what is done is then read from the archive again.
A task's *starts* are counted before it begins, so a recording that kills its worker is known by it: after
three starts without getting further it is set aside, and no other recording is charged. Every step of the
work that was finished (a window heard) begins the count again.
"""

from __future__ import annotations

import contextlib
import enum
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ingest.lease import Holder, Lease, new_lease

MAX_STARTS = 3
BUSY_S = 30.0  # how long to wait for another process's transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS task (
    recording TEXT NOT NULL, recipe TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
    starts INTEGER NOT NULL DEFAULT 0, seconds REAL NOT NULL DEFAULT 0,
    host TEXT, pid INTEGER, born TEXT, boot TEXT, until REAL, until_wall REAL,
    PRIMARY KEY (recording, recipe)
) STRICT;
CREATE TABLE IF NOT EXISTS source (
    path BLOB PRIMARY KEY, signature TEXT NOT NULL, recording TEXT NOT NULL
) STRICT;
"""


class State(enum.StrEnum):
    """What a task is: open (also after a failure that may pass), at work, waiting for space, done, set aside."""

    OPEN = "open"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Task:
    """One recording for one recipe (engine and model). `seconds` of it were heard so far."""

    recording: str
    recipe: str
    state: State
    reason: str
    starts: int
    seconds: float
    lease: Lease | None


@dataclass(frozen=True, slots=True)
class Claim:
    """An answer to a claim: `granted`, or not, and then the task tells why, with the holder where one is at it."""

    granted: bool
    task: Task
    holder: Holder | None = None


class Ledger:
    """The ledger of one archive. Safe for several processes on one machine; one connection a thread."""

    def __init__(self, work: Path) -> None:
        work.mkdir(parents=True, exist_ok=True)
        self._path = work / "ledger.sqlite"
        try:
            self._db = self._connect()
        except sqlite3.OperationalError:
            raise  # busy or no space: the ledger itself is whole
        except sqlite3.DatabaseError:
            # it is derived, so a damaged one is put aside and what is done is read from the archive
            self._path.replace(self._path.with_suffix(".damaged"))
            self._db = self._connect()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)
        try:
            db.executescript(SCHEMA)
        except sqlite3.Error:
            db.close()
            raise
        return db

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; what is running stays leased until its lease ends."""
        self._db.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.rollback()
            raise
        self._db.commit()

    def claim(self, recording: str, recipe: str) -> Claim:
        """Take a task up, or learn why not. A start is charged here, before any work on it."""
        with self._writing() as db:
            for other in self._tasks(db, recording):
                if other.lease and other.lease.live():
                    return Claim(False, other, other.lease.holder)
            db.execute(
                "INSERT OR IGNORE INTO task (recording, recipe, state) VALUES (?, ?, 'open')", (recording, recipe)
            )
            task = self._task(db, recording, recipe)
            if task.state in (State.DONE, State.QUARANTINED):
                return Claim(False, task)
            if task.starts >= MAX_STARTS:
                reason = task.reason or f"its worker was killed {MAX_STARTS} times at {task.seconds:.0f} s"
                self._end(db, recording, recipe, State.QUARANTINED, reason)
                return Claim(False, self._task(db, recording, recipe))
            lease = new_lease()
            db.execute(
                "UPDATE task SET state = 'running', starts = starts + 1, host = ?, pid = ?, born = ?, boot = ?,"
                " until = ?, until_wall = ? WHERE recording = ? AND recipe = ?",
                (*_holder_row(lease.holder), lease.until, lease.until_wall, recording, recipe),
            )
            return Claim(True, self._task(db, recording, recipe))

    def renew(self, task: Task) -> None:
        """Hold a task for another lease."""
        lease = new_lease()
        with self._writing() as db:
            db.execute(
                "UPDATE task SET until = ?, until_wall = ? WHERE recording = ? AND recipe = ? AND pid = ? AND born = ?",
                (lease.until, lease.until_wall, task.recording, task.recipe, lease.holder.pid, lease.holder.born),
            )

    def progress(self, task: Task, seconds: float) -> None:
        """`seconds` of the recording are heard and safe; getting further begins the count of starts again."""
        with self._writing() as db:
            db.execute(
                "UPDATE task SET seconds = ?, starts = 1, reason = ''"
                " WHERE recording = ? AND recipe = ? AND seconds < ?",
                (seconds, task.recording, task.recipe, seconds),
            )

    def finish(self, task: Task) -> None:
        """The task is done: its results are in the archive and everybody was told."""
        with self._writing() as db:
            self._end(db, task.recording, task.recipe, State.DONE, "")

    def fail(self, task: Task, reason: str) -> bool:
        """The work ended with an error; the start stays charged. Returns whether it is set aside now."""
        with self._writing() as db:
            aside = self._task(db, task.recording, task.recipe).starts >= MAX_STARTS
            self._end(db, task.recording, task.recipe, State.QUARANTINED if aside else State.OPEN, reason)
        return aside

    def release(self, task: Task, reason: str = "", *, waiting: bool = False) -> None:
        """Give a task back that is not to blame (interrupted, or no space); its start is not charged."""
        with self._writing() as db:
            db.execute(
                "UPDATE task SET starts = max(starts - 1, 0) WHERE recording = ? AND recipe = ?",
                (task.recording, task.recipe),
            )
            self._end(db, task.recording, task.recipe, State.WAITING if waiting else State.OPEN, reason)

    def reopen(self, recording: str, recipe: str) -> None:
        """Take a task up again that was set aside or whose results were lost; its starts are forgiven."""
        with self._writing() as db:
            db.execute(
                "UPDATE task SET state = 'open', starts = 0, seconds = 0, reason = ''"
                " WHERE recording = ? AND recipe = ? AND state != 'running'",
                (recording, recipe),
            )

    def revisit(self, recording: str, recipe: str) -> None:
        """What is known of a recording may have changed: a task that was done is gone through again."""
        with self._writing() as db:
            db.execute(
                "UPDATE task SET state = 'open', starts = 0 WHERE recording = ? AND recipe = ? AND state = 'done'",
                (recording, recipe),
            )

    def tasks(self) -> tuple[Task, ...]:
        """Every task there is."""
        return tuple(self._tasks(self._db))

    def source(self, path: Path, signature: str) -> str:
        """The recording that a file became, "" where it is new or changed since (its signature is another)."""
        row = self._db.execute(
            "SELECT recording FROM source WHERE path = ? AND signature = ?", (_key(path), signature)
        ).fetchone()
        return str(row[0]) if row else ""

    def remember_source(self, path: Path, signature: str, recording: str) -> None:
        """So that a file which was taken in is not read again to learn that it is known."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO source VALUES (?, ?, ?)", (_key(path), signature, recording))

    @staticmethod
    def _end(db: sqlite3.Connection, recording: str, recipe: str, state: State, reason: str) -> None:
        db.execute(
            "UPDATE task SET state = ?, reason = ? WHERE recording = ? AND recipe = ?",
            (state.value, reason, recording, recipe),
        )

    def _task(self, db: sqlite3.Connection, recording: str, recipe: str) -> Task:
        return self._tasks(db, recording, recipe)[0]

    @staticmethod
    def _tasks(db: sqlite3.Connection, recording: str = "", recipe: str = "") -> list[Task]:
        rows = db.execute(
            "SELECT recording, recipe, state, reason, starts, seconds, host, pid, born, boot, until, until_wall"
            " FROM task WHERE ?1 IN ('', recording) AND ?2 IN ('', recipe) ORDER BY recording, recipe",
            (recording, recipe),
        )
        return [_task_of(row) for row in rows]


def _task_of(row: tuple[Any, ...]) -> Task:
    state = State(row[2])
    lease = Lease(Holder(*row[6:10]), *row[10:]) if state is State.RUNNING else None
    return Task(row[0], row[1], state, row[3], row[4], row[5], lease)


def _holder_row(holder: Holder) -> tuple[str, int, str, str]:
    return holder.host, holder.pid, holder.born, holder.boot


def _key(path: Path) -> bytes:
    # as bytes, for a file name need not be text
    return os.fsencode(path.absolute())
