"""Naming voices on the command line, with real nets and real presidents: enrol, look, accept, and nothing by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import cli
from archive.models import FLOOR, TRANSLATED, TRANSLATION, Layer, Maker, MakerKind, Recording, Segment, Transcript, Word
from archive.people import People
from archive.store import Archive
from archive.verify import verify
from archive.voices import Voices
from ingest.media import probe
from ingest.voices.embeddings import VoiceNets
from ingest.voices.step import with_voices

pytestmark = [pytest.mark.model, pytest.mark.slow]

# when Kennedy and Roosevelt speak in the cut of six presidents
KENNEDY, ROOSEVELT = (0.0, 11.0), (102.2, 130.3)


def take_in(archive: Archive, source: Path, words: list[tuple[float, float]], speakers: tuple[str, ...] = ()) -> str:
    """A recording with a transcript of a word every half second in these stretches, as if heard."""
    from archive.files import sha256_of

    digest = sha256_of(source)
    media = replace(probe(source), sha256=digest)
    known = archive.register(source, Recording(digest[:16], source.stem, media, speakers=speakers))
    segments = []
    for start, end in words:
        said = tuple(Word("word", start + n / 2, start + n / 2 + 0.4) for n in range(int((end - start) * 2)))
        segments.append(Segment(said[0].start, said[-1].end, said))
    made = Transcript(known.id, 0, Maker(MakerKind.ENGINE, "toy"), tuple(segments), duration=media.duration)
    archive.add_transcript(made, agent="test")
    return known.id


@pytest.fixture(scope="module")
def root(samples: Path, nets: VoiceNets, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six presidents whom the sheet does not name, and Roosevelt's inaugural, which is his by the sheet."""
    archive = Archive.open(tmp_path_factory.mktemp("voices") / "archive", create=True)
    audio = samples / "audio"
    take_in(archive, audio / "multi/en_derived_presidents_6speakers_9turns.flac", [KENNEDY, ROOSEVELT])
    return archive.root


def run(root: Path, *arguments: str) -> int:
    return cli.main(["people", arguments[0], "--archive", str(root), *arguments[1:]])


def test_a_voice_is_named_by_a_person_and_by_nobody_else(
    root: Path, samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = Archive.open(root)
    [mixed] = archive.ids()
    single = take_in(archive, samples / "audio/en/en_fdr_infamy_1941.mp3", [(5.0, 20.0)])
    assert run(root, "listen") == 0
    heard = archive.transcript(mixed)
    voices = [segment.speaker for segment in heard.segments]
    assert len(set(voices)) == 2
    assert all(voice.startswith("unknown-") for voice in voices)

    assert run(root, "enrol", "Franklin D. Roosevelt", "--from", single, "--t", "5,40") == 0
    capsys.readouterr()
    assert run(root, "proposals", "--json") == 0
    found = {proposal["recording"]: proposal for proposal in json.loads(capsys.readouterr().out)}
    roosevelt = People.load(root).find("Franklin D. Roosevelt")
    assert roosevelt is not None
    assert found[mixed]["speaker"] == roosevelt.id
    assert found[mixed]["voice"] == voices[-1]
    assert 0.5 <= found[mixed]["confidence"] <= 1
    assert found[mixed]["at"] == heard.segments[-1].start, "of its one passage"
    assert run(root, "proposals") == 0
    assert "of speech in en_derived_presidents_6speakers_9turns; listen at 1:42" in capsys.readouterr().out
    assert archive.transcript(mixed) == heard  # proposed, and nothing asserted

    assert run(root, "accept", mixed, voices[-1]) == 0
    now = archive.transcript(mixed)
    assert [segment.speaker for segment in now.segments] == [*voices[:-1], roosevelt.id]
    assert now.maker.kind is MakerKind.PERSON
    assert now.version == heard.version + 1
    assert archive.history(mixed)[-1].agent == "onrecord people accept"
    capsys.readouterr()
    run(root, "proposals", "--json")
    assert mixed not in {proposal["recording"] for proposal in json.loads(capsys.readouterr().out)}
    assert list(verify(archive)) == []


def test_times_without_speech_enrol_nobody(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mixed = Archive.open(root).ids()[0]
    assert run(root, "enrol", "Nobody At All", "--from", mixed, "--t", "0,1") == 1
    assert "at least 3 s in which only this person speaks" in capsys.readouterr().err
    assert People.load(root).find("Nobody At All") is None


def test_the_only_speaker_of_the_sheet_has_the_only_voice(nets: VoiceNets, samples: Path, tmp_path: Path) -> None:
    archive = Archive.open(tmp_path / "archive", create=True)
    speaker = People.load(archive.root).ensure("Barack Obama").id
    known = archive.recording(
        take_in(archive, samples / "audio/en/en_obama_iran_deal_2015.flac", [(1.0, 10.0)], (speaker,))
    )
    made = with_voices(archive, known, known.layers[0], archive.transcript(known.id), nets, tmp_path / "kept")
    assert {segment.speaker for segment in made.segments} == {speaker}
    heard = Voices(archive.root).heard(known.id, "floor")
    assert heard is not None
    assert [voice.id for voice in heard.voices] == [speaker]


def test_a_recording_that_fails_is_named_and_the_rest_is_listened_to(
    nets: VoiceNets, samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = Archive.open(tmp_path / "archive", create=True)
    audio = samples / "audio/en"
    taken = [
        take_in(archive, audio / name, [(1.0, 5.0)])
        for name in ("en_jfk_inaugural_1961.wav", "en_jfk_rice_moon_1962.mp3", "en_reagan_berlin_1987.mp3")
    ]
    broken, *whole = sorted(taken)  # it is first, so that nothing was done before it
    media = archive.media_path(broken)
    media.chmod(0o644)
    media.write_bytes(b"no sound")
    assert run(archive.root, "listen") == 1
    said = capsys.readouterr().err
    assert broken in said
    assert not any(known in said for known in whole)
    assert [bool(archive.transcript(known).segments[0].speaker) for known in (broken, *whole)] == [False, True, True]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("enrol", "محمد مصدق", "--t", "50,60"), "50 to 60 is no stretch of the recording (it ends at 28.2 s)"),
        (("accept", "unknown-1", "--as", "محمد مصدق", "--layer", "fa"), "no layer 'fa' (it has floor)"),
        (("accept", "unknown-7", "--as", "محمد مصدق"), "no voice unknown-7 in version 1 (it has none"),
    ],
)
def test_who_is_named_for_what_is_not_there_is_not_entered(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    archive = Archive.open(tmp_path / "archive", create=True)
    known = take_in(archive, samples / "audio/en/en_fdr_infamy_1941.mp3", [(5.0, 20.0)])
    change, *rest = arguments
    of = ("--from", known) if change == "enrol" else (known,)
    assert run(archive.root, change, *of, *rest) == 1
    assert said in capsys.readouterr().err
    assert People.load(archive.root).find("محمد مصدق") is None


def test_a_voice_whose_words_were_all_corrected_is_proposed_no_more(
    nets: VoiceNets, samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = Archive.open(tmp_path / "archive", create=True)
    one = take_in(archive, samples / "audio/en/en_fdr_infamy_1941.mp3", [(5.0, 20.0)])
    assert run(archive.root, "listen") == 0
    assert run(archive.root, "enrol", "روزولت", "--from", one, "--t", "5,25") == 0
    capsys.readouterr()
    run(archive.root, "proposals", "--json")
    assert len(json.loads(capsys.readouterr().out)) == 1
    corrected = ["correct", one, "--t", "0,28", "--speaker", "روزولت", "--by", "Mina", "--archive", str(archive.root)]
    assert cli.main(corrected) == 0
    capsys.readouterr()
    run(archive.root, "proposals", "--json")
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.usefixtures("nets")
def test_a_translation_is_not_listened_to_for_voices(samples: Path, tmp_path: Path) -> None:
    archive = Archive.open(tmp_path / "archive", create=True)
    known = archive.recording(take_in(archive, samples / "audio/en/en_jfk_inaugural_1961.wav", [(1.0, 5.0)]))
    layers = (Layer(), Layer(TRANSLATION, 0, "en", translates=FLOOR))
    archive.update(replace(known, layers=layers), agent="test", reason="a translation")
    made = replace(
        archive.transcript(known.id), layer=TRANSLATION, maker=Maker(MakerKind.ENGINE, "toy", settings=(TRANSLATED,))
    )
    archive.add_transcript(made, agent="test")
    assert run(archive.root, "listen") == 0
    assert archive.versions(known.id, FLOOR) == (1, 3)
    assert archive.versions(known.id, TRANSLATION) == (2,)
    assert Voices(archive.root).heard(known.id, TRANSLATION) is None
