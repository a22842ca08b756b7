"""Words of a given text put where they were heard: two word sequences that say nearly the same, laid side by side.

Rare runs of words that both have once are anchors; between two anchors little is left, which is compared letter by
letter, so that words written together or misheard find their place too. That makes it near-linear: 100,000 words take
a second or so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from archive.models import Word
from archive.people import fold

ANCHOR_WORDS = (3, 2, 1)  # runs of so many words are tried as anchors, the surest first
MOST_CELLS = 16_000_000  # letters of one side times letters of the other that are compared at once; some 4 MB

folded = lru_cache(200_000)(fold)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a word was heard, in seconds, and the share (0 to 1) of its letters that were heard there."""

    start: float
    end: float
    likeness: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Words `first` to `last` (without it) of one sequence, which lie beside `start` to `end` of the other."""

    first: int
    last: int
    start: int
    end: int


def places(given: Sequence[str], heard: Sequence[Word]) -> list[Place | None]:
    """For each given word, where it was heard; None where nothing that was heard lies beside it."""
    ours, theirs = [folded(word) for word in given], [folded(word.text) for word in heard]
    found: list[Place | None] = [None] * len(given)
    for gap in gaps(ours, theirs):
        pairs = _letters(ours[gap.first : gap.last], theirs[gap.start : gap.end])
        if pairs:
            _put(found, gap, pairs, ours, theirs, heard)
    return found


def gaps(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Gap]:
    """Both sequences of folded words cut into stretches that belong together, in order, each small enough to compare.

    Stretches that are too long, and have nothing in common to cut them at, are left out.
    """
    waiting = [Gap(0, len(ours), 0, len(theirs))]
    while waiting:
        gap = waiting.pop()
        if gap.first == gap.last or gap.start == gap.end:
            continue
        if _letters_in(ours, gap.first, gap.last) * _letters_in(theirs, gap.start, gap.end) <= MOST_CELLS:
            yield gap
            continue
        waiting += reversed(_cut(gap, ours, theirs))


def _letters_in(words: Sequence[str], first: int, last: int) -> int:
    return sum(map(len, words[first:last])) + last - first


def _cut(gap: Gap, ours: Sequence[str], theirs: Sequence[str]) -> list[Gap]:
    for size in ANCHOR_WORDS:
        anchors = _ascending(_once_in_both(gap, ours, theirs, size))
        if anchors:
            break
    else:
        return []
    parts = []
    first, start = gap.first, gap.start
    for mine, other in anchors:
        if mine > first and other > start:
            parts.append(Gap(first, mine, start, other))
            first, start = mine, other
    parts.append(Gap(first, gap.last, start, gap.end))
    return parts if len(parts) > 1 else []


def _once_in_both(gap: Gap, ours: Sequence[str], theirs: Sequence[str], size: int) -> list[tuple[int, int]]:
    """Where runs of `size` words stand that occur once on either side."""
    mine, others = _once(ours, gap.first, gap.last, size), _once(theirs, gap.start, gap.end, size)
    return [(at, others[run]) for run, at in mine.items() if run in others]


def _once(words: Sequence[str], first: int, last: int, size: int) -> dict[tuple[str, ...], int]:
    runs = [tuple(words[at : at + size]) for at in range(first, last - size + 1)]
    counts = Counter(runs)
    return {run: first + at for at, run in enumerate(runs) if counts[run] == 1 and any(run)}


def _ascending(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs (their first parts ascend) whose second parts ascend too."""
    tails: list[int] = []  # the least end of a run of each length
    at: list[int] = []
    before: list[int] = [-1] * len(pairs)
    for number, (_, other) in enumerate(pairs):
        length = bisect_left(tails, other)
        before[number] = at[length - 1] if length else -1
        tails[length : length + 1] = [other]
        at[length : length + 1] = [number]
    chain = []
    number = at[-1] if at else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _letters(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int, bool]]:
    """Pairs of letters that lie beside each other, counted from 0 over the words, and whether they are the same."""
    mine, other = " ".join(ours), " ".join(theirs)
    pairs = []
    for step in Levenshtein.opcodes(mine, other):
        if step.tag in ("equal", "replace"):
            same = step.tag == "equal"
            beside = zip(range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=False)
            pairs += [(i, j, same) for i, j in beside if mine[i] != " " and other[j] != " "]
    return pairs


@dataclass(slots=True)
class _Touched:
    """What of the heard letters lies beside one given word: first and last, and how many are the same."""

    first: int
    last: int
    same: int = 0


def _put(
    found: list[Place | None],
    gap: Gap,
    pairs: Sequence[tuple[int, int, bool]],
    ours: Sequence[str],
    theirs: Sequence[str],
    heard: Sequence[Word],
) -> None:
    """Gives the words of a gap their places by the letters they share."""
    words = _owners(ours[gap.first : gap.last])
    heard_words = _owners(theirs[gap.start : gap.end])
    starts = [letter for letter, owner in enumerate(heard_words) if not letter or owner != heard_words[letter - 1]]
    touched: dict[int, _Touched] = {}
    for mine, other, same in pairs:
        one = touched.setdefault(words[mine], _Touched(other, other))
        one.last = other
        one.same += same
    order = sorted(touched)
    for number, word in enumerate(order):
        one = touched[word]
        before = heard_words[touched[order[number - 1]].last] if number else -1
        after = heard_words[touched[order[number + 1]].first] if number + 1 < len(order) else -1
        opens, closes = heard_words[one.first], heard_words[one.last]
        start, end = heard[gap.start + opens], heard[gap.start + closes]
        text_opens, text_closes = theirs[gap.start + opens], theirs[gap.start + closes]
        # a heard word that is shared with a neighbour is parted where its letters are
        at = (one.first - starts[opens]) / len(text_opens) if before == opens else 0.0
        until = (one.last + 1 - starts[closes]) / len(text_closes) if after == closes else 1.0
        alone = before != opens and after != closes
        length = max(len(ours[gap.first + word]), _spanned(theirs, gap, opens, closes) if alone else 0)
        found[gap.first + word] = Place(
            round(start.start + at * (start.end - start.start), 3),
            round(end.start + until * (end.end - end.start), 3),
            round(one.same / length, 2),
        )


def _spanned(theirs: Sequence[str], gap: Gap, opens: int, closes: int) -> int:
    """Letters of the heard words that a given word takes up alone."""
    return sum(map(len, theirs[gap.start + opens : gap.start + closes + 1]))


def _owners(words: Sequence[str]) -> list[int]:
    """For each letter of the words joined by spaces, whose it is; a space belongs to the word before it."""
    return [number for number, word in enumerate(words) for _ in range(len(word) + 1)]
