"""The steps of one recording after it is registered. Each looks in the archive whether it was done before.

hear each layer -> tell its voices apart -> keep its words -> note what the file lacks -> copy for browsers
-> catalogue -> index
"""

from __future__ import annotations

import contextlib
import errno
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from archive.cards import card_of
from archive.models import FLOOR, Layer, Recording, Transcript
from archive.people import People
from archive.store import Archive
from ingest.failpoint import failpoint
from ingest.heartbeat import Heartbeat
from ingest.listen import is_placed, listen
from ingest.media import make_access_copy, make_layer_copy, truncation
from ingest.outcomes import result_of
from ingest.progress import Heard, Outcome, Result, Stage, Working
from ingest.recipe import Recipe
from ingest.roster import Asked
from ingest.tasks import Task
from ingest.texts import put_above
from ingest.transcribers.base import Transcriber
from ingest.vocabulary import is_wanted as names_are_told
from ingest.vocabulary import vocabulary
from ingest.voices.embeddings import VoiceNets
from ingest.voices.step import is_wanted, with_voices

AGENT = "onrecord"
RESERVE_BYTES = 64 << 20  # left free for transcripts, the ledger and the index
PROGRESS_EVERY_S = 5.0  # how often the ledger hears of progress; each time is a write to the disk


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker keeps from one recording to the next; each is opened when it is first needed."""

    engine: Callable[[], Transcriber]
    nets: Callable[[], VoiceNets]


class Steps:
    """The steps of one task, whose lease is held by `heartbeat`, by the worker's `means`."""

    def __init__(self, archive: Archive, roster: Asked, task: Task, heartbeat: Heartbeat, means: Means) -> None:
        self._archive, self._roster, self._task = archive, roster, task
        self._heartbeat, self._means = heartbeat, means
        self._recipe = Recipe.parse(task.recipe)
        self._heard = 0.0  # seconds, over all layers, before the one that is listened to

    def run(self) -> Result:
        """All of them; the result says how much was heard now."""
        recording = self._archive.recording(self._task.recording)
        transcripts, heard = [], 0.0
        layers = tuple(filter(self._recipe.hears, recording.layers))
        for layer in layers:
            transcript = self._kept(recording, layer)
            if transcript is None:
                transcript = self._keep(recording, self._tell_voices(recording, layer, self._listen(recording, layer)))
                heard += transcript.duration
            self._heard += transcript.duration
            # what people gave stays above what was heard since
            transcripts.append(put_above(self._archive, recording.id, layer.id, agent=AGENT) or transcript)
        recording = self._note_if_cut_short(recording, zip(layers, transcripts, strict=True))
        self._copy_for_browsers(recording)
        self._part_layers(recording)
        self._enter(recording, Stage.CATALOGUING)
        self._roster.catalogue(recording.id)
        self._enter(recording, Stage.INDEXING)
        self._roster.index(recording.id)
        done, card = result_of(self._task, self._archive, Outcome.DONE), card_of(self._archive, recording.id)
        return replace(done, version=card.version, words=card.words, seconds=heard)

    def _kept(self, recording: Recording, layer: Layer) -> Transcript | None:
        """The newest version by the engine and model that are asked for."""
        for version in reversed(self._archive.versions(recording.id, layer.id)):
            transcript = self._archive.transcript(recording.id, version)
            if self._recipe.made(transcript.maker) and is_placed(transcript.maker, layer):
                return transcript
        return None

    def _listen(self, recording: Recording, layer: Layer) -> Transcript:
        transcriber = self._means.engine()
        self._enter(recording, Stage.LISTENING)
        failpoint("listening", recording.media.name)
        told_ledger = 0.0

        def on_progress(seconds: float) -> None:
            nonlocal told_ledger
            self._heartbeat.check()
            self._roster.tell(Heard(recording.id, seconds, recording.media.duration))
            if time.monotonic() - told_ledger >= PROGRESS_EVERY_S:
                self._roster.progress(self._task, self._heard + seconds)
                told_ledger = time.monotonic()

        transcript = listen(
            recording,
            self._archive.sound_path(recording, layer),
            transcriber,
            layer_folder(self._archive, recording.id, layer),
            layer=layer,
            vocabulary=vocabulary(recording, People.load(self._archive.root)) if names_are_told() else (),
            on_progress=on_progress,
        )
        failpoint("heard")
        return transcript

    def _tell_voices(self, recording: Recording, layer: Layer, transcript: Transcript) -> Transcript:
        if layer.translates or not is_wanted():
            return transcript
        self._enter(recording, Stage.TELLING_VOICES)
        folder = layer_folder(self._archive, recording.id, layer)
        return with_voices(
            self._archive,
            recording,
            layer,
            transcript,
            self._means.nets(),
            folder,
            on_progress=lambda _seconds: self._heartbeat.check(),
        )

    def _keep(self, recording: Recording, transcript: Transcript) -> Transcript:
        self._enter(recording, Stage.KEEPING)
        self._heartbeat.check()
        kept = self._archive.add_transcript(transcript, agent=AGENT)
        failpoint("kept")
        return kept

    def _note_if_cut_short(self, recording: Recording, heard: Iterable[tuple[Layer, Transcript]]) -> Recording:
        """A file that ends before its header says is kept and heard as far as it goes, and says so."""
        warnings = []
        for layer, transcript in heard:
            if layer.id == FLOOR or layer.file:
                path, seconds = self._archive.sound_path(recording, layer), transcript.duration - layer.offset
                if warning := truncation(path, seconds, layer.stream):
                    warnings.append(f"layer {layer.id} {warning}" if layer.file else warning)
        recording = self._archive.recording(recording.id)  # a layer may have come meanwhile
        warnings = [warning for warning in warnings if warning not in recording.media.warnings]
        if not warnings:
            return recording
        media = replace(recording.media, warnings=(*recording.media.warnings, *warnings))
        noted = replace(recording, media=media)
        self._archive.update(noted, agent=AGENT, reason="less sound than the file declares")
        return noted

    def _copy_for_browsers(self, recording: Recording) -> None:
        media = recording.media
        if media.playable or media.access_suffix:
            return
        with self._copying(recording) as folder:
            copy, suffix, mime = make_access_copy(self._archive.media_path(recording.id), media, folder)
            self._archive.set_access_copy(recording.id, copy, suffix, mime)
        failpoint("copied")

    def _part_layers(self, recording: Recording) -> None:
        for layer in recording.layers[1:]:
            if layer.translates or self._archive.layer_path(recording.id, layer.id):
                continue
            with self._copying(recording) as folder:
                path, media = self._archive.sound_path(recording, layer), recording.media_of(layer)
                copy = make_layer_copy(path, media, layer.stream, folder, layer.offset)
                self._archive.set_layer_copy(recording.id, layer.id, copy)

    @contextlib.contextmanager
    def _copying(self, recording: Recording) -> Iterator[Path]:
        """A folder to derive a copy in; what a failure leaves there goes with the next copy that is made."""
        self._enter(recording, Stage.COPYING)
        check_space(self._archive, recording.media.bytes)
        folder = copies_folder(self._archive, recording.id)
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        shutil.rmtree(folder, ignore_errors=True)

    def _enter(self, recording: Recording, stage: Stage) -> None:
        self._roster.enter(self._task, stage.value)
        self._roster.tell(Working(recording.id, recording.title, stage, recording.media.duration))


def windows_folder(archive: Archive, recording: str) -> Path:
    """Where a recording's finished windows are kept until its words are."""
    return archive.work / "windows" / recording


def copies_folder(archive: Archive, recording: str) -> Path:
    """Where a recording's copies are made until they are kept."""
    return archive.work / "copies" / recording


def layer_folder(archive: Archive, recording: str, layer: Layer) -> Path:
    """Those of one layer, as its file lies on the clock now."""
    return windows_folder(archive, recording) / (f"{layer.id}@{layer.offset:.3f}" if layer.offset else layer.id)


def check_space(archive: Archive, needed: int) -> None:
    """Raises the error of a full disk where `needed` bytes would fill it."""
    if shutil.disk_usage(archive.root).free < needed + RESERVE_BYTES:
        raise OSError(errno.ENOSPC, "no space")
