"""Where two transcript versions say different words, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from rapidfuzz.distance import Levenshtein

from archive.models import Transcript, Word
from ingest.align import Gap, folded, gaps


@dataclass(frozen=True, slots=True)
class Difference:
    """Words of the first version and those of the second in their place; one of them may have none. In seconds."""

    start: float
    end: float
    first: str
    second: str


def differences(first: Transcript, second: Transcript) -> tuple[Difference, ...]:
    """Every place where the two say different words, in order of the first.

    Case, punctuation, accents and how words are parted by spaces are no difference, nor are Persian and Arabic forms
    of one letter.
    """
    ours, theirs = _words(first), _words(second)
    mine, others = [folded(word.text) for word in ours], [folded(word.text) for word in theirs]
    return tuple(
        _difference(ours[gap.first : gap.last], theirs[gap.start : gap.end])
        for gap in _spelled(tuple(changes(mine, others)), mine, others)
    )


def changes(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Gap]:
    """The stretches in which two sequences differ, as long as they can be, in order; one side of it may be empty."""
    at = beside = 0
    for gap in gaps(ours, theirs):
        for step in Levenshtein.opcodes(ours[gap.first : gap.last], theirs[gap.start : gap.end]):
            if step.tag == "equal":
                first, start = gap.first + step.src_start, gap.start + step.dest_start
                if (at, beside) != (first, start):
                    yield Gap(at, first, beside, start)
                at, beside = gap.first + step.src_end, gap.start + step.dest_end
    if (at, beside) != (len(ours), len(theirs)):
        yield Gap(at, len(ours), beside, len(theirs))


def _words(transcript: Transcript) -> list[Word]:
    return list(chain.from_iterable(segment.words for segment in transcript.segments))


def _spelled(found: Sequence[Gap], ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Gap]:
    """Those that differ in letters, and not only in where the words are parted."""

    def alike(first: Gap, last: Gap) -> bool:
        return "".join(ours[first.first : last.last]) == "".join(theirs[first.start : last.end])

    at = 0
    while at < len(found):
        # "thy self-thy" beside "thyself thy" may be a word less, an equal one, and a word more
        steps = next((length for length in (1, 2) if alike(found[at], found[at : at + length][-1])), 0)
        if not steps:
            yield found[at]
        at += steps or 1


def _difference(ours: list[Word], theirs: list[Word]) -> Difference:
    here = ours or theirs
    first, second = (" ".join(word.text for word in side) for side in (ours, theirs))
    return Difference(here[0].start, here[-1].end, first, second)
