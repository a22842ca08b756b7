"""What the API answers where moments are counted."""

from __future__ import annotations

from dataclasses import dataclass

from portal.address import Address
from search.models import Counted, Coverage

_RATE_DIGITS = 3


@dataclass(frozen=True, slots=True)
class CountAnswer:
    """How often: `moments` among `words` spoken, of what has these values; `url` opens those moments.

    `values` and `labels` are in the order of `by`; "" where nobody knows it, and then there is no `url`.
    """

    values: tuple[str, ...]
    labels: tuple[str, ...]
    moments: int
    words: int
    per_10000: float
    url: str


@dataclass(frozen=True, slots=True)
class CountsAnswer:
    """Moments among all the words of what the filters leave; where `exact` is false, moments and rates are floors."""

    by: tuple[str, ...]
    moments: int
    words: int
    per_10000: float
    exact: bool
    rows: tuple[CountAnswer, ...]
    coverage: Coverage


def of_counts(counted: Counted, asked: Address) -> CountsAnswer:
    """How often a query is answered; `asked` is the page that answers it."""
    return CountsAnswer(
        by=tuple(one.value for one in counted.by),
        moments=counted.moments,
        words=counted.words,
        per_10000=round(counted.per_10000, _RATE_DIGITS),
        exact=counted.exact,
        rows=tuple(
            CountAnswer(
                values=row.values,
                labels=row.labels,
                moments=row.moments,
                words=row.words,
                per_10000=round(row.per_10000, _RATE_DIGITS),
                url=asked.within(counted.by, row.values).href if all(row.values) else "",
            )
            for row in counted.rows
        ),
        coverage=counted.coverage,
    )
