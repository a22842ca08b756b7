"""A real node that is killed with -9 while it takes a bulk, and started again on the same data."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Iterator

import pytest

from archive.errors import IndexUnready
from search.indexer import index_recordings, rebuild
from tests.conftest import need_elastic
from tests.elastic.conftest import indexes, on_cluster, speech, total
from tests.elastic.node import Node
from tests.elastic.proxy import CUT, Answer, Proxy, Request, Rule
from tests.search.conftest import Shelf

pytestmark = pytest.mark.elastic

BULKS_OF_A_SPEECH = 3
PASSAGES = 1_200


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node of its own, which may be killed."""
    need_elastic()
    node = Node(tmp_path_factory.mktemp("node")).start()
    yield node
    node.stop()


@pytest.fixture
def proxy(node: Node, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    with on_cluster(node.url, monkeypatch) as between:
        yield between


def test_killed_during_a_bulk_and_started_again_it_has_everything_once(shelf: Shelf, node: Node, proxy: Proxy) -> None:
    rebuild(shelf.archive)
    shelf.add(speech(3))
    rebuild(shelf.archive)
    one = shelf.add(speech(PASSAGES))
    proxy.asked.clear()
    proxy.rule = dying_at_the_second_bulk(node, proxy)
    assert index_recordings(shelf.archive, [one]) == 1
    assert proxy.count("_bulk") == BULKS_OF_A_SPEECH + 1
    assert total(shelf.archive) == 3 + PASSAGES


def test_killed_during_a_build_the_index_is_whole_or_the_old_one_stays(shelf: Shelf, node: Node, proxy: Proxy) -> None:
    shelf.add(speech(3))
    rebuild(shelf.archive)
    shelf.add(speech(PASSAGES))
    proxy.asked.clear()
    proxy.rule = dying_at_the_second_bulk(node, proxy)
    # what is built is not forced to disk at each bulk, so it may be lost; then the count says so
    with contextlib.suppress(IndexUnready):
        rebuild(shelf.archive)
    assert total(shelf.archive) in (3, 3 + PASSAGES)
    assert len(indexes(node.url)) == 1
    rebuild(shelf.archive)
    assert total(shelf.archive) == 3 + PASSAGES
    assert len(indexes(node.url)) == 1


def dying_at_the_second_bulk(node: Node, proxy: Proxy) -> Rule:
    def rule(request: Request) -> Answer | None:
        if "_bulk" not in request.path or proxy.count("_bulk") != 2:
            return None
        sent = threading.Thread(target=_forward, args=(request,))
        sent.start()
        node.kill()
        sent.join()
        node.start()
        return CUT

    return rule


def _forward(request: Request) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        request.forward()
