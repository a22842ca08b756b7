"""Two ways to the same answer, timed in pairs: each question to both at once, in the order ABBA.

What slows the machine for a moment slows both halves of a pair or spoils that pair alone, and who is asked second
gains nothing from what the first one warmed. So the median of the pairs' ratios stands still where medians of times
do not.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Q = TypeVar("Q")
MOST_ROUNDS = 2_000


@dataclass(frozen=True, slots=True)
class Pairs:
    """Milliseconds of both ways, pair by pair."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return statistics.median(one / other for one, other in zip(self.ours, self.theirs, strict=True))

    def ratio_of_slow(self) -> float:
        """The ratio of the 95th percentiles."""
        return percentile(self.ours) / percentile(self.theirs)


def paired(
    questions: Sequence[Q],
    ours: Callable[[Q], object],
    theirs: Callable[[Q], object],
    beside: Sequence[Callable[[Q], object]] = (),
    *,
    rounds: int,
    seconds: float,
) -> tuple[Pairs, list[list[float]]]:
    """The times of both, and of what else is asked once a round, in ms. All are asked once before.

    So many rounds of all questions, and more until so many seconds are over: cheap questions need more of them.
    """
    for ask in (ours, theirs, *beside):
        for question in questions:
            ask(question)
    pairs = Pairs()
    others: list[list[float]] = [[] for _ in beside]
    stop = time.perf_counter() + seconds
    for number in range(MOST_ROUNDS):
        if number >= rounds and time.perf_counter() > stop:
            break
        for question in questions:
            for ask, times in (
                (ours, pairs.ours),
                (theirs, pairs.theirs),
                (theirs, pairs.theirs),
                (ours, pairs.ours),
                *zip(beside, others, strict=True),
            ):
                times.append(taken(ask, question))
    return pairs, others


def taken(ask: Callable[[Q], object], question: Q) -> float:
    """Wall milliseconds."""
    start = time.perf_counter()
    ask(question)
    return (time.perf_counter() - start) * 1000


def percentile(times: Sequence[float], share: float = 0.95) -> float:
    """The time that this share of all does not exceed."""
    return sorted(times)[int(len(times) * share)]


def shown(times: Sequence[float]) -> str:
    """Median and 95th percentile."""
    return f"{statistics.median(times):.2f} / {percentile(times):.2f}"
