"""Renews a task's lease while it is worked on, from a thread of its own: one window may take minutes."""

from __future__ import annotations

import sqlite3
import threading
import time
from types import TracebackType
from typing import Self

from archive.errors import MachineError
from ingest.lease import LEASE_S, RENEW_S
from ingest.roster import Asked
from ingest.tasks import Task


class LeaseLost(Exception):
    """Somebody else may be at the task by now, so this worker has to let go of it."""


class Heartbeat:
    """A context in which a task stays leased."""

    def __init__(self, roster: Asked, task: Task, every: float = RENEW_S) -> None:
        self._roster, self._task, self._every = roster, task, every
        self._over = threading.Event()
        self._lost = False
        self._thread = threading.Thread(target=self._beat, name=f"lease of {task.recording}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        """Raises LeaseLost where the lease is gone; to be asked before anything is kept."""
        if self._lost:
            raise LeaseLost

    def _beat(self) -> None:
        held = time.monotonic()
        while not self._over.wait(self._every):
            try:
                renewed = self._roster.renew(self._task)
            except (sqlite3.Error, MachineError):
                # busy, no space, not reached: the next beat comes before the lease ends
                renewed = time.monotonic() - held < LEASE_S
            else:
                held = time.monotonic()
            if not renewed:
                self._lost = True
                return
