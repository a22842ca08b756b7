"""Taking a recording out of the archive, whole, and putting it back: nothing of it is lost or changed.

    withdrawn/<id>.json     the tombstone; writing it commits a withdrawal, and deleting it ends a return
    withdrawn/<id>/         the folder that was recordings/<id>/, moved by one rename

A process may be killed between any two steps. What the tombstone says is then finished by whoever opens the archive
next: the line in the history, and the move, there or back.
"""

from __future__ import annotations

import contextlib
import datetime
from dataclasses import replace

from archive import codec, layout
from archive.changes import Change, move
from archive.errors import Damaged, InputError, NotFound, OnrecordError
from archive.files import atomic_write, disk_errors, sync_folder
from archive.locks import held
from archive.reader import Reader
from archive.tombstones import error_of, tombstone_path, withdrawals
from archive.withdrawal import Withdrawal

LONGEST_WHY = 1000  # characters; it stands on a page
_OUT, _BACK = "deaccession", "accession"  # event types of PREMIS


def withdraw(archive: Reader, recording: str, *, by: str, why: str) -> Withdrawal:
    """Take a recording out; gives its tombstone. Withdrawn where it is out already, NotFound where it never was in.

    `why` is told to everybody who asks for the recording, where it was public.
    """
    checked, by, why = layout.checked_id(recording), _told(by, "by"), _told(why, "why")
    with held(archive.locks, checked):
        standing = archive.withdrawal(checked)
        if standing and standing.back_at:
            _finish(archive, standing)
            standing = None
        if standing and not (archive.recordings / checked).is_dir():
            raise error_of(standing)
        if standing is None:
            standing = _standing(archive, checked, by, why)
            _write(archive, standing)
        _finish(archive, standing)
    return standing


def put_back(archive: Reader, recording: str, *, by: str, why: str = "") -> Withdrawal:
    """Put a withdrawn recording back as it was; gives the tombstone that it had. NotFound where there is nothing to."""
    checked, by, why = layout.checked_id(recording), _told(by, "by"), _told(why or "put back", "why")
    with held(archive.locks, checked):
        standing = archive.withdrawal(checked)
        if standing is None:
            raise NotFound("it was not withdrawn", where=checked, mend="`onrecord status` lists what was")
        if not (archive.withdrawn / checked).is_dir() and not (archive.recordings / checked).is_dir():
            raise NotFound(
                "its files were deleted",
                where=str(archive.withdrawn / checked),
                mend=f"restore them from a copy, or delete {tombstone_path(archive.root, checked)} and ingest it anew",
            )
        if not standing.back_at:
            standing = replace(standing, back_at=_now(), back_by=by, back_why=why)
            _write(archive, standing)
        _finish(archive, standing)
    return standing


def finish_all(archive: Reader) -> tuple[str, ...]:
    """Finish what killed processes left half-way; gives the ids.

    What somebody is at is left to them, and what cannot be finished stays as it is: verify names it.
    """
    finished = []
    for begun in withdrawals(archive.root):
        if is_unfinished(archive, begun):
            with held(archive.locks, begun.id, wait=False) as mine, contextlib.suppress(OSError, OnrecordError):
                standing = archive.withdrawal(begun.id) if mine else None  # as it is now that nobody else is at it
                if standing and is_unfinished(archive, standing):
                    _finish(archive, standing)
                    finished.append(standing.id)
    return tuple(finished)


def is_unfinished(archive: Reader, standing: Withdrawal) -> bool:
    """Whether there is something left to do of what a tombstone says."""
    return bool(standing.back_at) or (archive.recordings / standing.id).is_dir()


def _standing(archive: Reader, recording: str, by: str, why: str) -> Withdrawal:
    known = archive.recording(recording)
    change = Change(archive.recordings, recording)
    try:
        change.read(layout.HISTORY)  # nothing is begun that a rotten history could not be told
    finally:
        change.abandon()
    if (archive.withdrawn / recording).exists():
        raise _twice(archive, recording)
    return Withdrawal(recording, known.media.sha256, known.title, _now(), by, why, known.access)


def _finish(archive: Reader, standing: Withdrawal) -> None:
    """Do what the tombstone says, as far as it is not done. Needs the recording's lock."""
    inside, outside = archive.recordings / standing.id, archive.withdrawn / standing.id
    if inside.is_dir() and outside.is_dir():
        raise _twice(archive, standing.id)
    if not standing.back_at:
        if inside.is_dir():
            _note(archive, standing.id, _OUT, standing.by, standing.why)
            move(inside, outside)
        return
    if outside.is_dir():
        move(outside, inside)
    _note(archive, standing.id, _BACK, standing.back_by, standing.back_why)
    path = tombstone_path(archive.root, standing.id)
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def _note(archive: Reader, recording: str, event: str, agent: str, why: str) -> None:
    """Put it into the history, unless a process that was killed has done so."""
    change = Change(archive.recordings, recording)  # moves what is pending into place
    try:
        if archive.history(recording)[-1].event != event:
            change.event(event, agent, reason=why)
            change.commit()
    finally:
        change.abandon()


def _write(archive: Reader, standing: Withdrawal) -> None:
    with disk_errors(archive.withdrawn):
        if not archive.withdrawn.is_dir():
            archive.withdrawn.mkdir(exist_ok=True)
            sync_folder(archive.root)
    atomic_write(tombstone_path(archive.root, standing.id), codec.encode(standing))


def _told(text: str, name: str) -> str:
    told = " ".join(text.split())
    if not told:
        raise InputError("says nothing", where=f"--{name}", mend="it stays with the recording")
    if len(told) > LONGEST_WHY:
        raise InputError(f"has {len(told)} characters; at most {LONGEST_WHY} are kept", where=f"--{name}")
    return told


def _twice(archive: Reader, recording: str) -> Damaged:
    return Damaged(
        "lies both in recordings/ and in withdrawn/",
        where=str(archive.root),
        mend=f"`onrecord verify {recording}`, then move one of them out of the archive",
    )


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
