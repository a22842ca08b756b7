"""`/api/counts`: how often something was said, as JSON and as a table, with links to the moments."""

from __future__ import annotations

import csv
import io
import threading
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from archive.models import Access, AccessLevel, Recording
from portal import room
from tests.portal.test_moments import ARABIC, PERSIAN

if TYPE_CHECKING:
    from tests.portal.conftest import Shelf


@pytest.fixture
def tongues(shelf: Shelf) -> Shelf:
    """A speech each in English, Persian and Arabic."""
    shelf.add("Inaugural address")
    shelf.add("اعلامیهٔ جهانی", PERSIAN, speaker="یک گوینده", language="fa", date="1948-12-10")
    shelf.add("الإعلان العالمي", ARABIC, speaker="متحدث", language="ar", date="1949-12-10")
    shelf.index()
    return shelf


def counts(client: TestClient, **parameters: Any) -> dict[str, Any]:
    answer = client.get("/api/counts", params=parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    body: dict[str, Any] = answer.json()
    return body


def test_moments_words_and_rate_by_year(client: TestClient, tongues: Shelf) -> None:
    answer = counts(client, q="country OR آزاد")
    assert (answer["by"], answer["moments"], answer["exact"]) == (["year"], 2, True)
    assert [(row["values"], row["moments"], row["words"]) for row in answer["rows"]] == [
        (["1948"], 1, 7),
        (["1949"], 0, 5),
        (["1961"], 1, 9),
    ]
    assert answer["rows"][2]["per_10000"] == 1111.111
    assert answer["words"] == 21
    assert answer["coverage"]["searched"] == 3


def test_every_row_links_to_its_moments(client: TestClient, tongues: Shelf) -> None:
    rows = counts(client, q="country OR آزاد", by=["year", "speaker"], language=["en", "fa"])["rows"]
    assert [row["labels"] for row in rows] == [["1948", "یک گوینده"], ["1961", "John F. Kennedy"]]
    for row in rows:
        asked = row["url"].removeprefix("/?")
        assert client.get(f"/api/search?{asked}").json()["total"] == row["moments"] == 1


def test_a_table_has_ids_and_names(client: TestClient, tongues: Shelf) -> None:
    answer = client.get("/api/counts.csv", params={"q": "آزاد", "by": ["speaker", "language"]})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf"), "without it a spreadsheet garbles Persian"
    rows = {row["speaker_name"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
    assert set(rows) == {"John F. Kennedy", "یک گوینده", "متحدث"}
    persian = rows["یک گوینده"]
    assert (persian["language"], persian["moments"], persian["words"], persian["exact"]) == ("fa", "1", "7", "true")
    assert persian["url"].startswith("http://testserver/?q=")


def test_no_spreadsheet_runs_what_a_speaker_is_called(client: TestClient, shelf: Shelf) -> None:
    shelf.add("A speech", speaker="=HYPERLINK(A1)")
    shelf.index()
    assert "'=HYPERLINK(A1)" in client.get("/api/counts.csv?q=country&by=speaker").text


def test_who_is_not_public_is_not_counted(client: TestClient, shelf: Shelf) -> None:
    shelf.add("Behind closed doors", speaker="Nobody Here", access=Access(AccessLevel.RESTRICTED))
    shelf.add("Inaugural address")
    shelf.index()
    answer = counts(client, q="country", by="speaker")
    assert [row["labels"] for row in answer["rows"]] == [["John F. Kennedy"]]
    assert answer["words"] == 9


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("q=%22country", "QueryError"),
        ("q=country&by=month", "InputError"),
        ("q=country&by=year&by=speaker&by=event", "InputError"),
        ("q=country&sort=newest", "InputError"),
    ],
)
def test_what_cannot_be_meant_is_a_problem(client: TestClient, kept: Recording, asked: str, kind: str) -> None:
    for address in ("counts", "counts.csv"):
        answer = client.get(f"/api/{address}?{asked}")
        assert (answer.status_code, answer.json()["type"]) == (400, f"urn:onrecord:problem:{kind}")


def test_more_counts_than_are_allowed_are_put_off(
    client: TestClient, kept: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "COUNTS", threading.BoundedSemaphore(1))
    with room.counting():
        answer = client.get("/api/counts", params={"q": "country"})
        assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)
        assert answer.json()["title"] == "Too much at once", "the index is ready, and who keeps it need not be told"
    for _ in range(2):
        assert client.get("/api/counts", params={"q": '"'}).status_code == 400, "one that failed makes room"
        assert counts(client, q="country")["moments"] == 1
