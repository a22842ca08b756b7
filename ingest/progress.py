"""What an ingest tells its caller while it goes on, and its report at the end. Seconds are of audio unless said."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

from archive.models import Finding
from ingest.fetch import Fetch


class Outcome(enum.StrEnum):
    """What came of one file: its words are kept now, or were before, or somebody else is at it, or they are not."""

    DONE = "done"
    UNCHANGED = "unchanged"
    QUEUED = "queued"
    BUSY = "busy"
    WAITING = "waiting"
    FAILED = "failed"
    SET_ASIDE = "set aside"


class Stage(enum.StrEnum):
    """The steps of one recording after it is registered, in their order."""

    LISTENING = "listening"
    TELLING_VOICES = "telling voices apart"
    KEEPING = "keeping"
    COPYING = "making a copy that browsers play"
    CATALOGUING = "cataloguing"
    INDEXING = "indexing"


@dataclass(frozen=True, slots=True)
class Planned:
    """What was found: `files` to take in, and what cannot be taken."""

    files: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    """A file is in the archive: "new", "known" or an "alias" of bytes that came in under another name.

    `findings` are about what came with it, such as a transcript that cannot be taken. An interpreter's file has a
    `layer` of the recording it belongs to.
    """

    path: Path
    recording: str
    title: str
    state: str
    duration: float
    findings: tuple[Finding, ...] = ()
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Queued:
    """All files are registered: so many recordings and seconds are to be heard."""

    recordings: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Working:
    """A recording entered a stage."""

    recording: str
    title: str
    stage: Stage
    duration: float


@dataclass(frozen=True, slots=True)
class Heard:
    """So many seconds of the recording are heard."""

    recording: str
    seconds: float
    duration: float


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one file. `seconds` were heard now (0 if nothing was), in `wall` seconds of the clock."""

    path: Path
    outcome: Outcome
    recording: str = ""
    title: str = ""
    version: int = 0
    words: int = 0
    seconds: float = 0.0
    wall: float = 0.0
    reason: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What came of all of them, in the order of the plan; `findings` are of the plan and its sheet."""

    results: tuple[Result, ...]
    findings: tuple[Finding, ...]
    wall: float

    @property
    def seconds(self) -> float:
        """Seconds of audio heard."""
        return sum(result.seconds for result in self.results)

    def count(self, outcome: Outcome) -> int:
        """How many files came out like that."""
        return sum(result.outcome is outcome for result in self.results)


Event = Planned | Fetch | Registered | Queued | Working | Heard | Result
