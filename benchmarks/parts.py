"""Where the CPU seconds of listening go: the same calls are timed in ours and in the bare engine."""

from __future__ import annotations

import functools
import resource
import time
from collections import defaultdict
from typing import Any

import ctranslate2
from faster_whisper import WhisperModel
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.vad import SileroVADModel

TIMED = (
    (SileroVADModel, "__call__", "activity_s"),
    (FeatureExtractor, "__call__", "features_s"),
    (ctranslate2.models.Whisper, "encode", "encoder_s"),
    (ctranslate2.models.Whisper, "detect_language", "votes_s"),
    (ctranslate2.models.Whisper, "generate", "words_s"),
    (ctranslate2.models.Whisper, "align", "times_s"),
    (WhisperModel, "add_word_timestamps", "times_s"),
)


def cpu_seconds() -> float:
    """CPU time of this process and of those it has waited for, as ffmpeg."""
    return _seconds(resource.RUSAGE_SELF) + child_seconds()


def child_seconds() -> float:
    """CPU time of the processes that this one has waited for."""
    return _seconds(resource.RUSAGE_CHILDREN)


def _seconds(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


class Parts:
    """CPU seconds by part, from the moment this is made; what calls another is not charged with it."""

    def __init__(self) -> None:
        self._spent: defaultdict[str, float] = defaultdict(float)
        self._inner: list[float] = []
        self._encoded = self._frames = self._steps = 0
        for owner, name, part in TIMED:
            setattr(owner, name, self._timed(getattr(owner, name), part))
        self._begun, self._children = cpu_seconds(), child_seconds()

    def _timed(self, function: Any, part: str) -> Any:
        @functools.wraps(function)
        def timed(*given: Any, **named: Any) -> Any:
            begun = time.process_time()
            self._inner.append(0.0)
            result = function(*given, **named)
            spent = time.process_time() - begun
            self._spent[part] += spent - self._inner.pop()
            if self._inner:
                self._inner[-1] += spent
            if part == "encoder_s":
                self._encoded += given[1].shape[0]
                self._frames += given[1].shape[0] * given[1].shape[2]
            if part == "words_s":
                self._steps += sum(len(each.sequences_ids[0]) for each in result)
            return result

        return timed

    def row(self) -> dict[str, float]:
        """All of it for a table: seconds, chunks that went through the encoder and their seconds, tokens written."""
        whole = cpu_seconds() - self._begun
        decoder = child_seconds() - self._children
        parts = {part: self._spent[part] for _, _, part in TIMED}
        rest = whole - decoder - sum(self._spent.values())
        return {
            "cpu_s": whole,
            "ffmpeg_s": decoder,
            **parts,
            "rest_s": rest,
            "chunks": self._encoded,
            "encoded_s": self._frames / 100,
            "tokens": self._steps,
        }
