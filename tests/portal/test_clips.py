"""`/av/{id}/clip.{format}`: the words of a moment as sound, for strangers: right, bounded, and gone when sent."""

from __future__ import annotations

import base64
import hashlib
import io
import tempfile
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

import cli
from archive.errors import MediaError
from archive.models import Access, AccessLevel, Maker, MakerKind, Recording, Segment, Transcript, Word
from archive.store import Archive
from ingest import access_copy
from ingest.access_copy import make_clip
from ingest.probe import probe
from portal.clip import LONGEST_S
from portal.links import clip_url
from portal.routes import clips

if TYPE_CHECKING:
    from tests.portal.conftest import Shelf

PERSIAN = "تمام افراد بشر آزاد به دنیا می‌آیند"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, of this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def unpacked(body: bytes) -> tuple[bytes, str, list[str]]:
    """The sound, the text and the names in a ZIP."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        sound, text = packed.namelist()
        return packed.read(sound), packed.read(text).decode(), packed.namelist()


def test_the_words_of_a_moment_come_as_sound_with_their_digest(
    client: TestClient, kept: Recording, tmp_path: Path, temporary: Path
) -> None:
    answer = client.get(clip_url(kept.id, "m4a", 2.0, 3.4))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mp4")
    assert answer.headers["content-disposition"] == f'attachment; filename="{kept.id}-2-3.4.m4a"'
    digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    (tmp_path / "clip.m4a").write_bytes(answer.content)
    assert probe(tmp_path / "clip.m4a").duration == pytest.approx(1.4, abs=0.05)
    assert list(temporary.iterdir()) == []


def test_a_clip_comes_with_the_quote_and_what_proves_both(client: TestClient, kept: Recording) -> None:
    answer = client.get(clip_url(kept.id, "zip", 2.0, 3.4, 1))
    assert answer.headers["content-type"] == "application/zip"
    sound, text, names = unpacked(answer.content)
    assert names == [f"{kept.id}-2-3.4.m4a", f"{kept.id}-2-3.4.txt"]
    said, source, link, proof, digest = text.replace("\u2068", "").replace("\u2069", "").strip().split("\n")
    assert said == "“what your country”"
    assert source.startswith("John F. Kennedy, Inaugural address, Inauguration 1961, 20 January 1961, Washington, DC")
    assert source.endswith("0:02 to 0:03")
    assert link == f"http://testserver/?recording={kept.id}&t=2,3.4"
    assert proof == f"Corrected by a person, version 1; SHA-256 of the recording: {kept.media.sha256}"
    assert digest == f"SHA-256 of the clip: {hashlib.sha256(sound).hexdigest()}"
    assert client.get(clip_url(kept.id, "m4a", 2.0, 3.4)).content == sound, "cut again, the same bytes"


def test_the_page_and_the_terminal_cut_the_same_bytes(
    client: TestClient, standing: tuple[Path, Recording], kept: Recording, tmp_path: Path
) -> None:
    target = tmp_path / "clip.m4a"
    command = ["clip", f"/?recording={kept.id}&t=2,3.4", "-o", str(target), "--archive", str(standing[0])]
    assert cli.main(command) == 0
    assert client.get(clip_url(kept.id, "m4a", 2.0, 3.4)).content == target.read_bytes()


def test_a_persian_quote_keeps_its_order_beside_latin_ones(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("اعلامیهٔ جهانی\u202e حقوق بشر", PERSIAN, speaker="شیرین عبادی", language="fa", date="2018-12-10")
    _, text, _ = unpacked(client.get(clip_url(kept.id, "zip", 1.0, 2.4)).content)
    said, source, *_ = text.split("\n")
    assert said == "\u2068«تمام افراد بشر»\u2069"
    assert source.startswith("\u2068شیرین عبادی\u2069, \u2068اعلامیهٔ جهانی␣U+202E حقوق بشر\u2069, ")


def test_a_voice_that_nobody_named_is_called_so_in_a_clip_as_on_the_page(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("نشست", "")
    words = (Word("سلام", 1.0, 1.4, 0.9),)
    segment = Segment(1.0, 1.4, words, "unknown-1", "fa")
    heard = Transcript(kept.id, 0, Maker(MakerKind.ENGINE, "toy"), (segment,), language="fa", duration=6.0)
    shelf.archive.add_transcript(heard, agent="test")
    _, text, _ = unpacked(client.get(clip_url(kept.id, "zip", 1.0, 1.4)).content)
    assert text.split("\n")[1].startswith("\u2068unnamed voice 1\u2069, ")


def test_words_of_a_version_are_quoted_from_it(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Inaugural address", "tusk not what")
    shelf.say(kept, "ask not what")
    quoted = [unpacked(client.get(clip_url(kept.id, "zip", 1.0, 1.4, version)).content)[1] for version in (1, None)]
    assert ["“tusk”" in quoted[0], "“ask”" in quoted[1]] == [True, True]
    page = f"http://testserver/?recording={kept.id}"
    assert [text.split("\n")[2] for text in quoted] == [f"{page}&version=1&t=1,1.4", f"{page}&t=1,1.4"]
    assert client.get(clip_url(kept.id, "zip", 1.0, 1.4, 7)).status_code == 404


@pytest.mark.parametrize(
    "asked",
    ["", "?t=1", "?t=2,1", "?t=abc,3", "?t=-1,3", "?t=1,2,3", "?t=1e0,2e0", "?t=٠,٣", "?t=90,91", "?t=1.0001,1.0002",
     "?t=1,2&layer=fa",
     "?t=1,2&version=0"],
)  # fmt: skip
def test_what_names_no_moment_is_refused_and_not_guessed(client: TestClient, kept: Recording, asked: str) -> None:
    answer = client.get(f"/av/{kept.id}/clip.m4a{asked}")
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:onrecord:problem:InputError")


def test_a_clip_is_at_most_so_long(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("A long speech", seconds=LONGEST_S + 20)
    assert client.get(clip_url(kept.id, "m4a", 10.0, 10.0 + LONGEST_S)).status_code == 200
    answer = client.get(clip_url(kept.id, "m4a", 10.0, 10.1 + LONGEST_S))
    assert (answer.status_code, "at most 180 s" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize("path", ["clip.mp3", "clip.wav", "clip", "clip.m4a/x", "clip.m4a%2f..", "clip.%00"])
def test_there_are_no_other_formats(client: TestClient, kept: Recording, path: str) -> None:
    assert client.get(f"/av/{kept.id}/{path}?t=1,2").status_code == 404


def test_without_words_there_is_no_clip(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Unheard", "")
    assert client.get(clip_url(kept.id, "m4a", 1.0, 2.0)).status_code == 404


def test_more_cuts_than_are_allowed_are_put_off(
    client: TestClient, kept: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips, "_cuts", threading.BoundedSemaphore(1))
    url = clip_url(kept.id, "m4a", 1.0, 2.0)
    with clips._cuts:
        answer = client.get(url)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:onrecord:problem:Busy")
        assert int(answer.headers["retry-after"]) > 0
        assert client.head(url).status_code == 200, "nothing is cut for it"
    for _ in range(3):
        assert client.get(url).status_code == 200, "a cut that ended makes room"


def test_who_has_it_already_is_told_so_without_cutting(
    client: TestClient, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = shelf.add("Inaugural address")
    url = clip_url(kept.id, "zip", 1.0, 2.0)
    first = client.get(url)
    assert first.headers["cache-control"] == client.get(f"/av/{kept.id}").headers["cache-control"]
    known = {"If-None-Match": first.headers["etag"]}
    monkeypatch.setattr(clips, "_cuts", threading.BoundedSemaphore(1))
    with clips._cuts:
        again = client.get(url, headers=known)
        assert (again.status_code, again.content) == (304, b"")
    shelf.archive.update(replace(kept, title="Inaugural address, 1961"), agent="test", reason="title")
    changed = client.get(url, headers=known)
    assert (changed.status_code, "Inaugural address, 1961" in unpacked(changed.content)[1]) == (200, True)


def test_a_recording_that_is_closed_while_served_gives_no_clip_from_then_on(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Withdrawn")
    known = {"If-None-Match": client.get(clip_url(kept.id, "m4a", 1.0, 2.0)).headers["etag"]}
    shelf.archive.update(replace(kept, access=Access(AccessLevel.RESTRICTED)), agent="test", reason="closed")
    assert client.get(clip_url(kept.id, "m4a", 1.0, 2.0), headers=known).status_code == 404


def test_a_file_that_leads_out_of_the_archive_is_not_cut(client: TestClient, shelf: Shelf, tmp_path: Path) -> None:
    kept = shelf.add("Inaugural address")
    media = shelf.archive.media_path(kept.id)
    media.rename(tmp_path / "outside.wav")
    media.symlink_to(tmp_path / "outside.wav")
    assert client.get(clip_url(kept.id, "m4a", 1.0, 2.0)).status_code == 404


def test_sound_that_cannot_be_cut_is_our_trouble_and_names_no_path(
    client: TestClient, shelf: Shelf, temporary: Path
) -> None:
    kept = shelf.add("Inaugural address")
    shelf.archive.media_path(kept.id).write_bytes(b"no sound" * 100)
    answer = client.get(clip_url(kept.id, "m4a", 1.0, 2.0))
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:onrecord:problem:MachineError")
    assert str(shelf.archive.root) not in answer.text
    assert list(temporary.iterdir()) == []


def test_where_the_file_has_no_sound_any_more_there_is_no_clip(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Cut short", edit=lambda media: replace(media, duration=60.0))
    assert client.get(clip_url(kept.id, "m4a", 50.0, 52.0)).status_code == 503


def test_a_cut_that_is_stuck_is_ended(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = shelf.add("A long speech", seconds=60.0)
    monkeypatch.setattr(access_copy, "CLIP_LEAST_WALL_S", 0.01)
    monkeypatch.setattr(access_copy, "CLIP_WALL_PER_SECOND", 0.0)
    folder = tmp_path / "cut"
    folder.mkdir()
    with pytest.raises(MediaError, match=r"Stuck|SIGXCPU|SIGKILL"):
        make_clip(Archive.open(shelf.archive.root).media_path(kept.id), 50.0, 58.0, folder)
    assert list(folder.iterdir()) == []
