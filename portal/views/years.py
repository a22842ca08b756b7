"""Counts by year as bars, by decade where there are too many years to tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST_BARS = 40
FEW_YEARS = 3  # bars of so few have no shape


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
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


def bars(counts: Mapping[int, int], most: int = MOST_BARS) -> tuple[Bar, ...]:
    """At most `most` bars from the first year to the last, gaps included; year 0 (unknown) is left out."""
    years = {year: count for year, count in counts.items() if year}
    if not years:
        return ()
    width = 1
    while (max(years) // width - min(years) // width) >= most:
        width *= 10
    sums: dict[int, int] = {}
    for year, count in years.items():
        sums[year // width] = sums.get(year // width, 0) + count
    tallest = max(sums.values())
    return tuple(
        Bar(step * width, step * width + width - 1, sums.get(step, 0), _height(sums.get(step, 0), tallest))
        for step in range(min(sums), max(sums) + 1)
    )


def _height(count: int, tallest: int) -> int:
    return max(round(100 * count / tallest), 6) if count else 0
