"""A crew on the workers of a dask cluster. Dask only starts workers and says which are there: left to schedule the
recordings itself it blames bystanders for a poison and repeats what was finished.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from archive.errors import MachineError, UsageError
from archive.store import Archive
from ingest.crew import GRACE_S, supervise
from ingest.extras import adding
from ingest.joined import join
from ingest.pipeline import Crew
from ingest.roster import Roster
from ingest.service import LedgerService, Place

LOCAL = "local"
CONNECT_S = 15.0


def on_dask(address: str, count: int = 0) -> Crew:
    """The workers of the scheduler at `address`, or `local` for a cluster of `count` processes on this machine."""
    if not find_spec("distributed"):
        raise MachineError("dask is not installed", mend=adding("dask"))
    if address != LOCAL and not urlsplit(address).netloc:
        raise UsageError(f"{address!r} is no address of a scheduler", mend="give one like tcp://host:8786, or local")

    def crew(archive: Archive, roster: Roster, threads: int) -> None:
        with (
            _client(address, count) as client,
            LedgerService(roster, _reached_from(address)) as service,
            DaskWorkers(client, service.place, archive, threads) as hands,
        ):
            supervise(roster, service, hands)

    return crew


class DaskWorkers:
    """One worker of ours on each of dask's, with as many threads as that has unless the caller says."""

    def __init__(self, client: Any, place: Place, archive: Archive, threads: int) -> None:
        self._client, self._place, self._root, self._threads = client, place, str(archive.root.absolute()), threads
        self._futures: dict[str, Any] = {}
        self._died = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        until = time.monotonic() + GRACE_S
        with contextlib.suppress(MachineError):
            while self.busy() and time.monotonic() < until:
                time.sleep(0.1)

    def fill(self) -> None:
        """Give work to every worker of dask's that has none of ours."""
        for address, threads in self._there().items():
            if address not in self._futures:
                arguments = (self._place, self._root, self._threads or threads)
                future = self._client.submit(join, *arguments, workers=[address], pure=False, retries=0)
                self._futures[address] = future

    def busy(self) -> int:
        """How many of ours run. One whose dask worker is gone is gone."""
        there = self._there()
        for address, future in list(self._futures.items()):
            if address not in there or future.done():
                self._died += address in there and future.status != "finished"
                future.release()
                del self._futures[address]
        return len(self._futures)

    def died(self) -> int:
        """How many ended with an error since last asked."""
        died, self._died = self._died, 0
        return died

    def wait(self, seconds: float) -> None:
        """Wait, and see who is gone."""
        time.sleep(seconds)
        self.busy()

    def _there(self) -> dict[str, int]:
        """Dask's workers, with their threads."""
        # the client would wait for a lost scheduler without end
        if self._client.status != "running":
            raise MachineError(
                "dask's scheduler is gone",
                where=self._client.scheduler.address if self._client.scheduler else "",
                mend="start it and run the same again; what was heard is kept",
            )
        try:
            found = self._client.sync(self._client.scheduler.identity, n_workers=-1, callback_timeout=CONNECT_S)
        except (OSError, TimeoutError) as error:
            raise MachineError(f"dask's scheduler does not answer: {error}", mend="start it and run again") from error
        return {address: int(worker["nthreads"]) for address, worker in found["workers"].items()}


@contextlib.contextmanager
def _client(address: str, count: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with contextlib.ExitStack() as stack:
        there: Any = address
        if address == LOCAL:
            cores = len(os.sched_getaffinity(0))
            count = count or cores
            threads = max(1, cores // count)
            cluster = LocalCluster(n_workers=count, threads_per_worker=threads, dashboard_address=None)
            there = stack.enter_context(cluster)
        try:
            client = Client(there, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise MachineError(f"no scheduler of dask answers: {error}", where=address) from error
        yield stack.enter_context(client)


def _reached_from(address: str) -> str:
    """The address of this machine that the cluster's machines reach it by."""
    if address == LOCAL:
        return "127.0.0.1"
    scheduler = urlsplit(address)
    try:
        # nothing is sent: it only says which of our addresses is on the way there
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
            way.connect((scheduler.hostname or "", scheduler.port or 8786))
            return str(way.getsockname()[0])
    except OSError as error:
        raise MachineError(f"there is no way there: {error.strerror}", where=address) from error
