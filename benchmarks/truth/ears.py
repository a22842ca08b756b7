"""Two pairs of ears for the same sound: what `onrecord ingest` runs, and faster-whisper as it comes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from archive.models import Layer, Media, Quality, Recording, Transcript
from ingest.listen import listen
from ingest.speech import as_float
from ingest.transcribers import open_transcriber
from ingest.weights import resolve
from tests.ingest.sounds import write_wav

Pcm = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word with its times in seconds; `trusted` where nothing was found wrong with its segment."""

    text: str
    start: float
    end: float
    language: str
    trusted: bool = True

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


class Ours:
    """The default engine and everything around it: windows, voice activity, guard, onsets, languages."""

    name = "onrecord"

    def __init__(self, model: str) -> None:
        self._engine = open_transcriber("auto", model)

    def transcript(self, pcm: Pcm, languages: Sequence[str] = (), vocabulary: Sequence[str] = ()) -> Transcript:
        """The whole way of a recording; `languages` are those its sheet would name."""
        media = Media("", "", "", 0, 0.0, "", "", "", "", True)
        recording = Recording("0" * 16, "", media, languages=tuple(languages))
        with tempfile.TemporaryDirectory() as folder:
            path = write_wav(Path(folder) / "sound.wav", pcm)
            return listen(
                recording, path, self._engine, Path(folder) / "windows", layer=Layer(), vocabulary=tuple(vocabulary)
            )

    def words(self, pcm: Pcm, languages: Sequence[str] = (), vocabulary: Sequence[str] = ()) -> list[HeardWord]:
        """Its words in order."""
        return [
            HeardWord(word.text, word.start, word.end, segment.language, segment.quality is Quality.OK)
            for segment in self.transcript(pcm, languages, vocabulary).segments
            for word in segment.words
        ]


class Bare:
    """faster-whisper with word times and nothing else set, in int8 as we run it."""

    name = "faster-whisper"

    def __init__(self, model: str) -> None:
        cores = len(os.sched_getaffinity(0))
        self._whisper = WhisperModel(str(resolve(model)), device="cpu", compute_type="int8", cpu_threads=cores)

    def words(self, pcm: Pcm, languages: Sequence[str] = ()) -> list[HeardWord]:
        """Its words in order; it takes one language or finds one for the whole."""
        told = languages[0] if len(languages) == 1 else None
        segments, info = self._whisper.transcribe(as_float(pcm), language=told, word_timestamps=True)
        return [
            HeardWord(word.word.strip(), float(word.start), float(word.end), str(info.language))
            for segment in segments
            for word in segment.words
        ]

    def language(self, pcm: Pcm) -> str:
        """What it takes the whole for."""
        _, info = self._whisper.transcribe(as_float(pcm), word_timestamps=True)
        return str(info.language)
