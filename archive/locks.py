"""One writer at a time, across threads and processes.

The locks are files under ARCHIVE/work/locks and not the folders themselves, because `flock` on a folder fails
on network file systems. They are advice for writers only: readers never wait, for every file is replaced whole.
A lock dies with its process, so kill -9 leaves none behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def held(folder: Path, name: str, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock `name`; gives False at once, without it, where another has it and `wait` is False."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = _acquire(folder / f"{name}.lock", wait=wait)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _acquire(path: Path, *, wait: bool) -> int | None:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            # work/ may be deleted at any time; a lock on a file that has no name any more locks nobody out
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), path.stat()):
                    return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        path.parent.mkdir(parents=True, exist_ok=True)
