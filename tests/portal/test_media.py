"""`/av/{id}`: media by ranges and by id alone, for everybody or for nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from archive.models import Access, AccessLevel, Recording
from portal.links import media_url

if TYPE_CHECKING:
    from httpx2 import Response

    from tests.portal.conftest import Shelf

UNKNOWN = "0123456789abcdef"


def test_the_original_bytes_come_with_their_type_and_digest(client: TestClient, kept: Recording) -> None:
    answer = client.get(media_url(kept.id))
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == kept.media.sha256
    assert answer.headers["etag"] == f'"{kept.media.sha256}"'
    assert answer.headers["content-type"] == kept.media.mime == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "max-age" in answer.headers["cache-control"]
    assert "content-encoding" not in answer.headers


def test_head_tells_the_size_without_the_bytes(client: TestClient, kept: Recording) -> None:
    answer = client.head(media_url(kept.id), headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) == kept.media.bytes


@pytest.mark.parametrize(
    ("asked", "part", "content_range"),
    [
        ("bytes=0-3", slice(0, 4), "bytes 0-3/96044"),
        ("bytes=96040-", slice(96040, None), "bytes 96040-96043/96044"),
        ("bytes=-4", slice(-4, None), "bytes 96040-96043/96044"),
        ("bytes=96040-999999999", slice(96040, None), "bytes 96040-96043/96044"),
        ("bytes=-999999999", slice(0, None), "bytes 0-96043/96044"),
    ],
)
def test_one_range_is_given_as_that_part(
    client: TestClient, kept: Recording, asked: str, part: slice, content_range: str
) -> None:
    whole = client.get(media_url(kept.id)).content
    answer = client.get(media_url(kept.id), headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == whole[part]
    assert answer.headers["content-range"] == content_range
    assert answer.headers["etag"] == f'"{kept.media.sha256}"'
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize("asked", ["bytes=96044-", "bytes=99999999-100000000", "bytes=-0"])
def test_a_range_beyond_the_end_is_416_with_the_size(client: TestClient, kept: Recording, asked: str) -> None:
    answer = client.get(media_url(kept.id), headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */96044"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=" + ",".join(f"{n}-{n}" for n in range(1000)),
        "bytes=0-1,5-6",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=--5",
        "bytes=",
        "lines=1-2",
        "bytes=" + "9" * 4000 + "-",
        "bytes=٠-٣",
    ],
)
def test_many_ranges_and_nonsense_come_to_the_whole_file(client: TestClient, kept: Recording, asked: str) -> None:
    answer = client.get(media_url(kept.id), headers=[(b"Range", asked.encode())])
    assert (answer.status_code, len(answer.content)) == (200, kept.media.bytes)


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"other", "{}"', "*"])
def test_who_has_it_already_is_told_so(client: TestClient, kept: Recording, form: str) -> None:
    known = {"If-None-Match": form.replace("{}", kept.media.sha256), "Range": "bytes=0-3"}
    answer = client.get(media_url(kept.id), headers=known)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == f'"{kept.media.sha256}"'
    assert "cache-control" in answer.headers


def test_a_range_of_other_bytes_is_not_mixed_in(client: TestClient, kept: Recording) -> None:
    same = {"Range": "bytes=0-3", "If-Range": f'"{kept.media.sha256}"'}
    other = {"Range": "bytes=0-3", "If-Range": '"of before"'}
    assert client.get(media_url(kept.id), headers=same).status_code == 206
    assert client.get(media_url(kept.id), headers=other).status_code == 200
    assert client.get(media_url(kept.id), headers={**other, "Range": "bytes=999999-"}).status_code == 200


def test_the_access_copy_goes_out_where_browsers_do_not_play_the_original(
    client: TestClient, shelf: Shelf, tmp_path: Path
) -> None:
    kept = shelf.add("Inaugural address", edit=lambda media: replace(media, playable=False, mime="audio/x-aiff"))
    copy = tmp_path / "copy.m4a"
    copy.write_bytes(b"a derived copy")
    shelf.archive.set_access_copy(kept.id, copy, "m4a", "audio/mp4")
    answer = client.get(media_url(kept.id))
    assert (answer.content, answer.headers["content-type"]) == (b"a derived copy", "audio/mp4")
    assert answer.headers["etag"] != f'"{kept.media.sha256}"'
    copy.write_bytes(b"a newer derived copy")
    shelf.archive.set_access_copy(kept.id, copy, "m4a", "audio/mp4")
    assert client.get(media_url(kept.id), headers={"If-None-Match": answer.headers["etag"]}).status_code == 200


def test_what_is_neither_sound_nor_picture_is_only_saved(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Inaugural address", edit=lambda media: replace(media, mime="text/html"))
    answer = client.get(media_url(kept.id), headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "content-encoding" not in answer.headers


def masked(answer: Response, *names: str) -> tuple[int, str, str]:
    """An answer without what the asker put into it."""
    text = answer.text
    for name in names:
        text = text.replace(name, "*")
    return answer.status_code, answer.headers["content-type"], text


@pytest.mark.parametrize(
    "access",
    [
        Access(AccessLevel.RESTRICTED),
        Access(AccessLevel.EMBARGOED, "2999-01-01"),
        Access(AccessLevel.EMBARGOED, "some day"),
        Access(AccessLevel.EMBARGOED),
    ],
)
@pytest.mark.parametrize(
    "address",
    [
        "/av/{}",
        "/av/{}/clip.m4a?t=1,2",
        "/av/{}/clip.zip?t=1,2",
        "/api/recordings/{}",
        "/api/recordings/{}/transcript.json",
        "/api/recordings/{}/transcript.vtt",
    ],
)
def test_what_is_not_public_answers_like_what_never_was(
    client: TestClient, shelf: Shelf, access: Access, address: str
) -> None:
    kept = shelf.add("Behind closed doors", access=access)
    secret = client.get(address.format(kept.id))
    unknown = client.get(address.format(UNKNOWN))
    assert masked(secret, kept.id) == masked(unknown, UNKNOWN)
    assert secret.status_code == 404
    assert dict(secret.headers) == dict(unknown.headers)


def test_an_embargo_that_has_ended_is_over(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Opened", access=Access(AccessLevel.EMBARGOED, "2001-01-01"))
    assert client.get(media_url(kept.id)).status_code == 200


def test_a_recording_withdrawn_while_served_is_gone_at_once(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Withdrawn")
    assert client.get(media_url(kept.id)).status_code == 200
    shelf.archive.update(replace(kept, access=Access(AccessLevel.RESTRICTED)), agent="test", reason="withdrawn")
    assert client.get(media_url(kept.id)).status_code == 404
    assert client.get(f"/api/recordings/{kept.id}/transcript.json").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "%2e%2e", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "%5c%5chost%5cshare", "%00",
        "0123456789abcdef%00.wav", "/etc/passwd", "%2fetc%2fpasswd", "C:%5cWindows", "0123456789ABCDEF",
        "0123456789abcde", "0123456789abcdef0", "0123456789abcdef/..", "0123456789abcdef/media.wav", "", "%F0%28",
        "recording.json", "0123456789abcdef%0a", "a" * 5000, "．．", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_paths_are_no_ids(client: TestClient, kept: Recording, path: str) -> None:
    answer = client.get(f"/av/{path}", follow_redirects=False)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "root:" not in answer.text


@pytest.mark.parametrize("lead_out", [lambda out, media: media.symlink_to(out), lambda _, media: media.mkdir()])
def test_a_file_that_leads_out_of_the_archive_is_not_served(
    client: TestClient, shelf: Shelf, tmp_path: Path, lead_out: Callable[[Path, Path], None]
) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(b"outside")
    kept = shelf.add("Inaugural address")
    media = shelf.archive.media_path(kept.id)
    media.unlink()
    lead_out(secret, media)
    answer = client.get(media_url(kept.id))
    assert masked(answer, kept.id) == masked(client.get(media_url(UNKNOWN)), UNKNOWN)


def test_a_recording_folder_that_leads_out_of_the_archive_is_not_served(
    client: TestClient, shelf: Shelf, tmp_path: Path
) -> None:
    kept = shelf.add("Inaugural address")
    folder = shelf.archive.folder(kept.id)
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert client.get(media_url(kept.id)).status_code == 404


def test_media_that_is_gone_from_the_disk_is_not_there(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Inaugural address")
    shelf.archive.media_path(kept.id).unlink()
    assert client.get(media_url(kept.id)).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_media_is_only_for_reading(client: TestClient, kept: Recording, method: str) -> None:
    answer = client.request(method, media_url(kept.id))
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.headers["content-type"] == "application/problem+json"
