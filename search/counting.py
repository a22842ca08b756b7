"""How often something is said: hits beside all the words among which they were looked for, by year, by speaker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from search.clauses import Clause, Keyword, Number
from search.engines.base import Reader, Values
from search.hits import Finder
from search.labels import Labels
from search.models import By, Count

FIELDS: Mapping[By, Keyword | Number] = {
    By.YEAR: Number.YEAR,
    By.SPEAKER: Keyword.SPEAKER,
    By.LANGUAGE: Keyword.LANGUAGE,
    By.EVENT: Keyword.EVENT,
}


def counted(
    reader: Reader, finder: Finder, among: Clause, by: Sequence[By], labels: Labels
) -> tuple[tuple[Count, ...], bool]:
    """Rows for all passages that have words and are `among` these, and whether their hits are exact."""
    fields = [FIELDS[one] for one in by]
    hits, exact = finder.tally(fields) if finder.seeks else ({}, True)
    words = {values: tally.words for values, tally in reader.tally(among, fields).items()}
    moments, spoken = _joined(hits, by, labels), _joined(words, by, labels)
    rows = [
        Count(values, tuple(map(labels.label, by, values)), moments[values], spoken[values])
        for values in spoken
        if spoken[values]
    ]
    return tuple(sorted(rows, key=lambda row: _place(row, by))), exact


def _joined(numbers: Mapping[Values, int], by: Sequence[By], labels: Labels) -> Counter[Values]:
    """Numbers by the values that stand for those of the index."""
    joined: Counter[Values] = Counter()
    for values, number in numbers.items():
        joined[tuple(map(labels.standing, by, values))] += number
    return joined


def _place(row: Count, by: Sequence[By]) -> list[tuple[int, str, str]]:
    """Years in their order and names in that of the alphabet; what nobody knows comes first."""
    return [
        (int(value or 0), "", "") if one is By.YEAR else (0, label.casefold(), value)
        for one, value, label in zip(by, row.values, row.labels, strict=True)
    ]
