"""The desk: what is being worked on and by whom, how fast, how long it will take; what failed and how to mend it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from archive.store import Archive
from ingest.lease import this_process
from ingest.ledger import MAX_STARTS, Ledger
from ingest.ledger_file import FILE
from ingest.tasks import INTERRUPTED, Refused, State, Task

LATELY = 50  # recordings whose pace foretells that of the next
RETRY = "onrecord retry"
WORK = "onrecord work"


@dataclass(frozen=True, slots=True)
class Working:
    """A recording that somebody is at: `at` of `duration` seconds are heard, at `rtf` seconds of work a second.

    `rtf` is None until enough is known, and so is `left`, the seconds of the clock that it will still take.
    """

    task: Task
    worker: str
    rtf: float | None
    left: float | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A recording that did not go through, why, and the command or act that helps."""

    task: Task
    state: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class Desk:
    """All of it; `finished` in the order in which it was put in.

    `rtf` is one worker's pace lately, `left` the seconds until all is done by those who work now.
    """

    finished: tuple[Task, ...]
    working: tuple[Working, ...]
    queued: tuple[Task, ...]
    troubles: tuple[Trouble, ...]
    refused: tuple[Refused, ...]
    rtf: float | None
    left: float | None


def desk(archive: Archive) -> Desk:
    """The desk of an archive, as it is now."""
    if not (archive.work / FILE).exists():
        return Desk((), (), (), (), (), None, None)
    with Ledger(archive.work) as ledger:
        tasks = ledger.tasks()
        refused = tuple(file if file.recording in archive else replace(file, recording="") for file in ledger.refused())
    working = tuple(_working(task) for task in tasks if task.running)
    troubles = tuple(trouble for task in tasks if (trouble := _trouble(task)))
    troubled = {trouble.task.key for trouble in troubles}
    queued = tuple(task for task in tasks if task.state is State.OPEN and task.key not in troubled)
    rtf = _pace(tasks, working)
    finished = tuple(task for task in tasks if task.state is State.DONE)
    waits = [task for task in tasks if not task.running and task.state not in (State.DONE, State.QUARANTINED)]
    return Desk(finished, working, queued, troubles, refused, rtf, _left(working, waits, rtf))


def _working(task: Task) -> Working:
    rtf, left = _rtf(task), None
    if rtf is not None:
        left = max(0.0, task.duration - task.at) * rtf
    return Working(task, str(task.lease.holder) if task.lease else "", rtf, left)


def _rtf(task: Task) -> float | None:
    """Seconds of the clock for a second of sound in this start; the clock is of the machine that granted it."""
    if task.lease is None or task.began is None or task.first is None or task.at <= task.first:
        return None
    if task.lease.clock != this_process().boot:
        return None
    return max(0.0, time.monotonic() - task.began) / (task.at - task.first)


def _pace(tasks: Iterable[Task], working: Iterable[Working]) -> float | None:
    """Of what was finished last and what goes on, weighed by how long it is."""
    heard = [(task.wall, task.audio) for task in tasks if task.state is State.DONE and task.audio][-LATELY:]
    for each in working:
        if each.rtf is not None and each.task.first is not None:
            audio = each.task.at - each.task.first
            heard.append((each.rtf * audio, audio))
    audio = sum(audio for _, audio in heard)
    return sum(wall for wall, _ in heard) / audio if audio else None


def _left(working: tuple[Working, ...], waits: list[Task], rtf: float | None) -> float | None:
    if not working or rtf is None:
        return None  # nobody is at it, or nobody knows how fast
    sound = sum(max(0.0, each.task.duration - each.task.at) for each in working)
    sound += sum(max(0.0, task.duration - task.seconds) for task in waits)
    longest = max((each.left or 0.0 for each in working), default=0.0)  # nobody helps with what one has in hand
    return max(longest, sound * rtf / len(working))


def _trouble(task: Task) -> Trouble | None:
    if task.running or task.state is State.DONE:
        return None
    again = f"start {task.starts} of {MAX_STARTS}"
    give_up = f"or give it up: {RETRY} {task.recording} --drop"
    match task.state:
        case State.QUARANTINED:
            retry = f"mend the file and take it in anew, or try again: {RETRY} {task.recording}; {give_up}"
            return Trouble(task, "set aside", task.reason, retry)
        case State.RUNNING:
            return Trouble(task, "interrupted", f"its worker is gone, {again}", f"run: {WORK}")
        case State.WAITING:
            return Trouble(task, "waiting", task.reason, f"make room, or wait for who holds it, then run: {WORK}")
    if task.starts and task.reason == INTERRUPTED:  # stopped cleanly, and an earlier start came to nothing
        return Trouble(task, "interrupted", f"it was stopped, {again}", f"run: {WORK}")
    if task.starts:
        return Trouble(task, "failed", task.reason, f"{again}; to try again run: {WORK}; {give_up}")
    if task.stopped:
        return Trouble(task, "stopped", task.reason, f"mend that, then run: {WORK}; {give_up}")
    return None
