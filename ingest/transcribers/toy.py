"""A transcriber without weights, for tests: it hears a word of a fixed list at each burst of sound."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle

import numpy as np

from archive.models import Maker, MakerKind, Word
from ingest.speech import FRAME, SAMPLE_RATE, Pcm, Region, Speech, as_float, with_margins
from ingest.transcribers.base import Heard, HeardSegment, Hints, no_progress

WORDS = ("one", "word", "for", "every", "burst", "of", "sound", "that", "stands", "out")
TRANSLATION = ("these", "words", "are", "how", "a", "machine", "puts", "it")  # nothing of which was said
LOUD = 0.01  # root mean square, where full scale is 1
WORDS_IN_A_SEGMENT = 10


class ToyTranscriber:
    """Deterministic: the same sound gives the same words, and every burst is one word."""

    def __init__(self, words: tuple[str, ...] = WORDS) -> None:
        self._list = words

    @property
    def maker(self) -> Maker:
        """The list of words is its only setting."""
        return Maker(MakerKind.ENGINE, "toy", "1", settings=(("words", " ".join(self._list)),))

    def speech(self, pcm: Pcm) -> Speech:
        """Every frame louder than the threshold counts as speech, whatever it is."""
        samples = as_float(pcm)
        if not len(samples):
            return Speech((), np.zeros(0, np.float32))
        frames = np.pad(samples, (0, -len(samples) % FRAME)).reshape(-1, FRAME)
        loud = np.sqrt(np.mean(frames**2, axis=1)) > LOUD
        return Speech(with_margins(_bursts(loud), len(samples)), loud.astype(np.float32))

    def hear(self, pcm: Pcm, speech: Speech, hints: Hints, on_progress: Callable[[float], None] = no_progress) -> Heard:
        """One word a burst, ten words a segment, all in the first language that is allowed."""
        length = len(pcm) / SAMPLE_RATE
        said = TRANSLATION if hints.translate else self._list
        words = [
            Word(text, round(burst.start / SAMPLE_RATE, 3), round(min(burst.end / SAMPLE_RATE, length), 3))
            for burst, text in zip(_bursts(speech.probabilities > 0), cycle(said), strict=False)
        ]
        language = hints.languages[0] if hints.languages and not hints.translate else "en"
        segments = tuple(
            HeardSegment(tuple(words[first : first + WORDS_IN_A_SEGMENT]), language, 1.0)
            for first in range(0, len(words), WORDS_IN_A_SEGMENT)
        )
        on_progress(length)
        return Heard(segments, ((language, 1.0),) if segments else ())


def _bursts(loud: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[Region, ...]:
    """Runs of loud frames, in samples."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], loud, [False])).astype(np.int8)))
    return tuple(Region(int(a) * FRAME, int(b) * FRAME) for a, b in zip(edges[::2], edges[1::2], strict=True))
