"""The portal over a real cluster that goes away and comes back: search says so, the rest goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from archive.models import Recording
from search.engines.elastic import reader
from tests.elastic.conftest import on_cluster
from tests.elastic.proxy import CUT, Answer, Proxy, first, pass_on
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
