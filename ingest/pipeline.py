"""How recordings go through: registered, heard, kept, copied where browsers need it, catalogued, indexed.

Every stage looks in the archive whether it was done, so a run that was killed goes on where it was, and the
ledger says who is at what. The search index is the caller's: it is told of each recording that is kept.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from archive.catalog import Catalog
from archive.errors import IndexUnready, MachineError, OnrecordError
from archive.models import Finding, Layer, Recording, Transcript
from archive.people import People
from archive.store import Archive
from ingest.failpoint import failpoint
from ingest.heartbeat import Heartbeat
from ingest.ledger import Claim, Ledger, State, Task
from ingest.listen import listen
from ingest.media import make_access_copy, truncation
from ingest.outcomes import finding_of, is_full, not_granted, result_of, unexpected
from ingest.progress import (
    Event,
    Heard,
    Outcome,
    Planned,
    Queued,
    Registered,
    Report,
    Result,
    Stage,
    Working,
)
from ingest.recipe import Recipe
from ingest.register import Item, plan, register
from ingest.sheet import Sheet, read_sheet
from ingest.transcribers import open_transcriber
from ingest.transcribers.base import Transcriber

AGENT = "onrecord"
RESERVE_BYTES = 64 << 20  # left free for transcripts, the ledger and the index
PROGRESS_EVERY_S = 5.0  # how often the ledger hears of progress; each time is a write to the disk


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """What a caller may choose. `languages` are spoken where the sheet names none; `how` is the store's
    "copy" or "link"; `retry` takes up what was set aside; `threads` 0 lets the engine choose."""

    engine: str = "auto"
    model: str = "base"
    languages: tuple[str, ...] = ()
    threads: int = 0
    how: str = "copy"
    retry: bool = False


def ingest(
    archive: Archive,
    paths: Sequence[Path],
    sheet: Path | None,
    settings: IngestSettings,
    *,
    index: Callable[[str], None],
    on_event: Callable[[Event], None],
) -> Report:
    """Take files and folders in. `index` is called with each recording's id once its words are kept."""
    started = time.monotonic()
    rows = read_sheet(sheet) if sheet else None
    with Ledger(archive.work) as ledger:
        run = _Run(archive, ledger, settings, index, on_event)
        findings, results = run.go(paths, rows)
    return Report(tuple(results), findings, time.monotonic() - started)


class _Run:
    """One ingest. The engine is opened when a recording is to be heard: a run with nothing to do is quick."""

    def __init__(
        self,
        archive: Archive,
        ledger: Ledger,
        settings: IngestSettings,
        index: Callable[[str], None],
        tell: Callable[[Event], None],
    ) -> None:
        self._archive, self._ledger, self._settings = archive, ledger, settings
        self._index, self._tell = index, tell
        self._people = People.load(archive.root)
        self._catalog = Catalog(archive)
        self._recipe = Recipe.of(settings.engine, settings.model)

    @cached_property
    def _transcriber(self) -> Transcriber:
        return open_transcriber(
            self._recipe.engine, self._recipe.model, threads=self._settings.threads, on_fetch=self._tell
        )

    def go(self, paths: Sequence[Path], rows: Sheet | None) -> tuple[tuple[Finding, ...], list[Result]]:
        planned = plan(paths, rows)
        findings = tuple(planned.findings)
        self._tell(Planned(len(planned.items), findings))
        entries = [self._register(item) for item in planned.items]
        first_of = {entry.recording: entry for entry in reversed(entries) if isinstance(entry, Registered)}
        self._tell(Queued(len(first_of), sum(entry.duration for entry in first_of.values())))
        results = []
        for entry in entries:
            if isinstance(entry, Result):
                result = entry
            elif first_of[entry.recording] is entry:
                result = self._work(entry)
            else:
                result = result_of(entry, Outcome.UNCHANGED, reason="the same bytes as another file")
            self._tell(result)
            results.append(result)
        return findings, results

    def _register(self, item: Item) -> Registered | Result:
        """The file in the archive, with a card, or why it cannot be taken in."""
        signature = _signature(item)
        known = self._ledger.source(item.path, signature)
        try:
            if known and known in self._archive:
                recording, state = self._archive.recording(known), "known"
            else:
                self._check_space(item.path.stat().st_size)
                done = register(self._archive, self._people, item, how=self._settings.how)
                state = done.state
                recording = self._with_languages(self._archive.recording(done.id))
                failpoint("registered")
                self._catalog.put(recording.id)
                self._ledger.revisit(recording.id, str(self._recipe))
                self._ledger.remember_source(item.path, signature, recording.id)
        except (OnrecordError, OSError, sqlite3.Error) as error:
            if is_full(error):
                return Result(item.path, Outcome.WAITING, reason="no space")
            if isinstance(error, MachineError) or not isinstance(error, OnrecordError | OSError):
                raise
            return Result(item.path, Outcome.FAILED, reason=str(error), findings=(finding_of(error, item.path),))
        except Exception as error:
            finding = unexpected(error, item.path)
            return Result(item.path, Outcome.FAILED, reason=finding.what, findings=(finding,))
        entry = Registered(item.path, recording.id, recording.title, state, recording.media.duration)
        self._tell(entry)
        return entry

    def _with_languages(self, recording: Recording) -> Recording:
        if recording.languages or not self._settings.languages:
            return recording
        told = replace(recording, languages=self._settings.languages)
        self._archive.update(told, agent=AGENT, reason="languages named at the ingest")
        return told

    def _check_space(self, needed: int) -> None:
        if shutil.disk_usage(self._archive.root).free < needed + RESERVE_BYTES:
            raise OSError(errno.ENOSPC, "no space")

    def _work(self, entry: Registered) -> Result:
        """Everything after the registration, under a lease."""
        if self._settings.retry:
            self._ledger.reopen(entry.recording, str(self._recipe))
        claim = self._claim(entry.recording)
        if not claim.granted:
            return not_granted(entry, claim, self._archive)
        task, started = claim.task, time.monotonic()
        try:
            with Heartbeat(self._archive.work, task):
                result = self._stages(entry, task)
            self._ledger.finish(task)
        except (OSError, sqlite3.Error, OnrecordError) as error:
            return self._stopped(entry, task, error)
        except Exception as error:
            finding = unexpected(error, entry.path)
            return self._failed(entry, task, finding.what, finding)
        except BaseException:
            self._ledger.release(task, "interrupted")
            raise
        shutil.rmtree(self._windows(entry.recording), ignore_errors=True)
        return replace(result, wall=time.monotonic() - started)

    def _claim(self, recording: str) -> Claim:
        claim = self._ledger.claim(recording, str(self._recipe))
        if claim.task.state is State.DONE and not self._archive.versions(recording):
            # the ledger says so, the archive does not, and the archive is the truth
            self._ledger.reopen(recording, str(self._recipe))
            claim = self._ledger.claim(recording, str(self._recipe))
        return claim

    def _stages(self, entry: Registered, task: Task) -> Result:
        recording = self._archive.recording(entry.recording)
        heard = 0.0
        transcripts = []
        for layer in recording.layers:
            transcript = self._kept(recording, layer)
            if transcript is None:
                transcript = self._listen(recording, layer, task)
                heard += transcript.duration
            transcripts.append(transcript)
        recording = self._note_if_cut_short(recording, transcripts[0])
        self._copy_for_browsers(recording)
        self._working(recording, Stage.CATALOGUING)
        self._catalog.put(recording.id)
        failpoint("catalogued")
        self._working(recording, Stage.INDEXING)
        self._index(recording.id)
        failpoint("indexed")
        words = sum(len(segment.words) for transcript in transcripts for segment in transcript.segments)
        return replace(
            result_of(entry, Outcome.DONE), version=max(t.version for t in transcripts), words=words, seconds=heard
        )

    def _kept(self, recording: Recording, layer: Layer) -> Transcript | None:
        """The newest version by the engine and model that are asked for."""
        for version in reversed(self._archive.versions(recording.id, layer.id)):
            transcript = self._archive.transcript(recording.id, version)
            if self._recipe.made(transcript.maker):
                return transcript
        return None

    def _listen(self, recording: Recording, layer: Layer, task: Task) -> Transcript:
        transcriber = self._transcriber
        self._working(recording, Stage.LISTENING)
        told_ledger = 0.0

        def on_progress(seconds: float) -> None:
            nonlocal told_ledger
            self._tell(Heard(recording.id, seconds, recording.media.duration))
            if time.monotonic() - told_ledger >= PROGRESS_EVERY_S:
                self._ledger.progress(task, seconds)
                told_ledger = time.monotonic()

        transcript = listen(
            recording,
            self._archive.media_path(recording.id),
            transcriber,
            self._windows(recording.id) / layer.id,
            layer=layer,
            on_progress=on_progress,
        )
        failpoint("heard")
        self._working(recording, Stage.KEEPING)
        kept = self._archive.add_transcript(transcript, agent=AGENT)
        failpoint("kept")
        return kept

    def _windows(self, recording: str) -> Path:
        return self._archive.work / "windows" / recording

    def _note_if_cut_short(self, recording: Recording, transcript: Transcript) -> Recording:
        """A file that ends before its header says is kept and heard as far as it goes, and says so."""
        stream = next(layer.stream for layer in recording.layers if layer.id == transcript.layer)
        warning = truncation(self._archive.media_path(recording.id), transcript.duration, stream)
        if not warning or warning in recording.media.warnings:
            return recording
        media = replace(recording.media, warnings=(*recording.media.warnings, warning))
        noted = replace(recording, media=media)
        self._archive.update(noted, agent=AGENT, reason="less sound than the file declares")
        return noted

    def _copy_for_browsers(self, recording: Recording) -> None:
        media = recording.media
        if media.playable or media.access_suffix:
            return
        self._working(recording, Stage.COPYING)
        self._check_space(media.bytes)
        folder = self._archive.work / "copies" / recording.id
        folder.mkdir(parents=True, exist_ok=True)
        copy, suffix, mime = make_access_copy(self._archive.media_path(recording.id), media, folder)
        self._archive.set_access_copy(recording.id, copy, suffix, mime)
        shutil.rmtree(folder, ignore_errors=True)
        failpoint("copied")

    def _working(self, recording: Recording, stage: Stage) -> None:
        self._tell(Working(recording.id, recording.title, stage, recording.media.duration))

    def _stopped(self, entry: Registered, task: Task, error: OSError | sqlite3.Error | OnrecordError) -> Result:
        """Whose fault it was: the machine's (uncharged, and without its engine nothing goes on) or the recording's."""
        if is_full(error):
            self._ledger.release(task, "no space", waiting=True)
            return result_of(entry, Outcome.WAITING, reason="no space")
        if isinstance(error, IndexUnready):
            self._ledger.release(task, str(error), waiting=True)
            return result_of(entry, Outcome.WAITING, reason=f"kept, not yet indexed: {error}")
        if isinstance(error, MachineError | sqlite3.Error):
            self._ledger.release(task, str(error))
            raise error
        return self._failed(entry, task, str(error), finding_of(error, entry.path))

    def _failed(self, entry: Registered, task: Task, reason: str, finding: Finding) -> Result:
        aside = self._ledger.fail(task, reason)
        outcome = Outcome.SET_ASIDE if aside else Outcome.FAILED
        return replace(result_of(entry, outcome, reason=reason), findings=(finding,))


def _signature(item: Item) -> str:
    """Changes when the file or its row does."""
    try:
        status = item.path.stat()
    except OSError:
        return ""
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}:{item.row!r}"
