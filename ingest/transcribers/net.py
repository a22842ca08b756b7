"""Whisper's net on CTranslate2, step by step: sound to states, states to votes and tokens, tokens to words with times.

faster-whisper's batched pipeline takes these steps in one call. Taken one by one, each chunk is encoded only as far
as it has sound, what has to be heard twice is encoded once, and words are put in time only where they are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_compression_ratio, get_suppressed_tokens
from numpy.typing import NDArray

from ingest.transcribers.chunks import Token
from ingest.transcribers.memory import keep_freed_memory

TRANSCRIBE, TRANSLATE = "transcribe", "translate"
FRAMES_A_SECOND = 100
LONGEST_FRAMES = 3000
# Attention costs the square of the length. Whisper learned on sound that silence
# fills up to thirty; with five seconds of it there were no more errors than with all, where that was tried.
MARGIN_FRAMES = 500
STEP_FRAMES = 100

# faster-whisper's own
PREPENDED = "\"'“¿([{-"
APPENDED = "\"'.。,，!！?？:：”)]}、"


@dataclass(frozen=True, slots=True)
class Written:
    """What the net wrote for a chunk: tokens, times among them; mean log probability; how likely nobody speaks."""

    tokens: tuple[int, ...]
    logprob: float
    no_speech: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of what was written that the net closed with a time, its words with their times in the chunk."""

    words: tuple[Token, ...]
    compression: float


class Net:
    """The weights in memory. `compute` is CTranslate2's type of numbers."""

    def __init__(self, model: Path, *, device: str, compute: str, threads: int) -> None:
        if device == "cpu":
            keep_freed_memory()
        self._whisper = WhisperModel(str(model), device=device, compute_type=compute, cpu_threads=threads)
        self._one_by_one = device == "cpu"  # a processor's cache does not hold two chunks, and both get slower
        self._tokenizers: dict[tuple[str, str], Tokenizer] = {}
        self._suppressed = get_suppressed_tokens(self._tokenizer("en"), [-1])

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of those that it learned; of a net that knows one, English."""
        return tuple(self._whisper.supported_languages)

    def encode(self, sounds: Sequence[NDArray[np.float32]], margin: int = MARGIN_FRAMES) -> NDArray[Any]:
        """The states of each sound of at most half a minute, all as long as the longest and `margin` frames need."""
        longest = max(frames(sound) for sound in sounds)
        length = min(LONGEST_FRAMES, ceil((longest + margin) / STEP_FRAMES) * STEP_FRAMES)
        features = np.zeros((len(sounds), self._whisper.model.n_mels, length), np.float32)
        for row, sound in zip(features, sounds, strict=True):
            found = self._whisper.feature_extractor(sound)[:, :length]
            row[:, : found.shape[1]] = found
        parts = np.split(features, len(features)) if self._one_by_one else [features]
        encoded = [self._whisper.model.encode(ctranslate2.StorageView.from_array(part), to_cpu=True) for part in parts]
        return np.concatenate([np.asarray(states) for states in encoded])

    def votes(self, states: NDArray[Any]) -> list[Mapping[str, float]]:
        """How likely each language is, for each chunk."""
        ranked = self._whisper.model.detect_language(ctranslate2.StorageView.from_array(states))
        return [{token[2:-2]: probability for token, probability in each} for each in ranked]

    def write(
        self,
        states: NDArray[Any],
        languages: Sequence[str],
        *,
        beam: int,
        task: str = TRANSCRIBE,
        vocabulary: str = "",
        no_repeat: int = 0,
    ) -> list[Written]:
        """What is said in each chunk, in its language, or in English for the other task.

        No run of `no_repeat` tokens comes twice.
        """
        prompts = [
            self._whisper.get_prompt(self._tokenizer(language, task), [], hotwords=vocabulary or None)
            for language in languages
        ]
        results = self._whisper.model.generate(
            ctranslate2.StorageView.from_array(states),
            prompts,
            beam_size=beam,
            max_length=self._whisper.max_length,
            suppress_tokens=self._suppressed,
            no_repeat_ngram_size=no_repeat,
            return_scores=True,
            return_no_speech_prob=True,
        )
        written = []
        for result in results:
            tokens = tuple(result.sequences_ids[0])
            # CTranslate2's score is a mean without the end; Whisper's own counts the end
            logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
            written.append(Written(tokens, float(logprob), float(result.no_speech_prob)))
        return written

    def texts(self, written: Written) -> list[str]:
        """The text of each passage."""
        tokenizer = self._tokenizer("en")  # they all read alike
        parts = passages_of(written.tokens, tokenizer.timestamp_begin, LONGEST_FRAMES / FRAMES_A_SECOND)
        return [tokenizer.decode(list(part)) for _, _, part in parts]

    def passages(
        self, states: NDArray[Any], written: Written, language: str, sound: NDArray[np.float32], task: str = TRANSCRIBE
    ) -> list[Passage]:
        """The words of one chunk, in its passages; `states` are its own."""
        tokenizer = self._tokenizer(language, task)
        length = len(sound) / self._whisper.feature_extractor.sampling_rate
        parts: list[dict[str, Any]] = [
            {"tokens": list(part), "start": start, "end": end, "seek": 0, "words": []}
            for start, end, part in passages_of(written.tokens, tokenizer.timestamp_begin, length)
        ]
        if not parts:
            return []
        self._whisper.add_word_timestamps(
            [parts],
            tokenizer,
            ctranslate2.StorageView.from_array(states),
            [ceil(length) * FRAMES_A_SECOND],
            PREPENDED,
            APPENDED,
            0.0,
        )
        return [
            Passage(
                tuple(
                    Token(word["word"], float(word["start"]), float(word["end"]), float(word["probability"]))
                    for word in part["words"]
                ),
                compression(tokenizer.decode(part["tokens"])),
            )
            for part in parts
        ]

    def _tokenizer(self, language: str, task: str = TRANSCRIBE) -> Tokenizer:
        if (language, task) not in self._tokenizers:
            self._tokenizers[language, task] = Tokenizer(
                self._whisper.hf_tokenizer, self._whisper.model.is_multilingual, task=task, language=language
            )
        return self._tokenizers[language, task]


def compression(text: str) -> float:
    """How many times smaller zlib makes a text."""
    return float(get_compression_ratio(text))


def frames(sound: NDArray[np.float32]) -> int:
    """How many frames of 10 ms a sound has."""
    return ceil(len(sound) / 160)


def passages_of(tokens: Sequence[int], first_time: int, length: float) -> Iterator[tuple[float, float, Sequence[int]]]:
    """Start, end (seconds in the chunk) and tokens of each passage: one ends where a time follows on a time.

    What comes after the last end was cut off by the chunk's end at `length` seconds; it was said all the same.
    """
    begin = 0
    for index in range(1, len(tokens) + 1):
        over = index == len(tokens)
        if not over and not (tokens[index] >= first_time and tokens[index - 1] >= first_time):
            continue
        part = tokens[begin:index]
        times = [(token - first_time) * 0.02 for token in part if token >= first_time]
        if any(token < first_time for token in part):
            start = times[0] if part[0] >= first_time else 0.0
            end = times[-1] if part[-1] >= first_time else length
            yield start, max(start, end), part
        begin = index
