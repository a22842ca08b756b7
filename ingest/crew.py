"""Crews: who works off a shift. The ledger decides what is done by whom; a crew only starts workers, and others in
the place of those that died while something is left.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sqlite3
import time
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Protocol, Self

from archive.errors import MachineError, OnrecordError
from archive.store import Archive
from ingest.joined import join
from ingest.pipeline import Crew
from ingest.roster import Roster
from ingest.service import LedgerService, Place
from ingest.stopping import stops_cleanly

LOOK_S = 0.5  # how long a death goes unnoticed
GRACE_S = 30.0  # to give back what is in hand: the engine ends its batch first
STILLBORN = 3  # workers in a row that die before they take anything up


class Hands(Protocol):
    """What starts workers somewhere."""

    def fill(self) -> None:
        """Start as many as there is room for."""

    def busy(self) -> int:
        """How many work."""

    def died(self) -> int:
        """How many ended otherwise than they should, since this was last asked."""

    def wait(self, seconds: float) -> None:
        """Wait so long, or until one ends."""


def supervise(roster: Roster, service: LedgerService, hands: Hands) -> None:
    """See that a shift is worked off, by as many workers as there are and whatever becomes of them.

    Once one could not work where it is, no new ones are started; those that can go on.
    """
    stillborn, granted = 0, 0
    try:
        while True:
            left = roster.left()
            if not left.open and (not left.running or not hands.busy()):
                return  # what still runs is another's
            stillborn = stillborn + hands.died() if roster.shift.granted == granted else 0
            granted = roster.shift.granted
            if stillborn >= STILLBORN:
                raise MachineError("workers die before they take anything up", mend="see what they said, above")
            if service.broken and not hands.busy():
                raise service.broken
            if left.open and not service.broken:
                hands.fill()
            hands.wait(LOOK_S)
    except BaseException:
        service.stop()
        raise


def local(count: int) -> Crew:
    """Processes on this machine, which share its cores (or so many threads as the caller allows)."""

    def crew(archive: Archive, roster: Roster, threads: int) -> None:
        each = max(1, (threads or len(os.sched_getaffinity(0))) // count)
        with LedgerService(roster) as service, Processes(count, service.place, archive, each) as hands:
            supervise(roster, service, hands)

    return crew


class Processes:
    """Worker processes, started afresh: a copy of this one would share its locks and threads."""

    def __init__(self, count: int, place: Place, archive: Archive, threads: int) -> None:
        self._count, self._arguments = count, (place, str(archive.root.absolute()), threads)
        self._running: list[SpawnProcess] = []
        self._died = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            for process in self._running:
                process.terminate()
        until = time.monotonic() + GRACE_S
        for process in self._running:
            process.join(max(0.0, until - time.monotonic()))
            process.kill()  # does nothing to one that has ended
            process.join()

    def fill(self) -> None:
        """Start those that are missing."""
        for _ in range(self._count - self.busy()):
            process = multiprocessing.get_context("spawn").Process(target=_work, args=self._arguments, name="worker")
            process.start()
            self._running.append(process)

    def busy(self) -> int:
        """How many run."""
        ended = [process for process in self._running if process.exitcode is not None]
        self._died += sum(process.exitcode != 0 for process in ended)
        self._running = [process for process in self._running if process not in ended]
        return len(self._running)

    def died(self) -> int:
        """How many died since last asked."""
        self.busy()
        died, self._died = self._died, 0
        return died

    def wait(self, seconds: float) -> None:
        """Wait for one to end."""
        wait([process.sentinel for process in self._running], seconds)


def _work(place: Place, root: str, threads: int) -> None:
    """What a worker process runs. It ends quietly: whatever is wrong was told to who keeps the ledger."""
    with contextlib.suppress(KeyboardInterrupt, OnrecordError, OSError, sqlite3.Error), stops_cleanly(once=True):
        join(place, root, threads)
