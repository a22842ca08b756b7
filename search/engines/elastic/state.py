"""Which index of the cluster answers: the one that the alias names, with what its `_meta` says of it."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
from elasticsearch import NotFoundError

from archive.errors import IndexUnready
from search.engines.base import MEND, InUse
from search.engines.elastic.cluster import Cluster
from search.engines.elastic.mapping import SCHEMA


class _Meta(msgspec.Struct):
    schema: str
    analysis_version: int
    mark: str


class _Mappings(msgspec.Struct):
    meta: dict[str, Any] = msgspec.field(name="_meta", default_factory=dict)


class _Index(msgspec.Struct):
    mappings: _Mappings = msgspec.field(default_factory=_Mappings)


def in_use(cluster: Cluster) -> InUse | None:
    """The index that answers now, None where there is none. Raises what the client raises."""
    alias = cluster.settings.alias
    with contextlib.suppress(NotFoundError):
        answer = cluster.client.indices.get_mapping(index=alias, filter_path="*.mappings._meta").body
        found = msgspec.convert(answer, dict[str, _Index])
        if len(found) != 1:
            raise IndexUnready(f"{alias} names {len(found)} indexes", where=cluster.settings.where, mend=MEND)
        ((name, index),) = found.items()
        if name == alias or index.mappings.meta.get("schema") != SCHEMA:
            raise IndexUnready(
                f"{alias} is not an index of ours", where=cluster.settings.where, mend="use another alias"
            )
        meta = msgspec.convert(index.mappings.meta, _Meta)
        return InUse(name, meta.analysis_version, meta.mark)
    return None
