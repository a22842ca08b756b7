"""Clauses as Elasticsearch's query objects; its query strings are never used.

A word or phrase is scored by the best of its alternatives, as the contract wants it, and what narrows is a filter,
which scores nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from search.clauses import AllOf, AnyOf, Between, Clause, NoneOf, Run, TermField, Wanted, Where, placings
from search.models import Sort
from search.terms import GHOST

Query = dict[str, Any]

EVERYTHING: Query = {"match_all": {}}
NOTHING: Query = {"match_none": {}}
_NEXT_TO_NOTHING = 1e-30  # with 0 the cluster would not score it at all
_MOST = 2**31 - 1  # of an integer field
PLACE: list[Query] = [{"recording": "asc"}, {"version": "asc"}, {"segment": "asc"}]
ORDERS: dict[Sort, list[Query]] = {
    Sort.RELEVANCE: [{"_score": "desc"}, {Sort.NEWEST.value: "desc"}, *PLACE],
    Sort.NEWEST: [{Sort.NEWEST.value: "desc"}, *PLACE],
    Sort.OLDEST: [{Sort.OLDEST.value: "asc"}, *PLACE],
}
AS_THEY_LIE: list[Query] = [{"_shard_doc": "asc"}]


def query_of(clause: Clause) -> Query:
    """The clause with its scores."""
    match clause:
        case Wanted(runs):
            return _best([_placed(run, terms) for run in runs for terms in placings(run)])
        case AllOf(parts):
            return _all_of(parts)
        case AnyOf(parts):
            return _any_of([query_of(part) for part in parts])
        case NoneOf():
            return _all_of((clause,))
        case Where() | Between():
            return unscored(_condition(clause))


def unscored(query: Query) -> Query:
    """The same documents, all with a score of nothing."""
    return {"bool": {"filter": [query]}}


def with_statistics(query: Query) -> Query:
    """The same, with the statistics of every shard.

    A shard that has none of the terms of a field tells nothing of it, not even how many documents it has. It is asked
    for one that every document has, which adds nothing to a score.
    """
    everywhere = [{"term": {field.value: {"value": GHOST, "boost": _NEXT_TO_NOTHING}}} for field in TermField]
    return {"bool": {"must": [query], "should": everywhere}}


def _all_of(parts: Sequence[Clause]) -> Query:
    must: list[Query] = []
    narrow: list[Query] = []
    without: list[Query] = []
    for part in parts:
        match part:
            case NoneOf(excluded):
                without.append(query_of(excluded))
            case Where() | Between():
                narrow.append(_condition(part))
            case _:
                must.append(query_of(part))
    if not narrow and not without and len(must) == 1:
        return must[0]
    if not must and not narrow:
        narrow = [EVERYTHING]
    given = {"must": must, "filter": narrow, "must_not": without}
    return {"bool": {occur: queries for occur, queries in given.items() if queries}}


def _any_of(queries: list[Query]) -> Query:
    if not queries:
        return NOTHING
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries, "minimum_should_match": 1}}


def _best(queries: list[Query]) -> Query:
    if not queries:
        return NOTHING
    return queries[0] if len(queries) == 1 else {"dis_max": {"queries": queries}}


def _placed(run: Run, terms: tuple[str, ...]) -> Query:
    if len(terms) == 1:
        return {"term": {run.field.value: terms[0]}}
    return {"match_phrase": {run.field.value: " ".join(terms)}}


def _condition(clause: Where | Between) -> Query:
    match clause:
        case Where(field, values):
            # half a character is no text that could be in the index, and JSON cannot carry it
            return {"terms": {field.value: [value.encode(errors="replace").decode() for value in values]}}
        case Between(field, low, high):
            return {"range": {field.value: {"gte": max(low, 0), "lte": min(high, _MOST)}}}
