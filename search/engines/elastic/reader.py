"""Reads an index of the cluster: one view of it, held open as a point in time.

Where the cluster lets go of that view (a node went away, another index took the place of this one), another is
opened and the question asked again, for a few seconds at most.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from elasticsearch import ApiError

from archive.errors import IndexUnready, OnrecordError
from search.clauses import Clause, Keyword, Number
from search.documents import from_bytes
from search.engines.base import MEND, SCORE_DIGITS, Counts, Found, Held, InUse, Scored, Tally, Values, in_order
from search.engines.elastic import queries, state, values
from search.engines.elastic.cluster import Cluster
from search.engines.elastic.mapping import DOCUMENT
from search.engines.stream import each_in_order
from search.models import Sort
from search.terms import ANALYSIS_VERSION

PAGE = 5_000  # documents an answer; the cluster gives at most 10,000
KEPT_OPEN = "5m"  # a view that is not asked for so long is let go
_ALL = 2**63
PATIENCE_SECONDS = 8.0  # for a cluster that just lost a node
_PAUSE_SECONDS = 0.05
# a view that is gone, a cluster that is busy or has a part away
_AGAIN = frozenset({404, 429, 500, 502, 503, 504})


class _Hit(msgspec.Struct):
    fields: dict[str, list[bytes]]  # which JSON carries as base64
    sort: list[Any]
    score: float | None = msgspec.field(name="_score", default=None)


class _Total(msgspec.Struct):
    value: int


class _Hits(msgspec.Struct):
    total: _Total
    hits: list[_Hit]


class ElasticReader:
    """Reads what the alias names. Safe for several threads."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._used: InUse | None = None
        self._view = ""
        self._patiently(self._open)

    def search(self, clause: Clause, sort: Sort, limit: int) -> Found:
        """The documents that answer the clause, in order."""
        total = 0
        documents: list[Scored] = []
        for page in self._pages(clause, sort, limit):
            total = page.total.value
            documents += self._documents(page)
        return Found(total, in_order(documents, sort)[:limit])

    def each(self, clause: Clause, sort: Sort | None) -> Iterator[Scored]:
        """Every document that answers, in order; in memory are a page of them, and equally good ones."""

        def documents() -> Iterator[Scored]:
            # in a view of their own: no refresh ends it half-way
            with contextlib.closing(ElasticReader(self._cluster)) as steady:
                for page in steady._pages(clause, sort, _ALL):
                    yield from steady._documents(page)

        return documents() if sort is None else each_in_order(documents(), sort)

    def counts(self, clause: Clause, fields: Sequence[Keyword | Number]) -> tuple[Counts, ...]:
        """For each field, its values with how many documents have them."""
        return values.counts(self._ask, queries.unscored(queries.query_of(clause)), fields)

    def tally(self, clause: Clause, fields: Sequence[Keyword | Number]) -> Mapping[Values, Tally]:
        """The documents that answer by their values of the fields."""
        return values.tally(self._ask, queries.unscored(queries.query_of(clause)), fields)

    def vocabulary(self, prefix: str) -> tuple[str, ...]:
        """Surfaces with this beginning, the most frequent first."""
        return values.vocabulary(self._ask, prefix)

    def held(self) -> Mapping[str, Held]:
        """The recordings in the index."""
        return values.held(self._ask)

    def refresh(self) -> bool:
        """See what was committed since."""
        with self._cluster.asked():
            if state.in_use(self._cluster) == self._used:
                return False
        former = self._view
        self._patiently(self._open)
        self._let_go(former)
        return True

    def close(self) -> None:
        """Let the view go."""
        self._let_go(self._view)

    def _pages(self, clause: Clause, sort: Sort | None, limit: int) -> Iterator[_Hits]:
        """Answers of up to `PAGE` documents, `limit` in all; each begins behind the last document of the one before."""
        asked: dict[str, Any] = {
            "query": queries.query_of(clause) if sort else queries.unscored(queries.query_of(clause)),
            "sort": queries.ORDERS[sort] if sort else queries.AS_THEY_LIE,
            "track_total_hits": True,
            "source": False,
            "stored_fields": [DOCUMENT],
        }
        if sort is Sort.RELEVANCE and self._cluster.settings.shards > 1:
            asked["search_type"] = "dfs_query_then_fetch"  # the statistics of all shards for each
            asked["query"] = queries.with_statistics(asked["query"])
        while True:
            size = min(limit, PAGE)
            page: _Hits = self._ask("hits", _Hits, size=size, **asked)
            yield page
            limit -= size
            if limit <= 0 or len(page.hits) < size:
                return
            asked["search_after"] = page.hits[-1].sort

    def _documents(self, page: _Hits) -> list[Scored]:
        with self._cluster.asked():
            return list(map(_scored, page.hits))

    def _ask(self, part: str, kind: Any, **asked: Any) -> Any:
        """One part of the answer to a question to the view."""

        def ask() -> Any:
            if not self._view:
                self._open()
            view = {"id": self._view, "keep_alive": KEPT_OPEN}
            answer = self._cluster.client.search(pit=view, allow_partial_search_results=False, **asked).body
            return msgspec.convert(answer[part], kind)

        return self._patiently(ask)

    def _patiently(self, ask: Any) -> Any:
        """Ask, again for a while where the view is gone or a part of the cluster is away."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        pause = _PAUSE_SECONDS
        with self._cluster.asked():
            while True:
                try:
                    return ask()
                except ApiError as error:
                    if error.meta.status not in _AGAIN or time.monotonic() + pause > give_up:
                        raise
                self._view = ""
                time.sleep(pause)
                pause *= 2

    def _open(self) -> None:
        used = state.in_use(self._cluster)
        where = self._cluster.settings.where
        if used is None:
            raise IndexUnready("there is no search index", where=where, mend=MEND)
        if used.analysis_version != ANALYSIS_VERSION:
            raise IndexUnready("the search index was made by another version of the analysis", where=where, mend=MEND)
        view = self._cluster.client.open_point_in_time(index=used.name, keep_alive=KEPT_OPEN).body
        self._used, self._view = used, view["id"]

    def _let_go(self, view: str) -> None:
        if view:
            # where it cannot be told, the cluster lets go of the view by itself
            with contextlib.suppress(OnrecordError), self._cluster.asked():
                self._cluster.client.close_point_in_time(id=view)


def _scored(hit: _Hit) -> Scored:
    return Scored(round(hit.score or 0.0, SCORE_DIGITS), from_bytes(hit.fields[DOCUMENT][0]))
