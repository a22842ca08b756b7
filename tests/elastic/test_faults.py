"""What goes wrong on the way to the cluster, and that nothing which was accepted is missing afterwards."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

import cli
from archive.errors import IndexUnready, NotIndexed
from archive.store import Archive
from search import present, unindexed
from search.engines.elastic import bulk, cluster, reader
from search.engines.elastic.settings import URL
from search.indexer import catch_up, index_recordings, rebuild
from search.searcher import Searcher
from tests.elastic.conftest import on_cluster, speech, total
from tests.elastic.node import free_ports
from tests.elastic.proxy import CUT, Answer, Proxy, Request, first, pass_on
from tests.search.conftest import Shelf, transcript_of

pytestmark = pytest.mark.elastic

SHORT_SECONDS = 0.5
LONG_SECONDS = 8.0  # less than the cluster is waited for
NONSENSE = {
    "a page": Answer(200, b"<html>It works!</html>", {"Content-Type": "text/html"}),
    "a page that claims to be JSON": Answer(200, b"<html>It works!</html>"),
    "JSON of another service": Answer(200, b'{"ok": true}', {"Content-Type": "application/json"}),
    "a list": Answer(200, b"[1, 2, 3]"),
    "nothing": Answer(200, b""),
    "bytes": Answer(200, bytes(range(256))),
    "numbers for names": Answer(200, b'{"hits": {"total": {"value": "many"}, "hits": 7}, "aggregations": 3, "id": 4}'),
}


@pytest.fixture(scope="module")
def indexed(elastic_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Archive, Proxy]]:
    """A speech of three passages in the cluster, for tests that only read."""
    with pytest.MonkeyPatch.context() as patched, on_cluster(elastic_url, patched) as proxy:
        shelf = Shelf(tmp_path_factory.mktemp("library"))
        shelf.add(speech(3))
        rebuild(shelf.archive)
        yield shelf.archive, proxy


@pytest.fixture
def library(indexed: tuple[Archive, Proxy]) -> Archive:
    return indexed[0]


@pytest.fixture
def spoiling(indexed: tuple[Archive, Proxy], monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The proxy before the library, which lets everything through afterwards."""
    monkeypatch.setattr(reader, "PATIENCE_SECONDS", SHORT_SECONDS)
    monkeypatch.setenv(URL, indexed[1].url)
    yield indexed[1]
    indexed[1].rule = pass_on


def refused(archive: Archive) -> IndexUnready:
    with pytest.raises(IndexUnready) as caught:
        total(archive)
    assert caught.value.where
    assert caught.value.mend
    return caught.value


def ids_in(request: Request) -> list[str]:
    """The ids that a bulk writes."""
    return [json.loads(line)["index"]["_id"] for line in request.body.splitlines()[::2]]


def test_a_cluster_that_is_not_there_is_said_and_caught_up_with(
    shelf: Shelf, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add(speech(3))
    rebuild(shelf.archive)
    later = shelf.add(speech(5))
    (closed,) = free_ports(1)
    with monkeypatch.context() as away:
        away.setenv(URL, f"http://127.0.0.1:{closed}")
        assert refused(shelf.archive).what == "the search cluster cannot be reached"
        with pytest.raises(IndexUnready, match="cannot be reached"):
            index_recordings(shelf.archive, [later])
        assert unindexed.remembered(shelf.archive) == (later,)
    assert total(shelf.archive) == 3, "what was there still answers"
    assert catch_up(shelf.archive) == 1
    assert total(shelf.archive) == 8
    assert unindexed.remembered(shelf.archive) == ()


def test_a_busy_cluster_gets_the_same_bulk_again(shelf: Shelf, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_FIRST_PAUSE_SECONDS", 0.05)
    shelf.add(speech(7))
    proxy.rule = first(2, "_bulk", Answer(429, b'{"error":{"type":"es_rejected_execution_exception"}}'))
    rebuild(shelf.archive)
    assert proxy.count("_bulk") == 3
    assert total(shelf.archive) == 7


@pytest.mark.parametrize("status", [429, 503])
def test_only_what_failed_for_a_moment_is_sent_again(
    status: int, shelf: Shelf, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_FIRST_PAUSE_SECONDS", 0.05)
    rebuild(shelf.archive)
    one = shelf.add(speech(7))

    def without_the_third(request: Request) -> Answer:
        lines = request.body.splitlines(keepends=True)
        answer = request.with_body(b"".join(lines[:4] + lines[6:])).forward()
        body = json.loads(answer.body)
        error = {"type": "es_rejected_execution_exception", "reason": "queue full"}
        body["items"].insert(2, {"index": {"_id": ids_in(request)[2], "status": status, "error": error}})
        return replace(answer, body=json.dumps({**body, "errors": True}).encode())

    rebuild(shelf.archive)
    proxy.rule = first(1, "_bulk", without_the_third)
    proxy.asked.clear()
    index_recordings(shelf.archive, [one])
    sent = [ids_in(request) for request in proxy.asked if "_bulk" in request.path]
    assert [len(ids) for ids in sent] == [7, 1]
    assert sent[1] == [sent[0][2]]
    assert total(shelf.archive) == 7


def test_a_cluster_that_stays_busy_is_caught_up_with(
    shelf: Shelf, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_RETRIES", 1)
    monkeypatch.setattr(bulk, "_FIRST_PAUSE_SECONDS", 0.05)
    rebuild(shelf.archive)
    shelf.add(speech(1))
    rebuild(shelf.archive)
    later = shelf.add(speech(2))
    proxy.rule = first(99, "_bulk", Answer(429, b'{"error":{"type":"es_rejected_execution_exception"}}'))
    with pytest.raises(IndexUnready):
        index_recordings(shelf.archive, [later])
    assert unindexed.remembered(shelf.archive) == (later,)
    proxy.rule = pass_on
    catch_up(shelf.archive)
    assert total(shelf.archive) == 3


def test_one_bad_document_in_500_is_named_and_the_others_are_found(
    shelf: Shelf, proxy: Proxy, capsys: pytest.CaptureFixture[str]
) -> None:
    one = shelf.add(["to be said again"])
    said = transcript_of(speech(500), recording=one)
    # the cluster takes no keyword of more than 32,766 bytes
    segments = [replace(part, speaker="x" * 40_000) if at == 250 else part for at, part in enumerate(said.segments)]
    shelf.keep(one, replace(said, segments=tuple(segments)))
    assert cli.main(["index", "--archive", str(shelf.archive.root)]) == 1
    assert f"{one} version 2 segment 250: " in capsys.readouterr().err
    assert total(shelf.archive) == 499
    with pytest.raises(NotIndexed, match=f"refused 1 segments: {one} version 2 segment 250: "):
        index_recordings(shelf.archive, [one])
    assert total(shelf.archive) == 499


def test_a_search_that_takes_too_long_is_given_up_in_a_sentence(
    library: Archive, spoiling: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", SHORT_SECONDS)
    over = threading.Event()

    def hang(_request: Request) -> Answer:
        over.wait()
        return CUT

    spoiling.rule = first(99, "_search", hang)
    try:
        assert refused(library).what == "the search cluster did not answer in time"
    finally:
        over.set()
    spoiling.rule = pass_on
    monkeypatch.undo()


def totals_while_one_hangs(searcher: Searcher, proxy: Proxy, part: str) -> list[int]:
    """What a search finds in time while the answer to another's first request with that part does not come."""
    hanging, over = threading.Event(), threading.Event()

    def hang(_request: Request) -> None:
        hanging.set()
        over.wait()

    proxy.rule = first(1, part, hang)
    held_up = threading.Thread(target=searcher.search, args=("ask",))
    held_up.start()
    hanging.wait()
    answered: list[int] = []
    other = threading.Thread(target=lambda: answered.append(searcher.search("ask").total))
    other.start()
    other.join(LONG_SECONDS)
    meanwhile = list(answered)
    over.set()
    for thread in (held_up, other):
        thread.join()
    return meanwhile


def test_one_slow_answer_holds_up_nobody_else(library: Archive, spoiling: Proxy) -> None:
    with Searcher.open(library) as searcher:
        assert searcher.search("ask").total == 3
        assert totals_while_one_hangs(searcher, spoiling, "_mapping") == [3]


def test_while_a_changed_index_is_slowly_read_the_former_view_answers(
    library: Archive, spoiling: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(present, "_FORMER_SECONDS", 0.01)
    with Searcher.open(library) as searcher:
        assert searcher.search("ask").total == 3
        index_recordings(library, library.ids())  # a commit, after which the view is another
        assert totals_while_one_hangs(searcher, spoiling, "_pit") == [3]


def test_all_who_wait_for_a_silent_cluster_are_told(library: Archive, spoiling: Proxy) -> None:
    told: list[str] = []
    everyone_asks = threading.Barrier(6)

    def fail_late(_request: Request) -> Answer:
        everyone_asks.wait(LONG_SECONDS)
        return CUT

    def ask(searcher: Searcher) -> None:
        try:
            searcher.search("ask")
        except IndexUnready as error:
            told.append(error.what)

    with Searcher.open(library) as searcher:
        searcher.search("ask")
        spoiling.rule = first(999, "_mapping", fail_late)
        threads = [threading.Thread(target=ask, args=(searcher,)) for _ in range(everyone_asks.parties)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert told == ["the search cluster cannot be reached"] * everyone_asks.parties
    assert not everyone_asks.broken, "all asked at once, none after the other"


def lose_the_answer(request: Request) -> Answer:
    request.forward()
    return CUT


def cut_the_answer(request: Request) -> Answer:
    return replace(request.forward(), cut=True)


@pytest.mark.parametrize("lose", [lose_the_answer, cut_the_answer])
def test_a_bulk_whose_answer_is_lost_is_sent_again_and_nothing_is_there_twice(
    lose: Callable[[Request], Answer], shelf: Shelf, proxy: Proxy
) -> None:
    shelf.add(speech(7))
    proxy.rule = first(1, "_bulk", lose)
    rebuild(shelf.archive)
    assert proxy.count("_bulk") == 2
    assert total(shelf.archive) == 7


def test_half_an_answer_is_asked_for_again(library: Archive, spoiling: Proxy) -> None:
    spoiling.rule = first(1, "_search", cut_the_answer)
    assert total(library) == 3


def test_half_answers_that_go_on_are_said_in_a_sentence(library: Archive, spoiling: Proxy) -> None:
    spoiling.rule = first(99, "_search", cut_the_answer)
    assert refused(library).what == "the search cluster cannot be reached"


@pytest.mark.parametrize("part", ["_mapping", "_pit", "_search"])
def test_nonsense_is_said_in_a_sentence(part: str, library: Archive, spoiling: Proxy) -> None:
    for name, answer in NONSENSE.items():
        spoiling.rule = first(99, part, answer)
        said = str(refused(library))
        assert "\n" not in said, name
        assert "Traceback" not in said, name


def test_a_bulk_that_is_answered_with_nonsense_loses_nothing(shelf: Shelf, proxy: Proxy) -> None:
    shelf.add(speech(1))
    rebuild(shelf.archive)
    later = shelf.add(speech(2))
    for answer in NONSENSE.values():
        proxy.rule = first(99, "_bulk", answer)
        with pytest.raises(IndexUnready):
            index_recordings(shelf.archive, [later])
    proxy.rule = pass_on
    catch_up(shelf.archive)
    assert total(shelf.archive) == 3


def test_a_view_that_the_cluster_let_go_of_is_opened_again(library: Archive, spoiling: Proxy) -> None:
    gone = Answer(404, b'{"error":{"type":"search_context_missing_exception","reason":"gone"},"status":404}')
    with Searcher.open(library) as searcher:
        assert searcher.search("ask").total == 3
        spoiling.rule = first(2, "_search", gone)
        assert searcher.search("ask").total == 3


def test_a_part_that_stays_away_is_said_in_a_sentence(
    library: Archive, spoiling: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "PATIENCE_SECONDS", SHORT_SECONDS)
    spoiling.rule = first(99, "_search", Answer(503, b'{"error":{"type":"no_shard_available"},"status":503}'))
    assert refused(library).what == "a part of the search cluster is away"
