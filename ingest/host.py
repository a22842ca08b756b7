"""The crew of a machine that keeps the ledger for others: it works too, and waits until all of them are done.

It writes where it is found into ARCHIVE/work, which the others read: they share the archive anyway.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from archive.errors import MachineError
from archive.store import Archive
from ingest.crew import GRACE_S
from ingest.ledger import Ledger
from ingest.pipeline import Crew
from ingest.roster import Roster
from ingest.service import LedgerService, Place
from ingest.worker import Worker

FILE = "ledger-at.json"
EVERYWHERE = "0.0.0.0"  # noqa: S104  it is for other machines, and asks each for the token
LOOK_S = 2.0
PATIENCE_S = 600.0  # of those who join, until the ledger is served: a cluster starts its jobs in any order


def serving(address: str = EVERYWHERE) -> Crew:
    """Serve the ledger on an address of this machine, and work; others join with `joined.join`."""

    def crew(archive: Archive, roster: Roster, threads: int) -> None:
        name = socket.gethostname() if address == EVERYWHERE else address
        path = archive.work / FILE
        with LedgerService(roster, address, name=name) as service:
            _write(path, service.place)
            try:
                _until_done(archive, roster, threads)
            except BaseException:
                service.stop()
                _until(lambda: not roster.left().running)
                raise
            finally:
                path.unlink(missing_ok=True)

    return crew


def place_of(archive: Archive, patience_s: float = PATIENCE_S) -> Place | None:
    """Where the ledger is served, once it is; None where nothing is left to do for anybody."""
    path = archive.work / FILE
    until = time.monotonic() + patience_s
    while True:
        try:
            return msgspec.json.decode(path.read_bytes(), type=Place)
        except (FileNotFoundError, msgspec.DecodeError) as error:
            with Ledger(archive.work) as ledger:  # only read, so no lock of it is relied on
                if not ledger.left().open:
                    return None
            if time.monotonic() >= until:
                mend = "on the machine that keeps it, run: onrecord work --serve"
                raise MachineError("nobody serves the ledger", where=str(path), mend=mend) from error
        time.sleep(min(LOOK_S, patience_s))


def _until_done(archive: Archive, roster: Roster, threads: int) -> None:
    """Work, and look after what others have in hand: where one dies, its recording is taken over."""
    worker = Worker(archive, roster, threads=threads)
    while True:
        worker.run()
        left = roster.left()
        if not left.open and not left.running:
            return
        time.sleep(LOOK_S)


def _until(done: Callable[[], bool]) -> None:
    """Wait, but no longer than it takes a worker to give back what it has."""
    until = time.monotonic() + GRACE_S
    while not done() and time.monotonic() < until:
        time.sleep(LOOK_S / 10)


def _write(path: Path, place: Place) -> None:
    """Readable for nobody else from the first byte on: the token is in it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.encode(place))
    fresh.replace(path)
