"""Times for the words of a given text: from what was heard, within the cues of the file, or spread by their letters."""

from __future__ import annotations

import enum
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

from archive.models import Word
from ingest.align import Place, places
from ingest.given import Cue

CUE_CLOCK_S = 2.0  # captions come and go about so much beside the words; a file further off has another clock
CUES_FOR_A_CLOCK = 3  # that many must begin with words that were heard, before a file's clock is judged
SURE = 0.9  # likeness of a word that can serve to judge it
SECONDS_A_LETTER = 0.08  # of speech that is not hurried


class Times(enum.StrEnum):
    """Where the times of a given text's words come from."""

    HEARD = "heard"
    CUES = "cues"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class Timed:
    """A word with its times and its cue; `likeness` is the share of its letters that were heard there (1 where nobody
    listened), `placed` whether its times were heard or given, not only spread."""

    word: Word
    cue: int
    likeness: float
    placed: bool


@dataclass(frozen=True, slots=True)
class Timing:
    """All words of a text. `off` is by how many seconds the file's own clock is wrong, 0 where it is right."""

    words: tuple[Timed, ...]
    times: Times
    off: float = 0.0


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    cue: int
    own: Word | None = None  # its times by the file


def timed(cues: Sequence[Cue], split: Sequence[Sequence[str]], heard: Sequence[Word], duration: float) -> Timing:
    """The words of the cues (`split` has those of each) with times from 0 to `duration` that never go back."""
    tokens = [
        _Token(text, number, cue.words[at] if len(cue.words) == len(words) else None)
        for number, (cue, words) in enumerate(zip(cues, split, strict=True))
        for at, text in enumerate(words)
    ]
    found = places([token.text for token in tokens], heard) if heard else [None] * len(tokens)
    off = _off(cues, tokens, found)
    if abs(off) > CUE_CLOCK_S:
        bounds = [(0.0, duration)] * len(cues)
        tokens = [replace(token, own=None) for token in tokens]
    else:
        off = 0.0
        bounds = [
            (0.0, duration) if cue.start is None else (cue.start, duration if cue.end is None else cue.end)
            for cue in cues
        ]
        kept = [_within(place, bounds[token.cue]) for token, place in zip(tokens, found, strict=True)]
        if kept != found:  # what was heard there belongs to other words, which are now free to take it
            again = _again(tokens, kept, bounds, heard)
            kept = [_within(place, bounds[token.cue]) for token, place in zip(tokens, again, strict=True)]
        found = kept
    by_file = [Place(own.start, own.end, 0.0) if (own := token.own) else None for token in tokens]
    known = [place or own for place, own in zip(found, by_file, strict=True)]
    times = Times.HEARD if any(found) else Times.CUES if _cued(cues) else Times.ESTIMATED
    spread = _spread(tokens, known, bounds, duration, whole=times is not Times.HEARD)
    words: list[Timed] = []
    clock = 0.0
    for token, place, (start, end) in zip(tokens, found, spread, strict=True):
        start = round(min(max(start, clock), duration), 3)
        clock = round(min(max(end, start), duration), 3)
        likeness = place.likeness if place else 0.0 if times is Times.HEARD else 1.0
        words.append(Timed(Word(token.text, start, clock, likeness), token.cue, likeness, place is not None))
    return Timing(tuple(words), times, round(off, 3))


def _cued(cues: Sequence[Cue]) -> bool:
    return all(cue.start is not None for cue in cues)


def _off(cues: Sequence[Cue], tokens: Sequence[_Token], found: Sequence[Place | None]) -> float:
    """By how much what was heard is later than the file says, over the cues whose first word was heard for sure."""
    late = []
    before = -1
    for token, place in zip(tokens, found, strict=True):
        start = cues[token.cue].start
        if token.cue != before and start is not None and place and place.likeness >= SURE:
            late.append(place.start - start)
        before = token.cue
    return median(late) if len(late) >= CUES_FOR_A_CLOCK else 0.0


def _within(place: Place | None, bounds: tuple[float, float]) -> Place | None:
    """The place, unless it lies so far outside of the cue that another word like it must have been heard there."""
    if place and bounds[0] - CUE_CLOCK_S <= place.start <= bounds[1] + CUE_CLOCK_S:
        return place
    return None


def _again(
    tokens: Sequence[_Token],
    found: Sequence[Place | None],
    bounds: Sequence[tuple[float, float]],
    heard: Sequence[Word],
) -> list[Place | None]:
    """With each cue's run of words without a place laid beside what was heard in its cue, between its neighbours."""
    placed = list(found)
    starts = [word.start for word in heard]
    at, low = 0, 0
    for cue, run in groupby(enumerate(tokens), key=lambda pair: (pair[1].cue, not placed[pair[0]])):
        texts = [token.text for _, token in run]
        until = at + len(texts)
        if cue[1]:
            earliest, latest = bounds[cue[0]]
            after = next((place.start for place in found[until : until + 1] if place), latest + CUE_CLOCK_S)
            first = max(low, bisect_left(starts, earliest - CUE_CLOCK_S))
            last = bisect_left(starts, min(after, latest + CUE_CLOCK_S))
            placed[at:until] = places(texts, heard[first:last])
        ends = [place.end for place in placed[at:until] if place]
        low = max(low, bisect_left(starts, max(ends, default=0.0)))
        at = until
    return placed


def _spread(
    tokens: Sequence[_Token],
    known: Sequence[Place | None],
    bounds: Sequence[tuple[float, float]],
    duration: float,
    *,
    whole: bool,
) -> list[tuple[float, float]]:
    """Start and end of every word: as known, else spread between what is, each run within its cue.

    Spread words take the `whole` room there is, or only as long as they would be spoken.
    """
    times = [(place.start, place.end) if place else (0.0, 0.0) for place in known]
    following = [duration] * (len(tokens) + 1)  # where the next known word begins
    for at in range(len(tokens) - 1, -1, -1):
        place = known[at]
        following[at] = place.start if place else following[at + 1]
    at, clock = 0, 0.0
    while at < len(tokens):
        place = known[at]
        if place:
            clock = max(clock, place.end)
            at += 1
            continue
        until = at
        while until < len(tokens) and not known[until] and _together(tokens[at], tokens[until], bounds):
            until += 1
        low, high = bounds[tokens[at].cue]
        start = max(clock, low)
        room = max(min(following[until], high) - start, 0.0)
        run = tokens[at:until]
        weights = [len(token.text) + 1 for token in run]
        if not whole:
            room = min(room, sum(weights) * SECONDS_A_LETTER)
        for number, weight in enumerate(weights):
            end = start + room * weight / sum(weights[number:])
            room -= end - start
            times[at + number] = (start, end)
            start = end
        clock, at = max(clock, start), until
    return times


def _together(first: _Token, other: _Token, bounds: Sequence[tuple[float, float]]) -> bool:
    """Whether two words lie within the same bounds, so that they may be spread as one run."""
    return first.cue == other.cue or bounds[first.cue] == bounds[other.cue]
