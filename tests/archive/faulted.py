"""Run as a program by test_faults: an operation is broken at its n-th system call, for every n, in a forked child.

    python -m tests.archive.faulted OPERATION kill|fail|full FOLDER

`kill` is kill -9 at the call (a write is torn in half first), `fail` makes the call raise EIO once, `full` ends
the disk at n times 64 bytes. After each the parent is the next process: it opens the archive, tidies, verifies,
and does the operation again. Prints JSON: how many faults there were, how often the old and the new state was
found after, and what was wrong.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from archive import layout
from archive.errors import MachineError, Withdrawn
from archive.events import event_of
from archive.models import Maker, MakerKind, Media, Recording, Segment, Transcript, Word
from archive.people import People
from archive.store import Archive, GivenFile
from archive.verify import verify
from archive.withdraw import put_back, withdraw

CALLS = ("open", "write", "fsync", "replace", "rename", "link", "mkdir", "unlink", "rmdir")
MEDIA = b"sound" * 200
ID = hashlib.sha256(MEDIA).hexdigest()[:16]
FULL_STEP_BYTES = 64


def recording() -> Recording:
    media = Media("نطق.mp3", "mp3", "", 0, 2.0, "mp3", "mp3", "", "audio/mpeg", False)
    return Recording(ID, "نطق", media, event=event_of("همایش ۱۳۹۸", "2019"))


def transcript(text: str) -> Transcript:
    segment = Segment(0.0, 1.0, (Word(text, 0.0, 1.0, 0.5),), language="fa")
    return Transcript(ID, 0, Maker(MakerKind.ENGINE, "toy"), (segment,), language="fa", duration=2.0)


def register(archive: Archive) -> None:
    archive.register(archive.root.parent / "source", recording())


def add(archive: Archive) -> None:
    archive.add_transcript(transcript("دوم"), agent="toy", given=GivenFile("دوم.vtt", "vtt", b"WEBVTT"))


def update(archive: Archive) -> None:
    archive.update(dataclasses.replace(archive.recording(ID), title="نطق دوم"), agent="mina", reason="test")


def access(archive: Archive) -> None:
    archive.set_access_copy(ID, archive.root.parent / "copy", "webm", "audio/webm")


def out(archive: Archive) -> None:
    with contextlib.suppress(Withdrawn):  # it is already
        withdraw(archive, ID, by="مینا", why="اعتراض")


def back(archive: Archive) -> None:
    if archive.withdrawal(ID):
        put_back(archive, ID, by="مینا")


def ensure(archive: Archive) -> None:
    People.load(archive.root).ensure("محمود دولت‌آبادی")


# operation, and whether it has happened
OPERATIONS: dict[str, tuple[Callable[[Archive], None], Callable[[Archive], bool]]] = {
    "create": (lambda _: None, lambda archive: (archive.root / "archive.json").exists()),
    "register": (register, lambda archive: ID in archive),
    "transcript": (add, lambda archive: archive.versions(ID) == (1, 2)),
    "update": (update, lambda archive: archive.recording(ID).title == "نطق دوم"),
    "access": (access, lambda archive: archive.recording(ID).media.access_suffix == "webm"),
    "withdraw": (out, lambda archive: ID not in archive and archive.out.history(ID)[-1].event == "deaccession"),
    "return": (back, lambda archive: ID in archive and archive.history(ID)[-1].event == "accession"),
    "people": (ensure, lambda archive: People.load(archive.root).find("محمود دولت آبادي") is not None),
}


def prepare(folder: Path, operation: str) -> None:
    """The state before: nothing, an empty archive, or one recording with a transcript and an access copy."""
    folder.mkdir()
    (folder / "source").write_bytes(MEDIA)
    (folder / "copy").write_bytes(MEDIA[::-1])
    if operation != "create":
        archive = Archive.open(folder / "archive", create=True)
        if operation not in ("register", "people"):
            register(archive)
            archive.add_transcript(transcript("اول"), agent="toy")
            archive.set_access_copy(ID, folder / "source", "m4a", "audio/mp4")
        if operation == "return":
            out(archive)


def arm(mode: str, number: int) -> Callable[[], bool]:
    """Let the n-th of the system calls we watch go wrong in this process; gives whether it came to that."""
    seen = 0
    if mode == "full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (number * FULL_STEP_BYTES,) * 2)
        return lambda: False  # what does not fit raises

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == number:
                if mode == "kill":
                    if name == "write":
                        real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError(errno.EIO, f"injected into {name}")
            return real(*arguments, **named)

        return call

    for name in CALLS:
        setattr(os, name, watched(name, getattr(os, name)))
    return lambda: seen >= number


def child(folder: Path, operation: str, mode: str, number: int) -> int:
    """0 done and not broken, 2 done all the same, 247 killed, 3 a full disk was said to be one, 1 any other error."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256
    try:
        broken = arm(mode, number)
        OPERATIONS[operation][0](Archive.open(folder / "archive", create=True))
    except MachineError:
        os._exit(3)
    except BaseException:
        os._exit(1)
    os._exit(2 if broken() else 0)


def leftovers(archive: Archive) -> list[str]:
    pending = archive.recordings / ".pending"
    found = [path.name for path in archive.root.rglob("*.tmp")]
    return found + ([path.name for path in pending.iterdir()] if pending.exists() else [])


def after(folder: Path, operation: str, tally: dict[str, int]) -> list[str]:
    """What is wrong when the next process comes, and when it has done the operation again."""
    act, happened = OPERATIONS[operation]
    if operation == "create":
        tally["new" if happened(Archive(folder / "archive")) else "old"] += 1
    archive = Archive.open(folder / "archive", create=operation == "create")
    if operation != "create":
        tally["new" if happened(archive) else "old"] += 1
    wrong = [f"verify: {finding.where} {finding.what}" for finding in verify(archive)]
    archive.tidy()
    wrong += [f"left: {name}" for name in leftovers(archive)]
    act(archive)
    wrong += [f"verify after: {finding.where} {finding.what}" for finding in verify(archive)]
    wrong += [f"left after: {name}" for name in leftovers(archive)]
    return wrong if happened(archive) else [*wrong, "not done when done again"]


def files(folder: Path) -> dict[str, bytes]:
    """Every file whose bytes do not hold the time."""
    keep = (path for path in sorted((folder / "archive").rglob("*")) if path.is_file() and path.suffix != ".lock")
    timed = {layout.HISTORY, layout.MANIFEST, f"{ID}.json"}
    return {str(path.relative_to(folder)): path.read_bytes() for path in keep if path.name not in timed}


def main(operation: str, mode: str, folder: Path) -> None:
    prepare(folder / "base", operation)
    shutil.copytree(folder / "base", folder / "undisturbed")
    OPERATIONS[operation][0](Archive.open(folder / "undisturbed" / "archive", create=True))
    expected = files(folder / "undisturbed")
    tally, wrong, ends = {"old": 0, "new": 0}, [], []
    for number in range(1, 500):
        case = folder / f"case{number}"
        shutil.copytree(folder / "base", case)
        ends.append(child(case, operation, mode, number))
        found = after(case, operation, tally)
        if files(case) != expected:
            found.append("other bytes than undisturbed")
        wrong += [f"{mode} at {number}: {what}" for what in found]
        shutil.rmtree(case)
        if ends[-1] == 0:
            break
    print(json.dumps({"faults": len(ends) - 1, "ends": sorted(set(ends)), **tally, "wrong": wrong}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
