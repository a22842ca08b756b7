"""Who holds a lease, and whether they still do. One machine keeps the ledger, and its clock counts."""

from __future__ import annotations

import functools
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

LEASE_S = 60.0  # a worker that did not renew for this long has lost its work
RENEW_S = 15.0  # four chances to renew within a lease


@dataclass(frozen=True, slots=True)
class Holder:
    """A process, told from every later one with the same number. `born` and `boot` are "" where unknown."""

    host: str
    pid: int
    born: str
    boot: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


@dataclass(frozen=True, slots=True)
class Lease:
    """A holder and until when, in seconds on the clocks of the machine that keeps the ledger.

    `until` is on its clock since boot, which no step of the wall clock moves, and `clock` names that boot;
    `until_wall` is for after the next one.
    """

    holder: Holder
    until: float
    until_wall: float
    clock: str = ""

    def live(self) -> bool:
        """Whether the holder still works, to be asked where the ledger is kept."""
        here = this_process()
        if self.holder.host == here.host and not _runs(self.holder, here):
            return False
        if self.clock and self.clock == here.boot:
            return time.monotonic() < self.until
        return time.time() < self.until_wall


def new_lease(holder: Holder, seconds: float = LEASE_S) -> Lease:
    """A lease from now on, granted by this machine."""
    return Lease(holder, time.monotonic() + seconds, time.time() + seconds, _boot())


def this_process() -> Holder:
    """This process as a holder."""
    return Holder(socket.gethostname(), os.getpid(), _born(os.getpid()), _boot())


def _runs(holder: Holder, here: Holder) -> bool:
    if holder.boot != here.boot:
        return False  # the machine was started anew since
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's, so it runs
    return holder.born == _born(holder.pid)  # else another process got the number


def _born(pid: int) -> str:
    """When a process started, in ticks since boot, where /proc tells."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return ""
    state_and_on = stat.rpartition(")")[2].split()  # the name before may hold spaces and brackets
    return "" if state_and_on[0] == "Z" else state_and_on[19]


@functools.cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""
