"""Given texts on their way into the archive, from the sheet and after the ingest, with the toy engine."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from archive.errors import InputError, NotFound
from archive.models import FLOOR, Layer, Maker, MakerKind, Quality, Segment, Transcript, Word
from archive.people import People
from archive.revision import revised
from archive.store import Archive
from archive.verify import verify
from ingest.corrections import corrected
from ingest.edits import Edit, Edits
from ingest.imports import DIFFERS
from ingest.pipeline import IngestSettings, ingest
from ingest.progress import Report
from ingest.texts import import_text, put_above, read_text, unknown_names
from tests.ingest.sounds import write_bursts

OLD = 1_000_000_000  # so that nobody waits whether a file still grows
# the toy engine hears "one word for every ..." at the bursts, one each half second
HEARD_BY_TOY = "One word, for every"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.open(tmp_path / "archive", create=True)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    write_bursts(folder / "talk.wav", 4)
    return folder


def take(archive: Archive, inbox: Path, sheet: str) -> Report:
    (inbox / "sheet.csv").write_text(sheet, "utf-8")
    for path in inbox.rglob("*"):
        os.utime(path, (OLD, OLD))
    settings = IngestSettings(engine="toy", languages=("en",))
    nothing = lambda _: None  # noqa: E731
    return ingest(archive, (inbox,), inbox / "sheet.csv", settings, index=nothing, on_event=nothing)


def versions(archive: Archive, recording: str) -> list[tuple[MakerKind, str]]:
    made = [archive.transcript(recording, version).maker for version in archive.versions(recording)]
    return [(maker.kind, dict(maker.settings).get("times", "")) for maker in made]


def starts(transcript: Transcript) -> list[float]:
    return [word.start for segment in transcript.segments for word in segment.words]


def test_a_transcript_in_the_sheet_is_kept_and_takes_the_times_that_are_heard(archive: Archive, inbox: Path) -> None:
    (inbox / "گفتار.txt").write_text(HEARD_BY_TOY, "utf-8")
    (result,) = take(archive, inbox, "file,transcript\ntalk.wav,گفتار.txt\n").results
    assert versions(archive, result.recording) == [
        (MakerKind.IMPORT, "estimated"),
        (MakerKind.ENGINE, ""),
        (MakerKind.IMPORT, "heard"),
    ]
    newest = archive.transcript(result.recording)
    assert newest.maker.name == "گفتار.txt"
    assert starts(newest) == starts(archive.transcript(result.recording, 2))
    assert archive.given(result.recording, dict(newest.maker.settings)["file"]) == HEARD_BY_TOY.encode()
    assert list(verify(archive)) == []


def test_a_second_run_imports_nothing_again_and_a_changed_text_is_a_new_version(archive: Archive, inbox: Path) -> None:
    sheet = "file,transcript\ntalk.wav,talk.txt\n"
    (inbox / "talk.txt").write_text(HEARD_BY_TOY)
    (first,) = take(archive, inbox, sheet).results
    take(archive, inbox, sheet)
    assert archive.versions(first.recording) == (1, 2, 3)
    (inbox / "talk.txt").write_text(HEARD_BY_TOY + " time")
    take(archive, inbox, sheet)
    assert archive.versions(first.recording) == (1, 2, 3, 4)
    assert versions(archive, first.recording)[-1] == (MakerKind.IMPORT, "heard")


@pytest.mark.parametrize(
    ("name", "bytes_of", "code"),
    [
        ("talk.ttml", b"<!DOCTYPE tt [<!ENTITY a 'b'>]><tt/>", "InputError"),
        ("talk.txt", "سلام بر همه".encode("windows-1256"), "InputError"),
        ("gone.vtt", None, "transcript-missing"),
        ("../secret.txt", None, "transcript-missing"),
    ],
)
def test_a_recording_is_taken_without_a_transcript_that_cannot_be_and_it_is_said(
    archive: Archive, inbox: Path, name: str, bytes_of: bytes | None, code: str
) -> None:
    (inbox.parent / "secret.txt").write_text("not handed in")
    if bytes_of is not None:
        (inbox / name).write_bytes(bytes_of)
    report = take(archive, inbox, f"file,transcript\ntalk.wav,{name}\n")
    assert [finding.code for finding in report.findings] == [code]
    assert versions(archive, report.results[0].recording) == [(MakerKind.ENGINE, "")]


def test_a_link_is_not_followed_to_a_transcript(archive: Archive, inbox: Path) -> None:
    (inbox.parent / "secret.txt").write_text("not handed in")
    (inbox / "link.txt").symlink_to(inbox.parent / "secret.txt")
    report = take(archive, inbox, "file,transcript\ntalk.wav,link.txt\n")
    assert "transcript-missing" in [finding.code for finding in report.findings]
    with pytest.raises(InputError, match="not a regular file"):
        read_text(inbox / "link.txt")


def test_a_text_given_later_becomes_the_newest_and_says_where_it_differs(archive: Archive, inbox: Path) -> None:
    (result,) = take(archive, inbox, "file\ntalk.wav\n").results
    text = inbox / "other.srt"
    text.write_text("1\n00:00:00,000 --> 00:00:03,000\nSomething else entirely was said here\n")
    kept = import_text(archive, result.recording, read_text(text), layer=FLOOR, agent="test")
    assert archive.transcript(result.recording) == kept
    assert kept.segments[0].quality is Quality.SUSPECT
    assert DIFFERS in kept.segments[0].reasons
    assert import_text(archive, result.recording, read_text(text), layer=FLOOR, agent="test") == kept
    with pytest.raises(NotFound, match="no layer 'interpreter'"):
        import_text(archive, result.recording, read_text(text), layer="interpreter", agent="test")


def corrects(archive: Archive, recording: str, text: str) -> Transcript:
    """Mina gives another word in the place of the first one."""
    base = archive.transcript(recording)
    made = corrected(base, Edits((Edit(0, 1, (text,)),)), Layer(), by="مینا")
    return archive.add_transcript(made, agent="test", after=base.version)


def hear_again(archive: Archive, recording: str) -> Transcript:
    """What another engine makes of it, and what is put above it then."""
    words = (Word("something", 0.0, 0.4), Word("else", 0.4, 0.9))
    heard = Maker(MakerKind.ENGINE, "faster-whisper", model="large-v3")
    archive.add_transcript(Transcript(recording, 0, heard, (Segment(0.0, 0.9, words),)), agent="test")
    put_above(archive, recording, FLOOR, agent="test")
    return archive.transcript(recording)


def test_a_correction_stays_above_what_is_heard_later(archive: Archive, inbox: Path) -> None:
    (result,) = take(archive, inbox, "file\ntalk.wav\n").results
    first = corrects(archive, result.recording, "یک")
    again = hear_again(archive, result.recording)
    assert (again.version, again.segments) == (4, first.segments)
    assert (again.maker.kind, again.maker.name) == (MakerKind.PERSON, "مینا")
    assert dict(again.maker.settings)["above version"] == "3"
    assert put_above(archive, result.recording, FLOOR, agent="test") is None, "once is enough"
    take(archive, inbox, "file,title\ntalk.wav,B\n")
    assert archive.versions(result.recording) == (1, 2, 3, 4)
    assert list(verify(archive)) == []


def test_words_that_a_person_took_out_do_not_come_back_with_what_is_heard_later(archive: Archive, inbox: Path) -> None:
    (result,) = take(archive, inbox, "file\ntalk.wav\n").results
    base = archive.transcript(result.recording)
    everything = Edit(0, sum(len(segment.words) for segment in base.segments))
    archive.add_transcript(corrected(base, Edits((everything,)), Layer(), by="Mina"), agent="test")
    emptied = archive.transcript(result.recording)
    named = replace(emptied, maker=revised(emptied, "Ali", Layer(), (("voice", "unknown-1"),)))
    archive.add_transcript(named, agent="test")
    assert hear_again(archive, result.recording).segments == ()


def test_a_correction_of_a_given_text_stays_above_it_and_above_what_is_heard_later(
    archive: Archive, inbox: Path
) -> None:
    (inbox / "talk.txt").write_text(HEARD_BY_TOY)
    sheet = "file,title,transcript\ntalk.wav,{},talk.txt\n"
    (result,) = take(archive, inbox, sheet.format("A")).results
    first = corrects(archive, result.recording, "یک")
    assert hear_again(archive, result.recording).segments == first.segments
    take(archive, inbox, sheet.format("B"))
    assert archive.transcript(result.recording).segments == first.segments


def test_who_only_named_a_voice_does_not_hold_back_what_is_heard_later(archive: Archive, inbox: Path) -> None:
    (result,) = take(archive, inbox, "file\ntalk.wav\n").results
    base = archive.transcript(result.recording)
    segments = (replace(base.segments[0], speaker="mina"), *base.segments[1:])
    named = replace(base, segments=segments, maker=revised(base, "Ali", Layer(), (("voice", "unknown-1"),)))
    archive.add_transcript(named, agent="test")
    assert hear_again(archive, result.recording).maker.kind is MakerKind.ENGINE


def test_only_speakers_that_the_register_knows_are_named(archive: Archive, inbox: Path) -> None:
    (result,) = take(archive, inbox, "file,speakers\ntalk.wav,شیرین عبادی\n").results
    text = inbox / "talk.vtt"
    cue = "WEBVTT\n\n00:00.000 --> 00:01.000\n<v شيرين عبادي>one\n\n00:01.000 --> 00:02.000\n<v SPEAKER_01>word\n"
    text.write_text(cue, "utf-8")
    given = read_text(text)
    kept = import_text(archive, result.recording, given, layer=FLOOR, agent="test")
    shirin = People.load(archive.root).find("شیرین عبادی")
    assert shirin is not None
    assert [segment.speaker for segment in kept.segments] == [shirin.id, ""]
    assert unknown_names(archive, given) == ("SPEAKER_01",)


def test_whom_the_register_does_not_know_is_listed_once_and_named_when_it_does(archive: Archive, inbox: Path) -> None:
    sheet = "file,transcript,speakers\ntalk.wav,talk.vtt,{}\n"
    (inbox / "talk.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:02.000\n<v نرگس محمدی>one word\n", "utf-8")
    first = take(archive, inbox, sheet.format(""))
    (finding,) = first.findings
    assert (finding.code, "نرگس محمدی" in finding.what) == ("transcript-speakers", True)
    assert take(archive, inbox, sheet.format("")).findings == ()
    assert take(archive, inbox, sheet.format("نرگس محمدی; Shirin Ebadi")).findings == ()
    named = archive.transcript(first.results[0].recording)
    assert [segment.speaker for segment in named.segments] == ["نرگس-محمدی"]
    take(archive, inbox, sheet.format("Shirin Ebadi; نرگس محمدی"))
    assert archive.transcript(first.results[0].recording) == named
