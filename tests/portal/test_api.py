"""`/api`: what it answers, what it refuses, and that it never says more than the public may know."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from archive.models import Access, AccessLevel, Quality, Recording
from portal.links import parse_range, transcript_url

if TYPE_CHECKING:
    from tests.portal.conftest import Shelf

PROBLEM = "application/problem+json"


def search(client: TestClient, **parameters: Any) -> dict[str, Any]:
    answer = client.get("/api/search", params=parameters)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_phrase_is_found_with_the_times_of_its_words(client: TestClient, kept: Recording) -> None:
    found = search(client, q='"your country"')
    assert (found["total"], found["exact"], found["recordings"]) == (1, True, 1)
    [moment] = found["moments"]
    assert (moment["recording"], moment["title"], moment["year"]) == (kept.id, "Inaugural address", 1961)
    assert (moment["speaker"], moment["language"]) == ("John F. Kennedy", "en")
    assert (moment["before"], moment["text"], moment["after"]) == ("ask not what", "your country", "can do for you")
    assert (moment["start"], moment["end"]) == (2.5, 3.4)
    assert parse_range(moment["url"].partition("&t=")[2], kept.media.duration) == (2.5, 3.4)
    assert found["coverage"] == {"recordings": 1, "searched": 1, "without_transcript": [], "not_indexed": []}
    assert found["facets"]["years"] == [{"value": "1961", "label": "1961", "count": 1}]


def test_persian_is_found_however_it_is_typed(client: TestClient, shelf: Shelf) -> None:
    shelf.add("اعلامیهٔ جهانی", "تمام افراد بشر آزاد به دنیا می‌آیند", speaker="یک گوینده", language="fa")
    shelf.index()
    [moment] = search(client, q="دنيا")["moments"]  # an Arabic yeh
    assert (moment["text"], moment["language"], moment["speaker"]) == ("دنیا", "fa", "یک گوینده")


@pytest.mark.parametrize(
    ("narrowed", "titles"),
    [
        ({}, {"Early", "Late"}),
        ({"year": "1961"}, {"Early"}),
        ({"year": "1950-1961"}, {"Early"}),
        ({"year": "1800"}, set()),
        ({"speaker": "John F. Kennedy"}, {"Early"}),
        ({"speaker": "kennedy, john f."}, {"Early"}),
        ({"speaker": ["John F. Kennedy", "Barack Obama"]}, {"Early", "Late"}),
        ({"speaker": "nobody"}, set()),
        ({"language": "fa"}, set()),
        ({"language": ["fa", "en"]}, {"Early", "Late"}),
        ({"event": "inauguration-1961"}, {"Early"}),
    ],
)
def test_filters_narrow_and_values_of_one_add_up(
    client: TestClient, shelf: Shelf, narrowed: dict[str, Any], titles: set[str]
) -> None:
    shelf.add("Early")
    shelf.add("Late", speaker="Barack Obama", date="2015-07-14")
    shelf.index()
    assert {moment["title"] for moment in search(client, q="country", **narrowed)["moments"]} == titles


def test_a_moment_says_how_far_its_words_can_be_trusted(client: TestClient, shelf: Shelf) -> None:
    shelf.add("اعلامیهٔ جهانی", "تمام افراد بشر آزاد", language="fa", doubt=(Quality.SUSPECT, "repeats itself"))
    shelf.add("Inaugural address", "ask not بشر")
    shelf.index()
    doubtful, trusted = search(client, q="بشر", quality="suspect"), search(client, q="بشر", quality=["ok", "low"])
    [moment] = doubtful["moments"]
    assert (moment["title"], moment["quality"], moment["reasons"]) == ("اعلامیهٔ جهانی", "suspect", ["repeats itself"])
    assert (moment["layer"], moment["media"]) == ("floor", f"/av/{moment['recording']}")
    assert [moment["title"] for moment in trusted["moments"]] == ["Inaugural address"]
    assert {value["value"]: value["count"] for value in doubtful["facets"]["qualities"]} == {"ok": 1, "suspect": 1}


@pytest.mark.parametrize("asked", [{"quality": "good"}, {"layer": "fa"}, {"quality": ["ok", "OK"]}])
def test_a_quality_or_layer_that_is_none_is_refused_with_those_there_are(
    client: TestClient, kept: Recording, asked: dict[str, Any]
) -> None:
    answer = client.get("/api/search", params={"q": "country", **asked})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:onrecord:problem:InputError")
    assert next(iter(asked)) in answer.json()["detail"]
    assert "there are: " in answer.json()["detail"]


def test_pages_of_an_answer_follow_each_other(client: TestClient, shelf: Shelf) -> None:
    for year in (1961, 1962, 1963):
        shelf.add(f"Address of {year}", date=f"{year}-01-20")
    shelf.index()
    pages = [search(client, q="country", sort="oldest", limit=1, offset=offset) for offset in range(4)]
    assert [[moment["year"] for moment in page["moments"]] for page in pages] == [[1961], [1962], [1963], []]
    assert {page["total"] for page in pages} == {3}


@pytest.mark.parametrize("access", [Access(AccessLevel.RESTRICTED), Access(AccessLevel.EMBARGOED, "2999")])
def test_what_is_not_public_is_in_no_answer(client: TestClient, shelf: Shelf, access: Access) -> None:
    secret = shelf.add("Behind closed doors", speaker="A secret guest", date="1999-09-09", access=access)
    shelf.add("Inaugural address")
    shelf.index()
    answers = [
        client.get("/api/search", params={"q": "country"}).text,
        client.get("/api/search", params={"q": "country", "speaker": "A secret guest"}).text,
        client.get("/api/recordings").text,
        client.get("/", params={"recording": secret.id}).text.replace(f"recording={secret.id}", ""),
    ]
    for answer in answers:
        for told in (secret.id, "closed doors", "secret guest", "1999"):
            assert told not in answer


def test_a_search_without_an_index_says_that_it_is_not_ready(client: TestClient, shelf: Shelf) -> None:
    shelf.add("Inaugural address")
    answer = client.get("/api/search", params={"q": "country"})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:onrecord:problem:IndexUnready")
    assert int(answer.headers["retry-after"]) > 0
    assert str(shelf.archive.root) not in answer.text
    shelf.index()
    assert search(client, q="country")["total"] == 1


def test_an_archive_that_appears_later_is_served_without_a_restart(
    client: TestClient, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal import state

    kept = shelf.add("Inaugural address")
    monkeypatch.setenv("ONRECORD_ARCHIVE", str(shelf.archive.root / "not-yet"))
    state.close()
    answer = client.get(f"/api/recordings/{kept.id}")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:onrecord:problem:MachineError")
    assert "not-yet" not in answer.text
    monkeypatch.setenv("ONRECORD_ARCHIVE", str(shelf.archive.root))
    assert client.get(f"/api/recordings/{kept.id}").status_code == 200


@pytest.mark.parametrize(
    ("query", "at"),
    [('country AND "your', 12), ("(country", 0), ("country AND", 8)],
)
def test_a_query_that_cannot_be_read_is_pointed_at(client: TestClient, kept: Recording, query: str, at: int) -> None:
    answer = client.get("/api/search", params={"q": query})
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)
    assert body["type"] == "urn:onrecord:problem:QueryError"
    assert 0 <= body["at"] <= len(query)
    assert {"title", "detail", "status", "instance"} <= body.keys()
    assert (body["at"], body["status"], body["instance"]) == (at, 400, "/api/search")


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": "0"}, {"limit": "101"}, {"limit": "-1"}, {"limit": "NaN"}, {"limit": "1e2"}, {"limit": "٣"},
        {"limit": ""}, {"limit": "9" * 500}, {"offset": "-1"}, {"offset": "1000000"}, {"offset": "x"},
        {"year": "soon"}, {"year": "1970-1960"}, {"year": "1960-"}, {"year": "12345"}, {"year": ""},
        {"sort": "random"}, {"years": "1961"}, {"speaker": [str(n) for n in range(51)]},
    ],
)  # fmt: skip
def test_parameters_that_cannot_be_meant_are_refused(
    client: TestClient, kept: Recording, parameters: dict[str, Any]
) -> None:
    answer = client.get("/api/search", params={"q": "country", **parameters})
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)
    assert answer.json()["type"] == "urn:onrecord:problem:InputError"


@pytest.mark.parametrize(
    "query",
    [
        "(" * 20_000,
        " OR ".join(["a"] * 5000),
        "x" * 50_000,
        "\0",
        "*",
        "/.*/",
        "field:",
        "‮abc",
        "<script>alert(1)</script>",
    ],
)
def test_abuse_of_the_query_ends_in_an_answer(client: TestClient, kept: Recording, query: str) -> None:
    answer = client.get("/api/search", params={"q": query})
    assert answer.status_code in (200, 400)
    assert answer.headers["content-type"] in ("application/json", PROBLEM)
    assert "Traceback" not in answer.text


def test_recordings_are_listed_newest_first_a_page_at_a_time(client: TestClient, shelf: Shelf) -> None:
    for year in (1961, 1962, 1963):
        shelf.add(f"Address of {year}", date=f"{year}-01-20")
    page = client.get("/api/recordings", params={"limit": 2, "offset": 1}).json()
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 1)
    assert [card["year"] for card in page["recordings"]] == [1962, 1961]
    card = page["recordings"][0]
    assert card["speakers"] == [{"id": "john-f-kennedy", "name": "John F. Kennedy"}]
    assert (card["version"], card["words"], card["url"]) == (1, 9, f"/?recording={card['id']}")


def test_a_recording_says_where_its_media_and_transcripts_are(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Inaugural address")
    shelf.say(kept, "ask not what your nation can do for you")
    body = client.get(f"/api/recordings/{kept.id}").json()
    assert (body["title"], body["sha256"], body["rights"]) == ("Inaugural address", kept.media.sha256, "public domain")
    assert body["event"]["name"] == "Inauguration"
    assert body["versions"] == [1, 2]
    for url in (body["media"]["url"], *body["transcript"].values()):
        assert client.get(url).status_code == 200


def test_a_recording_without_a_transcript_has_none_to_offer(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Unheard", "")
    assert client.get(f"/api/recordings/{kept.id}").json()["transcript"] is None
    assert client.get(transcript_url(kept.id, "json")).status_code == 404


def test_a_transcript_comes_in_the_shape_that_the_player_takes(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Inaugural address", "ask not")
    assert client.get(transcript_url(kept.id, "json")).json() == {
        "recording": kept.id,
        "title": "Inaugural address",
        "version": 1,
        "layer": "floor",
        "language": "en",
        "duration": 6.0,
        "translation": False,
        "media": {"url": f"/av/{kept.id}", "mime": "audio/wav", "video": False},
        "speakers": {"john-f-kennedy": "John F. Kennedy"},
        "segments": [
            {
                "start": 1.0,
                "end": 1.9,
                "speaker": "john-f-kennedy",
                "language": "en",
                "quality": "ok",
                "reasons": [],
                "corrected": False,
                "words": [["ask", 1.0, 1.4, 0.9], ["not", 1.5, 1.9, 0.9]],
            }
        ],
    }


@pytest.mark.parametrize(
    ("fmt", "mime", "begins"),
    [
        ("vtt", "text/vtt; charset=utf-8", "WEBVTT\n"),
        ("srt", "application/x-subrip; charset=utf-8", "1\n00:00:01,000 --> "),
        ("txt", "text/plain; charset=utf-8", "[00:00:01] John F. Kennedy: ask not"),
    ],
)
def test_a_transcript_comes_as_captions_and_text(
    client: TestClient, kept: Recording, fmt: str, mime: str, begins: str
) -> None:
    answer = client.get(transcript_url(kept.id, fmt))
    assert (answer.status_code, answer.headers["content-type"]) == (200, mime)
    assert answer.text.startswith(begins)
    assert answer.headers["content-disposition"] == f'inline; filename="{kept.id}.{fmt}"'


def test_former_versions_stay_where_they_were(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Inaugural address", "first try")
    shelf.say(kept, "second try")

    def said(version: int | None) -> str:
        [segment] = client.get(transcript_url(kept.id, "json", version)).json()["segments"]
        return str(segment["words"][0][0])

    assert [said(1), said(2), said(None)] == ["first", "second", "second"]


@pytest.mark.parametrize(
    ("version", "status"), [("3", 404), ("0", 400), ("-1", 400), ("x", 400), ("", 400), ("9" * 99, 400)]
)
def test_a_version_that_is_not_there_is_refused(client: TestClient, kept: Recording, version: str, status: int) -> None:
    assert client.get(transcript_url(kept.id, "json"), params={"version": version}).status_code == status


@pytest.mark.parametrize("fmt", ["json", "vtt"])
def test_a_transcript_that_the_asker_has_is_not_sent_again(client: TestClient, kept: Recording, fmt: str) -> None:
    url = transcript_url(kept.id, fmt)
    tag = client.get(url).headers["etag"]
    assert not tag.startswith("W/")
    again = client.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


def test_a_mended_title_or_name_or_a_new_version_changes_the_tag(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Inaugural adress")
    tags = [client.get(transcript_url(kept.id, "json")).headers["etag"]]
    shelf.archive.update(replace(kept, title="Inaugural address"), agent="test", reason="spelling")
    tags.append(client.get(transcript_url(kept.id, "json")).headers["etag"])
    known = shelf.people.get("john-f-kennedy")
    shelf.people.put(replace(known, names=(replace(known.names[0], text="Jack Kennedy"), *known.names)))
    shelf.people.save()
    tags.append(client.get(transcript_url(kept.id, "json")).headers["etag"])
    shelf.say(kept, "something else")
    tags.append(client.get(transcript_url(kept.id, "json")).headers["etag"])
    assert len(set(tags)) == 4


def test_a_long_transcript_is_packed_for_who_can_unpack_it(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Inaugural address", " ".join(["country"] * 500), seconds=300)
    url = transcript_url(kept.id, "json")
    with client.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    plain = client.get(url, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert gzip.decompress(raw) == plain.content
    assert len(raw) * 4 < len(plain.content)
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "content-encoding" not in plain.headers


def test_hostile_words_stay_words(client: TestClient, shelf: Shelf) -> None:
    hostile = "<script>alert(1)</script> --> \u202e &amp; NOTE"
    kept = shelf.add("<img src=x onerror=alert(1)>", hostile)
    shelf.index()
    words = [word[0] for word in client.get(transcript_url(kept.id, "json")).json()["segments"][0]["words"]]
    assert words == hostile.split()
    vtt = client.get(transcript_url(kept.id, "vtt")).text
    assert "<script>" not in vtt
    assert vtt.count("-->") == len([line for line in vtt.splitlines() if line.isdigit()])


@pytest.mark.parametrize(
    "path",
    [
        "/api", "/api/", "/api/nothing", "/api/search/", "/api/search/x", "/api/recordings/", "/api/recordings/x",
        "/api/recordings/0123456789abcdef", "/api/recordings/0123456789abcdef/transcript.json",
        "/api/recordings/0123456789abcdef/transcript.exe", "/api/recordings/..%2f..%2fpeople.json", "/api/%00",
        "/api/recordings/%2e%2e/transcript.json", "/av", "/av/", "/apix", "/api/v1/" + "x" * 3000,
    ],
)  # fmt: skip
def test_addresses_that_are_not_there_are_problems_not_pages(client: TestClient, kept: Recording, path: str) -> None:
    answer = client.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert answer.json()["type"] == "urn:onrecord:problem:NotFound"
    assert len(answer.content) < 2000


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/api/search", "/api/recordings", "/api/nothing", "/api/openapi.json"])
def test_the_api_is_only_for_reading(client: TestClient, kept: Recording, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
    assert answer.headers["allow"] == "GET, HEAD"


def test_a_damaged_transcript_is_told_without_the_path(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Inaugural address")
    path = shelf.archive.folder(kept.id) / "transcripts" / "0001.json"
    path.write_bytes(b"{}")
    answer = client.get(transcript_url(kept.id, "json"))
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:onrecord:problem:Damaged")
    assert str(shelf.archive.root) not in answer.text


def test_a_mistake_of_ours_is_a_problem_without_a_traceback(
    client: TestClient, kept: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.state.public_recording", lambda _: 1 / 0)
    answer = client.get("/api/recordings/0123456789abcdef")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert json.loads(answer.content)["type"] == "urn:onrecord:problem:InternalError"
    assert "ZeroDivision" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
