"""The default engine: Whisper on CTranslate2, several chunks at a time, the same words for a tenth of the work."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel

from archive.models import Maker, MakerKind, Word
from ingest.speech import SAMPLE_RATE, Pcm, Speech, as_float, find_speech
from ingest.transcribers.base import Heard, HeardSegment, Hints, no_progress
from ingest.transcribers.chunks import Chunk, pack
from ingest.transcribers.votes import Electorate

# 8 is a twentieth faster but takes half as much memory again
BATCH = 4
BEAM = 5
# more would cost the words their room: Whisper gives prompt and answer 448 tokens together
LONGEST_VOCABULARY = 600  # characters


class FasterTranscriber:
    """Whisper through faster-whisper's batched pipeline."""

    def __init__(self, model: Path, *, name: str, sha256: str, threads: int = 0) -> None:
        cuda = ctranslate2.get_cuda_device_count() > 0
        self._compute = "float16" if cuda else "int8"
        self._whisper = WhisperModel(
            str(model),
            device="cuda" if cuda else "cpu",
            compute_type=self._compute,
            cpu_threads=threads or len(os.sched_getaffinity(0)),
        )
        self._ballot = _BallotBox(self._whisper.model)
        self._whisper.model = self._ballot
        self._pipeline = BatchedInferencePipeline(self._whisper)
        self._name = name
        self._sha256 = sha256

    @property
    def maker(self) -> Maker:
        """The weights, and the settings that change the words; the number of threads does not."""
        settings = {"batch": BATCH, "beam": BEAM, "compute": self._compute, "temperature": 0}
        return Maker(
            kind=MakerKind.ENGINE,
            name="faster-whisper",
            version=version("faster-whisper"),
            model=self._name,
            model_sha256=self._sha256,
            settings=tuple((key, str(value)) for key, value in settings.items()),
        )

    def speech(self, pcm: Pcm) -> Speech:
        """Where silero hears a voice."""
        return find_speech(pcm)

    def hear(
        self, pcm: Pcm, speech: Speech, hints: Hints, on_progress: Callable[[float], None] = no_progress
    ) -> Heard:
        """The words of the regions with speech; the rest of the window is never shown to Whisper."""
        chunks = pack(speech.regions)
        if not chunks:
            return Heard()
        window = as_float(pcm)
        sound = np.concatenate([chunk.samples(window) for chunk in chunks])
        starts = np.cumsum([0, *(chunk.length for chunk in chunks)])
        electorate = self._ballot.open(hints) if self._whisper.model.is_multilingual else None

        found, _ = self._pipeline.transcribe(
            sound,
            # the vote of each chunk replaces it; given so that the first half minute is not encoded twice
            language=hints.languages[0] if hints.languages else "en",
            multilingual=electorate is not None,
            # half a sample more, for the seconds are cut down to whole samples
            clip_timestamps=[
                {"start": (start + 0.5) / SAMPLE_RATE, "end": (end + 0.5) / SAMPLE_RATE}
                for start, end in zip(starts[:-1], starts[1:], strict=True)
            ],
            beam_size=BEAM,
            batch_size=BATCH,
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=False,
            word_timestamps=True,
            hotwords=", ".join(hints.vocabulary)[:LONGEST_VOCABULARY] or None,
        )
        segments = []
        for segment in found:
            # `seek` is where the segment's chunk starts, in frames of 10 ms rounded down
            index = int(np.searchsorted(starts[1:], segment.seek * 160 + 160, side="right"))
            chunk, offset = chunks[index], float(starts[index]) / SAMPLE_RATE
            words = _words(segment.words, chunk, offset)
            if words:
                language, certainty = electorate.chosen[index] if electorate else ("en", 1.0)
                segments.append(
                    HeardSegment(
                        words,
                        language,
                        certainty,
                        round(segment.no_speech_prob, 4),
                        round(segment.avg_logprob, 4),
                        round(segment.compression_ratio, 3),
                    )
                )
                on_progress(words[-1].end)
        return Heard(tuple(segments), electorate.result() if electorate else (("en", float(len(chunks))),))


class _BallotBox:
    """CTranslate2's model with its votes on language overheard and restricted.

    The pipeline asks it for the language of each chunk that it has just encoded; answering here costs no
    second pass of the encoder, where asking beforehand would.
    """

    def __init__(self, model: ctranslate2.models.Whisper) -> None:
        self._model = model
        self._electorate: _Recording | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def open(self, hints: Hints) -> _Recording:
        """A fresh count for one window."""
        self._electorate = _Recording(hints)
        return self._electorate

    def detect_language(self, encoded: ctranslate2.StorageView) -> list[list[tuple[str, float]]]:
        """One answer for each chunk, in the form the pipeline reads: only the first of each is looked at."""
        ranked = self._model.detect_language(encoded)
        if self._electorate is None:
            return list(ranked)
        ballots = [{token[2:-2]: probability for token, probability in chunk} for chunk in ranked]
        return [[(f"<|{language}|>", share)] for language, share in self._electorate.count(ballots)]


class _Recording(Electorate):
    """An electorate that remembers what it chose, chunk by chunk."""

    def __init__(self, hints: Hints) -> None:
        super().__init__(hints.languages, hints.votes)
        self.chosen: list[tuple[str, float]] = []

    def count(self, stretches: list[Mapping[str, float]]) -> list[tuple[str, float]]:  # type: ignore[override]
        chosen = super().count(stretches)
        self.chosen += chosen
        return chosen


def _words(words: list[Any] | None, chunk: Chunk, offset: float) -> tuple[Word, ...]:
    """faster-whisper's words on the window's clock, without the ones that are only white space."""
    placed = []
    for word in words or ():
        text = word.word.strip()
        if text:
            start, end = chunk.on_clock(word.start - offset, word.end - offset)
            placed.append(Word(text, round(start, 3), round(end, 3), round(word.probability, 4)))
    return tuple(placed)
