"""Counts put together for a page, by year or decade or by speaker: how they are said, and where their moments are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from portal import phrases
from portal.address import Address
from portal.views import years
from search.models import By, Count, Counted, rate

BY = (By.YEAR, By.SPEAKER)  # what the counts that are put together here are told apart by
FEW_WORDS = 2_000  # one moment more among so many makes five more in 10,000

Key = TypeVar("Key", bound=Hashable)
Span = years.Span | None  # None for what has no year
Speaker = tuple[str, str]  # id and name, both "" where nobody knows who spoke


@dataclass(frozen=True, slots=True)
class Sum:
    """Moments among words."""

    moments: int = 0
    words: int = 0

    @property
    def few(self) -> bool:
        """Whether there are too few words for the rate to mean much."""
        return self.words < FEW_WORDS

    @property
    def rate(self) -> float:
        """Moments per 10,000 words."""
        return rate(self.moments, self.words)


def summed(counted: Counted, key: Callable[[Count], Key]) -> dict[Key, Sum]:
    """The rows of each key together."""
    sums: dict[Key, Sum] = {}
    for row in counted.rows:
        before = sums.get(key(row), Sum())
        sums[key(row)] = Sum(before.moments + row.moments, before.words + row.words)
    return sums


def spanned(bins: Iterable[years.Span]) -> Callable[[Count], Span]:
    """In which of the spans a row lies."""
    places: Mapping[int, years.Span] = {year: span for span in bins for year in range(span[0], span[1] + 1)}
    return lambda row: places.get(int(row.values[0])) if row.values[0] else None


def speaker_of(row: Count) -> Speaker:
    """Who speaks in a row."""
    return row.values[1], row.labels[1]


def bins_of(counted: Counted) -> tuple[years.Span, ...]:
    """The years of all rows, by decade where there are too many to tell apart."""
    return years.spans(int(row.values[0] or 0) for row in counted.rows)


def said(one: Sum, counted: Counted) -> str:
    """A sum in words."""
    among = phrases.count(one.words, "word")
    if not counted.seeks or not one.words:
        return among
    least = "" if counted.exact else "at least "
    return f"{least}{phrases.count(one.moments, 'moment')} in {among}: {least}{phrases.rate(one.rate)} in 10,000"


def narrowed(address: Address, span: Span = None, speaker: str = "") -> Address:
    """The page of an address with less on it."""
    place = replace(address, page=1, term=1, order="")
    if span:
        first, last = place.years or span
        place = replace(place, years=(max(first, span[0]), min(last, span[1])))
    return replace(place, speakers=(speaker,)) if speaker else place


def moments_href(address: Address, query: str, span: Span = None, speaker: str = "") -> str:
    """The moments behind a figure."""
    return replace(narrowed(address, span, speaker), view="", q=query).href
