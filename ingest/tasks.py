"""What the ledger keeps of a recording's work, as values."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ingest.lease import Lease

Key = tuple[str, str]  # a recording and a recipe

INTERRUPTED = "interrupted"  # the reason of a task that was given back on a clean stop


class State(enum.StrEnum):
    """What a task is: open (also after a failure that may pass), at work, waiting for space, done, set aside."""

    OPEN = "open"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Task:
    """One recording for one recipe (engine and model). Times are seconds.

    `source` names the file it came from, to be shown. `duration` is the sound there is to hear, over all layers;
    `seconds` the most that was ever heard of it, `first` and `at` where this start began and where it is.
    `began` is when it began, on the clock since boot of the machine that keeps the ledger. `audio` seconds were
    heard by the start that finished it, in `wall` seconds of the clock.
    """

    recording: str
    recipe: str
    state: State
    reason: str = ""
    starts: int = 0
    seconds: float = 0.0
    lease: Lease | None = None
    source: str = ""
    duration: float = 0.0
    stage: str = ""
    first: float | None = None
    at: float = 0.0
    began: float | None = None
    audio: float = 0.0
    wall: float = 0.0

    @property
    def key(self) -> Key:
        """What tells it from every other task."""
        return self.recording, self.recipe

    @property
    def stopped(self) -> bool:
        """Whether it was given back because the machine lacks something, such as the model."""
        return self.state is State.OPEN and self.came_to_nothing and not self.starts

    @property
    def running(self) -> bool:
        """Whether somebody is at it; one that was killed no longer is."""
        return self.lease is not None and self.lease.live()

    @property
    def came_to_nothing(self) -> bool:
        """Whether it ended with an error, its own or the machine's, and nobody is at it."""
        ended = self.state is State.OPEN and self.reason not in ("", INTERRUPTED)
        return ended or self.state is State.QUARANTINED


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to do: tasks that can be taken up now, and tasks that somebody is at."""

    open: int
    running: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that could not be registered: its name to be shown, and why and what helps.

    `recording` is what it became when it was taken in before; "" where it never was, or that is in the archive no more.
    """

    name: str
    code: str
    what: str
    mend: str
    recording: str = ""
