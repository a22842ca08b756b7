"""A change to a recording: several files that become new together, or not at all.

A transcript comes with a line of history and a new manifest, and a process may be killed between any two
writes. So a change is first written whole into a folder of its own, and one rename commits it:

    recordings/.pending/<id>.staging    being written: a crash here means that nothing happened
    recordings/.pending/<id>            committed: its files are moved into place, by us or by whoever comes next
    recordings/<id>                     the recording

A recording that is new is committed by renaming its staging folder to its place. The manifest is carried
forward entry by entry and never made anew from what lies on disk, so rot cannot be signed by accident.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import shutil
from pathlib import Path

from archive import codec, layout, manifest
from archive.errors import ArchiveError, Damaged, MediaError, NotFound
from archive.files import atomic_write, copy_hashed, disk_errors, sha256_of, sync_folder
from archive.models import HistoryEvent

PENDING = ".pending"
STAGING = ".staging"
_GROWING = (layout.GIVEN, layout.TRANSCRIPTS)  # folders whose files are never replaced; a version after its source

# event types of PREMIS 3 that an archive of recordings has a use for
PREMIS_EVENTS = frozenset(
    {
        "accession", "appraisal", "capture", "creation", "deaccession", "deletion", "dissemination", "exporting",
        "extraction", "filename change", "fixity check", "format identification", "ingestion", "ingestion end",
        "ingestion start", "message digest calculation", "metadata extraction", "metadata modification",
        "migration", "modification", "normalization", "policy assignment", "quarantine", "recovery", "redaction",
        "refreshment", "replication", "transfer", "unquarantine", "validation", "virus check",
    }
)  # fmt: skip


class Change:
    """One change to one recording, made while its lock is held. Paths are inside the recording's folder."""

    def __init__(self, recordings: Path, recording: str) -> None:
        self.folder = recordings / recording
        self._pending = recordings / PENDING / recording
        self._staging = self._pending.with_name(recording + STAGING)
        self._events: list[HistoryEvent] = []
        settle(recordings, recording)
        self.is_new = not self.folder.exists()
        self._entries = {} if self.is_new else read_manifest(self.folder)
        with disk_errors(self._staging):
            if not self._pending.parent.is_dir():
                self._pending.parent.mkdir(exist_ok=True)
                sync_folder(recordings)
            self._staging.mkdir()

    def read(self, path: str) -> bytes:
        """A file of the recording, checked against the manifest: nothing is built on bytes that rotted."""
        target = self.folder / path
        try:
            data = target.read_bytes()
        except FileNotFoundError as error:
            raise Damaged("is missing", where=str(target), mend="restore it from a copy") from error
        expected, found = self._entries.get(path, "none"), hashlib.sha256(data).hexdigest()
        if found != expected:
            raise Damaged(
                f"has the SHA-256 {found}, the manifest says {expected}",
                where=str(target),
                mend="restore it from a copy; `onrecord verify` names all such files",
            )
        return data

    def listed_versions(self) -> tuple[int, ...]:
        """The transcript versions in the manifest, whether their files are there or not."""
        prefix = f"{layout.TRANSCRIPTS}/"
        return tuple(layout.version_of(path.removeprefix(prefix)) for path in self._entries if path.startswith(prefix))

    def holds(self, path: str, sha256: str) -> bool:
        """Whether the manifest lists these bytes at this path already."""
        return self._entries.get(path) == sha256

    def write(self, path: str, data: bytes) -> str:
        """Stage a file; gives its SHA-256."""
        with disk_errors(self._staging):
            (self._staging / path).parent.mkdir(exist_ok=True)
        atomic_write(self._staging / path, data)
        self._entries[path] = hashlib.sha256(data).hexdigest()
        return self._entries[path]

    def bring(self, path: str, source: Path, how: str) -> tuple[str, int]:
        """Stage a file from elsewhere; gives its SHA-256 and bytes."""
        self._entries[path], size = copy_hashed(source, self._staging / path, how)
        return self._entries[path], size

    def drop(self, path: str) -> None:
        """Leave a derived file out of the new manifest, by which it goes."""
        self._entries.pop(path, None)

    def event(self, event: str, agent: str, outcome: str = "success", **detail: str) -> None:
        """Add to the history that something was done, now."""
        if event not in PREMIS_EVENTS:
            raise ArchiveError(f"{event!r} is no event type of PREMIS", mend="see docs/reference/archive.md")
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self._events.append(HistoryEvent(now, event, agent, outcome, dict(sorted(detail.items()))))

    def commit(self) -> None:
        """Make the change true. Whatever fails before the rename leaves nothing, after it only work to finish."""
        former = b"" if self.is_new else self.read(layout.HISTORY)
        self.write(layout.HISTORY, former + b"".join(map(codec.encode_line, self._events)))
        atomic_write(self._staging / layout.MANIFEST, manifest.render(self._entries))
        if self.is_new:
            (self._staging / layout.TRANSCRIPTS).mkdir(exist_ok=True)
            sync_folder(self._staging)
            move(self._staging, self.folder)
            return
        sync_folder(self._staging)
        move(self._staging, self._pending)
        settle(self.folder.parent, self.folder.name)

    def abandon(self) -> None:
        """Forget what was staged and not committed."""
        shutil.rmtree(self._staging, ignore_errors=True)


def changed_meanwhile(source: Path, now: str, before: str) -> MediaError:
    """The error of a file whose bytes, by their SHA-256, are no longer those that were looked at."""
    return MediaError(
        f"its SHA-256 is now {now}, no longer {before}",
        where=str(source),
        mend="it changed while it was taken in; run the same again when it is complete",
    )


def settle(recordings: Path, recording: str) -> bool:
    """Finish a committed change and forget an uncommitted one; True where there was either. Needs the lock."""
    pending, target = recordings / PENDING / recording, recordings / recording
    staging = pending.with_name(recording + STAGING)
    found = staging.is_dir() or pending.is_dir()
    if staging.is_dir():
        shutil.rmtree(staging)
    if not pending.is_dir():
        return found
    if not target.is_dir():
        raise Damaged("is gone while a change to it was pending", where=str(target), mend="restore it from a copy")
    for folder in _GROWING:
        for source in sorted((pending / folder).glob("[!.]*")):
            _place_new(source, target / folder / source.name)
        if (pending / folder).is_dir():
            sync_folder(target / folder)
            (pending / folder).rmdir()
    # the manifest goes last: until then verify names the file that is ahead of it
    for source in sorted(pending.iterdir(), key=lambda path: (path.name == layout.MANIFEST, path.name)):
        os.replace(source, target / source.name)  # noqa: PTH105
    listed = read_manifest(target)
    for derived in ("access.*", "layer-*.m4a"):
        for left in target.glob(derived):
            if left.name not in listed:
                left.unlink()
    sync_folder(target)
    pending.rmdir()
    return True


def read_manifest(folder: Path) -> dict[str, str]:
    """The manifest of a recording's folder: path to SHA-256."""
    path = folder / layout.MANIFEST
    try:
        return manifest.parse(path.read_bytes(), str(path))
    except FileNotFoundError as error:
        if not folder.is_dir():
            raise NotFound(f"no recording {folder.name}", mend="`onrecord status` lists them") from error
        raise Damaged("is missing", where=str(path), mend="restore it from a copy") from error


def _place_new(source: Path, target: Path) -> None:
    """Move a file that is never overwritten to its place, where no other bytes may lie."""
    target.parent.mkdir(exist_ok=True)
    try:
        os.link(source, target)  # unlike a rename, it fails where the name is taken
    except FileExistsError as error:
        if sha256_of(source) != sha256_of(target):
            raise Damaged("exists with other bytes", where=str(target), mend="move one of them away") from error
    source.unlink()


def move(source: Path, target: Path) -> None:
    """Rename a folder, for good: both of the folders that it goes from and to are brought to disk."""
    with disk_errors(target):
        os.rename(source, target)  # noqa: PTH104
        sync_folder(target.parent)
        if source.parent != target.parent:
            sync_folder(source.parent)
