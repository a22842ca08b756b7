"""Renews a task's lease while it is worked on, from a thread of its own: one window may take minutes."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from types import TracebackType

from ingest.lease import RENEW_S
from ingest.ledger import Ledger, Task


class Heartbeat:
    """A context in which a task stays leased."""

    def __init__(self, work: Path, task: Task, every: float = RENEW_S) -> None:
        self._work, self._task, self._every = work, task, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease of {task.recording}", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(self._every):
            try:
                with Ledger(self._work) as ledger:
                    ledger.renew(self._task)
            except sqlite3.Error:
                continue  # busy or no space: the next beat comes before the lease ends
