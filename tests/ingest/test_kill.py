"""kill -9 in the middle of an ingest, wherever that is, and the run after it. Real processes, real archives."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from archive.store import Archive
from archive.verify import verify
from ingest.ledger import MAX_STARTS
from tests.ingest import programs
from tests.ingest.programs import OLD, ingesting, kept, tasks
from tests.ingest.sounds import write_bursts

# in the order in which they are passed
FAILPOINTS = (
    "registered",
    "listen-before-checkpoint",
    "listen-after-checkpoint",
    "heard",
    "kept",
    "copied",
    "catalogued",
    "indexed",
)


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One recording that browsers do not play, so that every stage has something to do."""
    folder = tmp_path_factory.mktemp("inbox")
    sound = write_bursts(folder / "talk.wav", 12)
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(sound), str(folder / "talk.aiff")], check=True)
    sound.unlink()
    os.utime(folder / "talk.aiff", (OLD, OLD))
    return folder


@pytest.fixture(scope="module")
def undisturbed(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What an ingest that nobody kills makes of the inbox."""
    archive = tmp_path_factory.mktemp("undisturbed") / "archive"
    assert run(archive, inbox).returncode == 0
    return kept(archive)


def stages(*runs: subprocess.CompletedProcess[str]) -> Mapping[str, int]:
    """How often each stage was begun, over all runs."""
    lines = [line.partition(": ") for each in runs for line in each.stderr.splitlines()]
    return Counter(stage for title, _, stage in lines if title == "talk" and "," not in stage)


def run(archive: Path, inbox: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return programs.run(ingesting(archive, inbox), **environment)


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_a_killed_ingest_goes_on_and_ends_with_the_same_bytes(
    failpoint: str, inbox: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    killed = run(archive, inbox, ONRECORD_FAILPOINT=failpoint)
    assert killed.returncode == -signal.SIGKILL
    again = run(archive, inbox)
    assert again.returncode == 0, again.stderr
    assert kept(archive) == undisturbed
    assert list(verify(Archive.open(archive))) == []
    assert not list(archive.rglob("*.tmp"))
    begun = stages(killed, again)
    assert set(begun) >= {"listening", "indexing"}
    assert max(begun.values()) <= 2


def test_what_was_kept_before_the_kill_is_not_heard_again(inbox: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    killed = run(archive, inbox, ONRECORD_FAILPOINT="kept")
    assert stages(killed, run(archive, inbox))["listening"] == 1


def test_a_finished_window_is_not_heard_again(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    sound = write_bursts(tmp_path / "inbox" / "talk.wav", 2 * 11 * 60)  # eleven minutes: two windows
    os.utime(sound, (OLD, OLD))
    archive = tmp_path / "archive"
    run(archive, tmp_path / "inbox", ONRECORD_FAILPOINT="listen-after-checkpoint")
    (checkpoint,) = (archive / "work" / "windows").rglob("*.json")
    before = checkpoint.stat().st_mtime_ns
    # killed once more, so that the checkpoints are still there to be looked at
    run(archive, tmp_path / "inbox", ONRECORD_FAILPOINT="heard")
    assert checkpoint.stat().st_mtime_ns == before
    assert len(list(checkpoint.parent.glob("*.json"))) == 2


def test_a_recording_that_kills_its_worker_is_set_aside_and_the_others_are_done(tmp_path: Path) -> None:
    for name, bursts in (("a poison", 4), ("b talk", 6)):
        (tmp_path / "inbox").mkdir(exist_ok=True)
        os.utime(write_bursts(tmp_path / "inbox" / f"{name}.wav", bursts), (OLD, OLD))
    archive = tmp_path / "archive"
    for _ in range(MAX_STARTS):
        killed = run(archive, tmp_path / "inbox", ONRECORD_FAILPOINT="listening:a poison.wav")
        assert killed.returncode == -signal.SIGKILL
    after = run(archive, tmp_path / "inbox")
    assert after.returncode == 1
    assert "a poison.wav: its worker was killed 3 times" in after.stderr
    assert tasks(archive)["b talk"].starts == 1


def test_two_ingests_at_once_hear_everything_once(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    for number in range(4):
        os.utime(write_bursts(tmp_path / "inbox" / f"{number}.wav", 4 + number), (OLD, OLD))
    archive = tmp_path / "archive"
    both = [
        subprocess.Popen(ingesting(archive, tmp_path / "inbox"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [each.communicate()[1].decode() for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    heard = Counter(line for text in said for line in text.splitlines() if line.endswith(": listening"))
    assert heard == Counter({f"{number}: listening": 1 for number in range(4)})
    opened = Archive.open(archive)
    assert [opened.versions(recording) for recording in opened.ids()] == [(1,)] * 4


def test_a_disk_without_room_makes_a_recording_wait_and_the_next_run_takes_it(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    os.utime(write_bursts(tmp_path / "inbox" / "talk.wav", 120), (OLD, OLD))
    archive = tmp_path / "archive"
    program = subprocess.run(
        ["sh", "-c", 'ulimit -f 1000; exec "$@"', "sh", *ingesting(archive, tmp_path / "inbox")],  # blocks of 512 bytes
        capture_output=True,
        text=True,
        check=False,
    )
    assert program.returncode == 3, program.stderr
    assert program.stderr.endswith("talk.wav: no space\n")
    assert run(archive, tmp_path / "inbox").returncode == 0
    assert not list(archive.rglob("*.tmp"))
