"""A worker's roster where the ledger is kept by another process or machine: each question goes to it over a socket."""

from __future__ import annotations

import errno
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from archive.errors import IndexUnready, MachineError, OnrecordError
from archive.store import Archive
from ingest.lease import this_process
from ingest.progress import Event
from ingest.service import Ask, Place, Problem, Reply, plain, problem_of
from ingest.tasks import Task
from ingest.worker import Worker

CONNECT_S = 10.0
ANSWER_S = 900.0  # the index may wait for another writer, and then for others before us
ATTEMPTS = 3
BETWEEN_S = 1.0


class Stopped(KeyboardInterrupt):
    """Whoever keeps the ledger ends the work, as Ctrl-C would here."""


class Joined:
    """The roster at a place. `on_event` watches here what is also told there."""

    def __init__(self, place: Place, on_event: Callable[[Event], None] = lambda _event: None) -> None:
        self._place, self._on_event, self._holder = place, on_event, this_process()

    def next(self) -> Task | None:
        """A task, now leased to this process."""
        return self._ask("next").task

    def renew(self, task: Task) -> bool:
        """Hold it."""
        return self._ask("renew", task=task).yes

    def enter(self, task: Task, stage: str) -> None:
        """It entered a stage."""
        self._ask("enter", task=task, text=stage)

    def progress(self, task: Task, seconds: float) -> None:
        """So much is heard."""
        self._ask("progress", task=task, seconds=seconds)

    def finish(self, task: Task, audio: float, wall: float) -> None:
        """It is done."""
        self._ask("finish", task=task, seconds=audio, wall=wall)

    def fail(self, task: Task, reason: str) -> bool:
        """It failed."""
        return self._ask("fail", task=task, text=reason).yes

    def release(self, task: Task, reason: str = "", *, waiting: bool = False) -> None:
        """It is given back."""
        self._ask("release", task=task, text=reason, waiting=waiting)

    def catalogue(self, recording: str) -> None:
        """Make its card, there."""
        self._ask("catalogue", recording=recording)

    def index(self, recording: str) -> None:
        """Index it, there."""
        self._ask("index", recording=recording)

    def tell(self, event: Event) -> None:
        """Tell who watches. Raises Stopped where the work is to end."""
        self._on_event(event)
        self._ask("tell", kind=type(event).__name__, event=plain(event))

    def broken(self, problem: Problem) -> None:
        """Say that no worker can work as things are."""
        where = f"{problem.where}: " if problem.where else ""
        self._ask("broken", text=f"{where}{problem.what or problem.kind}", kind=problem.mend)

    def _ask(self, method: str, **about: Any) -> Reply:
        line = msgspec.json.encode(Ask(self._place.token, self._holder, method, **about)) + b"\n"
        reply = msgspec.json.decode(self._exchange(line), type=Reply)
        if reply.problem:
            raise _error_of(reply.problem)
        return reply

    def _exchange(self, line: bytes) -> bytes:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(BETWEEN_S)
            try:
                with socket.create_connection((self._place.host, self._place.port), CONNECT_S) as connection:
                    connection.settimeout(ANSWER_S)
                    connection.sendall(line)
                    with connection.makefile("rb") as answers:
                        answer: bytes = answers.readline()
                if answer:
                    return answer
            except ConnectionRefusedError:
                break  # it has ended, and another would have another port
            except OSError:
                continue
        raise MachineError(
            "whoever keeps the ledger does not answer",
            where=f"{self._place.host}:{self._place.port}",
            mend="start it again there; what was heard is kept",
        )


def join(place: Place, root: str, threads: int, on_event: Callable[[Event], None] = lambda _event: None) -> None:
    """Work for the ledger at a place, on an archive that lies under the same path here, until nothing is left."""
    roster = Joined(place, on_event)
    try:
        Worker(Archive.open(Path(root)), roster, threads=threads).run()
    except Stopped:
        return
    except (OnrecordError, OSError, sqlite3.Error) as error:
        roster.broken(problem_of(error))
        raise


def _error_of(problem: Problem) -> BaseException:
    match problem.kind:
        case "stopped":
            return Stopped()
        case "full":
            return OSError(errno.ENOSPC, "no space")
        case "IndexUnready":
            return IndexUnready(problem.what, where=problem.where, mend=problem.mend)
    return MachineError(problem.what, where=problem.where, mend=problem.mend)
