"""The ledger of work: which recording is to be heard by which engine, who is at it, and what came of it.

It lies in the archive's `work` folder and may be deleted: what is done is then read from the archive again.
A task's *starts* are counted before it begins, so a recording that kills its worker is known by it: after
three starts without getting further it is set aside, and no other recording is charged. Every step of the
work that was finished (a window heard) begins the count again.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType

from archive.errors import Withdrawn
from archive.models import Finding
from ingest import ledger_file
from ingest.lease import Holder, Lease, new_lease, this_process
from ingest.names import shown
from ingest.tasks import Key, Left, Refused, State, Task

MAX_STARTS = 3
HELD = "file-held"  # the code of a file that waits for its sheet to be mended

_REFUSE = "INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?)"
_MINE = (
    "recording = :recording AND recipe = :recipe AND state = 'running'"
    " AND host = :host AND pid = :pid AND born = :born AND boot = :boot"
)


class Ledger:
    """The ledger of one archive, for one `holder` (this process, where none is named).

    Safe for several processes on one machine; one connection a thread. Locks over a network are not to be
    trusted, so processes on other machines ask this one (`ingest/service.py`).
    """

    def __init__(self, work: Path, holder: Holder | None = None) -> None:
        self._holder = holder or this_process()
        self._db = ledger_file.connect(work)

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

    def queue(self, recording: str, recipe: str, *, source: str = "", duration: float = 0.0, own: bool = True) -> Task:
        """Put a task in, or learn what became of it; `source` and `duration` are noted in either case.

        But a source that is not the recording's `own` takes no other's place.
        """
        known = {"recording": recording, "recipe": recipe, "source": source, "duration": duration, "own": own}
        with self._writing() as db:
            db.execute(
                "INSERT OR IGNORE INTO task (recording, recipe, source) VALUES (:recording, :recipe, :source)", known
            )
            db.execute(
                "UPDATE task SET duration = :duration, source = iif(:own, :source, source)"
                " WHERE recording = :recording AND recipe = :recipe",
                known,
            )
            return self._tasks(recording, recipe)[0]

    def next(self, only: Collection[Key] | None = None, tried: Collection[Key] = ()) -> Task | None:
        """Take up the next task; None where there is none to take up. Those that failed before come last, and behind
        them those of a recipe for which the machine lacked something, so that it keeps nobody else from being heard.

        `only` are the tasks that are meant (all, if None), `tried` those that are not. A start is charged
        here, before any work. No recording is given to two, whatever is asked of it.
        """
        with self._writing():
            tasks = self._tasks()
            busy = {task.recording for task in tasks if task.running}
            lacking = {task.recipe for task in tasks if task.stopped}
            for task in sorted(tasks, key=lambda task: (task.recipe in lacking, task.starts)):
                if task.recording not in busy and _open(task, only, tried) and task.starts < MAX_STARTS:
                    return self._grant(task)
        return None

    def _grant(self, task: Task) -> Task:
        lease = new_lease(self._holder)
        self._db.execute(
            "UPDATE task SET state = 'running', starts = starts + 1, stage = '', first = NULL, at = 0, began = :now,"
            " host = :host, pid = :pid, born = :born, boot = :boot,"
            " until = :until, until_wall = :until_wall, clock = :clock"
            " WHERE recording = :recording AND recipe = :recipe",
            {**self._who(task), **_times(lease), "now": time.monotonic()},
        )
        return self._tasks(task.recording, task.recipe)[0]

    def set_aside(self, only: Collection[Key] | None = None) -> tuple[Task, ...]:
        """Set aside what killed its workers too often; gives what was set aside now."""
        with self._writing() as db:
            poison = [task for task in self._tasks() if _open(task, only) and task.starts >= MAX_STARTS]
            for task in poison:
                reason = task.reason or f"its worker was killed {MAX_STARTS} times at {task.seconds:.0f} s"
                db.execute(
                    "UPDATE task SET state = 'quarantined', reason = ? WHERE recording = ? AND recipe = ?",
                    (reason, task.recording, task.recipe),
                )
            return tuple(self._tasks(task.recording, task.recipe)[0] for task in poison)

    def left(self, only: Collection[Key] | None = None, tried: Collection[Key] = ()) -> Left:
        """What `next` would give to somebody, and what somebody is at."""
        tasks = self._tasks()
        busy = {task.recording for task in tasks if task.running}
        meant = [task for task in tasks if only is None or task.key in only]
        waiting = sum(_open(task, only, tried) and task.recording not in busy for task in meant)
        return Left(waiting, sum(task.running for task in meant))

    def renew(self, task: Task) -> bool:
        """Hold a task for another lease; False where it is no longer this holder's."""
        times = _times(new_lease(self._holder))
        return self._mine(task, "until = :until, until_wall = :until_wall, clock = :clock", **times)

    def progress(self, task: Task, seconds: float) -> None:
        """`seconds` of the recording are heard; getting further begins the count of starts again."""
        self._mine(
            task,
            "starts = iif(seconds < :to, 1, starts), reason = iif(seconds < :to, '', reason),"
            " seconds = max(seconds, :to), at = :to, first = coalesce(first, :to)",
            to=seconds,
        )

    def enter(self, task: Task, stage: str) -> None:
        """The work on a task entered a stage."""
        self._mine(task, "stage = :stage", stage=stage)

    def finish(self, task: Task, audio: float = 0.0, wall: float = 0.0) -> None:
        """The task is done: its results are in the archive and everybody was told.

        What was asked for before by another recipe and came to nothing is owed no more.
        """
        if self._mine(task, "state = 'done', reason = '', audio = :audio, wall = :wall", audio=audio, wall=wall):
            asked = itertools.takewhile(lambda each: each.key != task.key, self._tasks(task.recording))
            self.give_up(each for each in asked if each.came_to_nothing)

    def fail(self, task: Task, reason: str) -> bool:
        """The work ended with an error; the start stays charged. Returns whether it is set aside now."""
        state = "iif(starts >= :most, 'quarantined', 'open')"
        self._mine(task, f"state = {state}, reason = :reason", most=MAX_STARTS, reason=reason)
        left = self._tasks(task.recording, task.recipe)  # none, where its recording was withdrawn
        return any(task.state is State.QUARANTINED for task in left)

    def release(self, task: Task, reason: str = "", *, waiting: bool = False) -> None:
        """Give a task back that is not to blame (interrupted, or no space); its start is not charged."""
        state = State.WAITING if waiting else State.OPEN
        change = "starts = max(starts - 1, 0), state = :state, reason = :reason"
        self._mine(task, change, state=state.value, reason=reason)

    def _mine(self, task: Task, change: str, **values: object) -> bool:
        """Change a task while it is this holder's: one who lost the lease changes nothing any more."""
        with self._writing() as db:
            done = db.execute(f"UPDATE task SET {change} WHERE {_MINE}", {**values, **self._who(task)})  # noqa: S608
            return done.rowcount == 1

    def _who(self, task: Task) -> dict[str, object]:
        holder = self._holder
        who = {"host": holder.host, "pid": holder.pid, "born": holder.born, "boot": holder.boot}
        return {"recording": task.recording, "recipe": task.recipe, **who}

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

    def drop(self, recording: str) -> None:
        """Forget the tasks of a recording that is in the archive no more; whoever is at one loses the lease."""
        with self._writing() as db:
            db.execute("DELETE FROM task WHERE recording = ?", (recording,))

    def give_up(self, tasks: Iterable[Task]) -> None:
        """Forget tasks that nobody wants any more; one that was taken up since it was read stays."""
        rows = [(*task.key, task.state.value, task.starts) for task in tasks]
        with self._writing() as db:
            db.executemany("DELETE FROM task WHERE recording = ? AND recipe = ? AND state = ? AND starts = ?", rows)

    def tasks(self) -> tuple[Task, ...]:
        """Every task there is, in the order in which they were put in."""
        return tuple(self._tasks())

    def sources(self, recording: str) -> frozenset[str]:
        """The files, as shown, that a recording came from; several where it was moved between two recipes."""
        return frozenset(task.source for task in self._tasks(recording))

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

    def accept(self, path: Path) -> None:
        """A file is taken in, also one that was known: nothing is to mend about it."""
        with self._writing() as db:
            db.execute("DELETE FROM refused WHERE path = ?", (_key(path),))

    def refuse(self, path: Path, finding: Finding) -> None:
        """A file that could not be registered, kept in mind until it is."""
        with self._writing() as db:
            db.execute(_REFUSE, _refused_row(path, finding))

    def readmit(self, recording: str) -> None:
        """A recording was put back into the archive: no file is refused any more because it was withdrawn."""
        with self._writing() as db:
            db.execute("DELETE FROM refused WHERE code = ? AND instr(mend, ?)", (Withdrawn.__name__, recording))

    def hold(self, held: Mapping[Path, Finding], taken: Iterable[Path]) -> None:
        """Keep in mind what waits for its sheet to be mended; what is `taken` up now waits no longer."""
        with self._writing() as db:
            over = ((_key(path), HELD) for path in taken)
            db.executemany("DELETE FROM refused WHERE path = ? AND code = ?", over)
            db.executemany(_REFUSE, (_refused_row(path, finding) for path, finding in held.items()))

    def refused(self) -> tuple[Refused, ...]:
        """The files that could not be registered, but for those that are gone, with what they became before."""
        rows = self._db.execute(
            "SELECT path, name, code, what, mend, coalesce(recording, '') FROM refused LEFT JOIN source USING (path)"
            " ORDER BY path"
        ).fetchall()
        return tuple(Refused(*row[1:]) for row in rows if os.path.lexists(row[0]))

    def _tasks(self, recording: str = "", recipe: str = "") -> list[Task]:
        return ledger_file.tasks(self._db, recording, recipe)


def _open(task: Task, only: Collection[Key] | None, tried: Collection[Key] = ()) -> bool:
    """Whether a task may be taken up: it is asked for, and nobody is at it or whoever was has died."""
    if (only is not None and task.key not in only) or task.key in tried:
        return False
    return task.state in (State.OPEN, State.WAITING) or (task.state is State.RUNNING and not task.running)


def _times(lease: Lease) -> dict[str, object]:
    return {"until": lease.until, "until_wall": lease.until_wall, "clock": lease.clock}


def _refused_row(path: Path, finding: Finding) -> tuple[bytes, str, str, str, str]:
    return _key(path), shown(path), finding.code, finding.what, finding.mend


def _key(path: Path) -> bytes:
    # as bytes, for a file name need not be text
    return os.fsencode(path.absolute())
