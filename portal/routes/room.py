"""Room for so many at once of what strangers ask for and what costs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from archive.errors import Busy


@contextlib.contextmanager
def within(room: threading.Semaphore, taken: str) -> Iterator[None]:
    """Hold a place of the `room`; Busy, in the words of `taken` ("4 clips are being cut"), where there is none."""
    if not room.acquire(blocking=False):
        raise Busy(f"{taken}, which is as many as at once", mend="try again in a moment")
    try:
        yield
    finally:
        room.release()
