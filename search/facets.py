"""The counts beside an answer. Those of a field are taken as if nothing were chosen in it.

Whoever has chosen one speaker then still sees how much the others would give; every other choice narrows as it does
the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from search.clauses import Clause, Keyword, Number
from search.engines.base import Counts, Reader
from search.hits import FACETS, Finder
from search.models import Filters, Sort


def disjunctive(
    reader: Reader, clause_of: Callable[[Filters], Clause], filters: Filters, counts: Sequence[Counts]
) -> tuple[Counts, ...]:
    """Counts by `FACETS` as they are offered, from those of the answer; only fields with a choice are counted anew.

    `clause_of` gives the whole question under other filters than those of the answer.
    """
    return tuple(
        Finder(reader, clause_of(wider), Sort.RELEVANCE).count(field)
        if (wider := without(filters, field)) != filters
        else counted
        for field, counted in zip(FACETS, counts, strict=True)
    )


def without(filters: Filters, field: Keyword | Number) -> Filters:
    """The filters with nothing chosen in a facet's field."""
    match field:
        case Number.YEAR:
            return replace(filters, years=None)
        case Keyword.SPEAKER:
            return replace(filters, speakers=())
        case Keyword.EVENT:
            return replace(filters, events=())
        case Keyword.LANGUAGE:
            return replace(filters, languages=())
        case Keyword.QUALITY:
            return replace(filters, qualities=())
        case Keyword.LAYER:
            return replace(filters, layers=())
    return filters
