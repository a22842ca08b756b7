"""A clip: the words of a link as sound, with what proves them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import cli
from archive.files import sha256_of
from archive.store import Archive
from ingest.access_copy import make_clip
from ingest.media import probe
from tests.ingest.films import BEEPS, H264, beeps, encode, film
from tests.ingest.sounds import write_bursts

OLD = 1_000_000_000  # so that nobody waits whether a file still grows


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Persian recording of four words heard by the toy engine."""
    folder = tmp_path_factory.mktemp("clip")
    (folder / "inbox").mkdir()
    os.utime(write_bursts(folder / "inbox" / "نوار.wav", 4), (OLD, OLD))
    sheet = folder / "inbox" / "sheet.csv"
    sheet.write_text("file,title,event,date,place,speakers\nنوار.wav,سخنرانی,همایش,۱۴۰۳,تهران,شیرین عبادی\n", "utf-8")
    root = str(folder / "archive")
    command = ["ingest", str(folder / "inbox"), "--sheet", str(sheet), "--engine", "toy", "--quiet", "--archive", root]
    assert cli.main(command) == 0
    return folder / "archive"


def test_the_words_of_a_link_become_sound_and_a_quote(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = Archive.open(archive)
    (identifier,) = opened.ids()
    words = [word for segment in opened.transcript(identifier).segments for word in segment.words]
    start, end = words[1].start, words[2].end
    link = f"https://archive.example/?recording={identifier}&t={start:g},{end:g}"
    target = tmp_path / "نقل.m4a"
    assert cli.main(["clip", link, "-o", str(target), "--json", "--archive", str(archive)]) == 0
    quote = json.loads(capsys.readouterr().out)
    assert quote["text"] == f"{words[1].text} {words[2].text}"
    assert quote["speakers"] == ["شیرین عبادی"]
    assert quote["about"] == ["سخنرانی", "همایش 2024", "2024", "تهران"]
    assert quote["proof"].endswith(f"version 1; SHA-256 of the recording: {opened.recording(identifier).media.sha256}")
    assert quote["clip_sha256"] == sha256_of(target)
    assert quote["url"].startswith(f"https://archive.example/?recording={identifier}&t=")
    made = probe(target)
    assert made.audio_codec == "aac"
    assert made.duration == pytest.approx(end - start, abs=0.05)
    assert list(tmp_path.iterdir()) == [target]


def test_a_clip_of_an_interpreters_words_has_the_interpreters_sound_and_of_a_translation_the_floors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox, root = tmp_path / "inbox", tmp_path / "archive"
    inbox.mkdir()
    os.utime(write_bursts(inbox / "hall.wav", 12), (OLD, OLD))
    os.utime(encode(inbox / "booth.wav", *BEEPS), (OLD, OLD))
    sheet = inbox / "sheet.csv"
    sheet.write_text("file,languages,layer,of,offset\nhall.wav,ar,,,\nbooth.wav,,fa,hall.wav,5\n", "utf-8")
    command = ["ingest", str(inbox), "--sheet", str(sheet), "--engine", "toy", "--quiet", "--translate"]
    assert cli.main([*command, "--archive", str(root)]) == 0
    opened = Archive.open(root)
    (known,) = map(opened.recording, opened.ids())
    versions = {opened.heading(known.id, version).layer: version for version in opened.versions(known.id)}

    def clip(layer: str, times: str) -> tuple[str, Path]:
        target = tmp_path / f"{layer}.m4a"
        link = f"/?recording={known.id}&version={versions[layer]}&t={times}"
        assert cli.main(["clip", link, "-o", str(target), "--json", "--archive", str(root)]) == 0
        return json.loads(capsys.readouterr().out)["proof"], target

    proof, heard = clip("fa", "6.5,8.5")
    assert beeps(heard) == pytest.approx([0.5, 1.5], abs=0.03), "after the floor has ended"
    booth = known.layer("fa")
    assert booth is not None
    assert booth.file is not None
    assert proof.startswith("Interpreter's words, machine transcript, version")
    assert proof.endswith(f"of the interpreter's file: {booth.file.media.sha256}")
    proof, heard = clip("translation", "0.9,1.6")
    assert beeps(heard) == pytest.approx([0.1], abs=0.03)
    assert proof.startswith("Machine translation, not what was said, version")


@pytest.mark.parametrize(
    ("name", "codecs"),
    [("late.mp4", (*H264, "-c:a", "aac")), ("late.ts", ("-c:v", "mpeg2video", "-c:a", "mp2"))],
)
def test_a_clip_is_cut_on_the_recording_s_clock(tmp_path: Path, name: str, codecs: tuple[str, ...]) -> None:
    late = film(tmp_path / name, *codecs, audio_late=0.7)
    whole = beeps(late)
    clip = make_clip(late, whole[1] - 0.25, whole[2] + 0.25, tmp_path)
    assert beeps(clip) == pytest.approx([0.25, whole[2] - whole[1] + 0.25], abs=0.03)


@pytest.mark.parametrize(
    ("link", "name", "said"),
    [
        ("/?q=word", "a.m4a", "names no words"),
        ("/?recording={id}&t=1", "a.m4a", "not where they end"),
        ("/?recording={id}&t=1,2", "a.mp3", "let it end in .m4a"),
        ("/?recording={id}&t=1,2", "there.m4a", "is there already"),
    ],
)
def test_what_cannot_be_clipped_says_what_to_do(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], link: str, name: str, said: str
) -> None:
    (tmp_path / "there.m4a").write_bytes(b"mine")
    (identifier,) = Archive.open(archive).ids()
    command = ["clip", link.format(id=identifier), "-o", str(tmp_path / name), "--archive", str(archive)]
    assert cli.main(command) == 2
    assert said in capsys.readouterr().err
    assert (tmp_path / "there.m4a").read_bytes() == b"mine"
