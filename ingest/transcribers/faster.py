"""The default engine: Whisper on CTranslate2, several chunks at a time, the same words for a tenth of the work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel

from archive.models import UNSPACED_LANGUAGES, Maker, MakerKind
from ingest.speech import SAMPLE_RATE, Pcm, Speech, as_float, find_speech
from ingest.transcribers.base import Heard, HeardSegment, Hints, no_progress
from ingest.transcribers.chunks import Chunk, Token, pack, unheard, words_on_clock
from ingest.transcribers.votes import Electorate

# 8 is a twentieth faster but takes half as much memory again
BATCH = 4
BEAM = 5
# more would cost the words their room: Whisper gives prompt and answer 448 tokens together
LONGEST_VOCABULARY = 600  # characters
PASSES = 6


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
        self._ballots = _BallotBox(self._whisper.model)
        self._whisper.model = self._ballots
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

    def hear(self, pcm: Pcm, speech: Speech, hints: Hints, on_progress: Callable[[float], None] = no_progress) -> Heard:
        """The words of the regions with speech; the rest of the window is never shown to Whisper.

        Whisper may stop long before a chunk's end, where a speaker changes for instance. Heard one after the
        other it would go on from there; heard in batches the rest would be lost, so it is heard again.
        """
        window = as_float(pcm)
        electorate = Electorate(hints.languages, hints.votes)
        segments: list[HeardSegment] = []
        chunks = pack(speech.regions)
        for _ in range(PASSES):
            left: list[Chunk] = []
            for chunk, found in self._pass(window, chunks, hints, electorate):
                segments += found
                left += unheard(chunk, found, speech)
                on_progress(chunk.regions[-1].end / SAMPLE_RATE)
            chunks = pack(region for chunk in left for region in chunk.regions)
            if not chunks:
                break
        segments.sort(key=lambda segment: segment.words[0].start)
        return Heard(tuple(segments), electorate.result())

    def _pass(
        self,
        window: np.ndarray[Any, np.dtype[np.float32]],
        chunks: Sequence[Chunk],
        hints: Hints,
        electorate: Electorate,
    ) -> Iterator[tuple[Chunk, list[HeardSegment]]]:
        """Every chunk with what was heard in it.

        The pipeline splits words for one language, so chunks in a language that writes no spaces are heard
        once more for themselves unless that is what it was set to.
        """
        language = hints.languages[0] if len(hints.languages) == 1 else electorate.leader() or "en"
        found, chosen = self._run(window, chunks, hints, language, electorate)
        again = [
            index
            for index, (heard_in, _) in enumerate(chosen)
            if heard_in in UNSPACED_LANGUAGES and language not in UNSPACED_LANGUAGES
        ]
        if again:
            heard_in = chosen[again[0]][0]
            fixed = Electorate((heard_in,), ())
            better, _ = self._run(window, [chunks[index] for index in again], hints, heard_in, fixed)
            found |= dict(zip(again, better.values(), strict=True))
        yield from ((chunk, found[index]) for index, chunk in enumerate(chunks))

    def _run(
        self,
        window: np.ndarray[Any, np.dtype[np.float32]],
        chunks: Sequence[Chunk],
        hints: Hints,
        language: str,
        electorate: Electorate,
    ) -> tuple[dict[int, list[HeardSegment]], list[tuple[str, float]]]:
        """What was heard in each chunk, by its place, and the language and vote of each."""
        found: dict[int, list[HeardSegment]] = {index: [] for index in range(len(chunks))}
        if not chunks:
            return found, []
        starts = [0]
        for chunk in chunks:
            starts.append(starts[-1] + chunk.length)
        votes = bool(self._whisper.model.is_multilingual) and len(hints.languages) != 1
        chosen: list[tuple[str, float]] = [] if votes else [(language, 1.0)] * len(chunks)
        self._ballots.open(electorate, chosen)
        segments, _ = self._pipeline.transcribe(
            np.concatenate([chunk.samples(window) for chunk in chunks]),
            language=language,
            multilingual=votes,  # each chunk is asked for its language, which the ballot box answers
            # half a sample more, for the seconds are cut down to whole samples
            clip_timestamps=[
                {"start": (start + 0.5) / SAMPLE_RATE, "end": (end + 0.5) / SAMPLE_RATE}
                for start, end in pairwise(starts)
            ],
            beam_size=BEAM,
            batch_size=BATCH,
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=False,
            word_timestamps=True,
            hotwords=", ".join(hints.vocabulary)[:LONGEST_VOCABULARY] or None,
        )
        for segment in segments:
            # `seek` is where the segment's chunk starts, in frames of 10 ms, rounded down
            index = int(np.searchsorted(starts[1:], (segment.seek + 1) * SAMPLE_RATE // 100, side="right"))
            offset = starts[index] / SAMPLE_RATE
            tokens = [
                Token(word.word, word.start - offset, word.end - offset, float(word.probability))
                for word in segment.words
            ]
            heard_in, certainty = chosen[index]
            words = words_on_clock(tokens, chunks[index], heard_in)
            if words:
                found[index].append(
                    HeardSegment(
                        words,
                        heard_in,
                        certainty,
                        round(float(segment.no_speech_prob), 4),
                        round(float(segment.avg_logprob), 4),
                        round(float(segment.compression_ratio), 3),
                    )
                )
        return found, chosen


@dataclass(slots=True)
class _BallotBox:
    """CTranslate2's model with its votes on language overheard and restricted.

    The pipeline asks it for the language of each chunk that it has just encoded; answering here costs no
    second pass of the encoder, where asking beforehand would.
    """

    _model: ctranslate2.models.Whisper
    _electorate: Electorate = field(default_factory=lambda: Electorate((), ()))
    _chosen: list[tuple[str, float]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def open(self, electorate: Electorate, chosen: list[tuple[str, float]]) -> None:
        """Count for `electorate` from now on, and note each chunk's language and vote in `chosen`."""
        self._electorate, self._chosen = electorate, chosen

    def detect_language(self, encoded: ctranslate2.StorageView) -> Iterable[list[tuple[str, float]]]:
        """One answer for each chunk, in the form the pipeline reads: only the first of each is looked at."""
        ballots: list[Mapping[str, float]] = [
            {token[2:-2]: probability for token, probability in ranked}
            for ranked in self._model.detect_language(encoded)
        ]
        counted = self._electorate.count(ballots)
        self._chosen += counted
        return [[(f"<|{language}|>", share)] for language, share in counted]
