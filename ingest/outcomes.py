"""What an error, or a state of the ledger, means for a recording: a result, a finding, or a disk without room."""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import replace
from pathlib import Path

from archive.errors import OnrecordError
from archive.models import Finding
from archive.store import Archive
from ingest.names import shown
from ingest.progress import Outcome, Result
from ingest.tasks import State, Task

SET_ASIDE_MEND = "mend the file, or try it again with: onrecord retry"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def result_of(task: Task, archive: Archive, outcome: Outcome, reason: str = "") -> Result:
    """What came of a task, as its file's result."""
    title = archive.recording(task.recording).title if task.recording in archive else ""
    return Result(Path(task.source or task.recording), outcome, task.recording, title, reason=reason)


def left_by(task: Task, archive: Archive) -> Result:
    """What the ledger says of a task that nobody of this run worked on."""
    if task.running and task.lease:
        return result_of(task, archive, Outcome.BUSY, f"being done by {task.lease.holder}")
    if task.state is State.DONE:
        version = max(archive.versions(task.recording), default=0)
        return replace(result_of(task, archive, Outcome.UNCHANGED), version=version)
    if task.state is State.QUARANTINED:
        finding = Finding("SetAside", task.source, task.reason, SET_ASIDE_MEND)
        return replace(result_of(task, archive, Outcome.SET_ASIDE, task.reason), findings=(finding,))
    if task.state is State.RUNNING:
        return result_of(task, archive, Outcome.FAILED, "its worker was killed")
    return result_of(task, archive, Outcome.QUEUED, task.reason)


def finding_of(error: OnrecordError | OSError, path: Path) -> Finding:
    """An error as a finding about a file."""
    if isinstance(error, OnrecordError):
        return Finding(error.code, error.where or shown(path), error.what, error.mend)
    return Finding("Unreadable", shown(path), error.strerror or str(error))


def unexpected(error: Exception, path: Path) -> Finding:
    """An error that none of us foresaw, so a mistake of ours that this file brought out."""
    what = shown(f"{type(error).__name__}: {error}")
    return Finding("Unexpected", shown(path), what, "please report it, with the file if you may")


def is_full(error: BaseException | None) -> bool:
    """Whether the disk is full beneath this error."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return True
        error = error.__cause__ or error.__context__
    return False
