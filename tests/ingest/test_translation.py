"""A machine's translation: a layer of its own, asked for, heard beside what was said and never mixed with it."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.errors import UsageError
from archive.models import FLOOR, TRANSLATION, LayerKind
from archive.store import Archive
from archive.verify import verify
from ingest.pipeline import IngestSettings, ingest
from ingest.progress import Report
from ingest.weights import resolve
from search.indexer import index_recordings
from search.models import Answer, Filters
from search.searcher import Searcher
from tests.ingest import programs
from tests.ingest.programs import OLD, fill, ingesting, kept

SAID, TRANSLATED = "burst", "machine"  # a word of the toy's that is said, and one that is only in its translations


def take(
    archive: Archive, inbox: Path, *, translate: bool, languages: tuple[str, ...] = ("fa",), **more: str
) -> Report:
    def index(recording: str) -> None:
        index_recordings(archive, (recording,))

    settings = IngestSettings(**({"engine": "toy"} | more), languages=languages, translate=translate)  # type: ignore[arg-type]
    return ingest(archive, [inbox], None, settings, index=index, on_event=lambda _: None)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return fill(tmp_path / "inbox", سخنرانی=9)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.open(tmp_path / "archive", create=True)


def ask(archive: Archive, text: str, *layers: LayerKind) -> Answer:
    with Searcher.open(archive) as searcher:
        return searcher.search(text, Filters(layers=layers))


def test_a_translation_is_a_layer_in_english_beside_what_was_said(archive: Archive, inbox: Path) -> None:
    (result,) = take(archive, inbox, translate=True).results
    (recording,) = archive.ids()
    floor, made = archive.transcript(recording), archive.transcript(recording, layer=TRANSLATION)
    assert (floor.layer, floor.language, floor.translated) == (FLOOR, "fa", False)
    assert (made.language, made.translated, {part.language for part in made.segments}) == ("en", True, {"en"})
    assert made.segments[0].words[5].text == TRANSLATED
    card = Catalog(archive).card(recording)
    assert card is not None
    assert (card.words, card.languages, card.others) == (9, ("fa",), (2,)), "its words are not words that were said"
    assert (result.words, result.version) == (9, 2)
    assert list(verify(archive)) == []


def test_nothing_is_translated_unless_it_is_asked_for_and_there_is_something_to_translate(
    archive: Archive, inbox: Path
) -> None:
    take(archive, inbox, translate=False)
    take(archive, fill(inbox.parent / "english", talk=4), translate=True, languages=("en",))
    assert [[layer.id for layer in archive.recording(known).layers] for known in archive.ids()] == [[FLOOR], [FLOOR]]


def test_a_search_finds_a_translation_only_where_it_is_asked_for(archive: Archive, inbox: Path) -> None:
    take(archive, inbox, translate=True)
    plain = ask(archive, f"{SAID} OR {TRANSLATED}")
    assert [moment.layer for hits in plain.hits for moment in hits.moments] == [LayerKind.FLOOR]
    assert {value.value: value.count for value in plain.facets.layers} == {"floor": 1, "translation": 1}
    assert ask(archive, TRANSLATED).total == 0
    for asked in (ask(archive, f"{TRANSLATED} layer:translation"), ask(archive, TRANSLATED, LayerKind.TRANSLATION)):
        (hits,) = asked.hits
        assert [(moment.layer, moment.track, moment.version) for moment in hits.moments] == [
            (LayerKind.TRANSLATION, FLOOR, 2)
        ]
    with Searcher.open(archive) as searcher:
        assert [moment.version for _, moment in searcher.each(f"{SAID} OR {TRANSLATED}")] == [1]


def test_a_translation_asked_for_later_leaves_what_was_heard_as_it_was(archive: Archive, inbox: Path) -> None:
    take(archive, inbox, translate=False)
    (recording,) = archive.ids()
    before = {path: data for path, data in kept(archive.root).items() if "recording.json" not in path}
    report = take(archive, inbox, translate=True)
    assert report.seconds == pytest.approx(4.5), "the floor is not heard again"
    after = kept(archive.root)
    assert {path: after[path] for path in before} == before
    assert archive.versions(recording, TRANSLATION) == (2,)
    shutil.rmtree(archive.work)
    assert take(archive, inbox, translate=True).seconds == 0
    assert kept(archive.root) == after


@pytest.mark.parametrize("model", ["turbo", "base.en"])
def test_a_model_that_cannot_translate_is_refused_before_anything_is_taken_in(
    archive: Archive, inbox: Path, model: str
) -> None:
    with pytest.raises(UsageError, match=rf"{model} .*translate"):
        take(archive, inbox, translate=True, engine="faster", model=model)
    assert archive.ids() == ()


@pytest.mark.model
def test_a_translation_stays_where_a_model_hears_that_cannot_translate(
    archive: Archive, inbox: Path, tmp_path: Path
) -> None:
    take(archive, inbox, translate=True)
    (recording,) = archive.ids()
    english = tmp_path / "base.en"
    english.symlink_to(resolve("base"))
    take(archive, inbox, translate=False, engine="faster", model=str(english))
    assert (archive.versions(recording, FLOOR), archive.versions(recording, TRANSLATION)) == ((1, 3), (2,))


def test_a_killed_translation_goes_on_and_ends_with_the_same_bytes(inbox: Path, tmp_path: Path) -> None:
    asked = ("--language", "ar", "--translate")
    killed = programs.run(ingesting(tmp_path / "killed", inbox, *asked), ONRECORD_FAILPOINT="kept")
    assert killed.returncode == -signal.SIGKILL
    assert len(list((tmp_path / "killed").rglob("transcripts/*.json"))) == 1, "before anything was translated"
    again = programs.run(ingesting(tmp_path / "killed", inbox, *asked), ONRECORD_FAILPOINT="listen-after-checkpoint")
    assert again.returncode == -signal.SIGKILL
    for name in ("killed", "undisturbed"):
        done = programs.run(ingesting(tmp_path / name, inbox, *asked))
        assert done.returncode == 0, done.stderr
    assert kept(tmp_path / "killed") == kept(tmp_path / "undisturbed")


@pytest.mark.model
def test_whisper_translates_french_into_english_and_keeps_the_french(
    archive: Archive, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONRECORD_VOICES", "0")
    source = tmp_path / "udhr.wav"
    source.write_bytes((samples / "audio" / "fr" / "fr_watson_udhr_sample1.wav").read_bytes())
    os.utime(source, (OLD, OLD))
    take(archive, source, translate=True, languages=("fr",), engine="auto")
    (recording,) = archive.ids()
    floor, made = (archive.transcript(recording, layer=layer) for layer in (FLOOR, TRANSLATION))
    french, english = (" ".join(part.text for part in one.segments) for one in (floor, made))
    assert "êtres humains" in french
    assert "human beings" in english
    assert "conscience" in english
    assert (floor.language, made.language) == ("fr", "en")
    times = [time for part in made.segments for word in part.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[-1] <= made.duration == floor.duration
