"""The portal over a real cluster that goes away and comes back: search says so, the rest goes on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from archive.models import Recording
from search.engines.elastic import cluster, reader
from search.indexer import index_recordings
from tests.elastic.conftest import on_cluster
from tests.elastic.proxy import CUT, Answer, Proxy, Request, first, pass_on
from tests.portal.conftest import Shelf

pytestmark = pytest.mark.elastic

ROOT = Path(__file__).resolve().parents[2]
AWAY = {
    "unreachable": (CUT, "the search cluster cannot be reached"),
    "red": (
        Answer(503, b'{"error":{"type":"no_shard_available"},"status":503}'),
        "a part of the search cluster is away",
    ),
    "nonsense": (Answer(200, b"<html>It works!</html>"), "the search cluster answered what cannot be read"),
}


@pytest.fixture
def proxy(elastic_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    monkeypatch.setattr(reader, "PATIENCE_SECONDS", 0.2)
    with on_cluster(elastic_url, monkeypatch) as between:
        yield between


@pytest.fixture
def heard(proxy: Proxy, shelf: Shelf) -> Recording:
    """A recording that is in the archive and in the cluster."""
    kept = shelf.add("Inaugural address")
    shelf.index()
    return kept


def page(query: str) -> str:
    """What the search page says in HTML of ours."""
    app = AppTest.from_file(ROOT / "portal" / "ui.py", default_timeout=60)
    app.query_params["q"] = query
    app.run()
    assert not app.exception
    return " ".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("fault", AWAY)
def test_search_says_so_in_a_sentence_and_the_rest_goes_on(
    fault: str, heard: Recording, proxy: Proxy, client: TestClient
) -> None:
    assert client.get("/api/search", params={"q": "country"}).json()["total"] == 1
    answer, sentence = AWAY[fault]
    proxy.rule = first(999, "", answer)
    asked = client.get("/api/search", params={"q": "country"})
    assert (asked.status_code, asked.headers["content-type"]) == (503, "application/problem+json")
    assert asked.json()["detail"] == sentence
    assert proxy.url not in asked.text, "where the cluster is, is nobody's business"
    assert sentence in page("country").lower()
    assert "Traceback" not in page("country")
    for path in (f"/api/recordings/{heard.id}", f"/api/recordings/{heard.id}/transcript.vtt", f"/av/{heard.id}"):
        assert client.get(path).status_code == 200
    proxy.rule = pass_on
    assert client.get("/api/search", params={"q": "country"}).json()["total"] == 1


def test_a_cluster_that_takes_too_long_is_given_up_in_a_sentence(
    heard: Recording, proxy: Proxy, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 0.5)
    over = threading.Event()

    def hang(_request: Request) -> Answer:
        over.wait()
        return CUT

    proxy.rule = first(999, "_search", hang)
    try:
        asked = client.get("/api/search", params={"q": "country"})
        assert (asked.status_code, asked.json()["detail"]) == (503, "the search cluster did not answer in time")
        assert asked.json()["detail"] in page("country").lower()
        assert client.get(f"/av/{heard.id}").status_code == 200
    finally:
        over.set()


def test_a_stream_that_breaks_off_says_so_in_its_last_line(
    shelf: Shelf, proxy: Proxy, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "PAGE", 2)
    for year in range(1961, 1970):
        shelf.add(f"Address of {year}", "آزادی country", date=f"{year}-01-20")
    shelf.index()
    asked = {"q": "آزادی", "sort": "oldest"}

    def away_after_the_second_page() -> None:
        pages = threading.Semaphore(2)

        def rule(request: Request) -> Answer | None:
            page = b'"stored_fields"' in request.body
            return CUT if page and not pages.acquire(blocking=False) else None

        proxy.rule = rule

    away_after_the_second_page()
    *found, end = [json.loads(line) for line in client.get("/api/moments.jsonl", params=asked).text.splitlines()]
    assert [moment["year"] for moment in found] == [1961, 1962, 1963], "of the last day read there might be more"
    assert (end["complete"], end["moments"]) == (False, 3)
    assert end["problem"]["detail"] == "the search cluster cannot be reached"
    assert proxy.url not in str(end)
    away_after_the_second_page()
    table = client.get("/api/moments.csv", params=asked).text.splitlines()
    assert table[-1] == "NOT COMPLETE: the search cluster cannot be reached"
    proxy.rule = pass_on
    assert client.get("/api/moments.jsonl", params=asked).text.endswith('{"complete":true,"moments":9}\n')


def test_a_stream_keeps_its_view_while_others_index(
    shelf: Shelf, proxy: Proxy, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "PAGE", 2)
    for year in range(1961, 1970):
        shelf.add(f"Address of {year}", date=f"{year}-01-20")
    shelf.index()
    later = shelf.add("A later address", date="1960-01-20")
    between = threading.Semaphore(1)

    def rule(request: Request) -> Answer | None:
        if b'"search_after"' in request.body and between.acquire(blocking=False):
            index_recordings(shelf.archive, [later.id])
            assert client.get("/api/search", params={"q": "country"}).json()["total"] == 10
        return None

    asked = {"q": "country", "sort": "newest"}
    client.get("/api/search", params=asked)
    proxy.rule = rule
    years = [json.loads(line).get("year") for line in client.get("/api/moments.jsonl", params=asked).text.splitlines()]
    assert years == [*range(1969, 1960, -1), None]
    assert not between.acquire(blocking=False)
    views = [request.method for request in proxy.asked if request.path == "/_pit"]
    assert views == ["DELETE"] * 2, "that of the stream and the one before the commit are let go of"
