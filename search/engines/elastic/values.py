"""What values a field has in an index of the cluster, all of them, each with its count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from search.clauses import Keyword, Number
from search.engines.base import Counts, Held, Tally, Values
from search.engines.elastic import queries
from search.engines.elastic.mapping import VOCABULARY

AT_ONCE = 10_000  # values in an answer; a field that has more is read page by page
_LAST = "\U0010ffff"
_SPECIAL = frozenset('.?+*|{}[]()"\\#@&<>~^$-')  # in the cluster's regular expressions
_WORDS = {Number.WORDS.value: {"sum": {"field": Number.WORDS.value}}}
_NEWEST = {number.value: {"max": {"field": number.value}} for number in (Number.VERSION, Number.PUBLIC_FROM)}


class Ask(Protocol):
    """Gives one part of the answer to a question, read as `kind`."""

    def __call__(self, part: str, kind: Any, **asked: Any) -> Any: ...


class _Number(msgspec.Struct):
    value: float


class _Bucket(msgspec.Struct):
    key: Any
    doc_count: int
    version: _Number = msgspec.field(default_factory=lambda: _Number(0))
    public_from: _Number = msgspec.field(default_factory=lambda: _Number(0))
    words: _Number = msgspec.field(default_factory=lambda: _Number(0))


class _Values(msgspec.Struct):
    buckets: list[_Bucket]
    sum_other_doc_count: int = 0
    after_key: dict[str, Any] | None = None


def counts(ask: Ask, query: queries.Query, fields: Sequence[Keyword | Number]) -> tuple[Counts, ...]:
    """For each field, its values among what answers the query, with how many documents have them."""
    found = _first(ask, query, {field.value: {"terms": {"field": field.value, "size": AT_ONCE}} for field in fields})
    return tuple({str(bucket.key): bucket.doc_count for bucket in _rest(ask, query, field, found)} for field in fields)


def tally(ask: Ask, query: queries.Query, fields: Sequence[Keyword | Number]) -> Mapping[Values, Tally]:
    """What answers the query by its values of the fields."""
    cells = _cells(ask, query, [field.value for field in fields], _WORDS)
    return {values: Tally(bucket.doc_count, int(bucket.words.value)) for values, bucket in cells}


def held(ask: Ask) -> Mapping[str, Held]:
    """The recordings, with their newest version and the day they are public from."""
    field = Keyword.RECORDING
    wanted = {field.value: {"terms": {"field": field.value, "size": AT_ONCE}, "aggs": _NEWEST}}
    found = _first(ask, queries.EVERYTHING, wanted)
    return {
        bucket.key: Held(int(bucket.version.value), int(bucket.public_from.value))
        for bucket in _rest(ask, queries.EVERYTHING, field, found, _NEWEST)
    }


def vocabulary(ask: Ask, prefix: str) -> tuple[str, ...]:
    """Surfaces with this beginning, the most frequent first."""
    shape = "".join(f"\\{char}" if char in _SPECIAL else char for char in prefix) + ".*"
    terms = {"field": VOCABULARY, "include": shape, "size": AT_ONCE}
    found = _first(ask, queries.EVERYTHING, {VOCABULARY: {"terms": terms}})[VOCABULARY]
    buckets = _from(ask, prefix) if found.sum_other_doc_count else found.buckets
    ordered = sorted(buckets, key=lambda bucket: (-bucket.doc_count, bucket.key))
    return tuple(bucket.key for bucket in ordered)


def _first(ask: Ask, query: queries.Query, aggs: Mapping[str, Any]) -> dict[str, _Values]:
    found: dict[str, _Values] = ask(
        "aggregations", dict[str, _Values], size=0, query=query, aggs=aggs, track_total_hits=False
    )
    return found


def _rest(
    ask: Ask,
    query: queries.Query,
    field: Keyword | Number,
    found: Mapping[str, _Values],
    within: Mapping[str, Any] | None = None,
) -> Sequence[_Bucket]:
    """What was found of the field, or all of it where that was not all."""
    values = found[field.value]
    return list(_paged(ask, query, field.value, within)) if values.sum_other_doc_count else values.buckets


def _from(ask: Ask, prefix: str) -> Iterator[_Bucket]:
    """The surfaces with this beginning, from the first one on."""
    before = prefix[:-1] + chr(ord(prefix[-1]) - 1) + _LAST
    for bucket in _paged(ask, queries.EVERYTHING, VOCABULARY, after=before):
        if not bucket.key.startswith(prefix):
            return
        yield bucket


def _paged(
    ask: Ask, query: queries.Query, field: str, within: Mapping[str, Any] | None = None, after: str | None = None
) -> Iterator[_Bucket]:
    """All values of a field in the order of their spelling."""
    for (value,), bucket in _cells(ask, query, [field], within, after):
        bucket.key = value
        yield bucket


def _cells(
    ask: Ask,
    query: queries.Query,
    fields: Sequence[str],
    within: Mapping[str, Any] | None = None,
    after: str | None = None,
) -> Iterator[tuple[Values, _Bucket]]:
    """All values of some fields taken together, in the order of their spelling; `after` is one of the first field."""
    composite: dict[str, Any] = {"size": AT_ONCE, "sources": [{field: {"terms": {"field": field}}} for field in fields]}
    if after is not None:
        composite["after"] = {fields[0]: after}
    while True:
        page = _first(ask, query, {"all": {"composite": composite, **({"aggs": within} if within else {})}})["all"]
        for bucket in page.buckets:
            yield tuple(str(bucket.key[field]) for field in fields), bucket
        if page.after_key is None:
            return
        composite["after"] = page.after_key
