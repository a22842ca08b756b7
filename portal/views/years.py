"""Counts by year as bars, by decade where there are too many years to tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST_BARS = 40
FEW_YEARS = 3  # bars of so few have no shape
Span = tuple[int, int]  # first and last year, inclusive


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `first` to `last` year inclusive, how many, and its height in percent of the tallest."""

    first: int
    last: int
    count: int
    height: int

    @property
    def label(self) -> str:
        """`1961`, or `1960–1969`."""
        return label((self.first, self.last))


def bars(counts: Mapping[int, int], most: int = MOST_BARS) -> tuple[Bar, ...]:
    """At most `most` bars from the first year to the last, gaps included; year 0 (unknown) is left out."""
    drawn = spans(counts, most)
    sums = [sum(counts.get(year, 0) for year in range(first, last + 1) if year) for first, last in drawn]
    tallest = max(sums, default=0)
    return tuple(
        Bar(first, last, count, _height(count, tallest)) for (first, last), count in zip(drawn, sums, strict=True)
    )


def spans(years: Iterable[int], most: int = MOST_BARS) -> tuple[Span, ...]:
    """At most `most` spans from the first year to the last, each of one year, ten, a hundred; year 0 is left out."""
    known = [year for year in years if year]
    if not known:
        return ()
    width = 1
    while (max(known) // width - min(known) // width) >= most:
        width *= 10
    steps = range(min(known) // width, max(known) // width + 1)
    return tuple((step * width, step * width + width - 1) for step in steps)


def label(span: Span) -> str:
    """`1961`, or `1960–1969`."""
    return "–".join(map(str, dict.fromkeys(span)))


def _height(count: int, tallest: int) -> int:
    return max(round(100 * count / tallest), 6) if count else 0
