"""What is asked of the cluster: no more than the documented role allows."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path

import pytest

from archive.errors import IndexUnready
from archive.store import Archive
from archive.withdraw import withdraw
from search.engines.choice import index_of
from search.engines.elastic import lease
from search.engines.elastic.settings import ALIAS
from search.indexer import catch_up, index_recordings, rebuild, remove
from search.models import Sort
from search.searcher import Searcher
from tests.elastic.proxy import Proxy
from tests.search.conftest import Shelf

pytestmark = pytest.mark.elastic

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "elasticsearch.md"


def documented() -> set[str]:
    table = re.findall(r"^\| (`(?:GET|PUT|POST|DELETE|HEAD) .+?) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    return {request for row in table for request in re.findall(r"`([^`]+)`", row)}


def shape(method: str, path: str) -> str:
    """The request without its parameters, with {alias}, {index}, {lock} or {all} for the names of indexes."""
    alias = os.environ[ALIAS]
    path = path.partition("?")[0].replace(f"{alias}-lock", "{lock}").replace(f"{alias}-*", "{all}")
    path = re.sub(rf"{alias}-[\w-]+", "{index}", path).replace(alias, "{alias}")
    return f"{method} {path}"


def test_every_request_stands_in_the_documentation_and_none_is_there_in_vain(
    shelf: Shelf, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.01)
    one = shelf.add(["ask not what", "your country"], speaker="John F. Kennedy")
    rebuild(shelf.archive)
    rebuild(shelf.archive)
    with Searcher.open(shelf.archive) as searcher:
        for sort in Sort:
            searcher.search("ask OR count*", sort=sort)
    index_recordings(shelf.archive, [one])
    shelf.add(["and another"])
    catch_up(shelf.archive)
    withdraw(shelf.archive, one, by="Mina", why="a claim")
    remove(shelf.archive, one)
    shutil.copytree(shelf.archive.root, tmp_path / "elsewhere")
    other = index_of(Archive.open(tmp_path / "elsewhere"))
    with contextlib.closing(other), other.only_writer(0), pytest.raises(IndexUnready):
        remove(shelf.archive, one, wait_seconds=0)
    assert {shape(request.method, request.path) for request in proxy.asked} == documented()
