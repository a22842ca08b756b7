"""Many workers on one ledger, in real processes: what they make, and what becomes of it when one of them dies."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from archive.store import Archive
from archive.verify import verify
from ingest.ledger import MAX_STARTS
from ingest.tasks import State
from tests.ingest.programs import (
    LONG,
    at_work,
    fill,
    ingesting,
    kept,
    program,
    run,
    start,
    tasks,
    until,
    versions,
    windows,
)

SMALL = {"a": 4, "b": 5, "c": 6}


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of several windows and three short ones."""
    return fill(tmp_path_factory.mktemp("workers") / "inbox", long=LONG, **SMALL)


@pytest.fixture(scope="module")
def by_one(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one worker makes of the inbox."""
    archive = tmp_path_factory.mktemp("one") / "archive"
    assert run(ingesting(archive, inbox, "--quiet")).returncode == 0
    return kept(archive)


def whole(archive: Path, by_one: dict[str, bytes]) -> None:
    """Everything is there, as one worker would have made it, once, and nothing is left over."""
    assert kept(archive) == by_one
    assert versions(archive) == [(1,)] * 4
    assert list(verify(Archive.open(archive))) == []
    assert {task.state for task in tasks(archive).values()} == {State.DONE}
    assert not list((archive / "work" / "windows").rglob("*.json"))


def test_two_workers_make_what_one_makes(inbox: Path, by_one: dict[str, bytes], tmp_path: Path) -> None:
    done = run(ingesting(tmp_path / "archive", inbox, "--workers", 2))
    assert done.returncode == 0, done.stderr
    whole(tmp_path / "archive", by_one)
    lines = done.stderr.splitlines()
    assert [lines.count(f"{name}: listening") for name in ("long", *SMALL)] == [1, 1, 1, 1]


def test_what_a_killed_worker_had_is_taken_over_from_its_last_window(
    inbox: Path, by_one: dict[str, bytes], tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    program = start(ingesting(archive, inbox, "--workers", 2))
    until(at_work(archive, "long"))
    killed = tasks(archive)["long"]
    (first,) = (path for path in windows(archive, killed) if path.name == "00000.json")
    heard = first.stat().st_mtime_ns
    assert killed.lease
    dead = killed.lease.holder
    os.kill(dead.pid, signal.SIGKILL)

    def taken_over() -> bool:
        task = tasks(archive)["long"]  # the other may be through with it by the next look
        return task.state is State.DONE or (task.lease is not None and task.lease.holder != dead)

    until(taken_over)
    assert not first.exists() or first.stat().st_mtime_ns == heard
    program.communicate()
    assert program.returncode == 0
    whole(archive, by_one)
    assert all(tasks(archive)[name].starts == 1 for name in SMALL)


def test_workers_end_with_the_parent_and_the_next_run_goes_on(
    inbox: Path, by_one: dict[str, bytes], tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    parent = start(ingesting(archive, inbox, "--workers", 2))
    until(at_work(archive, "long"))
    workers = psutil.Process(parent.pid).children(recursive=True)
    parent.kill()
    parent.communicate()
    until(lambda: not any(map(runs, workers)))
    assert run(ingesting(archive, inbox, "--workers", 2)).returncode == 0
    whole(archive, by_one)


def test_a_poison_is_set_aside_within_the_run_and_its_neighbours_are_not_charged(tmp_path: Path) -> None:
    inbox, archive = fill(tmp_path / "inbox", poison=8, **SMALL), tmp_path / "archive"
    done = run(ingesting(archive, inbox, "--workers", 2), ONRECORD_FAILPOINT="listening:poison.wav")
    assert done.returncode == 1
    assert f"poison.wav: its worker was killed {MAX_STARTS} times" in done.stderr
    found = tasks(archive)
    assert (found["poison"].state, found["poison"].starts) == (State.QUARANTINED, MAX_STARTS)
    assert [(found[name].state, found[name].starts) for name in SMALL] == [(State.DONE, 1)] * 3
    assert "onrecord retry" in run(program("status", archive)).stdout
    assert run(program("retry", archive, found["poison"].recording)).returncode == 0
    assert tasks(archive)["poison"].state is State.DONE


def test_a_clean_stop_gives_the_lease_back_at_once_and_keeps_the_windows(tmp_path: Path) -> None:
    inbox, archive = fill(tmp_path / "inbox", long=LONG), tmp_path / "archive"
    run(ingesting(archive, inbox, "--queue"))
    worker = start(program("work", archive))
    until(at_work(archive, "long"))
    worker.terminate()
    worker.communicate()
    assert worker.returncode == 130
    assert (tasks(archive)["long"].state, tasks(archive)["long"].starts) == (State.OPEN, 0)
    assert list((archive / "work" / "windows").rglob("*.json"))


def test_an_ingest_that_is_stopped_stops_its_workers_too(tmp_path: Path) -> None:
    inbox, archive = fill(tmp_path / "inbox", long=LONG), tmp_path / "archive"
    parent = start(ingesting(archive, inbox, "--workers", 2))
    until(at_work(archive, "long"))
    workers = psutil.Process(parent.pid).children(recursive=True)
    parent.send_signal(signal.SIGTERM)
    parent.communicate()
    assert parent.returncode == 130
    until(lambda: not any(map(runs, workers)))
    assert (tasks(archive)["long"].state, tasks(archive)["long"].starts) == (State.OPEN, 0)


def test_a_disk_without_room_makes_workers_wait_and_charges_nobody(tmp_path: Path) -> None:
    inbox, archive = fill(tmp_path / "inbox", talk=120, note=4), tmp_path / "archive"
    command = ingesting(archive, inbox, "--workers", 2)
    limited = ["sh", "-c", 'ulimit -f 1000; exec "$@"', "sh", *command]  # blocks of 512 bytes
    done = run(limited)
    assert done.returncode == 3, done.stderr
    assert run(command).returncode == 0
    assert {(task.state, task.starts) for task in tasks(archive).values()} == {(State.DONE, 1)}


def test_workers_without_a_model_end_with_its_error_and_charge_nobody(tmp_path: Path) -> None:
    inbox, archive = fill(tmp_path / "inbox", **SMALL), tmp_path / "archive"
    command = program("ingest", archive, inbox, "--engine", "faster", "--workers", 2, "--quiet")
    done = run(command, ONRECORD_OFFLINE="1", ONRECORD_CACHE=str(tmp_path / "empty"))
    assert done.returncode == 3
    assert "base" in done.stderr.splitlines()[-1]
    assert {(task.state, task.starts) for task in tasks(archive).values()} == {(State.OPEN, 0)}
    assert "mend that" in run(program("status", archive)).stdout


def test_a_slurm_array_works_off_the_ledger_of_its_first_task(
    inbox: Path, by_one: dict[str, bytes], tmp_path: Path
) -> None:
    archive, script = tmp_path / "archive", tmp_path / "job.sh"
    assert run(ingesting(archive, inbox, "--queue")).returncode == 0
    assert run(program("slurm", archive, "--workers", 2, "--threads", 1, "-o", script)).returncode == 0
    assert "#SBATCH --array=0-1" in script.read_text("utf-8")
    joins = ["sh", str(script)]
    if os.geteuid() == 0 and shutil.which("unshare"):  # then it is another machine, by its name
        joins = ["unshare", "--uts", "sh", "-c", f"hostname elsewhere; exec sh {script}"]
    both = [
        start(["sh", str(script)], SLURM_ARRAY_TASK_ID="0"),
        start(joins, SLURM_ARRAY_TASK_ID="1"),
    ]
    said = [task.communicate()[1] for task in both]
    assert [task.returncode for task in both] == [0, 0], said
    whole(archive, by_one)
    assert not (archive / "work" / "ledger-at.json").exists()


def test_dask_may_lose_its_scheduler_and_nothing_is_lost(inbox: Path, by_one: dict[str, bytes], tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    archive, address = tmp_path / "archive", f"tcp://127.0.0.1:{free_port()}"
    scheduler = part_of_dask("scheduler", "--host", address, "--dashboard-address", "127.0.0.1:0")
    worker = part_of_dask("worker", address, "--no-dashboard", "--nthreads", "1", "--death-timeout", "60")
    try:
        ingest = start(ingesting(archive, inbox, "--dask", address))
        until(at_work(archive, "long"))
        scheduler.kill()
        said = ingest.communicate()[1]
        assert (ingest.returncode, "scheduler" in said.splitlines()[-1]) == (3, True), said
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
    until(lambda: not tasks(archive)["long"].running)
    assert run(ingesting(archive, inbox)).returncode == 0
    whole(archive, by_one)


def test_a_dask_cluster_of_this_machine_makes_what_one_worker_makes(
    inbox: Path, by_one: dict[str, bytes], tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    done = run(ingesting(tmp_path / "archive", inbox, "--dask", "local", "--workers", 2))
    assert done.returncode == 0, done.stderr
    whole(tmp_path / "archive", by_one)


def runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def part_of_dask(part: str, *arguments: str) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    command = [sys.executable, "-m", f"distributed.cli.dask_{part}", *arguments]
    return subprocess.Popen(command, stdout=quiet, stderr=quiet)
