"""Where two transcript versions say different words, and when."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from rapidfuzz.distance import Levenshtein

from archive.models import Transcript, Word
from ingest.align import folded, gaps


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
    found: list[Difference] = []
    at = beside = 0
    open_from: tuple[int, int] | None = (0, 0)
    for gap in gaps(mine, others):
        for step in Levenshtein.opcodes(mine[gap.first : gap.last], others[gap.start : gap.end]):
            if step.tag != "equal":
                open_from = open_from or (gap.first + step.src_start, gap.start + step.dest_start)
                continue
            at, beside = gap.first + step.src_start, gap.start + step.dest_start
            if open_from:
                found += _difference(ours[open_from[0] : at], theirs[open_from[1] : beside])
            open_from = None
            at, beside = gap.first + step.src_end, gap.start + step.dest_end
        open_from = open_from or (at, beside)
    open_from = open_from or (at, beside)
    found += _difference(ours[open_from[0] :], theirs[open_from[1] :])
    return tuple(found)


def _words(transcript: Transcript) -> list[Word]:
    return list(chain.from_iterable(segment.words for segment in transcript.segments))


def _difference(ours: list[Word], theirs: list[Word]) -> list[Difference]:
    first, second = " ".join(word.text for word in ours), " ".join(word.text for word in theirs)
    if folded(first) == folded(second):
        return []
    here = ours or theirs
    return [Difference(here[0].start, here[-1].end, first, second)]
