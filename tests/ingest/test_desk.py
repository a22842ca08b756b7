"""The desk: who is at what, how fast, how long it will take, and what helps where it failed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.store import Archive
from ingest.desk import desk
from ingest.lease import Holder
from ingest.ledger import MAX_STARTS, Ledger
from ingest.tasks import INTERRUPTED, Task

RECIPE = "toy"
ONE, TWO, THREE = "a" * 16, "b" * 16, "c" * 16


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.open(tmp_path / "archive", create=True)


@pytest.fixture
def ledger(archive: Archive) -> Iterator[Ledger]:
    with Ledger(archive.work) as opened:
        yield opened


def started(ledger: Ledger, recording: str, duration: float = 100.0) -> Task:
    ledger.queue(recording, RECIPE, duration=duration)
    task = ledger.next({(recording, RECIPE)})
    assert task
    return task


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the clock since boot go on."""
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + seconds)


def test_without_a_ledger_the_desk_is_empty_and_none_is_made(archive: Archive) -> None:
    assert desk(archive).finished == ()
    assert not list(archive.work.glob("ledger*"))


def test_the_pace_is_what_this_start_heard_not_what_was_heard_before(
    archive: Archive, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = started(ledger, ONE)
    ledger.progress(task, 40.0)  # where it goes on from
    ledger.progress(task, 60.0)
    later(monkeypatch, 10.0)
    (working,) = desk(archive).working
    assert working.rtf == pytest.approx(0.5, abs=0.05)
    assert working.left == pytest.approx(20.0, abs=2)
    assert working.worker.startswith("process ")


def test_time_left_is_shared_by_those_who_work_but_no_shorter_than_the_longest_in_hand(
    archive: Archive, ledger: Ledger
) -> None:
    ledger.finish(started(ledger, THREE), audio=100.0, wall=10.0)
    assert desk(archive).left is None  # nobody works
    started(ledger, ONE)
    ledger.queue(TWO, RECIPE, duration=100.0)
    assert desk(archive).rtf == pytest.approx(0.1)
    assert desk(archive).left == pytest.approx(20.0)
    started(ledger, TWO)
    assert desk(archive).left == pytest.approx(10.0)


def test_who_died_is_no_longer_at_work_and_what_was_in_hand_is_to_mend(archive: Archive) -> None:
    with Ledger(archive.work, Holder("here", 1, "1", "boot")) as other:
        task = started(other, ONE)
        other.renew(task)
    with Ledger(archive.work) as ledger:
        ledger._db.execute("UPDATE task SET until = 0, until_wall = 0")
        (trouble,) = desk(archive).troubles
    assert (trouble.state, trouble.mend) == ("interrupted", "run: onrecord work")
    assert desk(archive).working == ()


def test_each_trouble_has_its_reason_and_what_helps(archive: Archive, ledger: Ledger) -> None:
    ledger.fail(started(ledger, ONE), "it was cold")
    ledger.release(started(ledger, TWO), "no space", waiting=True)
    for _ in range(MAX_STARTS):
        ledger.fail(started(ledger, THREE), "no sense in it")
    found = {trouble.task.recording: trouble for trouble in desk(archive).troubles}
    assert [(found[each].state, found[each].why) for each in (ONE, TWO, THREE)] == [
        ("failed", "it was cold"),
        ("waiting", "no space"),
        ("set aside", "no sense in it"),
    ]
    assert "onrecord work" in found[ONE].mend
    assert "make room" in found[TWO].mend
    assert f"onrecord retry {THREE}" in found[THREE].mend


def test_what_was_stopped_after_its_worker_was_killed_did_not_fail(archive: Archive, ledger: Ledger) -> None:
    started(ledger, ONE)
    ledger._db.execute("UPDATE task SET until = 0, until_wall = 0, pid = 0")  # as after kill -9
    ledger.release(started(ledger, ONE), INTERRUPTED)
    (trouble,) = desk(archive).troubles
    assert (trouble.state, trouble.why) == ("interrupted", f"it was stopped, start 1 of {MAX_STARTS}")


def test_what_the_machine_lacked_is_said(archive: Archive, ledger: Ledger) -> None:
    ledger.release(started(ledger, ONE), "no model here")
    (trouble,) = desk(archive).troubles
    assert (trouble.state, trouble.why) == ("stopped", "no model here")


def test_what_was_never_begun_or_given_back_is_queued(archive: Archive, ledger: Ledger) -> None:
    ledger.release(started(ledger, ONE), INTERRUPTED)
    assert [task.recording for task in desk(archive).queued] == [ONE]
    assert desk(archive).troubles == ()
