"""The ledger for workers in other processes and on other machines: they ask over a socket, this one answers.

One machine keeps the ledger, the catalog and the index, for SQLite's locks are not to be trusted over a network.
A question is a line of JSON and so is its answer; whoever asks must know the token, which only those learn who may
read the archive's `work` folder or are started by us. Nothing is encrypted: it is for the machines of one cluster.
"""

from __future__ import annotations

import secrets
import socketserver
import sqlite3
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, get_args

import msgspec

from archive.errors import IndexUnready, MachineError, OnrecordError
from ingest.lease import Holder, this_process
from ingest.outcomes import is_full
from ingest.progress import Event
from ingest.roster import Roster
from ingest.tasks import Task

LONGEST_BYTES = 1 << 20  # of a question
EVENTS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ledger is served, and the word that opens it."""

    host: str
    port: int
    token: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: a method of the roster, for a holder, with whatever of the rest that method takes."""

    token: str
    holder: Holder
    method: str
    task: Task | None = None
    recording: str = ""
    text: str = ""
    seconds: float = 0.0
    wall: float = 0.0
    waiting: bool = False
    kind: str = ""
    event: Any = None


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it is told to who asked. `kind` is IndexUnready, MachineError, full, or stopped."""

    kind: str
    what: str = ""
    where: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: a task, yes or no, or a problem."""

    task: Task | None = None
    yes: bool = False
    problem: Problem | None = None


class LedgerService:
    """A context in which a roster can be asked from elsewhere. Port 0 takes any that is free."""

    def __init__(self, roster: Roster, address: str = "127.0.0.1", *, port: int = 0, name: str = "") -> None:
        self._roster = roster
        self._stopping = threading.Event()
        self._watching, self._indexing = threading.Lock(), threading.Lock()  # one at a time tells, and indexes
        self._broken: Problem | None = None
        try:
            self._server = _Server((address, port), self)
        except OSError as error:
            raise MachineError(f"cannot listen there: {error.strerror}", where=f"{address}:{port}") from error
        self.place = Place(name or address, self._server.server_address[1], secrets.token_hex(16))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="ledger", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def stop(self) -> None:
        """From now on workers get nothing new, and are told to give back what they have when they next report."""
        self._stopping.set()

    @property
    def broken(self) -> MachineError | None:
        """The last error that ended a worker and that others would meet too, as a missing model."""
        problem = self._broken
        return MachineError(problem.what, where=problem.where, mend=problem.mend) if problem else None

    def answer(self, line: bytes) -> bytes:
        """The answer to a question; nothing to what is none of ours."""
        try:
            ask = msgspec.json.decode(line, type=Ask)
        except msgspec.DecodeError:
            return b""
        if not secrets.compare_digest(ask.token.encode(), self.place.token.encode()):
            return b""
        try:
            reply = self._answer(ask)
        except (OnrecordError, OSError, sqlite3.Error) as error:
            reply = Reply(problem=problem_of(error))
        return msgspec.json.encode(reply) + b"\n"

    def _answer(self, ask: Ask) -> Reply:
        roster, task, stopping = replace(self._roster, holder=ask.holder), ask.task, self._stopping.is_set()
        match ask.method:
            case "next":
                _check_name(ask.holder)
                return Reply(task=None if stopping else roster.next())
            case "tell":
                with self._watching:
                    roster.tell(msgspec.convert(ask.event, EVENTS[ask.kind], dec_hook=_path))
            case "broken":
                self._broken = Problem("MachineError", ask.text, f"a worker on {ask.holder.host}", ask.kind)
            case "catalogue":
                with self._indexing:
                    roster.catalogue(ask.recording)
            case "index":
                with self._indexing:
                    roster.index(ask.recording)
            case method if task:
                return self._about(roster, method, task, ask)
        return Reply(problem=Problem("stopped") if stopping else None)

    def _about(self, roster: Roster, method: str, task: Task, ask: Ask) -> Reply:
        match method:
            case "renew":
                return Reply(yes=roster.renew(task))
            case "enter":
                roster.enter(task, ask.text)
            case "progress":
                roster.progress(task, ask.seconds)
            case "finish":
                roster.finish(task, ask.seconds, ask.wall)
            case "fail":
                return Reply(yes=roster.fail(task, ask.text))
            case "release":
                roster.release(task, ask.text, waiting=ask.waiting)
        return Reply()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], service: LedgerService) -> None:
        self.service = service
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A line that broke off: who asked will ask again."""


class _Handler(socketserver.StreamRequestHandler):
    timeout = 30.0
    server: _Server

    def handle(self) -> None:
        """One question, one answer."""
        self.wfile.write(self.server.service.answer(self.rfile.readline(LONGEST_BYTES)))


def problem_of(error: OnrecordError | OSError | sqlite3.Error) -> Problem:
    """An error in a form that travels."""
    if is_full(error):
        return Problem("full")
    if isinstance(error, OnrecordError):
        kind = "IndexUnready" if isinstance(error, IndexUnready) else "MachineError"
        return Problem(kind, error.what, error.where, error.mend)
    return Problem("MachineError", f"{type(error).__name__}: {error}")


def plain(event: Event) -> Any:
    """An event in what JSON knows."""
    return msgspec.to_builtins(event, enc_hook=str)


def _path(kind: type[Any], value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)


def _check_name(holder: Holder) -> None:
    here = this_process()
    if holder.host == here.host and holder.boot != here.boot:
        # the ledger tells machines apart by name, and would take this one's work for that of a former boot
        raise MachineError(f"two machines are called {here.host}", mend="give each a name of its own")
