"""Sends documents in bulks: what failed for a moment is sent again, what can never be taken is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from elasticsearch.helpers import streaming_bulk

from archive.errors import IndexUnready
from search.documents import Document
from search.engines.base import Refused
from search.engines.elastic.cluster import Cluster
from search.engines.elastic.mapping import as_source, id_of, place_of

DOCUMENTS = 500
BYTES = 8_000_000
_RETRIES = 6
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 8
_FOR_A_MOMENT = (429, 500, 502, 503, 504)
_REASON_CHARS = 200

Action = dict[str, Any]


def putting(index: str, document: Document, op: str) -> Action:
    """The action that writes a document, by `create` (kept where it is there already) or `index` (replaced)."""
    name = id_of(document.recording, document.version, document.segment)
    return {"_op_type": op, "_index": index, "_id": name, "_source": as_source(document)}


def deleting(index: str, name: str) -> Action:
    """The action that deletes the document of an id."""
    return {"_op_type": "delete", "_index": index, "_id": name}


def send(cluster: Cluster, actions: Iterable[Action], *, to_alias: bool = False) -> Iterator[Refused]:
    """Send all; gives the documents that the cluster can never take.

    With `to_alias` only an alias takes them: an index that is gone would else be made anew by what is written to it.
    """
    with cluster.asked():
        results = streaming_bulk(
            cluster.worker,
            actions,
            chunk_size=DOCUMENTS,
            max_chunk_bytes=BYTES,
            raise_on_error=False,
            max_retries=_RETRIES,
            initial_backoff=_FIRST_PAUSE_SECONDS,
            max_backoff=_LONGEST_PAUSE_SECONDS,
            retry_on_status=_FOR_A_MOMENT,
            yield_ok=False,
            require_alias=to_alias,
        )
        for _, result in results:
            ((op, item),) = result.items()
            status = item["status"]
            if (op, status) in {("delete", 404), ("create", 409)}:  # it was done before an answer got lost
                continue
            if status in _FOR_A_MOMENT:
                raise IndexUnready(
                    "the search cluster does not take what is written",
                    where=cluster.settings.where,
                    mend="look at its health, then run: onrecord index --catch-up",
                )
            yield Refused(*place_of(item["_id"]), _reason(item["error"]))


def _reason(error: Any) -> str:
    """Why, in the cluster's words, with the cause that it gives last."""
    while isinstance(error, dict):
        error = error.get("caused_by") or error.get("reason") or error.get("type")
    return str(error)[:_REASON_CHARS]
