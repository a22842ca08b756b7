"""Reading an archive: what is kept, as dataclasses. Takes no locks, for every file is replaced whole."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from archive import codec, layout
from archive.errors import Damaged, NotFound
from archive.models import FLOOR, HistoryEvent, Layer, Maker, Recording, Transcript
from archive.tombstones import error_of, tombstone
from archive.withdrawal import Withdrawal


@dataclass(frozen=True, slots=True)
class Heading:
    """The part of a transcript that says whose it is and what made it, read without building its words."""

    layer: str
    maker: Maker


class Reader:
    """What lies under one folder, for those who only look."""

    def __init__(self, root: Path, shelf: str = layout.RECORDINGS) -> None:
        self.root = root
        self.recordings = root / shelf

    @property
    def withdrawn(self) -> Path:
        """Where the folders of recordings lie that were taken out, and their tombstones."""
        return self.root / layout.WITHDRAWN

    @property
    def out(self) -> Reader:
        """The recordings that were taken out."""
        return Reader(self.root, layout.WITHDRAWN)

    def withdrawal(self, recording: str) -> Withdrawal | None:
        """When, by whom and why a recording was taken out; None where it was not."""
        return tombstone(self.root, recording)

    @property
    def work(self) -> Path:
        """Ledger, checkpoints and locks: derived, may be deleted while nothing runs."""
        return self.root / "work"

    @property
    def index(self) -> Path:
        """The search index: derived, may be deleted."""
        return self.root / "index"

    @property
    def locks(self) -> Path:
        """The folder of the lock files."""
        return self.work / "locks"

    def ids(self) -> tuple[str, ...]:
        """The ids of all recordings, sorted."""
        try:
            with os.scandir(self.recordings) as entries:
                return tuple(sorted(entry.name for entry in entries if layout.is_id(entry.name)))
        except FileNotFoundError:
            return ()

    def __contains__(self, recording: str) -> bool:
        return layout.is_id(recording) and (self.recordings / recording / layout.RECORDING).is_file()

    def recording(self, recording: str) -> Recording:
        """What is known of a recording."""
        path = self.folder(recording) / layout.RECORDING
        known = codec.decode(self._read(path), Recording, str(path))
        if known.id != recording:  # or one recording could pass for another, say a public for a restricted one
            raise Damaged(f"is about the recording {known.id}", where=str(path), mend="restore it from a copy")
        return known

    def folder(self, recording: str) -> Path:
        """The folder of a recording that is in the archive."""
        folder = self.recordings / layout.checked_id(recording)
        if not folder.is_dir():
            if known := self.withdrawal(recording):
                raise error_of(known)
            raise NotFound(f"no recording {recording}", where=str(self.root), mend="`onrecord status` lists them")
        return folder

    def media_path(self, recording: str) -> Path:
        """The original bytes."""
        return self._media(self.recording(recording))

    def sound_path(self, recording: Recording, layer: Layer) -> Path:
        """The original bytes that a layer sounds in: a file of its own, or the recording's."""
        if layer.file is None:
            return self._media(recording)
        return self._existing(self.folder(recording.id) / layout.media_name(layer.file.media.suffix, layer.id))

    def playable_path(self, recording: str) -> Path:
        """What a browser plays: the original, or its access copy where the original is none for browsers."""
        known = self.recording(recording)
        if known.media.access_suffix:
            return self._existing(self.folder(recording) / f"access.{layout.safe_suffix(known.media.access_suffix)}")
        return self._media(known)

    def layer_path(self, recording: str, layer: str) -> Path | None:
        """The sound of one layer by itself; None where it was not made."""
        path = self.folder(recording) / layout.layer_copy_name(layer)
        return self._existing(path) if path.exists() else None

    def versions(self, recording: str, layer: str | None = None) -> tuple[int, ...]:
        """The transcript versions of a recording, ascending; of one layer where it is named."""
        folder = self.folder(recording) / layout.TRANSCRIPTS
        found = sorted(filter(None, (layout.version_of(path.name) for path in folder.glob("*.json"))))
        return tuple(found if layer is None else (v for v in found if self.heading(recording, v).layer == layer))

    def newest(self, recording: str) -> int:
        """The version that is shown unless another is asked for: the newest of the floor, else of all; 0 for none."""
        versions = self.versions(recording)
        floor = (version for version in reversed(versions) if self.heading(recording, version).layer == FLOOR)
        return next(floor, max(versions, default=0))

    def transcript(self, recording: str, version: int | None = None, layer: str | None = None) -> Transcript:
        """A transcript version; without a number the newest of the layer, or of the floor where none is named."""
        if version is None:
            version = max(self.versions(recording, layer), default=0) if layer else self.newest(recording)
            if not version:
                raise NotFound("no transcript yet", where=recording, mend="`onrecord ingest` makes one")
        path = self.folder(recording) / layout.version_name(version)
        if not path.is_file():
            newest = max(self.versions(recording), default=0)
            mend = f"the newest is {newest}" if newest else "`onrecord ingest` makes one"
            raise NotFound(f"no transcript version {version}", where=recording, mend=mend)
        found = codec.decode(self._read(path), Transcript, str(path))
        if (found.recording, found.version) != (recording, version):
            raise Damaged(
                f"is version {found.version} of {found.recording}", where=str(path), mend="restore it from a copy"
            )
        return found

    def given(self, recording: str, path: str) -> bytes:
        """The bytes of a text that came with a recording, by the path that its transcript's maker names."""
        if not layout.is_given(path):
            raise NotFound(f"no given text {path!r}", where=recording)
        return self._read(self.folder(recording) / path)

    def history(self, recording: str) -> tuple[HistoryEvent, ...]:
        """What was done to a recording, in order."""
        path = self.folder(recording) / layout.HISTORY
        # split by hand: splitlines would also split at U+2028, which JSON leaves as it is
        lines = self._read(path).removesuffix(b"\n").split(b"\n")
        return tuple(codec.decode(line, HistoryEvent, f"{path}:{number}") for number, line in enumerate(lines, 1))

    def heading(self, recording: str, version: int) -> Heading:
        """What a transcript version is of and was made by, in a fraction of the time that reading it takes."""
        path = self.folder(recording) / layout.version_name(version)
        try:
            return msgspec.json.decode(self._read(path), type=Heading)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Damaged(f"does not parse: {error}", where=str(path), mend="restore it from a copy") from error

    def _media(self, recording: Recording) -> Path:
        return self._existing(self.folder(recording.id) / layout.media_name(recording.media.suffix))

    def _existing(self, path: Path) -> Path:
        if path.is_symlink() or not path.is_file():
            raise Damaged("is missing or no regular file", where=str(path), mend="restore it from a copy")
        return path

    def _read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            raise Damaged("is missing", where=str(path), mend="restore it from a copy") from error
