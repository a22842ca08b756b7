"""`/api/moments`: every moment as a stream, which says whether it is whole and ends with who reads it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import threading
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.testclient import TestClient

from archive.models import Access, AccessLevel, Recording
from portal import state
from portal.address import Address
from portal.routes import moments
from portal.routes.openapi import document
from portal.views.search import answer_data
from search.models import Sort

if TYPE_CHECKING:
    from tests.portal.conftest import Shelf

PERSIAN = "همهٔ افراد بشر آزاد به دنیا می‌آیند"
ARABIC = "يولد جميع الناس أحرارا متساوين"
MANY = 300


def lines(client: TestClient, **parameters: Any) -> list[dict[str, Any]]:
    """The stream as JSON, line by line."""
    answer = client.get("/api/moments.jsonl", params=parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jsonl")
    return [json.loads(line) for line in answer.text.splitlines()]


def table(client: TestClient, **parameters: Any) -> list[dict[str, str]]:
    answer = client.get("/api/moments.csv", params=parameters)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf"), "without it a spreadsheet garbles Persian"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
def tongues(shelf: Shelf) -> Shelf:
    """A speech each in English, Persian and Arabic."""
    shelf.add("Inaugural address")
    shelf.add("اعلامیهٔ جهانی", PERSIAN, speaker="یک گوینده", language="fa", date="1948-12-10")
    shelf.add("الإعلان العالمي", ARABIC, speaker="متحدث", language="ar", date="1949-12-10")
    shelf.index()
    return shelf


def test_every_moment_comes_and_the_last_line_says_that_these_are_all(client: TestClient, tongues: Shelf) -> None:
    *found, end = lines(client, q="country OR آزاد OR الناس", sort="oldest")
    assert [(moment["text"], moment["language"]) for moment in found] == [
        ("آزاد", "fa"),
        ("الناس", "ar"),
        ("country", "en"),
    ]
    assert end == {"complete": True, "moments": 3}
    searched = client.get("/api/search", params={"q": "country OR آزاد OR الناس", "sort": "oldest"}).json()
    assert found == searched["moments"], "a moment is the same wherever it is answered"


def test_a_stream_has_more_moments_than_any_page(client: TestClient, shelf: Shelf) -> None:
    shelf.add("A litany", "ask and " * MANY, seconds=200.0)
    shelf.index()
    *found, end = lines(client, q="ask")
    assert end == {"complete": True, "moments": MANY}
    assert len({moment["start"] for moment in found}) == MANY
    assert len(table(client, q="ask")) == MANY


def test_a_table_has_the_same_with_links_that_work_elsewhere(client: TestClient, tongues: Shelf) -> None:
    *found, _end = lines(client, q="آزاد")
    [row] = table(client, q="آزاد")
    assert (row["text"], row["before"], row["speaker"]) == ("آزاد", found[0]["before"], "یک گوینده")
    assert row["url"] == f"http://testserver{found[0]['url']}"
    assert float(row["start"]) == found[0]["start"]


def test_no_spreadsheet_runs_what_a_recording_is_called(client: TestClient, shelf: Shelf) -> None:
    shelf.add("=HYPERLINK(A1)")
    shelf.index()
    assert table(client, q="country")[0]["title"] == "'=HYPERLINK(A1)"


def test_nothing_found_is_a_whole_stream_of_nothing(client: TestClient, kept: Recording) -> None:
    assert lines(client, q="nowhere") == [{"complete": True, "moments": 0}]
    assert lines(client, q="") == [{"complete": True, "moments": 0}]
    assert table(client, q="nowhere") == []


def test_filters_narrow_a_stream(client: TestClient, tongues: Shelf) -> None:
    assert [line.get("language") for line in lines(client, q="country OR آزاد", language="fa")] == ["fa", None]


def test_what_is_not_public_is_in_no_stream(client: TestClient, shelf: Shelf) -> None:
    shelf.add("Behind closed doors", access=Access(AccessLevel.RESTRICTED))
    shelf.add("Inaugural address")
    shelf.index()
    for fmt in ("jsonl", "csv"):
        said = client.get(f"/api/moments.{fmt}", params={"q": "country"}).text
        assert "Inaugural" in said
        assert "closed doors" not in said


@pytest.mark.parametrize(
    ("asked", "status", "kind"),
    [
        ("jsonl?q=%22country", 400, "QueryError"),
        ("jsonl?q=country&limit=3", 400, "InputError"),
        ("csv?q=country&sort=loudest", 400, "InputError"),
        ("xlsx?q=country", 404, "NotFound"),
    ],
)
def test_what_cannot_be_meant_is_a_problem_and_no_stream(
    client: TestClient, kept: Recording, asked: str, status: int, kind: str
) -> None:
    answer = client.get(f"/api/moments.{asked}")
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:onrecord:problem:{kind}")


def test_without_an_index_there_is_a_problem_and_no_stream(client: TestClient, shelf: Shelf) -> None:
    shelf.add("Inaugural address")
    answer = client.get("/api/moments.jsonl", params={"q": "country"})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")


def test_more_streams_than_are_allowed_are_put_off(
    client: TestClient, kept: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "_streams", threading.BoundedSemaphore(1))
    with moments._streams:
        answer = client.get("/api/moments.jsonl", params={"q": "country"})
        assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
    for _ in range(3):
        assert lines(client, q="country")[-1]["complete"], "a stream that ended makes room"
        assert client.head("/api/moments.jsonl", params={"q": "country"}).status_code == 200
        assert client.get("/api/moments.jsonl", params={"q": '"'}).status_code == 400


def test_who_goes_away_ends_the_search(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.add("A litany", "ask and " * MANY, seconds=200.0)
    shelf.index()
    monkeypatch.setattr(moments, "_streams", threading.BoundedSemaphore(1))
    monkeypatch.setattr(moments, "_CHUNK_BYTES", 1)
    sent: list[bytes] = []
    read = 3

    async def visit() -> None:
        gone = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))
            if len(sent) > read:
                gone.set()
                await asyncio.sleep(3600)  # as a socket that nobody reads any more

        scope = {
            "type": "http", "asgi": {"spec_version": "2.3"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/api/moments.jsonl", "query_string": b"q=ask", "headers": [(b"host", b"here")],
        }  # fmt: skip
        await Starlette(routes=moments.ROUTES)(scope, receive, send)

    asyncio.run(visit())
    assert len(sent) == read + 1, "no more was made than was read"
    assert moments._streams.acquire(blocking=False), "the search has ended"


def test_the_page_of_an_answer_offers_all_of_its_moments(client: TestClient, tongues: Shelf) -> None:
    asked = Address(q="country OR آزاد", languages=("fa",), sort=Sort.OLDEST, page=1)
    answer_data.clear()
    offered = msgspec.json.decode(answer_data(asked.href, state.today()))["exports"]
    table_url, lines_url = (export["href"] for export in offered)
    assert client.get(lines_url).text.endswith('{"complete":true,"moments":1}\n')
    assert "آزاد" in client.get(table_url).text
    none = answer_data(Address(q="nowhere").href, state.today())
    assert msgspec.json.decode(none)["exports"] == []


def test_every_line_is_as_described(client: TestClient, tongues: Shelf) -> None:
    components = document()["components"]
    *found, end = lines(client, q="آزاد")
    for name, line in (("MomentAnswer", found[0]), ("MomentsEnd", end)):
        schema = {"$ref": f"#/components/schemas/{name}", "components": components}
        Draft202012Validator(schema).validate(line)
