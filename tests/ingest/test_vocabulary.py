"""Names are told to the engine where that is asked for: those of the sheet first, as many as fit, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archive.models import Event, Layer
from archive.people import People
from archive.store import Archive
from ingest.listen import listen
from ingest.pipeline import IngestSettings, ingest
from ingest.transcribers import Hints, Transcriber
from ingest.transcribers.toy import ToyTranscriber
from ingest.vocabulary import LONGEST, SETTING, vocabulary
from tests.ingest.hearing import KENNEDY, KENNEDY_SAID, pcm_of, plain, recording_of
from tests.ingest.sounds import write_bursts


def of(people: People, **known: object) -> tuple[str, ...]:
    return vocabulary(replace(recording_of(Path("talk.wav")), **{"title": "", **known}), people)  # type: ignore[arg-type]


@pytest.fixture
def people(tmp_path: Path) -> People:
    """A register with a person in two scripts and two who are elsewhere."""
    register = People.load(tmp_path)
    ebadi = register.ensure("Shirin Ebadi")
    register.add_name(ebadi.id, "شیرین عبادی")
    register.ensure_all(["محمود درویش", "Wangari Maathai"])
    return register


def test_the_sheets_names_come_first_and_in_every_script(people: People) -> None:
    event = Event("e", "Free Iran", place="Paris")
    told = of(people, speakers=("shirin-ebadi",), event=event, place="پاریس", title="A talk")
    assert told[:6] == ("Shirin Ebadi", "شیرین عبادی", "Free Iran", "Paris", "پاریس", "A talk")
    assert sorted(told[6:]) == ["Wangari Maathai", "محمود درویش"]


def test_an_entry_that_was_joined_into_another_tells_the_other(people: People) -> None:
    people.join(people.ensure("Sh. Ebadi").id, people.ensure("Shirin Ebadi").id)
    assert of(people, speakers=("sh-ebadi",))[:2] == ("Shirin Ebadi", "شیرین عبادی")


def test_no_more_than_the_engine_takes_and_no_name_in_part(tmp_path: Path) -> None:
    register = People.load(tmp_path)
    names = {speaker.names[0].text for speaker in register.ensure_all(f"Person Number {n}" for n in range(100))}
    told = of(register)
    assert len(", ".join(told)) <= LONGEST
    assert len(told) > 20
    assert names.issuperset(told)


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("<|endoftext|><|fa|> Peace", "endoftext fa Peace"),
        ("Peace\n\nand\x00 war,\u202e no", "Peace and war no"),
        ("میهنِ ما می\u200cماند", "میهنِ ما می\u200cماند"),
        ("x" * 200, ""),
    ],
)
def test_what_is_no_part_of_a_name_is_not_told(tmp_path: Path, title: str, told: str) -> None:
    assert of(People.load(tmp_path), title=title) == ((told,) if told else ())


def test_other_names_are_another_setting(tmp_path: Path) -> None:
    talk = write_bursts(tmp_path / "talk.wav", 20)
    for names in ((), ("Ebadi",), ("Ebadi", "Maathai")):
        made = listen(recording_of(talk), talk, ToyTranscriber(), tmp_path / "w", layer=Layer(), vocabulary=names)
        assert dict(made.maker.settings).get(SETTING, "") == ", ".join(names)
    assert len(list((tmp_path / "w").glob("*/00000.json"))) == 3


@pytest.mark.parametrize("asked", [True, False])
def test_a_run_tells_names_only_where_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    monkeypatch.setenv("ONRECORD_VOCABULARY", "1" if asked else "0")
    talk = write_bursts(tmp_path / "talk.wav", 20)
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("file,title,speakers\ntalk.wav,Address,شیرین عبادی\n", "utf-8")
    archive = Archive.open(tmp_path / "archive", create=True)
    settings = IngestSettings(engine="toy", languages=("fa",))
    report = ingest(archive, [talk], sheet, settings, index=lambda _id: None, on_event=lambda _event: None)
    settings_of = dict(archive.transcript(report.results[0].recording, 1).maker.settings)
    assert settings_of.get(SETTING) == ("شیرین عبادی, Address" if asked else None)


@pytest.mark.model
def test_plain_speech_is_heard_as_before_with_names_told(samples: Path, faster: Transcriber) -> None:
    pcm = pcm_of(samples / KENNEDY)
    names = ("Shirin Ebadi", "شیرین عبادی", "Wangari Maathai")
    heard = faster.hear(pcm, faster.speech(pcm), Hints(("en",), names))
    assert plain([word.text for segment in heard.segments for word in segment.words]) == KENNEDY_SAID
