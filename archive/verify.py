"""Fixity: every byte is read again and held against the manifest. Nothing is mended, nothing re-hashed silently."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive import codec, layout
from archive.changes import PENDING, read_manifest
from archive.errors import OnrecordError
from archive.files import sha256_of
from archive.models import Finding, Recording, Transcript
from archive.people import PEOPLE
from archive.reader import Reader
from archive.store import INFO, Archive
from archive.tombstones import tombstone_path
from archive.withdraw import is_unfinished

ALGORITHM = "sha256"
TRIES = 5  # a recording that is written to while it is read is read again
PAUSE_SECONDS = 0.1  # more than a change takes to be moved into place

_RESTORE = "restore the file from a copy"


@dataclass(frozen=True, slots=True)
class Mismatch(Finding):
    """A finding with its parts: `path` inside the archive, and the digests in hex ("" where there is none).

    Codes: `changed`, `missing`, `unlisted`, `unreadable`, `unparseable`, `not-a-file`, `inconsistent`,
    `unfinished`.
    """

    path: str = ""
    algorithm: str = ALGORITHM
    expected: str = ""
    found: str = ""


def verify(archive: Archive, ids: Iterable[str] | None = None) -> Iterator[Mismatch]:
    """What is wrong with the archive, or with the recordings named; nothing where all is as it was written."""
    if ids is None:
        yield from _root(archive)
        yield from _withdrawn(archive)
    named = (*archive.ids(), *archive.out.ids()) if ids is None else ids
    for recording in map(layout.checked_id, named):
        is_out = (archive.withdrawn / recording).is_dir() and not (archive.recordings / recording).exists()
        yield from _recording(archive.out if is_out else archive, recording)


def _recording(archive: Reader, recording: str) -> list[Mismatch]:
    folder = archive.recordings / recording
    findings: list[Mismatch] = []
    for _ in range(TRIES):
        before = _manifest_bytes(folder)
        findings = list(_Checked(archive, folder).findings())
        changing = before != _manifest_bytes(folder) or (folder.parent / PENDING / recording).is_dir()
        if not findings or not changing:
            break
        time.sleep(PAUSE_SECONDS)
    return findings


@dataclass(frozen=True, slots=True)
class _Checked:
    archive: Reader
    folder: Path

    def findings(self) -> Iterator[Mismatch]:
        if self.folder.is_symlink() or not self.folder.is_dir():
            yield self._finding("missing" if not self.folder.exists() else "not-a-file", "", "is no folder")
            return
        if (self.folder.parent / PENDING / self.folder.name).is_dir():
            yield self._finding(
                "unfinished",
                "",
                "a change was committed and not finished",
                mend="run `onrecord doctor` as a user who may write here",
            )
        try:
            entries = read_manifest(self.folder)
        except OnrecordError as error:
            code = "unparseable" if (self.folder / layout.MANIFEST).exists() else "missing"
            yield self._finding(code, layout.MANIFEST, error.what)
            entries = None
        present = set(self._present(self.folder))
        irregular = {path for path in present if not stat.S_ISREG((self.folder / path).lstat().st_mode)}
        for path in sorted(irregular):
            yield self._finding(
                "not-a-file", path, "is a symlink, FIFO or device", mend="replace it by the file itself"
            )
        if entries is not None:
            yield from self._against(entries, present, irregular)
        yield from self._contents(present - irregular, entries or {})

    def _against(self, entries: dict[str, str], present: set[str], irregular: set[str]) -> Iterator[Mismatch]:
        for path, expected in sorted(entries.items()):
            if path not in present:
                yield self._finding("missing", path, "is listed in the manifest and missing", expected)
            elif path not in irregular:
                yield from self._digest(path, expected)
        for path in sorted(present - irregular - set(entries) - {layout.MANIFEST}):
            yield self._finding("unlisted", path, "is not listed in the manifest", mend="move it out of the archive")

    def _digest(self, path: str, expected: str) -> Iterator[Mismatch]:
        try:
            found = sha256_of(self.folder / path)
        except (OSError, OnrecordError) as error:
            yield self._finding("unreadable", path, f"cannot be read: {error}", expected)
            return
        if found != expected:
            yield self._finding("changed", path, f"has the {ALGORITHM} {found}, expected {expected}", expected, found)

    def _contents(self, present: set[str], entries: dict[str, str]) -> Iterator[Mismatch]:
        """Complete is not valid: what has the right digest must also parse and be about this recording."""
        recording = self._parsed(layout.RECORDING, Recording) if layout.RECORDING in present else None
        if isinstance(recording, Mismatch):
            yield recording
        elif recording:
            listed = entries.get(layout.media_name(recording.media.suffix), recording.media.sha256)
            if (recording.id, recording.media.sha256) != (self.folder.name, listed) or not listed.startswith(
                recording.id
            ):
                yield self._finding(
                    "inconsistent", layout.RECORDING, "is about other bytes", listed, recording.media.sha256
                )
            yield from self._layers(recording, entries)
        for path in sorted(path for path in present if path.startswith(layout.TRANSCRIPTS)):
            version = layout.version_of(path.removeprefix(f"{layout.TRANSCRIPTS}/"))
            transcript = self._parsed(path, Transcript) if version else None
            if isinstance(transcript, Mismatch):
                yield transcript
            elif transcript and (transcript.recording, transcript.version) != (self.folder.name, version):
                yield self._finding("inconsistent", path, "is of another recording or version")
        if layout.HISTORY in present:
            yield from self._lines()

    def _layers(self, recording: Recording, entries: dict[str, str]) -> Iterator[Mismatch]:
        for layer in recording.layers:
            if layer.file:
                digest = layer.file.media.sha256
                path = layout.media_name(layer.file.media.suffix, layer.id)
                if entries and entries.get(path) != digest:
                    what = f"says that the layer {layer.id} is other bytes than {path}"
                    yield self._finding("inconsistent", layout.RECORDING, what, entries.get(path, ""), digest)

    def _lines(self) -> Iterator[Mismatch]:
        try:
            self.archive.history(self.folder.name)
        except (OSError, OnrecordError) as error:
            yield self._finding("unparseable", layout.HISTORY, str(error))

    def _parsed(self, path: str, kind: type[Any]) -> Any:
        try:
            return codec.decode((self.folder / path).read_bytes(), kind, path)
        except (OSError, OnrecordError) as error:
            return self._finding("unparseable", path, getattr(error, "what", str(error)))

    def _present(self, folder: Path) -> Iterator[str]:
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from self._present(Path(entry.path))
            else:
                yield Path(entry.path).relative_to(self.folder).as_posix()

    def _finding(
        self, code: str, path: str, what: str, expected: str = "", found: str = "", mend: str = _RESTORE
    ) -> Mismatch:
        where = (self.folder / path).relative_to(self.archive.root).as_posix()
        return Mismatch(code, where, what, mend, where, ALGORITHM, expected, found)


def _root(archive: Archive) -> Iterator[Mismatch]:
    for name, kind in ((INFO, codec.ArchiveInfo), (PEOPLE, codec.Register)):
        path = archive.root / name
        try:
            if path.is_symlink():
                yield Mismatch("not-a-file", name, "is a symlink", "replace it by the file itself", name)
            elif path.exists() or name == INFO:
                codec.decode(path.read_bytes(), kind, name)
        except (OSError, OnrecordError) as error:
            yield Mismatch("unparseable", name, getattr(error, "what", str(error)), _RESTORE, name)
    if archive.recordings.is_dir():
        for entry in sorted(archive.recordings.iterdir()):
            if not layout.is_id(entry.name) and entry.name != PENDING:
                where = entry.relative_to(archive.root).as_posix()
                yield Mismatch("unlisted", where, "is no recording", "move it out of the archive", where)


def _withdrawn(archive: Archive) -> Iterator[Mismatch]:
    """What lies beside the folders that were taken out: a tombstone for each, and nothing else."""
    if not archive.withdrawn.is_dir():
        return
    for entry in sorted(archive.withdrawn.iterdir()):
        where = entry.relative_to(archive.root).as_posix()
        if layout.is_id(entry.name):
            stone = tombstone_path(archive.root, entry.name)
            if not stone.is_file():
                where = stone.relative_to(archive.root).as_posix()
                yield Mismatch("missing", where, "says when and why it was withdrawn, and is missing", _RESTORE, where)
        elif entry.name.startswith("."):
            continue  # a tombstone that is being written; tidy removes what a killed process left
        elif not layout.is_id(entry.stem) or entry.suffix != ".json":
            yield Mismatch("unlisted", where, "is no recording", "move it out of the archive", where)
        else:
            try:
                known = archive.withdrawal(entry.stem)
            except (OSError, OnrecordError) as error:
                yield Mismatch("unparseable", where, getattr(error, "what", str(error)), _RESTORE, where)
                continue
            if known and known.id != entry.stem:
                yield Mismatch("inconsistent", where, "is of another recording", _RESTORE, where)
            elif known and is_unfinished(archive, known):
                what, mend = (
                    "a withdrawal was begun and not finished",
                    "run `onrecord doctor` as a user who may write here",
                )
                yield Mismatch("unfinished", where, what, mend, where)


def _manifest_bytes(folder: Path) -> bytes:
    try:
        return (folder / layout.MANIFEST).read_bytes()
    except OSError:
        return b""
