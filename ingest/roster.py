"""What a worker asks and tells while it works: its tasks, its leases, and whoever catalogues, indexes and watches.

A worker beside the ledger asks a `Roster` (this module); one in another process or on another machine asks the same
through `ingest/service.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from archive.catalog import Catalog
from archive.store import Archive
from ingest.failpoint import failpoint
from ingest.lease import Holder
from ingest.ledger import Ledger
from ingest.outcomes import left_by
from ingest.progress import Event
from ingest.tasks import Key, Left, Task


class Asked(Protocol):
    """The contract. Each method raises what its doing raises, wherever it is done."""

    def next(self) -> Task | None:
        """A task to work on, now leased; None where there is none."""

    def renew(self, task: Task) -> bool:
        """Hold it for another lease; False where it was lost."""

    def enter(self, task: Task, stage: str) -> None:
        """The work entered a stage."""

    def progress(self, task: Task, seconds: float) -> None:
        """So many seconds are heard."""

    def finish(self, task: Task, audio: float, wall: float) -> None:
        """It is done: `audio` seconds heard in `wall` seconds of the clock."""

    def fail(self, task: Task, reason: str) -> bool:
        """It ended with an error that is its own; whether it is set aside now."""

    def release(self, task: Task, reason: str = "", *, waiting: bool = False) -> None:
        """It is given back and not to blame."""

    def catalogue(self, recording: str) -> None:
        """Make the recording's card anew."""

    def index(self, recording: str) -> None:
        """Put its words into the search index."""

    def tell(self, event: Event) -> None:
        """Something happened that somebody may watch."""


@dataclass(slots=True)
class Shift:
    """One run of work and what its workers share: tasks that ended without success are not tried twice in it."""

    only: Collection[Key] | None = None
    tried: set[Key] = field(default_factory=set)
    granted: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """The roster beside the ledger, for one holder. Its methods may be called from any thread."""

    archive: Archive
    to_index: Callable[[str], None]
    on_event: Callable[[Event], None]
    shift: Shift = field(default_factory=Shift)
    holder: Holder | None = None

    def next(self) -> Task | None:
        """The next task of the shift; what killed its workers too often is set aside first, and told."""
        with self._ledger() as ledger:
            aside = ledger.set_aside(self.shift.only)
            task = ledger.next(self.shift.only, frozenset(self.shift.tried))
            while task and task.recording not in self.archive and self.archive.withdrawal(task.recording):
                ledger.drop(task.recording)
                task = ledger.next(self.shift.only, frozenset(self.shift.tried))
        for poison in aside:
            self.tell(left_by(poison, self.archive))
        self.shift.granted += task is not None
        return task

    def left(self) -> Left:
        """What is left of the shift."""
        with self._ledger() as ledger:
            return ledger.left(self.shift.only, frozenset(self.shift.tried))

    def renew(self, task: Task) -> bool:
        """Hold a task for another lease."""
        with self._ledger() as ledger:
            return ledger.renew(task)

    def enter(self, task: Task, stage: str) -> None:
        """Note the stage."""
        with self._ledger() as ledger:
            ledger.enter(task, stage)

    def progress(self, task: Task, seconds: float) -> None:
        """Note how much is heard."""
        with self._ledger() as ledger:
            ledger.progress(task, seconds)

    def finish(self, task: Task, audio: float, wall: float) -> None:
        """Note that it is done."""
        with self._ledger() as ledger:
            ledger.finish(task, audio, wall)

    def fail(self, task: Task, reason: str) -> bool:
        """Note that it failed."""
        self.shift.tried.add(task.key)
        with self._ledger() as ledger:
            return ledger.fail(task, reason)

    def release(self, task: Task, reason: str = "", *, waiting: bool = False) -> None:
        """Give it back."""
        if waiting:
            self.shift.tried.add(task.key)
        with self._ledger() as ledger:
            ledger.release(task, reason, waiting=waiting)

    def catalogue(self, recording: str) -> None:
        """Make the card."""
        Catalog(self.archive).put(recording)
        failpoint("catalogued")

    def index(self, recording: str) -> None:
        """Tell the index."""
        self.to_index(recording)
        failpoint("indexed")

    def tell(self, event: Event) -> None:
        """Tell who watches."""
        self.on_event(event)

    def _ledger(self) -> Ledger:
        return Ledger(self.archive.work, self.holder)
