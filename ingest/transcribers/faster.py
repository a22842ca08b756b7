"""The default engine: Whisper on CTranslate2, several chunks at a time, the same words for a tenth of the work."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from numpy.typing import NDArray

from archive.models import UNSPACED_LANGUAGES, Maker, MakerKind
from ingest.guard import SILENT_ABOVE
from ingest.loops import is_loop
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
NO_REPEAT = 5  # a loop is heard again with no run of five tokens allowed twice: plain speech comes out of it


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
        for number in range(PASSES):
            left: list[Chunk] = []
            for first in range(0, len(chunks), BATCH):
                batch = chunks[first : first + BATCH]
                for chunk, found in zip(batch, self._batch(window, speech, batch, hints, electorate), strict=True):
                    segments += found
                    left += unheard(chunk, found, speech)
                if not number:
                    on_progress(batch[-1].regions[-1].end / SAMPLE_RATE)
            chunks = pack(region for chunk in left for region in chunk.regions)
            if not chunks:
                break
        segments.sort(key=lambda segment: segment.words[0].start)
        return Heard(tuple(segments), electorate.result())

    def _batch(
        self, window: NDArray[np.float32], speech: Speech, chunks: Sequence[Chunk], hints: Hints, electorate: Electorate
    ) -> list[list[HeardSegment]]:
        """What was heard in each chunk; what went wrong in a way that can be told is heard once more.

        That is a loop over speech, and words of a language that writes no spaces, which the pipeline splits
        for the one language it was set to.
        """
        told = hints.languages[0] if len(hints.languages) == 1 else ""
        told = told if self._whisper.model.is_multilingual else "en"
        language = told or electorate.leader() or "en"
        counting = None if told else electorate
        found = self._run(window, speech, chunks, hints, language, counting)
        for index, (chunk, segments) in enumerate(zip(chunks, found, strict=True)):
            if not segments:
                continue
            first = segments[0]
            words = [word.text for segment in segments for word in segment.words]
            most = max(segment.compression for segment in segments)
            loop = first.no_speech <= SILENT_ABOVE and is_loop(words, most)
            unsplit = first.language in UNSPACED_LANGUAGES and language not in UNSPACED_LANGUAGES
            if loop or unsplit:
                (again,) = self._run(window, speech, [chunk], hints, first.language, None, NO_REPEAT if loop else 0)
                found[index] = [replace(segment, certainty=first.certainty) for segment in again]
        return found

    def _run(
        self,
        window: NDArray[np.float32],
        speech: Speech,
        chunks: Sequence[Chunk],
        hints: Hints,
        language: str,
        electorate: Electorate | None,
        no_repeat: int = 0,
    ) -> list[list[HeardSegment]]:
        """What was heard in each chunk: in `language`, or in what the electorate chooses where there is one."""
        found: list[list[HeardSegment]] = [[] for _ in chunks]
        if not chunks:
            return found
        starts = [0]
        for chunk in chunks:
            starts.append(starts[-1] + chunk.length)
        chosen = [(language, 1.0)] * len(chunks) if electorate is None else self._ballots.open(electorate)
        segments, _ = self._pipeline.transcribe(
            np.concatenate([chunk.samples(window) for chunk in chunks]),
            language=language,
            multilingual=electorate is not None,  # then it asks for the language of each chunk
            # half a sample more, for the seconds are cut down to whole samples
            clip_timestamps=[
                {"start": (start + 0.5) / SAMPLE_RATE, "end": (end + 0.5) / SAMPLE_RATE}
                for start, end in pairwise(starts)
            ],
            beam_size=BEAM,
            batch_size=BATCH,
            temperature=0.0,
            no_repeat_ngram_size=no_repeat,
            condition_on_previous_text=False,
            without_timestamps=False,
            word_timestamps=True,
            hotwords=", ".join(hints.vocabulary)[:LONGEST_VOCABULARY] or None,
        )
        for segment in segments:
            # `seek` is where the segment's chunk starts, in frames of 10 ms, rounded down
            index = bisect_right(starts, (segment.seek + 1) * SAMPLE_RATE // 100) - 1
            heard = _segment(segment, chunks[index], starts[index] / SAMPLE_RATE, *chosen[index], speech)
            found[index] += [heard] if heard else []
        return found


def _segment(
    segment: Any, chunk: Chunk, offset: float, language: str, certainty: float, speech: Speech
) -> HeardSegment | None:
    """faster-whisper's segment on the window's clock; nothing if it has no words."""
    tokens = [
        Token(word.word, word.start - offset, word.end - offset, float(word.probability)) for word in segment.words
    ]
    words = words_on_clock(tokens, chunk, language, speech)
    if not words:
        return None
    return HeardSegment(
        words,
        language,
        certainty,
        round(float(segment.no_speech_prob), 4),
        round(float(segment.avg_logprob), 4),
        round(float(segment.compression_ratio), 3),
    )


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

    def open(self, electorate: Electorate) -> list[tuple[str, float]]:
        """Count for `electorate` from now on; the list grows by each chunk's language and vote as it is heard."""
        self._electorate, self._chosen = electorate, []
        return self._chosen

    def detect_language(self, encoded: ctranslate2.StorageView) -> Iterable[list[tuple[str, float]]]:
        """One answer for each chunk, in the form the pipeline reads: only the first of each is looked at."""
        ballots: list[Mapping[str, float]] = [
            {token[2:-2]: probability for token, probability in ranked}
            for ranked in self._model.detect_language(encoded)
        ]
        counted = self._electorate.count(ballots)
        self._chosen += counted
        return [[(f"<|{language}|>", share)] for language, share in counted]
