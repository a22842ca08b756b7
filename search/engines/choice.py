"""Which engine searches an archive: Elasticsearch where ONRECORD_SEARCH_URL names a cluster, else the embedded one."""

from __future__ import annotations

import os

from archive.store import Archive
from search.engines.base import Index


def index_of(archive: Archive) -> Index:
    """The index of the archive in the engine that is set."""
    # either engine costs a moment to import that the other does without
    if os.environ.get("ONRECORD_SEARCH_URL"):
        from search.engines.elastic.life import ElasticIndex

        return ElasticIndex.of(archive)
    from search.engines.folders import EmbeddedIndex

    return EmbeddedIndex(archive)
