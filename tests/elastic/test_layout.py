"""How an index is laid out in the cluster: shards and copies as set, words for people who use Kibana, snapshots."""

from __future__ import annotations

import json
import os
from typing import Any

import httpx
import pytest

from archive.errors import IndexUnready
from search.engines.elastic.mapping import ANALYSERS
from search.engines.elastic.settings import ALIAS, REPLICAS, SHARDS
from search.indexer import catch_up, rebuild
from tests.elastic.conftest import indexes, total
from tests.elastic.proxy import Answer, Proxy, Request, pass_on
from tests.search.conftest import Shelf

pytestmark = pytest.mark.elastic

PERSIAN = "تمام افراد بشر آزاد به دنیا می‌آیند"
ARABIC = "يولد جميع الناس أحرارا"


def made(proxy: Proxy) -> list[dict[str, Any]]:
    """The indexes of segments that were asked for, each with its settings and fields."""
    return [json.loads(request.body) for request in proxy.asked if b'"raw"' in request.body and creates(request)]


def creates(request: Request) -> bool:
    """Whether it asks for a new index."""
    return request.method == "PUT" and "/_" not in request.path


def analysers(body: dict[str, Any]) -> dict[str, str]:
    raw = body["mappings"]["properties"]["raw"]["properties"]
    return {language: field["analyzer"] for language, field in raw.items()}


def test_shards_and_copies_are_as_set_and_nothing_is_refreshed_meanwhile(
    shelf: Shelf, proxy: Proxy, elastic_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SHARDS, "2")
    monkeypatch.setenv(REPLICAS, "0")
    shelf.add(["ask not"])
    rebuild(shelf.archive)
    while_built = made(proxy)[-1]["settings"]
    assert (while_built["number_of_replicas"], while_built["refresh_interval"]) == (0, "-1")
    (name,) = indexes(elastic_url)
    kept = httpx.get(f"{elastic_url}/{name}/_settings").json()[name]["settings"]["index"]
    assert (kept["number_of_shards"], kept["number_of_replicas"]) == ("2", "0")
    assert kept["translog"]["durability"] == "request", "what is acknowledged from now on is on disk"


def test_a_cluster_with_language_analysers_is_given_each_language_in_its_own(shelf: Shelf, proxy: Proxy) -> None:
    shelf.add(["ask not"])

    def has_them(request: Request) -> Answer | None:
        if not creates(request) or b'"persian"' not in request.body:
            return None
        body = json.loads(request.body)  # the node of the tests lacks them
        for field in body["mappings"]["properties"]["raw"]["properties"].values():
            field["analyzer"] = "standard"
        return request.with_body(json.dumps(body).encode()).forward()

    proxy.rule = has_them
    rebuild(shelf.archive)
    (asked,) = made(proxy)
    assert analysers(asked) == {**ANALYSERS, "other": "standard"}
    assert {"en": "english", "fa": "persian", "ar": "arabic"}.items() <= analysers(asked).items()
    assert total(shelf.archive) == 1


def test_a_cluster_without_them_indexes_all_the_same_and_words_are_found_as_spoken(
    shelf: Shelf, proxy: Proxy, elastic_url: str
) -> None:
    mapping = httpx.put(f"{elastic_url}/{os.environ[ALIAS]}-none", json={"mappings": _field("persian")})
    if mapping.status_code == 200:
        pytest.skip("this cluster has language analysers")
    shelf.add(["ask not"])
    shelf.add([PERSIAN], language="fa")
    shelf.add([ARABIC], language="ar")
    shelf.add(["saluton mondo"], language="eo")
    rebuild(shelf.archive)
    assert set(analysers(made(proxy)[-1]).values()) == {"standard"}
    for field, word, spoken in (
        ("raw.en", "ask", "ask not"),
        ("raw.fa", "آزاد", PERSIAN),
        ("raw.ar", "الناس", ARABIC),
        ("raw.other", "mondo", "saluton mondo"),
    ):
        query = {"query": {"match": {field: word}}}
        (hit,) = httpx.post(f"{elastic_url}/{os.environ[ALIAS]}/_search", json=query).json()["hits"]["hits"]
        assert list(hit["_source"]["raw"].values()) == [spoken]
        assert "stems" not in hit["_source"], "what only we can read is not in people's way"


def _field(analyser: str) -> dict[str, Any]:
    return {"properties": {"text": {"type": "text", "analyzer": analyser}}}


def test_a_snapshot_is_restored_with_its_alias_and_catches_up(shelf: Shelf, proxy: Proxy, elastic_url: str) -> None:
    alias = os.environ[ALIAS]
    repository = f"{elastic_url}/_snapshot/{alias}"
    if httpx.put(repository, json={"type": "fs", "settings": {"location": alias}}).status_code != 200:
        pytest.skip("this cluster has no place for snapshots")
    shelf.add(["ask not"])
    rebuild(shelf.archive)
    whole = {"wait_for_completion": "true"}
    saved = {"indices": f"{alias}-*", "include_global_state": False}
    assert (
        httpx.put(f"{repository}/monday", json=saved, params=whole, timeout=60).json()["snapshot"]["state"] == "SUCCESS"
    )
    shelf.add([f"ask {PERSIAN}"], language="fa")
    rebuild(shelf.archive)
    for name in [*indexes(elastic_url), f"{alias}-lock"]:
        httpx.delete(f"{elastic_url}/{name}")
    with pytest.raises(IndexUnready, match="there is no search index"):
        total(shelf.archive)
    back = {"indices": f"{alias}-*", "include_aliases": True}
    assert httpx.post(f"{repository}/monday/_restore", json=back, params=whole, timeout=60).status_code == 200
    assert total(shelf.archive) == 1, "as it was on Monday"
    assert catch_up(shelf.archive) == 1
    assert (total(shelf.archive), total(shelf.archive, "آزاد")) == (2, 1)
    httpx.delete(f"{repository}/monday", timeout=60)
    httpx.delete(repository)


def test_an_alias_of_two_indexes_is_refused(shelf: Shelf, proxy: Proxy, elastic_url: str) -> None:
    shelf.add(["ask not"])
    proxy.rule = pass_on
    rebuild(shelf.archive)
    (one,) = indexes(elastic_url)
    mappings = httpx.get(f"{elastic_url}/{one}/_mapping").json()[one]["mappings"]
    httpx.put(f"{elastic_url}/{one}-again", json={"mappings": mappings, "aliases": {os.environ[ALIAS]: {}}})
    for ask in (total, rebuild, catch_up):
        with pytest.raises(IndexUnready, match=f"not one index of ours.*{ALIAS}"):
            ask(shelf.archive)
    assert set(indexes(elastic_url)) == {one, f"{one}-again"}, "nothing was removed"
