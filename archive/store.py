"""The archive on disk: recordings by the hash of their bytes, versions that only grow, history, manifest."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from archive import codec, layout
from archive.changes import PENDING, STAGING, Change, changed_meanwhile, settle
from archive.errors import ArchiveError, NotFound, OnrecordError
from archive.files import atomic_write, disk_errors, is_stale_temp, sha256_of
from archive.layers import bring_layer
from archive.locks import held
from archive.models import Layer, Recording, Transcript
from archive.reader import Reader
from archive.tombstones import error_of
from archive.withdraw import finish_all

INFO = "archive.json"
# what may lie in a folder that becomes an archive: parts of one that came before their `archive.json`
_OURS = frozenset({layout.RECORDINGS, layout.WITHDRAWN, "work", "index", "people.json", "catalog.sqlite"})


@dataclasses.dataclass(frozen=True, slots=True)
class GivenFile:
    """A text that came with a recording, as its bytes were; `name` is the file's, for show only."""

    name: str
    suffix: str
    data: bytes

    @property
    def sha256(self) -> str:
        """The SHA-256 of its bytes in hex."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def path(self) -> str:
        """Where it is kept inside the recording's folder."""
        return layout.given_name(self.sha256, self.suffix)


def overtaken(recording: str, base: int, newest: int) -> ArchiveError:
    """The error of a change to the version `base`, which is no longer the newest of its layer."""
    return ArchiveError(
        f"version {newest} is newer than version {base}, which this changes",
        where=recording,
        mend=f"see what it changed with `onrecord compare {recording} {base} {newest}`, then change that one",
    )


class Archive(Reader):
    """All that is kept under one folder, to read and to write. Safe for several threads and processes."""

    @classmethod
    def open(cls, root: Path, *, create: bool = False) -> Archive:
        """The archive in `root`; finishes what a killed process had committed. Refuses a newer format."""
        archive = cls(root.absolute())
        info = archive.root / INFO
        if not info.is_file():
            if not create:
                raise NotFound("no archive here", where=str(root), mend="`onrecord ingest` makes one")
            archive._create()
        codec.decode(info.read_bytes(), codec.ArchiveInfo, str(info))
        # a reader may have no right to write, and one broken recording must not close the archive: verify names it
        with contextlib.suppress(OSError, OnrecordError):
            if any((archive.recordings / PENDING).iterdir()):
                archive._settle_all()
        with contextlib.suppress(OSError):
            finish_all(archive)
        return archive

    def register(self, source: Path, recording: Recording, *, how: str = "copy", agent: str = "onrecord") -> Recording:
        """Take a media file in, by `copy`, `reflink` or `link`; gives the recording as kept.

        The digest is taken from the bytes as they are copied and must begin with the recording's id: a file
        that changed since it was hashed is a MediaError. The same bytes again change nothing.
        """
        self._refuse_how(how)
        checked = layout.checked_id(recording.id)
        suffix = layout.safe_suffix(recording.media.suffix)
        with self._change(checked) as change:
            if not change.is_new:
                return self._same(source, recording)
            digest, size = change.bring(layout.media_name(suffix), source, how)
            if not digest.startswith(checked) or recording.media.sha256 not in ("", digest):
                raise changed_meanwhile(source, digest, recording.media.sha256 or checked)
            media = dataclasses.replace(
                recording.media, suffix=suffix, sha256=digest, bytes=size, access_suffix="", access_mime=""
            )
            kept = dataclasses.replace(recording, media=media)
            change.write(layout.RECORDING, codec.encode(kept))
            change.event("ingestion", agent, name=media.name, how=how)
            change.event("message digest calculation", agent, sha256=digest)
            change.commit()
        return kept

    def update(self, recording: Recording, *, agent: str, reason: str) -> None:
        """Replace what is known of a recording; its history keeps the former values. Bytes are not up for change."""
        with self._change(layout.checked_id(recording.id)) as change:
            former = self._former(change)
            if (former.id, former.media.sha256) != (recording.id, recording.media.sha256):
                raise ArchiveError("an update may not change which bytes a recording is", where=recording.id)
            if former != recording:
                self._replace(change, former, recording, agent, reason)

    def add_layer(
        self, recording: str, layer: Layer, source: Path, *, how: str = "copy", agent: str = "onrecord"
    ) -> Recording:
        """Take an interpreter's file in as a layer of a recording; gives the recording as kept.

        The same bytes again change at most what is known of them. A layer's bytes are never replaced: other bytes
        for a layer that is there are an InputError.
        """
        self._refuse_how(how)
        with self._change(layout.checked_id(recording)) as change:
            former = self._former(change)
            kept = bring_layer(change, former, layer, source, how, agent)
            if kept != former:
                change.write(layout.RECORDING, codec.encode(kept))
                change.commit()
        return kept

    def add_alias(self, recording: str, name: str, *, agent: str = "onrecord") -> None:
        """Note another name under which the same bytes came in."""
        with self._change(layout.checked_id(recording)) as change:
            former = self._former(change)
            if name != former.media.name and name not in former.aliases:
                now = dataclasses.replace(former, aliases=(*former.aliases, name))
                self._replace(change, former, now, agent, "the same bytes came in under another name")

    def set_access_copy(
        self, recording: str, source: Path, suffix: str, mime: str, *, how: str = "copy", agent: str = "onrecord"
    ) -> None:
        """Keep a derived copy that browsers play, in place of a former one."""
        self._refuse_how(how)
        with self._change(layout.checked_id(recording)) as change:
            former = self._former(change)
            if former.media.access_suffix:
                change.drop(f"access.{former.media.access_suffix}")
            path = f"access.{layout.safe_suffix(suffix)}"
            digest, _ = change.bring(path, source, how)
            media = dataclasses.replace(former.media, access_suffix=layout.safe_suffix(suffix), access_mime=mime)
            change.write(layout.RECORDING, codec.encode(dataclasses.replace(former, media=media)))
            change.event("creation", agent, file=path, sha256=digest, reason="browsers do not play the original")
            change.commit()

    def set_layer_copy(self, recording: str, layer: str, source: Path, *, agent: str = "onrecord") -> None:
        """Keep the sound of one layer by itself, derived, for browsers: they play the first track of a file."""
        with self._change(layout.checked_id(recording)) as change:
            self._former(change)
            path = layout.layer_copy_name(layer)
            digest, _ = change.bring(path, source, "copy")
            change.event("creation", agent, file=path, sha256=digest, reason="browsers do not let a track be chosen")
            change.commit()

    def add_transcript(
        self,
        transcript: Transcript,
        *,
        agent: str,
        given: GivenFile | None = None,
        after: int | None = None,
        reason: str = "",
    ) -> Transcript:
        """Keep a transcript as the next version of its recording; gives it with its number.

        The one that is already the newest of its layer is not added twice, so that work repeated after a crash
        has one outcome. The file that it was made of, where it was a `given` one, is kept beside it, once. `after`
        is the version that must still be the newest of the layer: an ArchiveError where another came meanwhile.
        """
        with self._change(layout.checked_id(transcript.recording)) as change:
            self._former(change)
            versions = self.versions(transcript.recording, transcript.layer)
            if versions:
                newest = self.transcript(transcript.recording, versions[-1])
                if dataclasses.replace(transcript, version=newest.version) == newest:
                    return newest
            if after is not None and versions[-1:] != (after,):
                raise overtaken(transcript.recording, after, max(versions, default=0))
            # a version that is listed and lost keeps its number: a citation must not come to mean other words
            number = max(self.versions(transcript.recording) + change.listed_versions(), default=0) + 1
            kept = dataclasses.replace(transcript, version=number)
            if given and not change.holds(given.path, given.sha256):
                change.write(given.path, given.data)
                change.event("accession", agent, file=given.path, sha256=given.sha256, name=given.name)
            path = layout.version_name(number)
            digest = change.write(path, codec.encode(kept))
            made_by = {"maker": kept.maker.name, "model": kept.maker.model, "kind": kept.maker.kind.value}
            made_by["reason"] = reason
            change.event("creation", agent, file=path, sha256=digest, **{k: v for k, v in made_by.items() if v})
            change.commit()
        return kept

    def note(self, recording: str, event: str, *, agent: str, outcome: str = "success", **detail: str) -> None:
        """Add an event (a PREMIS event type) to a recording's history."""
        with self._change(layout.checked_id(recording)) as change:
            self._former(change)
            change.event(event, agent, outcome, **detail)
            change.commit()

    def tidy(self) -> tuple[str, ...]:
        """Finish or forget what killed processes left, and remove their temp files; gives the paths concerned."""
        done = [f"recordings/{PENDING}/{name}" for name in self._settle_all()]
        for folder, pattern in ((self.root, ".*.tmp"), (self.withdrawn, ".*.tmp"), (self.work, "**/.*.tmp")):
            for path in folder.glob(pattern):
                if is_stale_temp(path):
                    path.unlink(missing_ok=True)
                    done.append(path.relative_to(self.root).as_posix())
        return tuple(done)

    @contextlib.contextmanager
    def _change(self, recording: str) -> Iterator[Change]:
        with held(self.locks, recording):
            change = Change(self.recordings, recording)
            try:
                if change.is_new and (known := self.withdrawal(recording)):
                    raise error_of(known)
                yield change
            finally:
                change.abandon()  # nothing is left to abandon after a commit

    def _replace(self, change: Change, former: Recording, now: Recording, agent: str, reason: str) -> None:
        before, after = (msgspec.to_builtins(value) for value in (former, now))
        was = {
            f"former {key}": msgspec.json.encode(before[key]).decode() for key in before if before[key] != after[key]
        }
        change.write(layout.RECORDING, codec.encode(now))
        change.event("metadata modification", agent, reason=reason, **was)
        change.commit()

    def _former(self, change: Change) -> Recording:
        if change.is_new:
            raise NotFound(f"no recording {change.folder.name}", mend="`onrecord status` lists them")
        return codec.decode(change.read(layout.RECORDING), Recording, str(change.folder / layout.RECORDING))

    def _same(self, source: Path, recording: Recording) -> Recording:
        kept = self.recording(recording.id)
        digest = recording.media.sha256 or sha256_of(source)
        if digest != kept.media.sha256:
            raise ArchiveError(
                f"the id {recording.id} is taken by other bytes, {kept.media.sha256}; this file's are {digest}",
                where=str(source),
                mend="keep this file elsewhere and report it: two files whose hashes begin alike are a rarity",
            )
        return kept

    def _settle_all(self) -> list[str]:
        pending = self.recordings / PENDING
        settled = []
        for name in sorted(path.name for path in pending.iterdir()) if pending.is_dir() else ():
            recording = name.removesuffix(STAGING)
            if layout.is_id(recording):
                with held(self.locks, recording, wait=False) as mine:  # a lock that is held means one still works
                    if mine and settle(self.recordings, recording):
                        settled.append(name)
        return settled

    def _create(self) -> None:
        with disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            for path in self.root.iterdir():
                if path.name not in _OURS and not path.name.startswith((".", "catalog.sqlite")):
                    raise ArchiveError(
                        f"holds other things, such as {path.name!r}, and no archive",
                        where=str(self.root),
                        mend="name an empty folder with --archive",
                    )
            self.recordings.mkdir(exist_ok=True)
            atomic_write(self.root / INFO, codec.encode(codec.ArchiveInfo()))

    @staticmethod
    def _refuse_how(how: str) -> None:
        if how not in ("copy", "reflink", "link"):
            raise ArchiveError(f"no way {how!r} to take a file in", mend="use copy, reflink or link")
