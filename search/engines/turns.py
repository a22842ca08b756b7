"""One writer of an archive's index at a time, on one machine."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from archive.errors import IndexUnready
from archive.locks import held
from archive.store import Archive

LOCK = "index"
POLL_SECONDS = 0.1


@contextlib.contextmanager
def turn(archive: Archive, wait_seconds: float) -> Iterator[None]:
    """Be the one writer, waiting for another one to finish."""
    give_up = time.monotonic() + wait_seconds
    while True:
        with held(archive.locks, LOCK, wait=False) as ours:
            if ours:
                yield
                return
        if time.monotonic() >= give_up:
            raise busy(str(archive.index), "another process")
        time.sleep(POLL_SECONDS)


def busy(where: str, who: str) -> IndexUnready:
    """What is said where another one writes."""
    return IndexUnready(
        f"{who} is writing the search index", where=where, mend="wait until it is done, then run: onrecord index"
    )
