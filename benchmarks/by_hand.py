"""What our Elasticsearch engine asks of a cluster, asked by hand with the official client, its answers only received.

The requests are those of the engine, byte for byte but for the name of the view: a test compares them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from search.clauses import Clause
from search.documents import Document
from search.engines.elastic import bulk, queries, values
from search.engines.elastic.mapping import DOCUMENT, build_settings, mappings, serving_settings
from search.engines.elastic.reader import KEPT_OPEN
from search.engines.elastic.settings import Settings
from search.hits import FACETS
from search.models import Sort

PATIENT_SECONDS = 300


class ByHand:
    """A client and a view of one index."""

    def __init__(self, url: str, index: str) -> None:
        self.client = Elasticsearch(url, request_timeout=PATIENT_SECONDS)
        self._index = index
        self._view = self.client.open_point_in_time(index=index, keep_alive=KEPT_OPEN)["id"]

    def search(self, clause: Clause, top: int) -> Any:
        """The best documents and how many answer, in the view."""
        view = {"id": self._view, "keep_alive": KEPT_OPEN}
        return self.client.search(pit=view, allow_partial_search_results=False, **_best(clause, top))

    def search_without_a_view(self, clause: Clause, top: int) -> Any:
        """The same of the index as it is now."""
        return self.client.search(index=self._index, allow_partial_search_results=False, **_best(clause, top))

    def counts(self, clause: Clause) -> Any:
        """The counts of four fields, in the view."""
        return self.client.search(
            pit={"id": self._view, "keep_alive": KEPT_OPEN},
            allow_partial_search_results=False,
            query=queries.unscored(queries.query_of(clause)),
            aggs={field.value: {"terms": {"field": field.value, "size": values.AT_ONCE}} for field in FACETS},
            size=0,
            track_total_hits=False,
        )


def _best(clause: Clause, top: int) -> dict[str, Any]:
    return {
        "query": queries.query_of(clause),
        "sort": queries.ORDERS[Sort.RELEVANCE],
        "size": top,
        "track_total_hits": True,
        "source": False,
        "stored_fields": [DOCUMENT],
    }


def fill(url: str, alias: str, recordings: Iterator[Sequence[Document]]) -> None:
    """A new index of our fields with the documents, on disk and behind the alias in the place of the former."""
    client = Elasticsearch(url, request_timeout=PATIENT_SECONDS)
    former = list(client.indices.get(index=f"{alias}-*", filter_path="*.aliases").body)
    name = f"{alias}-{uuid.uuid4().hex}"
    settings = Settings(())
    client.indices.create(index=name, mappings=mappings(languages=False), settings=build_settings(settings))
    actions = (bulk.putting(name, document, "create") for documents in recordings for document in documents)
    for _ in streaming_bulk(client, actions, chunk_size=bulk.DOCUMENTS, max_chunk_bytes=bulk.BYTES, yield_ok=False):
        pass
    client.indices.flush(index=name)
    client.indices.refresh(index=name)
    client.count(index=name)
    client.indices.put_settings(index=name, settings=serving_settings(settings))
    client.indices.update_aliases(
        actions=[
            *({"remove_index": {"index": index}} for index in former),
            {"add": {"index": name, "alias": alias}},
        ]
    )
