"""Say what this machine and archive have and lack, and clear what killed programs left behind."""

from __future__ import annotations

import argparse
import contextlib
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from archive.errors import NotFound, OnrecordError
from archive.store import Archive
from commands.terminal import clean, json_text, many, megabytes, say
from ingest.ledger import Ledger
from ingest.tasks import State

PACKAGES = ("onrecord", "streamlit", "tantivy", "faster-whisper", "openai-whisper", "langdetect", "elasticsearch")
OPTIONAL = frozenset({"openai-whisper"})
LITTLE_BYTES = 1 << 30
PROGRAM_S = 20


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `code` is 0 where it is well, else the exit code it calls for."""

    name: str
    found: str
    code: int = 0


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(options: argparse.Namespace) -> int:
    """Check all; the gravest fault gives the exit code."""
    checks = [*_packages(), *_programs(), _model(), _voices(), _space(options.archive), *_archive(options.archive)]
    if options.json:
        say(json_text([{"check": check.name, "found": check.found, "ok": not check.code} for check in checks]))
    else:
        for check in checks:
            say(f"{'ok  ' if not check.code else 'BAD '} {check.name}: {clean(check.found)}")
    return max(check.code for check in checks)


def _packages() -> Iterator[Check]:
    yield Check("python", platform.python_version())
    for name in PACKAGES:
        try:
            yield Check(name, version(name))
        except PackageNotFoundError:
            yield Check(name, "not installed", 0 if name in OPTIONAL else 3)


def _programs() -> Iterator[Check]:
    from ingest import ffmpeg

    for name, find in (("ffmpeg", ffmpeg.ffmpeg_program), ("ffprobe", ffmpeg.ffprobe_program)):
        try:
            program = find()
            said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=PROGRAM_S, check=False)
        except (OnrecordError, OSError, subprocess.TimeoutExpired) as error:
            yield Check(name, str(error), 3)
            continue
        yield Check(name, f"{said.stdout.partition(' Copyright')[0]} at {program}", 0 if said.returncode == 0 else 3)


def _model() -> Check:
    from ingest.model_cache import cached

    folder = cached("base")
    found = str(folder) if folder.is_dir() else "not fetched yet; `onrecord models get base` or the first ingest does"
    return Check("model base", found)


def _voices() -> Check:
    from ingest.voices import step, weights

    if not weights.is_here():
        found = f"not fetched, so voices are not told apart; {weights.how_to_get()}"
        return Check("voice nets", found)
    try:
        folder = weights.resolve()
    except OnrecordError as error:
        return Check("voice nets", str(error), error.exit_code)
    return Check("voice nets", f"{folder}{'' if step.is_wanted() else '; ONRECORD_VOICES=0, so they are not used'}")


def _space(archive: Path) -> Check:
    beside = next(folder for folder in (archive, *archive.parents) if folder.is_dir())
    free = shutil.disk_usage(beside).free
    return Check("free space", megabytes(free), 0 if free >= LITTLE_BYTES else 3)


def _archive(root: Path) -> Iterator[Check]:
    try:
        archive = Archive.open(root)
    except NotFound:
        yield Check("archive", f"none yet in {root}")
        return
    except OnrecordError as error:
        yield Check("archive", str(error), error.exit_code)
        return
    yield Check("archive", f"{many(len(archive.ids()), 'recording')} in {root}")
    yield from _index(archive)
    yield Check("left behind by killed programs", ", ".join(archive.tidy()) or "nothing")
    with Ledger(archive.work) as ledger:
        aside = [task for task in ledger.tasks() if task.state is State.QUARANTINED]
    for task in aside:
        yield Check(f"set aside: {task.recording}", f"{task.reason}; `onrecord retry` tries again", 1)


def _index(archive: Archive) -> Iterator[Check]:
    from search import unindexed
    from search.engines.choice import index_of

    try:
        with contextlib.closing(index_of(archive)) as index:
            used = index.in_use()
            yield Check("search index", f"{used.name} in {index.where}" if used else f"none yet in {index.where}")
    except OnrecordError as error:
        yield Check("search index", str(error), error.exit_code)
    if behind := unindexed.remembered(archive):
        yield Check("not yet indexed", f"{', '.join(behind)}; `onrecord index --catch-up` does it", 3)
