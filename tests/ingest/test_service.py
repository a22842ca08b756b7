"""The ledger over a socket: what it answers, to whom, and what becomes of errors on the way."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from archive.errors import IndexUnready, MachineError
from archive.store import Archive
from ingest import joined, lease
from ingest.joined import Joined, Stopped
from ingest.lease import Holder
from ingest.ledger import Ledger
from ingest.outcomes import is_full
from ingest.progress import Event, Heard, Outcome, Result
from ingest.roster import Roster
from ingest.service import LedgerService

RECORDING = "a" * 16


@dataclass
class Desk:
    """A service, and what it was told."""

    archive: Archive
    told: list[Event] = field(default_factory=list)
    indexed: list[str] = field(default_factory=list)
    index: Callable[[str], None] | None = None

    def to_index(self, recording: str) -> None:
        (self.index or self.indexed.append)(recording)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Archive.open(tmp_path / "archive", create=True))


@pytest.fixture
def service(desk: Desk) -> Iterator[LedgerService]:
    with LedgerService(Roster(desk.archive, desk.to_index, desk.told.append)) as serving:
        yield serving


def queued(desk: Desk) -> Ledger:
    ledger = Ledger(desk.archive.work)
    ledger.queue(RECORDING, "toy", source="talk.wav", duration=4.0)
    return ledger


def test_a_task_is_asked_for_worked_on_and_finished_from_elsewhere(desk: Desk, service: LedgerService) -> None:
    roster = Joined(service.place)
    with queued(desk) as ledger:
        task = roster.next()
        assert task
        assert task.running
        assert roster.renew(task)
        roster.progress(task, 2.0)
        roster.enter(task, "listening")
        roster.finish(task, 4.0, 1.0)
        (done,) = ledger.tasks()
    assert (done.state, done.seconds, done.stage, done.wall) == ("done", 2.0, "listening", 1.0)
    assert roster.next() is None


def test_events_arrive_as_they_were(desk: Desk, service: LedgerService) -> None:
    events: list[Event] = [
        Heard(RECORDING, 1.5, 4.0),
        Result(Path("/talks/گفتار.wav"), Outcome.DONE, RECORDING, words=3),
    ]
    for event in events:
        Joined(service.place).tell(event)
    assert desk.told == events


@pytest.mark.parametrize(
    "line", [b"\n", b"GET / HTTP/1.1\r\n", b'{"token": "guess", "method": "next"}\n', b"[" * 99999]
)
def test_who_does_not_know_the_token_learns_nothing(desk: Desk, service: LedgerService, line: bytes) -> None:
    with queued(desk) as ledger:
        with socket.create_connection((service.place.host, service.place.port)) as stranger:
            stranger.sendall(line)
            stranger.shutdown(socket.SHUT_WR)
            assert stranger.makefile("rb").read() == b""
        assert ledger.tasks()[0].starts == 0


def test_a_guessed_token_is_refused(desk: Desk, service: LedgerService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joined, "BETWEEN_S", 0.0)
    with queued(desk) as ledger, pytest.raises(MachineError):
        Joined(replace(service.place, token="0" * 32)).next()
    with Ledger(desk.archive.work) as ledger:
        assert ledger.tasks()[0].starts == 0


def test_errors_come_back_as_what_they_are(desk: Desk, service: LedgerService) -> None:
    def busy(_recording: str) -> None:
        raise IndexUnready("another process writes", mend="wait")

    def full(_recording: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    desk.index = busy
    with pytest.raises(IndexUnready, match=r"another process writes \(wait\)"):
        Joined(service.place).index(RECORDING)
    desk.index = full
    with pytest.raises(OSError, match="space") as caught:
        Joined(service.place).index(RECORDING)
    assert is_full(caught.value)


def test_when_the_work_is_to_end_a_worker_hears_of_it_and_may_still_give_back(
    desk: Desk, service: LedgerService
) -> None:
    roster = Joined(service.place)
    with queued(desk) as ledger:
        task = roster.next()
        assert task
        service.stop()
        assert roster.renew(task)
        with pytest.raises(Stopped):
            roster.tell(Heard(RECORDING, 1.0, 4.0))
        roster.release(task, "interrupted")
        assert roster.next() is None
        assert (ledger.tasks()[0].state, ledger.tasks()[0].starts) == ("open", 0)


def test_a_second_machine_of_the_same_name_is_refused(service: LedgerService, monkeypatch: pytest.MonkeyPatch) -> None:
    here = lease.this_process()
    other = Joined(service.place)
    monkeypatch.setattr(other, "_holder", Holder(here.host, here.pid, here.born, "another boot"))
    with pytest.raises(MachineError, match="two machines are called"):
        other.next()


def test_a_place_where_nobody_is_is_said(desk: Desk) -> None:
    with LedgerService(Roster(desk.archive, desk.to_index, desk.told.append)) as serving:
        place = serving.place
    with pytest.raises(MachineError, match="does not answer"):
        Joined(place).next()
