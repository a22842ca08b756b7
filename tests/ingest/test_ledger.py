"""The ledger of work: leases, starts, poison, and what a restart finds."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import lease
from ingest.lease import Holder, Lease
from ingest.ledger import MAX_STARTS, Ledger, State

RECIPE = "toy"
GOOD, OTHER = "a" * 16, "b" * 16


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path) as opened:
        yield opened


def claim_and_die(work: Path, recording: str) -> None:
    """What a worker does that is killed by what it works on."""
    Ledger(work).claim(recording, RECIPE)
    os.kill(os.getpid(), signal.SIGKILL)


def kill_a_worker(work: Path, recording: str) -> None:
    worker = multiprocessing.get_context("spawn").Process(target=claim_and_die, args=(work, recording))
    worker.start()
    worker.join()


def only(ledger: Ledger, recording: str = GOOD) -> State:
    return next(task.state for task in ledger.tasks() if task.recording == recording)


def test_a_claim_is_granted_once(ledger: Ledger) -> None:
    assert ledger.claim(GOOD, RECIPE).granted
    second = ledger.claim(GOOD, RECIPE)
    assert not second.granted
    assert second.holder == lease.this_process()


def test_a_recording_has_one_lease_whatever_is_asked_of_it(ledger: Ledger) -> None:
    ledger.claim(GOOD, RECIPE)
    assert not ledger.claim(GOOD, "faster/base").granted


def test_what_is_finished_is_not_granted_again(ledger: Ledger) -> None:
    ledger.finish(ledger.claim(GOOD, RECIPE).task)
    again = ledger.claim(GOOD, RECIPE)
    assert not again.granted
    assert again.task.state is State.DONE


def test_the_work_of_a_killed_worker_is_taken_over_at_once(ledger: Ledger, tmp_path: Path) -> None:
    kill_a_worker(tmp_path, GOOD)
    assert only(ledger) is State.RUNNING
    assert ledger.claim(GOOD, RECIPE).granted


def test_poison_is_set_aside_after_three_starts_and_nobody_else_is_charged(ledger: Ledger, tmp_path: Path) -> None:
    for _ in range(MAX_STARTS):
        kill_a_worker(tmp_path, GOOD)
    refused = ledger.claim(GOOD, RECIPE)
    assert not refused.granted
    assert refused.task.state is State.QUARANTINED
    assert "killed" in refused.task.reason
    assert ledger.claim(OTHER, RECIPE).task.starts == 1


def test_getting_further_begins_the_count_again(ledger: Ledger, tmp_path: Path) -> None:
    for seconds in (600.0, 1200.0, 1800.0, 2400.0):
        kill_a_worker(tmp_path, GOOD)
        claim = ledger.claim(GOOD, RECIPE)
        assert claim.granted
        ledger.progress(claim.task, seconds)
        ledger.release(claim.task)


def test_an_error_three_times_sets_aside_with_its_reason(ledger: Ledger) -> None:
    answers = [ledger.fail(ledger.claim(GOOD, RECIPE).task, "no sense in it") for _ in range(MAX_STARTS)]
    assert answers == [False, False, True]
    assert ledger.claim(GOOD, RECIPE).task.reason == "no sense in it"


def test_an_interrupted_or_waiting_start_is_not_charged(ledger: Ledger) -> None:
    for _ in range(2 * MAX_STARTS):
        claim = ledger.claim(GOOD, RECIPE)
        assert claim.granted
        ledger.release(claim.task, "no space", waiting=True)
    assert only(ledger) is State.WAITING


def test_what_was_set_aside_can_be_taken_up_again(ledger: Ledger) -> None:
    for _ in range(MAX_STARTS):
        ledger.fail(ledger.claim(GOOD, RECIPE).task, "it was cold")
    ledger.reopen(GOOD, RECIPE)
    assert ledger.claim(GOOD, RECIPE).task.starts == 1


def test_a_lease_that_was_not_renewed_ends(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.claim(GOOD, RECIPE)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + lease.LEASE_S + 1)
    assert ledger.claim(GOOD, RECIPE).granted


def test_a_renewed_lease_goes_on(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    task = ledger.claim(GOOD, RECIPE).task
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + lease.LEASE_S - 1)
    ledger.renew(task)
    monkeypatch.setattr(time, "monotonic", lambda: now + lease.LEASE_S + 1)
    assert not ledger.claim(GOOD, RECIPE).granted


def test_a_step_of_the_wall_clock_changes_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    if not lease.this_process().boot:
        pytest.skip("this system does not tell one boot from another")
    ledger.claim(GOOD, RECIPE)
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert not ledger.claim(GOOD, RECIPE).granted


def test_a_lease_of_another_machine_holds_by_the_wall_clock() -> None:
    there = Holder("elsewhere", 1, "1", "another boot")
    assert Lease(there, 0.0, time.time() + 10).live()
    assert not Lease(there, 0.0, time.time() - 10).live()


def test_a_lease_from_before_the_machine_was_started_anew_is_over() -> None:
    here = lease.this_process()
    before = Holder(here.host, here.pid, here.born, "another boot")
    assert not Lease(before, time.monotonic() + 10, time.time() + 10).live()


def test_a_number_that_another_process_got_is_no_holder() -> None:
    here = lease.this_process()
    former = Holder(here.host, here.pid, "1", here.boot)
    assert not Lease(former, time.monotonic() + 10, time.time() + 10).live()


def test_a_file_is_known_until_it_changes(ledger: Ledger) -> None:
    ledger.remember_source(Path("talk.mp3"), "one", GOOD)
    assert ledger.source(Path("talk.mp3"), "one") == GOOD
    assert ledger.source(Path("talk.mp3"), "two") == ""


def test_a_damaged_ledger_is_put_aside_and_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database at all" * 100)
    with Ledger(tmp_path) as ledger:
        assert ledger.tasks() == ()
    assert (tmp_path / "ledger.damaged").exists()
