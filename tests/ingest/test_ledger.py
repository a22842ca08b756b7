"""The ledger of work: leases, starts, poison, and what a restart finds."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.models import Finding
from ingest import lease
from ingest.lease import Holder, Lease
from ingest.ledger import MAX_STARTS, Ledger
from ingest.tasks import Left, State, Task

RECIPE = "toy"
GOOD, OTHER = "a" * 16, "b" * 16
ELSEWHERE = Holder("elsewhere", 1, "1", "another boot")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path) as opened:
        yield opened


def claim(ledger: Ledger, recording: str = GOOD, recipe: str = RECIPE) -> Task | None:
    """Put a task in and ask for it."""
    ledger.queue(recording, recipe)
    ledger.set_aside()
    return ledger.next({(recording, recipe)})


def granted(ledger: Ledger, recording: str = GOOD) -> Task:
    task = claim(ledger, recording)
    assert task is not None
    return task


def claim_and_die(work: Path, recording: str) -> None:
    """What a worker does that is killed by what it works on."""
    claim(Ledger(work), recording)
    os.kill(os.getpid(), signal.SIGKILL)


def kill_a_worker(work: Path, recording: str) -> None:
    worker = multiprocessing.get_context("spawn").Process(target=claim_and_die, args=(work, recording))
    worker.start()
    worker.join()


def only(ledger: Ledger, recording: str = GOOD) -> Task:
    return next(task for task in ledger.tasks() if task.recording == recording)


def test_a_task_is_granted_once(ledger: Ledger) -> None:
    task = granted(ledger)
    assert task.running
    assert task.lease
    assert task.lease.holder == lease.this_process()
    assert claim(ledger) is None


def test_tasks_are_granted_in_their_order_and_those_that_failed_last(ledger: Ledger) -> None:
    for recording in (GOOD, OTHER):
        ledger.queue(recording, RECIPE)
    ledger.fail(granted(ledger, GOOD), "no sense in it")
    given = [task.recording for task in (ledger.next(), ledger.next()) if task]
    assert given == [OTHER, GOOD]


def test_a_model_that_is_not_there_keeps_nobody_else_from_being_heard(ledger: Ledger) -> None:
    for recording, recipe in ((GOOD, "faster/away"), (OTHER, "faster/away"), ("c" * 16, RECIPE)):
        ledger.queue(recording, recipe)
    first = ledger.next()
    assert first is not None
    ledger.release(first, "no such model")
    given = [task.recipe for task in (ledger.next(), ledger.next()) if task]
    assert given == [RECIPE, "faster/away"]


def test_what_was_tried_in_a_run_is_passed_over(ledger: Ledger) -> None:
    ledger.queue(GOOD, RECIPE)
    assert ledger.next(tried={(GOOD, RECIPE)}) is None
    assert ledger.left(tried={(GOOD, RECIPE)}) == Left(0, 0)
    assert ledger.left() == Left(1, 0)


def test_a_recording_has_one_lease_whatever_is_asked_of_it(ledger: Ledger) -> None:
    granted(ledger)
    assert claim(ledger, GOOD, "faster/base") is None


def test_what_is_finished_is_not_granted_again(ledger: Ledger) -> None:
    ledger.finish(granted(ledger))
    assert claim(ledger) is None
    assert only(ledger).state is State.DONE


def test_the_work_of_a_killed_worker_is_taken_over_at_once(ledger: Ledger, tmp_path: Path) -> None:
    kill_a_worker(tmp_path, GOOD)
    assert only(ledger).state is State.RUNNING
    assert granted(ledger).starts == 2


def test_poison_is_set_aside_after_three_starts_and_nobody_else_is_charged(ledger: Ledger, tmp_path: Path) -> None:
    for _ in range(MAX_STARTS):
        kill_a_worker(tmp_path, GOOD)
    assert claim(ledger) is None
    assert only(ledger).state is State.QUARANTINED
    assert "killed" in only(ledger).reason
    assert granted(ledger, OTHER).starts == 1


def test_getting_further_begins_the_count_again(ledger: Ledger, tmp_path: Path) -> None:
    for seconds in (600.0, 1200.0, 1800.0, 2400.0):
        kill_a_worker(tmp_path, GOOD)
        task = granted(ledger)
        ledger.progress(task, seconds)
        ledger.release(task)


def test_an_error_three_times_sets_aside_with_its_reason(ledger: Ledger) -> None:
    answers = [ledger.fail(granted(ledger), "no sense in it") for _ in range(MAX_STARTS)]
    assert answers == [False, False, True]
    assert only(ledger).reason == "no sense in it"


def test_an_interrupted_or_waiting_start_is_not_charged(ledger: Ledger) -> None:
    for _ in range(2 * MAX_STARTS):
        ledger.release(granted(ledger), "no space", waiting=True)
    assert only(ledger).state is State.WAITING


def test_what_was_set_aside_can_be_taken_up_again(ledger: Ledger) -> None:
    for _ in range(MAX_STARTS):
        ledger.fail(granted(ledger), "it was cold")
    ledger.reopen(GOOD, RECIPE)
    assert granted(ledger).starts == 1


def test_a_lease_that_was_not_renewed_ends(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    granted(ledger)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + lease.LEASE_S + 1)
    granted(ledger)


def test_a_renewed_lease_goes_on(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    task = granted(ledger)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + lease.LEASE_S - 1)
    assert ledger.renew(task)
    monkeypatch.setattr(time, "monotonic", lambda: now + lease.LEASE_S + 1)
    assert claim(ledger) is None


def test_one_who_lost_the_lease_changes_nothing_any_more(ledger: Ledger, tmp_path: Path) -> None:
    with Ledger(tmp_path, ELSEWHERE) as late:
        task = granted(late)
        late.release(task)
        mine = granted(ledger)
        assert not late.renew(task)
        late.finish(task)
        late.fail(task, "too late")
        assert only(ledger) == mine


@pytest.mark.parametrize("holder", [None, ELSEWHERE], ids=["here", "elsewhere"])
@pytest.mark.parametrize("now", [1.0, 4e9], ids=["backwards", "forwards"])
def test_a_step_of_the_wall_clock_changes_nothing(
    holder: Holder | None, now: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock since boot of the machine that keeps the ledger counts, for holders anywhere."""
    if not lease.this_process().boot:
        pytest.skip("this system does not tell one boot from another")
    with Ledger(tmp_path, holder) as ledger:
        granted(ledger)
        monkeypatch.setattr(time, "time", lambda: now)
        assert claim(ledger) is None
        since_boot = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: since_boot + lease.LEASE_S + 1)
        granted(ledger)


def test_a_lease_of_another_boot_holds_by_the_wall_clock() -> None:
    assert Lease(ELSEWHERE, 0.0, time.time() + 10, "another boot").live()
    assert not Lease(ELSEWHERE, 0.0, time.time() - 10, "another boot").live()


def test_a_holder_from_before_the_machine_was_started_anew_is_gone() -> None:
    here = lease.this_process()
    before = Holder(here.host, here.pid, here.born, "another boot")
    assert not Lease(before, time.monotonic() + 10, time.time() + 10, here.boot).live()


def test_a_number_that_another_process_got_is_no_holder() -> None:
    here = lease.this_process()
    former = Holder(here.host, here.pid, "1", here.boot)
    assert not Lease(former, time.monotonic() + 10, time.time() + 10, here.boot).live()


def test_a_file_is_known_until_it_changes(ledger: Ledger) -> None:
    ledger.remember_source(Path("talk.mp3"), "one", GOOD)
    assert ledger.source(Path("talk.mp3"), "one") == GOOD
    assert ledger.source(Path("talk.mp3"), "two") == ""


def test_a_file_that_was_refused_is_known_until_it_is_taken_or_gone(ledger: Ledger, tmp_path: Path) -> None:
    bad, gone = tmp_path / "bad.wav", tmp_path / "gone.wav"
    for path in (bad, gone):
        path.touch()
        ledger.refuse(path, Finding("MediaError", "", "no sound in it", "give another"))
    gone.unlink()
    assert [file.name for file in ledger.refused()] == [str(bad)]
    ledger.accept(bad)
    assert ledger.refused() == ()


def test_a_damaged_ledger_is_put_aside_and_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database at all" * 100)
    with Ledger(tmp_path) as ledger:
        assert ledger.tasks() == ()
    assert (tmp_path / "ledger.damaged").exists()


def test_a_ledger_of_another_version_is_begun_anew(tmp_path: Path) -> None:
    former = sqlite3.connect(tmp_path / "ledger.sqlite")
    former.execute("CREATE TABLE task (recording TEXT)")
    former.close()
    with Ledger(tmp_path) as ledger:
        assert ledger.tasks() == ()


def asked(ledger: Ledger, recipe: str) -> Task:
    ledger.queue(GOOD, recipe)
    task = ledger.next({(GOOD, recipe)})
    assert task
    return task


def test_what_came_to_nothing_is_owed_no_more_once_it_is_done_as_it_was_asked_for_later(ledger: Ledger) -> None:
    ledger.release(asked(ledger, "faster/gone"), "no model here")
    for _ in range(MAX_STARTS):
        ledger.fail(asked(ledger, "faster/large-v3"), "no sense in it")
    ledger.finish(asked(ledger, "faster/base"))
    assert [(task.recipe, task.state) for task in ledger.tasks()] == [("faster/base", State.DONE)]


def test_what_is_still_to_be_tried_or_was_asked_for_later_is_owed_though_another_recipe_is_done(ledger: Ledger) -> None:
    ledger.queue(GOOD, "faster/medium")
    ledger.queue(GOOD, "faster/base")
    ledger.release(asked(ledger, "faster/large-v3"), "no model here")
    ledger.finish(asked(ledger, "faster/base"))
    assert [task.recipe for task in ledger.tasks()] == ["faster/medium", "faster/base", "faster/large-v3"]


def test_what_was_taken_up_meanwhile_is_not_given_up(ledger: Ledger) -> None:
    ledger.queue(GOOD, RECIPE)
    seen = ledger.tasks()
    granted(ledger)
    ledger.give_up(seen)
    assert only(ledger).running
