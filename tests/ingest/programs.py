"""The program in processes of its own, an inbox for it, and what it made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cli
from archive.catalog import Catalog
from archive.store import Archive
from ingest.ledger import Ledger
from ingest.tasks import Task
from tests.ingest.sounds import write_bursts

ROOT = Path(__file__).resolve().parents[2]
OLD = 1_000_000_000  # so that nobody waits whether a file still grows
PATIENCE_S = 120.0
LONG = 2 * 60 * 32  # bursts of half an hour, three windows: long enough to be caught in it

Done = subprocess.CompletedProcess[str]


def fill(folder: Path, **bursts: int) -> Path:
    """A folder with a WAV file for each name."""
    folder.mkdir(exist_ok=True)
    for name, count in bursts.items():
        os.utime(write_bursts(folder / f"{name}.wav", count), (OLD, OLD))
    return folder


class Before:
    """An archive as it is now, put back at the same path before each test. What it was taken in from is not moved."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._saved = archive.with_name(f"{archive.name} before")
        shutil.copytree(archive, self._saved)

    def again(self) -> Path:
        """The archive as it was."""
        shutil.rmtree(self._archive)
        shutil.copytree(self._saved, self._archive)
        Catalog(Archive.open(self._archive))  # which knows the manifests by their inodes, as after an ingest
        return self._archive


def heard_talk(folder: Path) -> Before:
    """An archive of a recording in which the toy engine heard `one word for every`, one each half second."""
    talk = fill(folder, talk=4) / "talk.wav"
    assert cli.main(["ingest", str(talk), "--engine", "toy", "--quiet", "--archive", str(folder / "archive")]) == 0
    return Before(folder / "archive")


def program(verb: str, archive: Path, *arguments: object) -> list[str]:
    """The command line of a verb."""
    return [sys.executable, str(ROOT / "cli.py"), verb, *map(str, arguments), "--archive", str(archive)]


def ingesting(archive: Path, inbox: Path, *arguments: object) -> list[str]:
    """The command line of an ingest with the toy engine."""
    return program("ingest", archive, inbox, "--engine", "toy", *arguments)


def run(command: list[str], **environment: str) -> Done:
    """Run it to its end."""
    environment = {**os.environ, **environment}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def start(command: list[str], **environment: str) -> subprocess.Popen[str]:
    """Start it; what it says is read by `communicate`."""
    environment = {**os.environ, **environment}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True)


def tasks(archive: Path) -> dict[str, Task]:
    """The ledger's tasks by the name of the file."""
    with Ledger(archive / "work") as ledger:
        return {Path(task.source).stem: task for task in ledger.tasks()}


def until(sign: Callable[[], bool]) -> None:
    """Wait for it."""
    patience = time.monotonic() + PATIENCE_S
    while not sign():
        assert time.monotonic() < patience, "it did not come"
        time.sleep(0.05)


def windows(archive: Path, task: Task) -> Iterator[Path]:
    """What was kept of a recording's windows, in no order."""
    return (archive / "work" / "windows" / task.recording).rglob("*.json")


def at_work(archive: Path, name: str) -> Callable[[], bool]:
    """Whether somebody listens to a file and has a window behind them."""

    def sign() -> bool:
        if not (archive / "work" / "ledger.sqlite").exists():
            return False
        task = tasks(archive).get(name)
        return task is not None and task.running and any(windows(archive, task))

    return sign


def kept(archive: Path) -> dict[str, bytes]:
    """Everything that is kept for good, but for the history, which tells the time."""
    files = (archive / "recordings").rglob("*")
    skipped = {"history.jsonl", "manifest-sha256.txt"}
    return {
        path.relative_to(archive).as_posix(): path.read_bytes()
        for path in files
        if path.is_file() and path.name not in skipped
    }


def versions(archive: Path) -> list[tuple[int, ...]]:
    """The transcript versions of every recording: (1,) each, where nothing was done twice."""
    opened = Archive.open(archive)
    return [opened.versions(recording) for recording in opened.ids()]
