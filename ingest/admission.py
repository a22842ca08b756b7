"""Admission: a file becomes a recording of the archive with a card and a task, or it is said why not."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from archive.catalog import Catalog
from archive.errors import InputError, MachineError, OnrecordError
from archive.files import sha256_of
from archive.layout import ID_CHARACTERS
from archive.models import FLOOR, TRANSLATION, AccessLevel, Finding, Layer, Recording
from archive.people import People
from archive.store import Archive
from ingest.failpoint import failpoint
from ingest.layers import MAX_LAYERS
from ingest.ledger import Ledger
from ingest.names import shown
from ingest.outcomes import finding_of, is_full, unexpected
from ingest.progress import Outcome, Registered, Result
from ingest.recipe import Recipe
from ingest.register import Item, refuse_withdrawn, register, register_layer
from ingest.sheet import Row
from ingest.steps import AGENT, check_space
from ingest.tasks import State, Task
from ingest.texts import import_text, read_text, said_of_unknown, unknown_names
from ingest.transcribers.base import ENGLISH

NO_SPACE = ("there is no space on the disk", "make room")


@dataclass(frozen=True, slots=True)
class Admitted:
    """A registered file and its task, as it stands."""

    entry: Registered
    task: Task


class Admission:
    """Takes files in for one recipe. `languages` are spoken where the sheet names none; `how` is the store's.

    Of `files`, which are all that were found, the first with the same bytes and name is the recording's own.
    With `translate` a recording gets a layer for its translation, unless nothing but English is spoken in it.
    """

    def __init__(
        self,
        archive: Archive,
        ledger: Ledger,
        recipe: str,
        *,
        languages: tuple[str, ...] = (),
        how: str = "copy",
        retry: bool = False,
        translate: bool = False,
        files: Iterable[Path] = (),
    ) -> None:
        self._archive, self._ledger, self._recipe = archive, ledger, recipe
        self._languages, self._how, self._retry, self._translate = languages, how, retry, translate
        self._people = People.load(archive.root)
        self._catalog = Catalog(archive)
        self._recordings: dict[Path, str] = {}  # by the files that were taken
        self._files = frozenset(map(shown, files))
        self._own: dict[str, str] = {}  # the recordings' own files, as shown

    def take(self, item: Item) -> Admitted | Result:
        """The file in the archive, with a card and a task, or why it cannot be taken in."""
        try:
            row = item.row
            entry = self._register_layer(item, row) if row and row.of else self._register(item)
            self._recordings[item.path] = entry.recording
            if self._translate:
                self._add_translation(self._archive.recording(entry.recording))
            task = self._queue(entry)
            self._ledger.accept(item.path)
            return Admitted(entry, task)
        except (OnrecordError, OSError, sqlite3.Error) as error:
            if is_full(error):
                with contextlib.suppress(sqlite3.Error, OSError):  # the ledger may want room too
                    self._ledger.refuse(item.path, Finding("no-space", shown(item.path), *NO_SPACE))
                return Result(item.path, Outcome.WAITING, reason="no space")
            if isinstance(error, MachineError) or not isinstance(error, OnrecordError | OSError):
                raise
            result = Result(item.path, Outcome.FAILED, reason=str(error), findings=(finding_of(error, item.path),))
        except Exception as error:
            finding = unexpected(error, item.path)
            result = Result(item.path, Outcome.FAILED, reason=finding.what, findings=(finding,))
        self._ledger.refuse(item.path, result.findings[0])
        return result

    def _register(self, item: Item) -> Registered:
        signature = _signature(item)
        findings: tuple[Finding, ...] = ()
        beside: tuple[Finding, ...] = ()
        known = self._ledger.source(item.path, signature)
        if known and known in self._archive:
            recording, state = self._archive.recording(known), "known"
        else:
            if known:
                refuse_withdrawn(self._archive, known, item)  # without reading the file to learn what it is
            check_space(self._archive, item.path.stat().st_size)
            done = register(
                self._archive,
                self._people,
                item,
                how=self._how,
                is_own=lambda known: self._is_own(item.path, known),
            )
            state = done.state
            recording = self._with_languages(self._archive.recording(done.id))
            failpoint("registered")
            if state == "alias":
                beside = _not_closed(item, recording)
            else:
                findings, beside = self._take_text(item, recording, FLOOR)
            self._enter(item, signature, recording.id, findings)
        duration, told = recording.media.duration, (*findings, *beside)
        return Registered(item.path, recording.id, recording.title, state, duration, told)

    def _register_layer(self, item: Item, row: Row) -> Registered:
        """An interpreter's file, behind the recording that it belongs to."""
        of = self._recording_of(item, row)
        signature = f"{_signature(item)}:{of}"
        findings: tuple[Finding, ...] = ()
        beside: tuple[Finding, ...] = ()
        if self._ledger.source(item.path, signature) == of:
            state = "known"
        else:
            check_space(self._archive, item.path.stat().st_size)
            state = register_layer(self._archive, of, item, row, how=self._how).state
            failpoint("registered-layer")
            recording = self._archive.recording(of)
            findings, beside = self._take_text(item, recording, row.layer)
            beside += self._twin(item, recording, row.layer) if state == "new" else ()
            self._enter(item, signature, of, findings)
        known = self._archive.recording(of)
        return Registered(item.path, of, known.title, state, known.media.duration, (*findings, *beside), row.layer)

    def _enter(self, item: Item, signature: str, recording: str, findings: tuple[Finding, ...]) -> None:
        """A file that was taken in, into the catalog and the ledger."""
        self._catalog.put(recording)
        self._ledger.revisit(recording, self._recipe)
        if not findings:  # or the next run would not look at the text again
            self._ledger.remember_source(item.path, signature, recording)

    def _add_translation(self, recording: Recording) -> None:
        if recording.layer(TRANSLATION) or recording.languages == (ENGLISH,) or len(recording.layers) >= MAX_LAYERS:
            return
        layer = Layer(TRANSLATION, 0, ENGLISH, translates=FLOOR)
        told = replace(recording, layers=(*recording.layers, layer))
        self._archive.update(told, agent=AGENT, reason="a translation was asked for")
        self._ledger.revisit(recording.id, self._recipe)

    def _recording_of(self, item: Item, row: Row) -> str:
        """The recording that an interpreter's file belongs to."""
        of = row.of if item.of is None else self._recordings.get(item.of) or sha256_of(item.of)[:ID_CHARACTERS]
        if of not in self._archive:
            raise InputError(
                f"the recording that it belongs to, {shown(row.of)}, is not in the archive",
                where=shown(item.path),
                mend="see why that could not be taken in, or correct the column of",
            )
        return of

    def _twin(self, item: Item, recording: Recording, layer: str) -> tuple[Finding, ...]:
        """Said once, where the file was taken in before as a recording: an archivist takes it out, not we."""
        known = recording.layer(layer)
        twin = known.file.media.sha256[:ID_CHARACTERS] if known and known.file else ""
        if twin not in self._archive:
            return ()
        what = f"it is also a recording of its own, {twin}, from before; its words are found in both"
        mend = f"to keep only the layer: onrecord withdraw {twin} --by NAME --why TEXT"
        return (Finding("layer-is-recording", shown(item.path), what, mend),)

    def _take_text(self, item: Item, recording: Recording, layer: str) -> tuple[tuple[Finding, ...], ...]:
        """Keep the transcript that came with a recording: why that cannot be, and what else is to be said of it.

        The recording is taken all the same.
        """
        if item.transcript is None:
            return (), ()
        try:
            given = read_text(item.transcript)
            import_text(self._archive, recording.id, given, layer=layer, agent=AGENT)
        except InputError as error:
            return (finding_of(error, item.transcript),), ()
        unknown = unknown_names(self._archive, given)
        return (), _unnamed(item.transcript, unknown) if unknown else ()

    def _with_languages(self, recording: Recording) -> Recording:
        if recording.languages or not self._languages:
            return recording
        told = replace(recording, languages=self._languages)
        self._archive.update(told, agent=AGENT, reason="languages named at the ingest")
        return told

    def _is_own(self, path: Path, recording: Recording) -> bool:
        """Whether a file is the one whose row describes the recording: no copy, nor an interpreter's."""
        if shown(path.name) != recording.media.name:
            return False
        if recording.id not in self._own:
            known = self._ledger.sources(recording.id) & self._files
            self._own[recording.id] = min(known, default=shown(path))
        return shown(path) == self._own[recording.id]

    def _queue(self, entry: Registered) -> Task:
        recording = self._archive.recording(entry.recording)
        own = not entry.layer and self._is_own(entry.path, recording)
        source = shown(entry.path) if own else recording.media.name
        duration = sum(map(Recipe.parse(self._recipe).hears, recording.layers)) * entry.duration
        task = self._ledger.queue(recording.id, self._recipe, source=source, duration=duration, own=own)
        # the archive is the truth, so where it has no words the ledger is wrong to say done
        lost = task.state is State.DONE and not self._archive.versions(recording.id)
        if lost or (self._retry and task.state is not State.DONE):
            self._ledger.reopen(recording.id, self._recipe)
            task = self._ledger.queue(recording.id, self._recipe, source=source, duration=duration, own=own)
        return task


def _not_closed(item: Item, recording: Recording) -> tuple[Finding, ...]:
    """Said once of a copy whose row would close what is open by the row that counts."""
    access = item.row.access if item.row else None
    if not access or access.level is AccessLevel.PUBLIC or recording.access.level is not AccessLevel.PUBLIC:
        return ()
    what = (
        f"its row says {access.level}, but the row of {recording.media.name} counts, which has the same bytes: public"
    )
    mend = "say in that row who may see the recording"
    return (Finding("copy-differs", shown(item.path), what, mend),)


def _unnamed(transcript: Path, names: tuple[str, ...]) -> tuple[Finding, ...]:
    """Said once: the register may not know somebody because the caption is no name."""
    what = said_of_unknown(names, shown)
    mend = "to name them, enter them in the column speakers, or: onrecord people name ID NAME"
    return (Finding("transcript-speakers", shown(transcript), what, mend),)


def _signature(item: Item) -> str:
    """Changes when the file or its row does."""
    try:
        status = item.path.stat()
    except OSError:
        return ""
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}:{item.row!r}{_text_signature(item)}"


def _text_signature(item: Item) -> str:
    if item.transcript is None:
        return ""
    try:
        status = item.transcript.stat()
    except OSError:
        return ":gone"
    return f":{status.st_size}:{status.st_mtime_ns}:{status.st_ino}"
