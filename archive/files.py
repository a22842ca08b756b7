"""Bytes on their way to disk: written whole or not at all, and hashed on the way."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import secrets
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from archive.errors import MachineError, MediaError

BLOCK_BYTES = 1 << 20  # large enough that hashing, not system calls, takes the time
FOREIGN_TEMP_HOURS = 24  # another machine's temp file is only taken for dead after this long
_FICLONE = 0x40049409  # ioctl of Linux: share the blocks of another file, copied when one of them is written
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_HOST = re.sub(r"[^A-Za-z0-9]", "", socket.gethostname())[:20] or "host"
_TEMP = re.compile(r"\..+\.(?P<host>[A-Za-z0-9]+)-(?P<pid>\d+)-[0-9a-f]{8}\.tmp")


def atomic_write(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader, or a crash, sees the old bytes or the new ones and nothing between."""
    temp = _temp_beside(path)
    with disk_errors(path):
        try:
            with temp.open("xb", buffering=0) as handle:  # no buffer between us and the disk's errors
                _write_all(handle.fileno(), data)
                os.fsync(handle.fileno())
            os.replace(temp, path)  # noqa: PTH105  the one call whose failure the tests provoke
        except BaseException:
            temp.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a regular file in hex, read in blocks; a symlink, FIFO or device is refused."""
    digest = hashlib.sha256()
    with open_regular(path) as descriptor:
        while block := os.read(descriptor, BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def copy_hashed(source: Path, target: Path, how: str = "copy") -> tuple[str, int]:
    """Bring `source` to `target`, which must not exist; gives the SHA-256 of what is there now and its bytes.

    `how` is `copy`, `reflink` (shares blocks on file systems that can, safe) or `link` (a hard link: no bytes
    move, but whoever later writes into the source writes into the archive; verify will tell).
    """
    with disk_errors(target):
        try:
            if how == "link":
                digest, size = _link(source, target)
            else:
                digest, size = _copy(source, target, clone=how == "reflink")
        except FileExistsError:  # not ours to remove
            raise
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    return digest, size


@contextlib.contextmanager
def open_regular(path: Path) -> Iterator[int]:
    """A descriptor for reading a regular file; never follows a symlink and never waits on a FIFO."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        what = (
            "is not a regular file"
            if error.errno in {errno.ELOOP, errno.ENXIO}
            else f"cannot be read: {error.strerror}"
        )
        raise MediaError(what, where=str(path)) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise MediaError("is not a regular file", where=str(path))
        yield descriptor
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut: a rename is only safe once its folder is synced."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_stale_temp(path: Path) -> bool:
    """Whether a file is what a killed `atomic_write` left behind, and its writer is gone."""
    match = _TEMP.fullmatch(path.name)
    if match is None:
        return False
    if match["host"] != _HOST:
        with contextlib.suppress(FileNotFoundError):
            return time.time() - path.lstat().st_mtime > FOREIGN_TEMP_HOURS * 3600
        return False
    try:
        os.kill(int(match["pid"]), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Says a full disk as what it is, so that callers may wait for space instead of blaming the recording."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise MachineError(
                "no space left to write", where=str(path), mend="free space on the disk, then run the same again"
            ) from error
        raise


def _temp_beside(path: Path) -> Path:
    # the name is cut so that a long one still fits into the 255 bytes a file name may have
    return path.with_name(f".{path.name[:40]}.{_HOST}-{os.getpid()}-{secrets.token_hex(4)}.tmp")


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _link(source: Path, target: Path) -> tuple[str, int]:
    with open_regular(source):
        try:
            os.link(source, target, follow_symlinks=False)
        except OSError as error:
            if error.errno not in {errno.EXDEV, errno.EPERM, errno.EMLINK}:
                raise
            raise MachineError(
                f"no hard link can be made here: {error.strerror}", where=str(target), mend="take it in with --how copy"
            ) from error
    return sha256_of(target), target.stat().st_size


def _copy(source: Path, target: Path, *, clone: bool) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with open_regular(source) as read_from, target.open("xb", buffering=0) as handle:
        if clone:
            try:
                fcntl.ioctl(handle.fileno(), _FICLONE, read_from)
            except OSError as error:
                raise MachineError(
                    "this file system cannot share blocks", where=str(target), mend="take it in with --how copy"
                ) from error
        while block := os.read(read_from, BLOCK_BYTES):
            digest.update(block)
            size += len(block)
            if not clone:
                _write_all(handle.fileno(), block)
        os.fsync(handle.fileno())
    return (sha256_of(target), target.stat().st_size) if clone else (digest.hexdigest(), size)
