"""Segments of a size to read, cite and find: about a sentence, at most half a minute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from archive.models import Word
from ingest.transcribers.base import HeardSegment

LONGEST_S = 30.0
SENTENCE_S = 8.0  # a stretch shorter than this may hold several sentences
PAUSE_S = 2.0  # nobody pauses so long inside a sentence that should be read as one

_ENDS = tuple(".?!…؟۔。？！।")


def sized(segment: HeardSegment) -> Iterator[HeardSegment]:
    """The segment in parts: at long pauses, after sentences, and where it would get longer than half a minute."""
    start = 0
    for index, (word, following) in enumerate(pairwise(segment.words), start=1):
        length = word.end - segment.words[start].start
        ends_sentence = word.text.endswith(_ENDS)
        if (
            following.start - word.end >= PAUSE_S
            or (ends_sentence and length >= SENTENCE_S)
            or following.end - segment.words[start].start > LONGEST_S
        ):
            cut = (
                index
                if ends_sentence or following.start - word.end >= PAUSE_S
                else _best_cut(segment.words, start, index)
            )
            yield replace(segment, words=segment.words[start:cut])
            start = cut
    yield replace(segment, words=segment.words[start:])


def _best_cut(words: Sequence[Word], start: int, end: int) -> int:
    """Where to part words that are too long together: before the longest pause in their second half."""
    half = start + max(1, (end - start) // 2)
    return max(range(half, end + 1), key=lambda index: (words[index].start - words[index - 1].end, index))
