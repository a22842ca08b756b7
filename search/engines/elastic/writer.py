"""Writes to an index of the cluster: recordings into the one in use, or a whole one aside."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from search.clauses import Keyword
from search.documents import Document
from search.engines.base import InUse, Refused
from search.engines.elastic import bulk
from search.engines.elastic.cluster import Cluster
from search.engines.elastic.mapping import SCHEMA, id_of
from search.engines.elastic.queries import PLACE

_PAGE = 10_000


class ElasticWriter:
    """Writes into the index in use. What is replaced is kept here until `commit`, and seen after it."""

    def __init__(self, cluster: Cluster, used: InUse) -> None:
        self._cluster = cluster
        self._used = used
        self._pending: dict[str, tuple[Document, ...]] = {}

    def replace(self, recording: str, documents: Iterable[Document]) -> int:
        """Put these in the place of all the recording's documents."""
        self._pending[recording] = tuple(documents)
        return len(self._pending[recording])

    def commit(self) -> tuple[Refused, ...]:
        """Write the new documents, then delete what else the recordings have, then let it be seen."""
        with self._cluster.asked():
            indices = self._cluster.worker.indices
            # what a killed writer left is seen by nobody, nor could it be found here
            indices.refresh(index=self._used.name)
            refused = tuple(bulk.send(self._cluster, self._actions(), to_alias=True))
            indices.refresh(index=self._used.name)
            indices.put_mapping(index=self._used.name, meta=marked(self._used.analysis_version))
        self._pending = {}
        return refused

    def close(self) -> None:
        """Drop what was not committed."""
        self._pending = {}

    def _actions(self) -> Iterator[bulk.Action]:
        alias = self._cluster.settings.alias
        former = set(self._former()) if self._pending else set()
        for documents in self._pending.values():
            for document in documents:
                former.discard(id_of(document.recording, document.version, document.segment))
                yield bulk.putting(alias, document, "index")
        for name in sorted(former):
            yield bulk.deleting(alias, name)

    def _former(self) -> Iterator[str]:
        """The ids of all that the index has of these recordings."""
        asked: dict[str, Any] = {
            "index": self._used.name,
            "query": {"terms": {Keyword.RECORDING.value: list(self._pending)}},
            "sort": PLACE,
            "source": False,
            "size": _PAGE,
        }
        while True:
            hits = self._cluster.worker.search(allow_partial_search_results=False, **asked).body["hits"]["hits"]
            yield from (hit["_id"] for hit in hits)
            if len(hits) < _PAGE:
                return
            asked["search_after"] = hits[-1]["sort"]


def marked(analysis_version: int) -> dict[str, Any]:
    """What an index says of itself, with a mark that no commit had before."""
    return {"schema": SCHEMA, "analysis_version": analysis_version, "mark": uuid.uuid4().hex}
