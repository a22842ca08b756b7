"""Layers: the floor and its interpreters in one file, each heard, kept, searched and played by itself, on one clock."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.models import Layer
from archive.store import Archive, GivenFile
from archive.verify import verify
from ingest.layers import code_of, layers_of
from ingest.media import probe
from ingest.pipeline import IngestSettings, ingest
from ingest.texts import import_text
from search.indexer import index_recordings
from search.models import Filters
from search.searcher import Searcher
from tests.ingest.films import PICTURE, beeps, encode

FLOOR = Layer()


def beep_at(*times: float) -> tuple[str, ...]:
    """An input of six seconds with a beep of 50 ms at each time."""
    when = "+".join(f"between(t,{time},{time}+0.05)" for time in times)
    return ("-f", "lavfi", "-i", f"aevalsrc='0.8*sin(2*PI*1000*t)*({when})':s=44100:d=6")


def hall(path: Path, *codecs: str) -> Path:
    """A film with the floor (beeps at 1 and 2 s) and a Persian interpreter (at 3, 4 and 5 s), who begins late."""
    return encode(
        path,
        *PICTURE,
        *beep_at(1, 2),
        *("-itsoffset", "0.5", *beep_at(2.5, 3.5, 4.5)),
        *("-map", "0:v", "-map", "1:a", "-map", "2:a"),
        *("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fas", *codecs),
    )


@pytest.mark.parametrize(
    ("tags", "layers"),
    [
        (["eng"], (FLOOR,)),
        ([""], (FLOOR,)),
        (["eng", "fas", "ara"], (FLOOR, Layer("fa", 1, "fa"), Layer("ar", 2, "ar"))),
        (["und", "en-GB", "per"], (FLOOR, Layer("en", 1, "en"), Layer("fa", 2, "fa"))),
        (["eng", "eng", ""], (FLOOR,)),  # the floor in another format, and a track that says nothing
        (["", "fra", "fre", "fr"], (FLOOR, Layer("fr", 1, "fr"))),
        (["", "../../x", "zxx", "mul"], (FLOOR,)),
    ],
)
def test_tracks_in_languages_of_their_own_are_layers(tags: list[str], layers: tuple[Layer, ...]) -> None:
    assert layers_of(tags) == layers


def test_language_tags_of_containers_become_codes() -> None:
    assert [code_of(tag) for tag in ("per", "FAS", "fa-IR", "ara", "ger", "xx", "")] == [
        "fa",
        "fa",
        "fa",
        "ar",
        "de",
        "",
        "",
    ]


@pytest.fixture(params=["hall.mkv", "hall.mp4"])
def archive(tmp_path: Path, request: pytest.FixtureRequest) -> Archive:
    path = hall(tmp_path / request.param, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    kept = Archive.open(tmp_path / "archive", create=True)
    settings = IngestSettings(engine="toy", languages=("en",))

    def index(recording: str) -> None:
        index_recordings(kept, (recording,))

    report = ingest(kept, (path,), None, settings, index=index, on_event=lambda _: None)
    assert [result.reason for result in report.results] == [""]
    return kept


def test_each_layer_is_heard_kept_and_searched_by_itself_on_one_clock(archive: Archive) -> None:
    (recording,) = archive.ids()
    assert archive.recording(recording).layers == (FLOOR, Layer("fa", 1, "fa"))
    assert "audio tracks" not in " ".join(archive.recording(recording).media.warnings)
    heard = {layer: archive.transcript(recording, layer=layer) for layer in ("floor", "fa")}
    starts = {layer: [word.start for part in one.segments for word in part.words] for layer, one in heard.items()}
    assert starts["floor"] == pytest.approx([1, 2], abs=0.05)
    assert starts["fa"] == pytest.approx([3, 4, 5], abs=0.05)
    assert [one.language for one in heard.values()] == ["en", "fa"]
    with Searcher.open(archive) as searcher:
        assert searcher.search("word").total == 2
        (hits,) = searcher.search("word", Filters(languages=("fa",))).hits
        assert [moment.start for moment in hits.moments] == pytest.approx([4], abs=0.05)
    card = Catalog(archive).card(recording)
    assert card is not None
    assert (card.words, card.others) == (5, (2,))
    assert list(verify(archive)) == []


def test_the_sound_of_a_layer_can_be_played_by_itself_and_keeps_the_clock(archive: Archive) -> None:
    (recording,) = archive.ids()
    path = archive.layer_path(recording, "fa")
    assert path is not None
    assert beeps(path) == pytest.approx([3, 4, 5], abs=0.03)
    assert (probe(path).playable, probe(path).mime, probe(path).video_codec) == (True, "audio/mp4", "")


def test_a_text_is_given_to_the_layer_whose_words_it_has(archive: Archive) -> None:
    (recording,) = archive.ids()
    given = GivenFile("مترجم.txt", "txt", b"One, word for")
    kept = import_text(archive, recording, given, layer="fa", agent="test")
    assert [word.start for word in kept.segments[0].words] == pytest.approx([3, 4, 5], abs=0.05)
    assert archive.transcript(recording, layer="fa") == kept
    assert archive.transcript(recording).version == 1


def test_a_track_that_names_no_language_is_noted_and_not_heard(tmp_path: Path) -> None:
    talk = encode(
        tmp_path / "talk.mka",
        *(*beep_at(1), "-map", "0:a", "-map", "0:a", "-map", "0:a", "-c:a", "libopus"),
        *("-metadata:s:a:1", "language=ara"),
    )
    assert probe(talk).warnings == ("3 audio tracks; 2 of them are heard",)
