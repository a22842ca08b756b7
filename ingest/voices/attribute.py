"""Puts speakers on a transcript: segments are parted where the voice changes, at the borders of words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from archive.models import Quality, Segment, Transcript, Word
from ingest.voices.campplus import NET
from ingest.voices.turns import Heard

OVERLAP = "overlap"  # the reason of a segment in which two speak at once
OVERLAP_S = 0.5  # two at once for less than it is a word thrown in
SHORTEST_TURN_S = 0.5  # a shorter change of voice inside a segment is a slip of the word times


def attributed(transcript: Transcript, heard: Heard, ids: Sequence[str], sha256: str) -> Transcript:
    """The transcript with `ids` (one for each voice) on its segments; `sha256` is that of the net that heard them."""
    segments = tuple(part for segment in transcript.segments for part in _parted(segment, heard, ids))
    former = transcript.maker
    maker = replace(former, settings=(*former.settings, ("voices", f"{NET} {sha256}")))
    return replace(transcript, segments=segments, maker=maker)


def _parted(segment: Segment, heard: Heard, ids: Sequence[str]) -> Iterator[Segment]:
    if not heard.turns:
        yield segment
        return
    voices = _steady(segment.words, [_voice_of(word, heard) for word in segment.words])
    for voice, group in groupby(zip(voices, segment.words, strict=True), key=lambda pair: pair[0]):
        words = tuple(word for _, word in group)
        part = replace(segment, start=words[0].start, end=words[-1].end, words=words, speaker=ids[voice])
        yield _marked(part) if _together(part, heard.together) >= OVERLAP_S else part


def _voice_of(word: Word, heard: Heard) -> int:
    """The voice that sounds through most of the word, or else the nearest in time."""
    after = bisect_left(heard.turns, word.start, key=lambda turn: turn.end)
    near = heard.turns[max(0, after - 1) : after + 3]

    def fit(index: int) -> tuple[float, float]:
        shared = min(word.end, near[index].end) - max(word.start, near[index].start)
        return max(shared, 0.0), shared  # a negative share is the distance

    return near[max(range(len(near)), key=fit)].voice


def _steady(words: Sequence[Word], voices: Sequence[int]) -> list[int]:
    """The voices without a change that is too short to be one and lies inside the segment of another."""
    steady = list(voices)
    start = 0
    for _, group in groupby(voices):
        end = start + len(list(group))
        if words[end - 1].end - words[start].start < SHORTEST_TURN_S and 0 < end - start < len(voices):
            steady[start:end] = [steady[start - 1] if start else voices[end]] * (end - start)
        start = end
    return steady


def _together(segment: Segment, spans: NDArray[np.float64]) -> float:
    """Seconds of the segment in which two speak."""
    shared = np.minimum(spans[:, 1], segment.end) - np.maximum(spans[:, 0], segment.start)
    return float(np.maximum(shared, 0).sum())


def _marked(segment: Segment) -> Segment:
    quality = Quality.LOW if segment.quality is Quality.OK else segment.quality
    return replace(segment, quality=quality, reasons=(*segment.reasons, OVERLAP))
