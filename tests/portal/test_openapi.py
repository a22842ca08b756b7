"""The published description against what is really answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from starlette.routing import Route
from starlette.testclient import TestClient

from archive.withdraw import withdraw
from portal import state
from portal.routes.openapi import document
from portal.routes.shell import ROUTES as PAGES
from portal.routing import ROUTES
from tests.portal.conftest import Shelf

if TYPE_CHECKING:
    from archive.models import Recording

UNKNOWN = "0123456789abcdef"


def described(path: str, status: int, media_type: str) -> dict[str, Any]:
    """The schema for an answer, with the components it points to; the test fails where there is none."""
    responses = document()["paths"][path]["get"]["responses"]
    response = responses.get(str(status), responses["default"])
    schema: dict[str, Any] = response["content"][media_type]["schema"]
    return {**schema, "components": document()["components"]}


@pytest.fixture(scope="module")
def three_kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """An archive, indexed, that no test changes; and its recordings: one heard, one unheard, one gone."""
    root = tmp_path_factory.mktemp("three")
    (root / "inbox").mkdir()
    shelf = Shelf(root / "archive", root / "inbox")
    heard, unheard, gone = shelf.add("Heard"), shelf.add("Unheard", ""), shelf.add("Withdrawn")
    withdraw(shelf.archive, gone.id, by="test", why="test")
    shelf.index()
    return shelf.archive.root, {"heard": heard.id, "unheard": unheard.id, "gone": gone.id}


@pytest.fixture
def three(three_kept: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """That archive, served."""
    monkeypatch.setenv("ONRECORD_ARCHIVE", str(three_kept[0]))
    state.close()
    yield three_kept[1]
    state.close()


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("/api/search", "/api/search?q=country", 200),
        ("/api/search", "/api/search?q=nowhere", 200),
        ("/api/search", "/api/search?q=%22country", 400),
        ("/api/search", "/api/search?q=country&limit=1000", 400),
        ("/api/moments.jsonl", "/api/moments.jsonl?q=country", 200),
        ("/api/moments.jsonl", "/api/moments.jsonl?q=%22country", 400),
        ("/api/moments.csv", "/api/moments.csv?q=country", 200),
        ("/api/counts", "/api/counts?q=country&by=year&by=speaker", 200),
        ("/api/counts", "/api/counts?q=country&by=month", 400),
        ("/api/counts.csv", "/api/counts.csv?q=country", 200),
        ("/api/recordings", "/api/recordings", 200),
        ("/api/recordings", "/api/recordings?offset=-1", 400),
        ("/api/recordings/{id}", "/api/recordings/{heard}", 200),
        ("/api/recordings/{id}", "/api/recordings/{unheard}", 200),
        ("/api/recordings/{id}", f"/api/recordings/{UNKNOWN}", 404),
        ("/api/recordings/{id}/transcript.json", "/api/recordings/{heard}/transcript.json", 200),
        ("/api/recordings/{id}/transcript.json", "/api/recordings/{unheard}/transcript.json", 404),
        ("/api/recordings/{id}/transcript.vtt", "/api/recordings/{heard}/transcript.vtt", 200),
        ("/api/recordings/{id}/transcript.srt", "/api/recordings/{heard}/transcript.srt", 200),
        ("/api/recordings/{id}/transcript.txt", "/api/recordings/{heard}/transcript.txt", 200),
        ("/api/openapi.json", "/api/openapi.json", 200),
        ("/av/{id}", f"/av/{UNKNOWN}", 404),
        ("/av/{id}", "/av/{gone}", 410),
        ("/api/recordings/{id}", "/api/recordings/{gone}", 410),
        ("/av/{id}/clip.m4a", "/av/{heard}/clip.m4a?t=1", 400),
        ("/av/{id}/clip.zip", f"/av/{UNKNOWN}/clip.zip?t=1,2", 404),
    ],
)
def test_every_answer_is_as_described(
    client: TestClient, three: dict[str, str], path: str, asked: str, status: int
) -> None:
    answer = client.get(asked.format(**three))
    assert answer.status_code == status
    media_type = answer.headers["content-type"].partition(";")[0]
    schema = described(path, status, media_type)
    Draft202012Validator.check_schema({"components": schema["components"]})
    Draft202012Validator(schema).validate(answer.json() if media_type.endswith("json") else answer.text)


def test_a_wrong_answer_would_be_noticed(client: TestClient, kept: Recording) -> None:
    """Otherwise the test above would pass on anything."""
    body = client.get("/api/recordings").json()
    validator = Draft202012Validator(described("/api/recordings", 200, "application/json"))
    assert validator.is_valid(body)
    assert not validator.is_valid({**body, "total": "three"})
    assert not validator.is_valid({key: value for key, value in body.items() if key != "total"})


def test_every_route_is_described_and_every_description_has_a_route() -> None:
    pages = {route.path for route in PAGES if isinstance(route, Route)}
    routed = {route.path for route in ROUTES if isinstance(route, Route)} - pages
    catching_all = {"/api", "/av", "/api/{path:path}", "/av/{path:path}"}
    described = {re.sub(r"(transcript|moments|clip)\.\w+$", r"\1.{format}", path) for path in document()["paths"]}
    assert described == routed - catching_all


@pytest.mark.parametrize("path", ["/api/search", "/api/moments.jsonl", "/api/moments.csv", "/av/{id}/clip.m4a"])
def test_every_parameter_taken_is_described(client: TestClient, kept: Recording, path: str) -> None:
    refusal = client.get(f"{path.format(id=kept.id)}?nonsense=1").json()["detail"]
    taken = set(re.findall(r"\w+", refusal.partition("there are: ")[2]))
    described = document()["paths"][path]["get"]["parameters"]
    named = {parameter["name"] for parameter in described if parameter["in"] == "query"}
    assert taken == named


def test_the_description_is_openapi_3_1(client: TestClient, kept: Recording) -> None:
    body = client.get("/api/openapi.json").json()
    assert body["openapi"].startswith("3.1.")
    assert {"title", "version"} <= body["info"].keys()
    identifiers = [described["get"]["operationId"] for described in body["paths"].values()]
    assert len(identifiers) == len(set(identifiers))
    for path, item in body["paths"].items():
        in_path = {p["name"] for p in item["get"]["parameters"] if p["in"] == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", path))
