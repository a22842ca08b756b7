"""Nodes, builders and processes that die half-way on a real cluster; afterwards everything is there, once."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from archive.errors import IndexUnready
from archive.store import Archive
from search import unindexed
from search.engines.choice import index_of
from search.engines.elastic import lease
from search.engines.elastic.settings import URL
from search.indexer import catch_up, index_recordings, rebuild
from search.searcher import Searcher
from tests.conftest import need_elastic
from tests.elastic.conftest import indexes, speech, total
from tests.elastic.node import Node, cluster
from tests.elastic.proxy import CUT, Answer, Proxy, Request, first, pass_on
from tests.ingest.programs import program
from tests.search.conftest import Shelf

pytestmark = pytest.mark.elastic

BULKS_OF_A_SPEECH = 3
PASSAGES = 1_200


def test_a_builder_killed_before_the_swap_leaves_the_old_index_and_the_next_clears_up(
    shelf: Shelf, proxy: Proxy, elastic_url: str
) -> None:
    shelf.add(speech(3))
    rebuild(shelf.archive)
    (old,) = indexes(elastic_url)
    shelf.add(speech(5))
    building: list[subprocess.Popen[bytes]] = []
    started = threading.Event()

    def kill(request: Request) -> Answer | None:
        if "_aliases" not in request.path:
            return None
        started.wait()
        building[0].kill()
        return CUT

    proxy.rule = kill
    with subprocess.Popen(program("index", shelf.archive.root)) as process:
        building.append(process)
        started.set()
    assert process.returncode == -signal.SIGKILL
    assert total(shelf.archive) == 3
    assert len(indexes(elastic_url)) == 2
    proxy.rule = pass_on
    rebuild(shelf.archive, wait_seconds=0)
    assert total(shelf.archive) == 8
    (new,) = indexes(elastic_url)
    assert new != old


def test_a_second_builder_on_another_machine_is_told_who_builds(shelf: Shelf, proxy: Proxy, tmp_path: Path) -> None:
    shelf.add(speech(3))
    shutil.copytree(shelf.archive.root, tmp_path / "elsewhere")
    other = index_of(Archive.open(tmp_path / "elsewhere"))
    with contextlib.closing(other), other.only_writer(0):
        with pytest.raises(IndexUnready, match="is writing the search index"):
            rebuild(shelf.archive, wait_seconds=0)
        with contextlib.closing(other.build()) as build:
            build.publish()
    rebuild(shelf.archive, wait_seconds=0)
    assert total(shelf.archive) == 3


@pytest.mark.parametrize("former", [True, False], ids=["over an index", "over none"])
def test_of_two_builders_who_both_think_to_be_alone_one_wins(
    former: bool, shelf: Shelf, proxy: Proxy, elastic_url: str
) -> None:
    shelf.add(speech(3))
    if former:
        rebuild(shelf.archive)
    with contextlib.closing(index_of(shelf.archive)) as index:
        slow = index.build()
        fast = index.build()
        fast.publish()
        with pytest.raises(IndexUnready):
            slow.publish()
        slow.close()
        fast.close()
        assert index.in_use() is not None
    assert len(indexes(elastic_url)) == 1
    rebuild(shelf.archive)
    assert total(shelf.archive) == 3


@pytest.mark.slow
def test_of_three_nodes_one_may_be_killed_and_nobody_who_searches_notices(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_elastic()
    nodes = cluster(tmp_path / "nodes")
    try:
        for node in nodes:
            node.start(wait=False)
        for node in nodes:
            node.wait(len(nodes))
        monkeypatch.setenv(URL, ",".join(node.url for node in nodes))
        shelf.add(speech(300))
        rebuild(shelf.archive)
        _search_while(shelf.archive, _master(nodes).kill)
        later = shelf.add(speech(5))
        index_recordings(shelf.archive, [later])
        assert total(shelf.archive) == 305
    finally:
        for node in nodes:
            node.kill()


def _master(nodes: list[Node]) -> Node:
    """The one whose death costs most."""
    name = httpx.get(f"{nodes[0].url}/_cat/master?h=node").text.strip()
    return nodes[int(name.removeprefix("n")) - 1]


def _search_while(archive: Archive, happening: Callable[[], None]) -> None:
    """Four readers search before and long after it; any fault, and any answer that is not whole, is raised."""
    readers, before, after = 4, 20, 60
    ready = threading.Barrier(readers + 1)
    faults: list[BaseException] = []

    def look() -> None:
        with Searcher.open(archive) as searcher:
            for number in range(before + after):
                if number == before:
                    ready.wait()
                try:
                    assert searcher.search("ask").total == 300
                except BaseException as error:
                    faults.append(error)

    threads = [threading.Thread(target=look) for _ in range(readers)]
    for thread in threads:
        thread.start()
    ready.wait()
    happening()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_writer_who_was_overtaken_makes_no_index_and_what_it_wrote_is_caught_up_with(
    shelf: Shelf, proxy: Proxy, elastic_url: str
) -> None:
    shelf.add(speech(3))
    rebuild(shelf.archive)
    later = shelf.add(["ask در فارسی", "ask بالعربية"])

    def overtake(_request: Request) -> None:
        with contextlib.closing(index_of(shelf.archive)) as index, contextlib.closing(index.build()) as build:
            build.publish()  # of an archive that seemed empty, so that nothing hides what goes where

    proxy.rule = first(1, "_bulk", overtake)
    with pytest.raises(IndexUnready):
        index_recordings(shelf.archive, [later])
    assert len(indexes(elastic_url)) == 1
    assert unindexed.remembered(shelf.archive) == (later,)
    catch_up(shelf.archive)
    assert total(shelf.archive) == 5
    assert total(shelf.archive, "فارسی") == total(shelf.archive, "بالعربية") == 1


def test_a_renewal_whose_answer_got_lost_does_not_lose_the_lease(
    shelf: Shelf, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.05)
    lost, renewed = threading.Event(), threading.Event()

    def rule(request: Request) -> Answer | None:
        if "if_seq_no" not in request.path:
            return None
        if lost.is_set():
            renewed.set()
            return None
        request.forward()
        lost.set()
        return CUT

    with contextlib.closing(index_of(shelf.archive)) as index, index.only_writer(0):
        build = index.build()
        proxy.rule = rule
        for _ in range(2):  # the one that was sent again is refused; the one after it shows who holds the lease
            renewed.clear()
            assert renewed.wait(20)
        build.publish()
        assert index.in_use() is not None
