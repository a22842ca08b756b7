"""The reference engine: openai-whisper on torch, with the same weights. Ten times the work for the same words."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
import whisper
from numpy.typing import NDArray
from whisper.tokenizer import LANGUAGES

from archive.models import Maker, MakerKind
from ingest.convert import load
from ingest.speech import SAMPLE_RATE, Pcm, Speech, as_float, find_speech
from ingest.transcribers.base import ENGLISH, Heard, HeardSegment, Hints, no_progress
from ingest.transcribers.chunks import Chunk, Token, pack, words_on_clock
from ingest.transcribers.votes import Electorate

BEAM = 5
LONGEST_VOCABULARY = 600  # characters; what does not fit into the prompt pushes the rest out


class OpenaiTranscriber:
    """Whisper as its makers wrote it, chunk after chunk."""

    def __init__(self, model: Path, *, name: str, sha256: str, threads: int = 0) -> None:
        if threads:
            torch.set_num_threads(threads)
        self._whisper = load(model)
        self._name = name
        self._sha256 = sha256

    @property
    def maker(self) -> Maker:
        """The weights, and the settings that change the words."""
        precision = "float16" if self._whisper.device.type == "cuda" else "float32"
        settings = {"beam": BEAM, "compute": precision, "temperature": 0}
        return Maker(
            kind=MakerKind.ENGINE,
            name="openai-whisper",
            version=version("openai-whisper"),
            model=self._name,
            model_sha256=self._sha256,
            settings=tuple((key, str(value)) for key, value in settings.items()),
        )

    def speech(self, pcm: Pcm) -> Speech:
        """Where silero hears a voice."""
        return find_speech(pcm)

    def hear(self, pcm: Pcm, speech: Speech, hints: Hints, on_progress: Callable[[float], None] = no_progress) -> Heard:
        """The words of the regions with speech; within a chunk it goes on by itself to the end."""
        window = as_float(pcm)
        hints = hints.within(LANGUAGES)
        electorate = Electorate(hints.languages, hints.votes)
        segments: list[HeardSegment] = []
        for chunk in pack(speech.regions):
            samples = chunk.samples(window)
            language, certainty = self._language(samples, hints, electorate)
            segments += self._chunk(samples, chunk, language, certainty, hints, speech)
            on_progress(chunk.regions[-1].end / SAMPLE_RATE)
        return Heard(tuple(segments), electorate.result())

    def _language(self, samples: NDArray[np.float32], hints: Hints, electorate: Electorate) -> tuple[str, float]:
        if not self._whisper.is_multilingual:
            return "en", 1.0
        if len(hints.languages) == 1:
            return hints.languages[0], 1.0
        mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(samples), self._whisper.dims.n_mels)
        _, probabilities = whisper.detect_language(self._whisper, mel.to(self._whisper.device))
        return electorate.count([probabilities])[0]

    def _chunk(
        self,
        samples: NDArray[np.float32],
        chunk: Chunk,
        language: str,
        certainty: float,
        hints: Hints,
        speech: Speech,
    ) -> list[HeardSegment]:
        result = whisper.transcribe(
            self._whisper,
            samples,
            task="translate" if hints.translate else "transcribe",
            language=language,
            beam_size=BEAM,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            fp16=self._whisper.device.type == "cuda",
            initial_prompt=", ".join(hints.vocabulary)[:LONGEST_VOCABULARY] or None,
            verbose=None,
        )
        found = []
        language = ENGLISH if hints.translate else language
        for segment in result["segments"]:
            tokens = [
                Token(str(word["word"]), float(word["start"]), float(word["end"]), float(word["probability"]))
                for word in segment["words"]
            ]
            words = words_on_clock(tokens, chunk, language, speech)
            if words:
                found.append(
                    HeardSegment(
                        words,
                        language,
                        certainty,
                        round(float(segment["no_speech_prob"]), 4),
                        round(float(segment["avg_logprob"]), 4),
                        round(float(segment["compression_ratio"]), 3),
                    )
                )
        return found
