"""What an error or a refused claim means for a recording: a result, a finding, or a disk without room."""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import replace
from pathlib import Path

from archive.errors import OnrecordError
from archive.models import Finding
from archive.store import Archive
from ingest.ledger import Claim, State
from ingest.names import shown
from ingest.progress import Outcome, Registered, Result

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def result_of(entry: Registered, outcome: Outcome, reason: str = "") -> Result:
    """What came of a registered file."""
    return Result(entry.path, outcome, entry.recording, entry.title, reason=reason)


def not_granted(entry: Registered, claim: Claim, archive: Archive) -> Result:
    """Why a recording is not worked on now."""
    if claim.holder:
        return result_of(entry, Outcome.BUSY, f"being done by {claim.holder}")
    if claim.task.state is State.DONE:
        return replace(result_of(entry, Outcome.UNCHANGED), version=archive.versions(entry.recording)[-1])
    finding = Finding("SetAside", shown(entry.path), claim.task.reason, "mend the file, or try again with --retry")
    return replace(result_of(entry, Outcome.SET_ASIDE, claim.task.reason), findings=(finding,))


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
