"""JSON on disk: readable, stable, marked, refused where it is not ours; and the schemas that describe it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jsonschema
import pytest

from archive import codec
from archive.errors import ArchiveError, Damaged, InputError
from archive.models import (
    HeardVoice,
    HeardVoices,
    HistoryEvent,
    Maker,
    MakerKind,
    Recording,
    Segment,
    Transcript,
    VoiceSample,
    Word,
)
from archive.people import People
from archive.schemas import published
from archive.store import Archive
from archive.tombstones import tombstone_path
from archive.voices import Voices
from archive.withdraw import withdraw
from tests.archive.conftest import MakeTranscript

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"
MAKER = Maker(MakerKind.PERSON, "مینا")


def transcript(*texts: str) -> Transcript:
    words = tuple(Word(text, number / 2, number / 2 + 0.25, 0.9) for number, text in enumerate(texts))
    return Transcript("0" * 16, 1, MAKER, (Segment(0.0, 1.0, words),))


def test_what_is_written_is_read_back() -> None:
    made = transcript("می\u200cرویم", "كتاب", "\u202e", 'a"\\\n', "\u2028", "😀")
    assert codec.decode(codec.encode(made), Transcript, "x") == made
    assert codec.decode(codec.encode_line(made), Transcript, "x") == made


def test_a_word_is_a_line_in_its_own_script() -> None:
    text = codec.encode(transcript("سلام", "دنیا")).decode()
    assert '        {"text": "سلام", "start": 0.0, "end": 0.25, "probability": 0.9},\n' in text
    assert text.startswith('{\n  "schema": "onrecord/transcript/1",\n')
    assert text.endswith("}\n")


def test_the_indented_text_is_the_same_json_as_the_line() -> None:
    made = transcript("a", "b" * 200)
    assert json.loads(codec.encode(made)) == json.loads(codec.encode_line(made))


def test_equal_values_give_equal_bytes() -> None:
    one = HistoryEvent("2026-01-01T00:00:00Z", "validation", "x", detail={"a": "1", "b": "2"})
    two = dataclasses.replace(one, detail={"b": "2", "a": "1"})
    assert codec.encode_line(one) == codec.encode_line(two)


@pytest.mark.parametrize("time", [float("nan"), float("inf")])
def test_a_time_that_is_none_is_not_written(time: float) -> None:
    bad = Transcript("0" * 16, 1, MAKER, (Segment(0.0, 1.0, (Word("a", time, 1.0),)),))
    with pytest.raises(InputError, match="number"):
        codec.encode(bad)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"{}", b'{"schema": 1}', b'{"schema": "onrecord/recording/1"}',
        b'{"schema": "onrecord/transcript/1"}', b'{"schema": "onrecord/transcript/1", "recording": 5}', b"[" * 100000,
        b'{"schema": "onrecord/transcript/1x"}',
    ],
)  # fmt: skip
def test_what_is_no_transcript_is_damaged_and_named(data: bytes) -> None:
    with pytest.raises(Damaged) as caught:
        codec.decode(data, Transcript, "recordings/x/transcripts/0001.json")
    assert caught.value.where == "recordings/x/transcripts/0001.json"
    assert caught.value.mend


def test_a_file_of_a_newer_schema_is_refused_as_such() -> None:
    with pytest.raises(ArchiveError, match="newer format") as caught:
        codec.decode(b'{"schema": "onrecord/transcript/2"}', Transcript, "x")
    assert not isinstance(caught.value, Damaged)


def test_the_committed_schemas_are_those_of_the_models() -> None:
    committed = {path.name: path.read_bytes() for path in SCHEMAS.glob("*.json")}
    assert committed == published(), "run: python -m archive.schemas docs/schemas"


def test_the_files_of_an_archive_follow_the_published_schemas(
    archive: Archive, kept: Recording, transcript: MakeTranscript
) -> None:
    archive.add_transcript(transcript(), agent="toy")
    People.load(archive.root).ensure("سیمین بهبهانی")
    folder = archive.recordings / kept.id
    files = [archive.root / "archive.json", archive.root / "people.json", folder / "recording.json"]
    texts = [path.read_text() for path in (*files, folder / "transcripts" / "0001.json")]
    texts += (folder / "history.jsonl").read_text().splitlines()
    voices = Voices(archive.root)
    voices.enrol("سیمین-بهبهانی", VoiceSample(kept.id, "floor", ((1.0, 2.5),), "net", "0" * 64, (0.6, 0.8)))
    voices.keep(HeardVoices(kept.id, "floor", "net", "0" * 64, (HeardVoice("unknown-1", 12.5, (0.6, 0.8)),)))
    texts += [path.read_text() for path in (archive.root / "voices").rglob("*.json")]
    withdraw(archive, kept.id, by="مینا", why="اعتراض به حق نشر")
    texts.append(tombstone_path(archive.root, kept.id).read_text())
    followed = set()
    for text in texts:
        content = json.loads(text)
        _, kind, version = content["schema"].split("/")
        schema = json.loads((SCHEMAS / f"{kind}-{version}.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(content, schema)
        followed.add(kind)
    assert followed == {kind for kind, _ in codec.SCHEMAS.values()}


def test_a_schema_refuses_what_is_wrong(archive: Archive, kept: Recording) -> None:
    schema = json.loads(published()["recording-1.schema.json"])
    content = json.loads((archive.recordings / kept.id / "recording.json").read_text())
    for wrong in ({"schema": "onrecord/recording/2"}, {"title": 5}, {"access": {"level": "secret"}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**content, **wrong}, schema)
