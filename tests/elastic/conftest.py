"""Archives that are searched on a real cluster, through a proxy that can spoil what goes through."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from archive.errors import OnrecordError
from archive.store import Archive
from search.engines.elastic import cluster
from search.engines.elastic.cluster import Cluster
from search.engines.elastic.settings import ALIAS, URL, Settings
from search.searcher import Searcher
from tests.elastic.proxy import Proxy
from tests.search.conftest import Shelf
from tests.search.making import clear


@contextlib.contextmanager
def on_cluster(url: str, patched: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The program searches through this proxy, with an index of its own that is removed afterwards."""
    with Proxy(url) as between:
        patched.setenv(URL, between.url)
        patched.setenv(ALIAS, f"test-{uuid.uuid4().hex}")
        patched.setattr(cluster, "BULK_PAUSES", (0.05, 0.1, 0.2, 0.4))
        settings = Settings.read({**os.environ, URL: url})
        yield between
    with contextlib.suppress(OnrecordError):
        clear(Cluster(settings))


@pytest.fixture
def proxy(elastic_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The way to the cluster for the whole program."""
    with on_cluster(elastic_url, monkeypatch) as between:
        yield between


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty archive to fill."""
    return Shelf(tmp_path)


def speech(passages: int) -> list[str]:
    """Passages that all have the word that the tests ask for."""
    return [f"ask number {number}" for number in range(passages)]


def total(archive: Archive, text: str = "ask") -> int:
    """How many moments answer."""
    with Searcher.open(archive) as searcher:
        return searcher.search(text).total


def indexes(url: str) -> list[str]:
    """Those that bear the alias' name, without the one that says who writes."""
    alias = os.environ[ALIAS]
    return [name for name in httpx.get(f"{url}/{alias}-*").json() if name != f"{alias}-lock"]
