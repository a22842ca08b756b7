"""Which index of the cluster answers: the one that the alias names, with what its `_meta` says of it."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
from elasticsearch import NotFoundError

from archive.errors import IndexUnready
from search.engines.base import InUse
from search.engines.elastic.cluster import Cluster
from search.engines.elastic.mapping import SCHEMA
from search.engines.elastic.settings import ALIAS


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
        ours = {name: index for name, index in found.items() if index.mappings.meta.get("schema") == SCHEMA}
        if len(ours) != 1 or alias in ours:
            where = cluster.settings.where
            raise IndexUnready("this alias is not one index of ours", where=where, mend=f"set another {ALIAS}")
        ((name, index),) = ours.items()
        meta = msgspec.convert(index.mappings.meta, _Meta)
        return InUse(name, meta.analysis_version, meta.mark)
    return None
