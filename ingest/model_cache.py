"""The cache of models: each lies there whole and checked, or not at all, with a record of what was checked."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from archive.errors import ModelError
from archive.places import cache_dir
from ingest.fetch import Fetch
from ingest.sizes import Size

RECORD = "onrecord.json"

Told = Callable[[Fetch], None]
Digests = dict[str, str]  # SHA-256 by file
Source = Callable[[Size, Path, Told], Digests]  # fetches into a folder and says what must lie there


class FileRecord(msgspec.Struct, frozen=True):
    """A file of a cached model as it was when its digest was checked."""

    bytes: int
    modified_ns: int
    sha256: str


class ModelRecord(msgspec.Struct, frozen=True):
    """What lies beside a cached model: where it came from and what was checked."""

    model: str
    source: str
    revision: str
    files: dict[str, FileRecord]
    schema: str = "onrecord/model/1"


def cached(name: str) -> Path:
    """Where a model lies, or would lie, in the local cache."""
    return cache_dir() / "models" / name


def again(size: Size, folder: Path) -> str:
    """What mends a model that is not as it was checked."""
    return f"delete {folder} and run: onrecord models get {size.name}"


def record_of(folder: Path) -> ModelRecord | None:
    """What was checked of a model; None where nobody noted it."""
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=ModelRecord)
    except (OSError, msgspec.DecodeError):
        return None


def digest_of(path: Path) -> str:
    """The SHA-256 of a file: the recorded one where the file has the recorded size and time of change, and so is taken
    to be unchanged, else by reading it."""
    record = record_of(path.parent)
    known = record.files.get(path.name) if record else None
    return known.sha256 if known and _untouched(path, known) else _read(path)


def check(size: Size, folder: Path, expected: Mapping[str, str]) -> None:
    """Raises ModelError unless each file has its digest; those that had to be read for it are recorded."""
    record = record_of(folder)
    for name, sha256 in expected.items():
        path = folder / name
        known = record.files.get(name) if record else None
        if known and known.sha256 == sha256 and _untouched(path, known):
            continue
        found = _read(path) if path.is_file() else "missing"
        if found != sha256:
            raise ModelError(
                f"not the checked file: SHA-256 {sha256}, found {found}", where=str(path), mend=again(size, folder)
            )
        record = _keep(folder, record or ModelRecord(size.name, "unknown", size.revision, {}), name, sha256)


def fetch(
    size: Size, sources: Mapping[str, Source], make: Callable[[Path, Digests], Digests], mend: str, on_fetch: Told
) -> None:
    """Puts a model into the cache, from the first of the sources (by what they are called) that gives what it should.

    It is fetched into a folder beside, its digests are checked, `make` turns it there into what is opened and says the
    digests of that, and the folder is moved into place whole. Another process may be first; its model stays. `mend` is
    for who has no source. With ONRECORD_OFFLINE=1 nothing is fetched.
    """
    folder = cached(size.name)
    if os.environ.get("ONRECORD_OFFLINE") == "1":
        raise ModelError(
            "not in the cache, and ONRECORD_OFFLINE=1 forbids to fetch it",
            where=str(folder),
            mend=f"unset ONRECORD_OFFLINE and run: onrecord models get {size.name}",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    refusals = []
    for source, get in sources.items():
        staging = Path(tempfile.mkdtemp(prefix=f".{size.name}-", dir=folder.parent))
        try:
            digests = get(size, staging, on_fetch)
            for name, sha256 in digests.items():
                if (found := _read(staging / name)) != sha256:
                    raise ModelError(f"{name} has SHA-256 {found}, published is {sha256}")
            record = ModelRecord(size.name, source, size.revision, {})
            for name, sha256 in make(staging, digests).items():
                record = _keep(staging, record, name, sha256)
            staging.chmod(0o755)
            try:
                staging.rename(folder)
            except OSError:
                if not folder.is_dir():
                    raise
            return
        except ModelError as error:
            refusals.append(f"{source}: {error}")
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    raise ModelError(f"no weights for `{size.name}`: {'; '.join(refusals)}", where=str(folder), mend=mend)


def _keep(folder: Path, record: ModelRecord, name: str, sha256: str) -> ModelRecord:
    """The record with one checked file more; a cache that cannot be written is read again each time."""
    status = (folder / name).stat()
    files = record.files | {name: FileRecord(status.st_size, status.st_mtime_ns, sha256)}
    record = msgspec.structs.replace(record, files=files)
    temporary = folder / f".{RECORD}.{os.getpid()}"
    try:
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
        temporary.replace(folder / RECORD)
    except OSError:
        temporary.unlink(missing_ok=True)
    return record


def _untouched(path: Path, known: FileRecord) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (known.bytes, known.modified_ns)


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
