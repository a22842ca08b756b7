"""Empty indexes of every engine, for tests that try each in turn."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Protocol

import pytest

from archive.store import Archive
from search.engines.base import InUse, Reader, Writer
from search.engines.elastic.cluster import Cluster
from search.engines.elastic.life import ElasticIndex
from search.engines.elastic.settings import URL, Settings
from search.engines.embedded import EmbeddedReader, EmbeddedWriter
from search.engines.toy import ToyIndex, ToyReader, ToyWriter

ENGINES = ("embedded", "toy", pytest.param("elastic", marks=pytest.mark.elastic))


class Making(Protocol):
    """Opens writers and readers of one index."""

    def writer(self) -> Writer: ...

    def reader(self) -> Reader: ...


class MakingEmbedded:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def writer(self) -> Writer:
        return EmbeddedWriter(self.folder)

    def reader(self) -> Reader:
        return EmbeddedReader(self.folder)


class MakingToy:
    def __init__(self) -> None:
        self.index = ToyIndex()

    def writer(self) -> Writer:
        return ToyWriter(self.index)

    def reader(self) -> Reader:
        return ToyReader(self.index)


class MakingElastic:
    """An index of its own in the cluster at `url`, with so many shards; `clear` leaves nothing of it there."""

    def __init__(self, folder: Path, url: str, shards: int = 1) -> None:
        self.alias = f"test-{uuid.uuid4().hex}"
        settings = Settings.read({URL: url, "ONRECORD_SEARCH_ALIAS": self.alias, "ONRECORD_SEARCH_SHARDS": str(shards)})
        self.cluster = Cluster(settings)
        self.index = ElasticIndex(Archive.open(folder, create=True), self.cluster)

    def used(self) -> InUse:
        used = self.index.in_use()
        if used is None:
            build = self.index.build()
            build.publish()
            used = self.index.in_use()
        assert used is not None
        return used

    def writer(self) -> Writer:
        return self.index.writer(self.used())

    def reader(self) -> Reader:
        return self.index.reader(self.used())

    def clear(self) -> None:
        clear(self.cluster)
        self.index.close()


def clear(cluster: Cluster) -> None:
    """Delete every index that bears the alias' name."""
    names = cluster.client.indices.get(index=f"{cluster.settings.alias}-*", filter_path="*.aliases").body
    for name in names:
        cluster.client.indices.delete(index=name)


def make(engine: str, request: pytest.FixtureRequest, folder: Path) -> Making:
    """An empty index of the engine. A cluster is started, or found, once a run."""
    if engine == "toy":
        return MakingToy()
    if engine == "embedded":
        return MakingEmbedded(folder)
    made = MakingElastic(folder, request.getfixturevalue("elastic_url"))
    request.addfinalizer(made.clear)
    return made
