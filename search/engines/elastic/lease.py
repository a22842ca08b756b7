"""One builder at a time across machines: a document in the cluster that its holder keeps renewing.

Who waits takes it over where it was not renewed for a while, told by its own clock alone; and at once where the
holder wrote through the same lock file on this machine, for then it is dead: that lock is ours now.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from elasticsearch import ApiError, BadRequestError, ConflictError, NotFoundError

from archive.errors import IndexUnready
from search.engines.elastic.cluster import Cluster
from search.engines.turns import POLL_SECONDS, busy

LEASE_SECONDS = 30.0
RENEW_SECONDS = 5.0
_ID = "writer"
_MACHINE = Path("/proc/sys/kernel/random/boot_id")
_MAPPINGS = {"dynamic": "strict", "properties": {"host": {"type": "keyword"}, "lock": {"type": "keyword"}}}


class Lease:
    """The right to write, while it is held."""

    def __init__(self, cluster: Cluster, lock: Path) -> None:
        self._cluster = cluster
        self._index = f"{cluster.settings.alias}-lock"
        self._holder = {"host": socket.gethostname(), "lock": f"{_machine()}:{_inode(lock)}:{os.getpid()}"}
        self._state: dict[str, Any] = {}
        self._ended = threading.Event()
        self._lost = False

    @contextlib.contextmanager
    def held(self, wait_seconds: float) -> Iterator[None]:
        """Hold it, waiting so long for another holder."""
        with self._cluster.asked():
            self._acquire(wait_seconds)
        renewing = threading.Thread(target=self._renew, daemon=True)
        renewing.start()
        try:
            yield
        finally:
            self._ended.set()
            renewing.join()
            # a lease that cannot be given back runs out
            with contextlib.suppress(IndexUnready), self._cluster.asked(), contextlib.suppress(ApiError):
                self._cluster.worker.delete(index=self._index, id=_ID, **self._state)

    def check(self) -> None:
        """IndexUnready where another builder has taken it over."""
        if self._lost:
            raise busy(self._cluster.settings.where, "another builder, who took over,")

    def _acquire(self, wait_seconds: float) -> None:
        began = seen_at = time.monotonic()
        seen: tuple[int, int] | None = None
        self._make_index()
        while not self._put(op_type="create"):
            try:
                found = self._cluster.worker.get(index=self._index, id=_ID).body
            except NotFoundError:
                continue
            now = time.monotonic()
            at = (found["_seq_no"], found["_primary_term"])
            if at != seen:
                seen, seen_at = at, now
            dead = _same_lock(found["_source"]["lock"], self._holder["lock"])
            if (dead or now - seen_at >= LEASE_SECONDS) and self._put(if_seq_no=at[0], if_primary_term=at[1]):
                return
            if now - began >= wait_seconds:
                raise busy(self._cluster.settings.where, f"a process on {found['_source']['host']}")
            time.sleep(POLL_SECONDS)

    def _make_index(self) -> None:
        indices = self._cluster.worker.indices
        if not indices.exists(index=self._index):
            with contextlib.suppress(BadRequestError):  # another one just made it
                indices.create(
                    index=self._index,
                    mappings=_MAPPINGS,
                    settings={"number_of_shards": 1, "auto_expand_replicas": "0-1"},
                )

    def _put(self, **condition: Any) -> bool:
        try:
            written = self._cluster.worker.index(index=self._index, id=_ID, document=self._holder, **condition)
        except ConflictError:
            return False
        self._state = {"if_seq_no": written.body["_seq_no"], "if_primary_term": written.body["_primary_term"]}
        return True

    def _renew(self) -> None:
        while not self._ended.wait(RENEW_SECONDS):
            # a cluster that is away for a moment is asked again, and who writes notices by itself
            with contextlib.suppress(IndexUnready), self._cluster.asked():
                if not self._put(**self._state) and not self._still_ours():
                    self._lost = True
                    return

    def _still_ours(self) -> bool:
        """Whether it was renewed after all, by a request whose answer got lost and that was sent again."""
        try:
            found = self._cluster.worker.get(index=self._index, id=_ID).body
        except NotFoundError:
            return False
        self._state = {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]}
        return bool(found["_source"] == self._holder)


def _machine() -> str:
    try:
        return _MACHINE.read_text(encoding="ascii").strip()
    except OSError:
        return socket.gethostname()


def _inode(lock: Path) -> str:
    status = lock.stat()
    return f"{status.st_dev}:{status.st_ino}"


def _same_lock(theirs: str, ours: str) -> bool:
    return theirs.rpartition(":")[0] == ours.rpartition(":")[0]
