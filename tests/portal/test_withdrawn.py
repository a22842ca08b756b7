"""What was withdrawn is gone, and says since when and why; what was never open says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from archive.catalog import Catalog
from archive.models import Access, AccessLevel
from archive.withdraw import put_back, withdraw
from portal import state
from search.indexer import remove

if TYPE_CHECKING:
    from tests.portal.conftest import Shelf

WHY = "اعتراض به حق نشر <b>"
UNKNOWN = "0123456789abcdef"
ADDRESSES = (
    "/av/{}",
    "/av/{}/clip.zip?t=1,2",
    "/api/recordings/{}",
    "/api/recordings/{}/transcript.json",
    "/api/recordings/{}/transcript.vtt",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_address_of_a_withdrawn_recording_is_gone_and_says_when_and_why(
    client: TestClient, shelf: Shelf, address: str
) -> None:
    kept = shelf.add("Inaugural address")
    assert client.get(address.format(kept.id)).status_code == 200
    made = withdraw(shelf.archive, kept.id, by="Mina", why=WHY)
    answer = client.get(address.format(kept.id))
    assert (answer.status_code, answer.headers["content-type"]) == (410, "application/problem+json")
    assert answer.json()["type"] == "urn:onrecord:problem:Withdrawn"
    assert answer.json()["detail"] == f"It was withdrawn on {made.at[:10]}: {WHY}"
    assert "Mina" not in answer.text
    assert "Inaugural" not in answer.text
    put_back(shelf.archive, kept.id, by="Mina")
    assert client.get(address.format(kept.id)).status_code == 200


@pytest.mark.parametrize("access", [Access(AccessLevel.RESTRICTED), Access(AccessLevel.EMBARGOED, "2999-01-01")])
@pytest.mark.parametrize("address", [*ADDRESSES, "/?recording={}"])
def test_what_was_not_open_answers_like_what_never_was(
    client: TestClient, shelf: Shelf, address: str, access: Access
) -> None:
    kept = shelf.add("Behind closed doors", access=access)
    withdraw(shelf.archive, kept.id, by="Mina", why=WHY)
    secret, unknown = client.get(address.format(kept.id)), client.get(address.format(UNKNOWN))
    assert secret.status_code == unknown.status_code
    assert secret.text.replace(kept.id, "*") == unknown.text.replace(UNKNOWN, "*")


def test_a_page_that_is_gone_has_the_status_and_the_reason(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Inaugural address")
    assert client.get(f"/?recording={kept.id}").status_code == 200
    withdraw(shelf.archive, kept.id, by="Mina", why=WHY)
    answer = client.get(f"/?recording={kept.id}&t=1,2")
    assert answer.status_code == 410
    assert "اعتراض به حق نشر &lt;b&gt;" in answer.text
    assert "Inaugural" not in answer.text


def test_lists_and_answers_no_longer_have_it(client: TestClient, shelf: Shelf) -> None:
    kept, other = shelf.add("Inaugural address"), shelf.add("Another address")
    shelf.index()
    assert client.get("/api/search?q=country").json()["recordings"] == 2
    withdraw(shelf.archive, kept.id, by="Mina", why=WHY)
    Catalog(shelf.archive)
    remove(shelf.archive, kept.id)
    assert [card["id"] for card in client.get("/api/recordings").json()["recordings"]] == [other.id]
    answer = client.get("/api/search?q=country").json()
    assert (answer["recordings"], {moment["recording"] for moment in answer["moments"]}) == (1, {other.id})
    assert answer["facets"]["years"][0]["count"] == 1


@pytest.mark.parametrize("moved", [True, False])
def test_a_withdrawal_that_was_killed_counts_from_its_tombstone_on(
    client: TestClient, shelf: Shelf, moved: bool
) -> None:
    kept, other = shelf.add("Inaugural address"), shelf.add("Another address")
    shelf.index()
    words = client.get("/api/counts?q=country").json()["words"]
    withdraw(shelf.archive, kept.id, by="Mina", why=WHY)
    if not moved:
        (shelf.archive.withdrawn / kept.id).rename(shelf.archive.recordings / kept.id)
    assert client.get(f"/av/{kept.id}").status_code == 410
    assert [card["id"] for card in client.get("/api/recordings").json()["recordings"]] == [other.id]
    found = client.get("/api/search?q=country").json()
    assert {moment["recording"] for moment in found["moments"]} == {other.id}
    counted = client.get("/api/counts?q=country").json()
    assert (counted["moments"], counted["words"]) == (1, words / 2)
    put_back(shelf.archive, kept.id, by="Mina")
    Catalog(shelf.archive)
    assert client.get("/api/counts?q=country").json()["words"] == words


def test_an_embargo_that_ends_after_the_withdrawal_tells_nothing_either(
    client: TestClient, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = shelf.add("Behind closed doors", access=Access(AccessLevel.EMBARGOED, "2999-01-01"))
    withdraw(shelf.archive, kept.id, by="Mina", why=WHY)
    monkeypatch.setattr(state, "today", lambda: 29990102)
    assert client.get(f"/api/recordings/{kept.id}").status_code == 404
    assert WHY not in client.get(f"/?recording={kept.id}").text
