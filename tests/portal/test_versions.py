"""Which words a page shows and which sound it plays: any version, any layer, hits where they were said."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from archive.catalog import Catalog
from archive.files import sha256_of
from archive.models import (
    FLOOR,
    TRANSLATED,
    TRANSLATION,
    Layer,
    LayerFile,
    Maker,
    MakerKind,
    Quality,
    Recording,
    Segment,
    Transcript,
    Word,
)
from archive.store import GivenFile
from ingest.corrections import corrected
from ingest.edits import Edit, Edits
from ingest.imports import Told
from ingest.media import make_layer_copy
from ingest.texts import import_text
from portal import state
from portal.address import Address
from portal.views.recording import recording_data
from portal.views.search import answer_data
from tests.portal.conftest import Shelf

INTERPRETED = "بپرسید چه می‌توانید بکنید"
ENGLISH = ("All", "human", "beings", "are", "free")


def page(recording: Recording, **address: Any) -> dict[str, Any]:
    recording_data.clear()
    data: dict[str, Any] = msgspec.json.decode(
        recording_data(Address(recording=recording.id, **address).href, state.today())
    )
    return data


def part(data: dict[str, Any], title: str) -> dict[str, tuple[str, str]]:
    """The rows of a part beside the words: label to value and link."""
    (found,) = [one for one in data["side"] if one["title"] == title]
    return {row["label"]: (row["value"], row.get("href", "")) for row in found["rows"]}


@pytest.fixture
def interpreted(shelf: Shelf, tmp_path: Path) -> Recording:
    """A recording with a Persian interpreter, whose words are version 2."""
    kept = shelf.add("Inaugural address")
    kept = replace(kept, layers=(Layer(), Layer("fa", 0, "fa")))
    shelf.archive.update(kept, agent="test", reason="an interpreter")
    words = tuple(Word(word, 2.0 + at, 2.5 + at) for at, word in enumerate(INTERPRETED.split()))
    segment = Segment(2.0, words[-1].end, words, language="fa")
    heard = Maker(MakerKind.ENGINE, "toy")
    shelf.archive.add_transcript(Transcript(kept.id, 0, heard, (segment,), "fa", "fa", 6.0), agent="test")
    copy = make_layer_copy(shelf.archive.media_path(kept.id), kept.media, 0, tmp_path)
    shelf.archive.set_layer_copy(kept.id, "fa", copy)
    Catalog(shelf.archive).put(kept.id)
    shelf.index()
    return kept


def test_a_given_text_is_shown_with_where_it_differs_and_the_other_version_can_be_chosen(shelf: Shelf) -> None:
    kept = shelf.add("Inaugural address", "ask knot what")
    heard = replace(shelf.archive.transcript(kept.id), maker=Maker(MakerKind.ENGINE, "toy"))
    shelf.archive.add_transcript(heard, agent="test")
    file = GivenFile("typescript.txt", "txt", b"Ask not what")
    import_text(shelf.archive, kept.id, file, layer=FLOOR, told=Told("Radio archive"), agent="test")
    newest = page(kept)
    assert newest["transcript"].endswith("?version=3")
    about = part(newest, "Transcript")
    assert about["Made by"][0] == "typescript.txt"
    assert about["Source"][0] == "Radio archive"
    assert about["Differs"][0] == "1 place, from version 2"
    link = f"/?recording={kept.id}&version="
    assert part(newest, "Versions") == {
        "3": ("typescript.txt", ""),
        "2": ("toy", f"{link}2"),
        "1": ("test", f"{link}1"),
    }
    former, unknown = page(kept, version=1, t="1,1.4"), page(kept, version=99)
    assert former["transcript"].endswith("?version=1")
    assert former["former"] == {
        "said": "Version 1 of these words, not the newest",
        "href": f"/?recording={kept.id}&t=1,1.4",
    }
    assert unknown["transcript"].endswith("?version=3")
    assert unknown["former"] == {"said": "There is no version 99; this is version 3", "href": ""}
    assert newest["former"] is page(kept, version=3)["former"] is None


def test_a_correction_says_who_made_it_and_marks_only_what_was_corrected(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add("Inaugural address", "")
    words = tuple(Word(text, 1.0 + at, 1.5 + at, 0.9) for at, text in enumerate(("ask", "knot", "your", "country")))
    halves = (Segment(1.0, 2.5, words[:2], language="en"), Segment(3.0, 4.5, words[2:], language="en"))
    toy = Maker(MakerKind.ENGINE, "toy", "1")
    base = shelf.archive.add_transcript(Transcript(kept.id, 0, toy, halves, duration=6.0), agent="test")
    made = corrected(base, Edits((Edit(1, 2, ("بپرس", "not")),)), Layer(), by="مینا", why="misheard")
    shelf.archive.add_transcript(made, agent="test", after=1)
    Catalog(shelf.archive).put(kept.id)
    shelf.index()
    shown = page(kept)
    assert {label: value for label, (value, _) in part(shown, "Transcript").items()} == {
        "Version": "2 of 2",
        "Made by": "toy 1",
        "Language": "language unclear",
        "Words": "5",
        "Changed by": "مینا",
        "From version": "1",
        "New words": "2 in place of 1",
        "Why": "misheard",
    }
    assert [(badge["label"], badge["kind"]) for badge in shown["side"][0]["badges"]] == [
        ("machine transcript", ""),
        ("1 passage corrected by a person", "ok"),
    ]
    assert [value for value, _ in part(shown, "Versions").values()] == ["corrected by مینا", "toy"]
    assert shown["cite"]["proof"].startswith("Machine transcript, corrected by a person, version 2; SHA-256")
    told = client.get(f"/api/recordings/{kept.id}/transcript.json").json()
    assert [segment["corrected"] for segment in told["segments"]] == [True, False]
    answer_data.clear()
    answer = msgspec.json.decode(answer_data(Address(q="not OR country").href, state.today()))
    assert [(row["badge"], row["kind"]) for row in answer["recordings"][0]["rows"]] == [
        ("corrected by a person", "ok"),
        ("machine transcript", ""),
    ]
    assert page(kept, version=1)["cite"]["proof"].startswith("Machine transcript, version 1;")


def test_the_floor_is_shown_unless_the_interpreter_is_asked_for(interpreted: Recording) -> None:
    floor, other = page(interpreted), page(interpreted, version=2)
    assert (floor["note"], other["note"]) == (None, {"label": "What an interpreter said, فارسی", "kind": ""})
    assert (floor["transcript"][-1], floor["media"]["url"]) == ("1", f"/av/{interpreted.id}")
    assert (other["transcript"][-1], other["media"]["url"]) == ("2", f"/av/{interpreted.id}?layer=fa")
    assert other["cite"]["proof"].startswith("Interpreter's words, machine transcript, version 2; SHA-256")
    assert [value for value, _ in part(floor, "Versions").values()] == ["interpreter, فارسی: toy", "test"]


def test_a_hit_in_the_interpreters_words_opens_on_them(client: TestClient, interpreted: Recording) -> None:
    answer = client.get("/api/search", params={"q": "بپرسید"}).json()
    assert [moment["url"] for moment in answer["moments"]] == [f"/?recording={interpreted.id}&version=2&t=2,2.5"]
    said = client.get("/api/search", params={"q": "country"}).json()
    assert "version" not in said["moments"][0]["url"]
    assert page(interpreted, version=2, q="بپرسید")["hits"] == [[2.0, 2.5]]
    assert (page(interpreted, version=2)["version"], page(interpreted)["version"]) == (2, None), "links keep to it"
    assert page(interpreted, q="بپرسید")["hits"] == []


def test_an_interpreters_file_is_shown_with_its_digest_and_may_end_after_the_floor(
    client: TestClient, shelf: Shelf, tmp_path: Path
) -> None:
    kept = shelf.add("Inaugural address")
    source = tmp_path / "مترجم.wav"
    source.write_bytes(b"RIFF, of which nothing is played here")
    media = replace(kept.media, name=source.name, sha256=sha256_of(source))
    layer = Layer("fa", 0, "fa", LayerFile(media, 2.5, "Booth 3", "CC BY 4.0"))
    shelf.archive.add_layer(kept.id, layer, source)
    shown = {label: value for label, (value, _) in part(page(kept), "Interpreter, فارسی").items()}
    assert shown == {
        "From": "Booth 3",
        "Rights": "CC BY 4.0",
        "File": "مترجم.wav",
        "Begins": "0:02",
        "SHA-256": media.sha256,
    }
    assert page(kept, t="8,8.5")["range"] == [8.0, 8.5], "2.5 seconds after its floor has ended"
    told = client.get(f"/api/recordings/{kept.id}").json()
    assert told["duration"] == kept.media.duration + 2.5
    assert told["layers"] == [
        {
            **{"id": "floor", "layer": "floor", "language": "", "file": kept.media.name, "offset": 0.0},
            **{"sha256": kept.media.sha256, "media": f"/av/{kept.id}"},
        },
        {
            **{"id": "fa", "layer": "interpreter", "language": "fa", "file": "مترجم.wav", "offset": 2.5},
            **{"sha256": media.sha256, "media": f"/av/{kept.id}?layer=fa"},
        },
    ]


def test_a_hit_on_the_search_page_sounds_in_its_own_layer(client: TestClient, interpreted: Recording) -> None:
    answer_data.clear()
    answer = msgspec.json.decode(answer_data(Address(q="بپرسید OR country").href, state.today()))
    shown = answer["recordings"][0]["rows"]
    rows = {row["lang"]: (row["layer"], row["badge"], row["media"]) for row in shown}
    floor = f"/av/{interpreted.id}"
    assert rows == {
        "en": ("", "corrected by a person", floor),
        "fa": ("interpreter", "machine transcript", f"{floor}?layer=fa"),
    }
    moments = client.get("/api/search", params={"q": "بپرسید OR country", "layer": "interpreter"}).json()["moments"]
    assert [(moment["layer"], moment["media"]) for moment in moments] == [("interpreter", f"{floor}?layer=fa")]
    assert client.get(moments[0]["media"]).headers["content-type"] == "audio/mp4"


def test_the_api_gives_the_floor_and_names_the_sound_of_other_layers(
    client: TestClient, interpreted: Recording
) -> None:
    words = f"/api/recordings/{interpreted.id}/transcript.json"
    assert client.get(words).json()["layer"] == "floor"
    assert client.get(words, params={"version": 2}).json()["media"] == {
        "url": f"/av/{interpreted.id}?layer=fa",
        "mime": "audio/mp4",
        "video": False,
    }


def test_the_sound_of_a_layer_is_served_by_ranges(client: TestClient, interpreted: Recording, shelf: Shelf) -> None:
    url = f"/av/{interpreted.id}"
    layer = client.get(url, params={"layer": "fa"}, headers={"Range": "bytes=4-7"})
    assert (layer.status_code, layer.content, layer.headers["content-type"]) == (206, b"ftyp", "audio/mp4")
    assert layer.headers["etag"] != client.head(url).headers["etag"]
    assert client.get(url, params={"layer": FLOOR}).headers["content-type"] == "audio/wav"


@pytest.fixture
def translated(shelf: Shelf) -> Recording:
    """A Persian recording with a machine's translation, which is version 2."""
    kept = shelf.add("اعلامیهٔ جهانی", "تمام افراد بشر آزاد", language="fa", speaker="شیرین عبادی")
    kept = replace(kept, layers=(Layer(), Layer(TRANSLATION, 0, "en", translates=FLOOR)))
    shelf.archive.update(kept, agent="test", reason="a translation")
    words = tuple(Word(word, 1.0 + at / 2, 1.4 + at / 2) for at, word in enumerate(ENGLISH))
    segment = Segment(1.0, words[-1].end, words, language="en")
    maker = Maker(MakerKind.ENGINE, "faster-whisper", settings=(TRANSLATED,))
    shelf.archive.add_transcript(Transcript(kept.id, 0, maker, (segment,), TRANSLATION, "en", 6.0), agent="test")
    Catalog(shelf.archive).put(kept.id)
    shelf.index()
    return kept


def test_a_translation_is_marked_wherever_it_is_seen(client: TestClient, translated: Recording) -> None:
    shown = page(translated, version=2, q="beings")
    assert shown["note"] == {"label": "Machine translation, not what was said", "kind": "warn"}
    assert shown["media"]["url"] == f"/av/{translated.id}"
    assert shown["hits"] == [[2.0, 2.4]]
    assert shown["cite"]["proof"].startswith("Machine translation, not what was said, version 2; SHA-256")
    assert shown["back"]["href"] == "/?q=beings&layer=translation"
    assert [badge["label"] for badge in shown["side"][0]["badges"]] == ["machine translation"]
    assert part(shown, "Versions")["2"][0] == "machine translation: faster-whisper"
    assert page(translated)["note"] is None
    words = f"/api/recordings/{translated.id}/transcript"
    assert client.get(f"{words}.json", params={"version": 2}).json()["translation"] is True
    assert client.get(f"{words}.json").json()["translation"] is False
    for suffix in ("vtt", "srt", "txt"):
        assert "machine translation, not what was said" in client.get(f"{words}.{suffix}", params={"version": 2}).text
        assert "machine translation" not in client.get(f"{words}.{suffix}").text


def test_a_word_that_only_a_translation_has_is_offered_and_not_mixed_in(
    client: TestClient, translated: Recording
) -> None:
    answer_data.clear()
    nothing = msgspec.json.decode(answer_data(Address(q="beings").href, state.today()))
    assert nothing["recordings"] == []
    offer = nothing["tips"][0]
    assert offer["label"] == "See 1 passage of machine translation"
    chosen = msgspec.json.decode(answer_data(offer["href"], state.today()))
    (row,) = chosen["recordings"][0]["rows"]
    assert (row["layer"], row["badge"], row["media"]) == ("machine translation", "", f"/av/{translated.id}")
    assert row["who"] == "شیرین عبادی"
    assert row["link"] == f"/?recording={translated.id}&version=2&t=2,2.4"
    told = client.get("/api/search", params={"q": "beings OR بشر"}).json()["moments"]
    assert [moment["layer"] for moment in told] == ["floor"]
    asked = client.get("/api/search", params={"q": "beings", "layer": "translation"}).json()["moments"]
    assert [(moment["layer"], moment["media"]) for moment in asked] == [("translation", f"/av/{translated.id}")]


def test_what_no_translation_has_is_not_said_to_be_unheard(translated: Recording) -> None:
    answer_data.clear()
    answer = msgspec.json.decode(answer_data(Address(q="آزادی layer:translation").href, state.today()))
    assert (answer["recordings"], answer["empty"]) == ([], "Not found in the words that were searched.")


@pytest.mark.parametrize("layer", ["de", "../media", "fa/../..", "FA", "\0"])
def test_a_layer_that_is_not_there_answers_404(client: TestClient, interpreted: Recording, layer: str) -> None:
    assert client.get(f"/av/{interpreted.id}", params={"layer": layer}).status_code == 404


def test_a_link_is_shown_with_the_words_of_its_version_and_whose_they_are(
    client: TestClient, interpreted: Recording, shelf: Shelf
) -> None:
    shelf.say(interpreted, "ask nought", doubt=(Quality.LOW, "many words are uncertain"))

    def told(version: str) -> tuple[str, str]:
        page = client.get(f"/?recording={interpreted.id}{version}&t=1,2.4").text
        found = [re.search(rf'property="og:{name}" content="([^"]*)"', page) for name in ("description", "url")]
        description, url = [match[1] for match in found if match]
        return description, url.replace("&amp;", "&").removeprefix("http://testserver")

    link = f"/?recording={interpreted.id}"
    assert told("")[0].startswith("“ask nought” (heard with low certainty) Inaugural address (")
    assert told("&version=1") == (
        "“ask not what” Inaugural address (John F. Kennedy, 20 January 1961, Washington, DC)",
        f"{link}&version=1&t=1,2.4",
    )
    assert told("&version=2")[0].startswith("Interpreter: «بپرسید» Inaugural address")
    assert told("&version=99")[1] == f"{link}&t=1,2.4"
