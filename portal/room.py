"""Room for so many at once of what strangers ask for and what costs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from archive.errors import Busy

MOST_COUNTS = 4  # of routes and pages together; each may read tens of thousands of passages
COUNTS = threading.BoundedSemaphore(MOST_COUNTS)


@contextlib.contextmanager
def within(room: threading.Semaphore, taken: str, wait_s: float = 0.0) -> Iterator[None]:
    """Hold a place of the `room`, for which `wait_s` seconds are waited.

    Busy, in the words of `taken` ("4 clips are being cut"), where none gets free.
    """
    if not room.acquire(timeout=wait_s):
        raise Busy(f"{taken}, which is as many as at once", mend="try again in a moment")
    try:
        yield
    finally:
        room.release()


def counting(wait_s: float = 0.0) -> contextlib.AbstractContextManager[None]:
    """Hold a place among those who count."""
    return within(COUNTS, f"{MOST_COUNTS} counts are being made", wait_s)
