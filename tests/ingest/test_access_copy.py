from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from archive.errors import MachineError, MediaError
from ingest import access_copy
from ingest.ffmpeg import ffprobe_program
from ingest.media import make_access_copy, probe
from tests.ingest.films import BEEPS, H264, beeps, encode, film


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("a.avi", ("-c:v", "mpeg4", "-c:a", "mp2")),
        ("a.ts", ("-c:v", "mpeg2video", "-c:a", "mp2")),
        ("a.mkv", (*H264, "-c:a", "flac")),
    ],
)
def test_a_film_gets_a_copy_that_plays_on_the_same_clock(tmp_path: Path, name: str, codecs: tuple[str, ...]) -> None:
    original = film(tmp_path / name, *codecs, audio_late=0.7)
    copy, suffix, mime = make_access_copy(original, probe(original), tmp_path)
    made = probe(copy)
    assert (copy.parent, suffix, mime) == (tmp_path, ".mp4", "video/mp4")
    assert (made.playable, made.audio_codec, made.video_codec) == (True, "aac", "h264")
    assert beeps(copy) == pytest.approx(beeps(original), abs=0.01)
    assert copy.read_bytes().find(b"moov") < copy.read_bytes().find(b"mdat")


@pytest.mark.parametrize("name", ["a.wma", "a.aiff", "a.aac", "variable.mp3"])
def test_sound_gets_a_copy_that_plays_on_the_same_clock(tmp_path: Path, name: str) -> None:
    original = encode(tmp_path / name, *BEEPS, *(["-q:a", "5"] if name.endswith("mp3") else []))
    media = probe(original)
    assert not media.playable
    copy, suffix, mime = make_access_copy(original, media, tmp_path)
    assert (suffix, mime, probe(copy).playable) == (".m4a", "audio/mp4", True)
    assert beeps(copy) == pytest.approx(beeps(original), abs=0.01)


def test_amr_of_old_telephones_gets_a_copy(tmp_path: Path) -> None:
    amr = tmp_path / "a.amr"
    amr.write_bytes(b"#!AMR\n" + (b"\x3c" + bytes(31)) * 100)  # two seconds at 12.2 kbit/s
    copy, suffix, _ = make_access_copy(amr, probe(amr), tmp_path)
    assert suffix == ".m4a"
    assert probe(copy).duration == pytest.approx(2.0, abs=0.1)


def test_an_odd_sized_picture_is_made_even(tmp_path: Path) -> None:
    original = encode(
        tmp_path / "odd.mkv", "-f", "lavfi", "-i", "testsrc=s=161x91:d=1", *BEEPS, "-c:v", "ffv1", "-c:a", "flac"
    )
    copy, _, _ = make_access_copy(original, probe(original), tmp_path)
    assert probe(copy).playable


def test_no_half_copy_stays_behind(tmp_path: Path) -> None:
    original = encode(tmp_path / "a.aiff", *BEEPS)
    media = probe(original)
    original.write_bytes(b"FORM" + bytes(1_000))
    with pytest.raises(MediaError):
        make_access_copy(original, media, tmp_path)
    assert list(tmp_path.iterdir()) == [original]


def test_an_ffmpeg_without_h264_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = film(tmp_path / "a.avi", "-c:v", "mpeg4", "-c:a", "mp2")
    monkeypatch.setattr(access_copy, "_has_encoder", lambda *_: False)
    with pytest.raises(MachineError, match=r"no H\.264 encoder"):
        make_access_copy(original, probe(original), tmp_path)


def test_a_full_disk_is_the_machines_fault_not_the_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = encode(tmp_path / "a.aiff", *BEEPS)
    says_full = [sys.executable, "-c", "import sys; sys.exit('av_interleaved_write_frame(): No space left on device')"]
    monkeypatch.setattr(access_copy, "compiled", lambda *_: says_full)
    with pytest.raises(OSError, match="No space left") as full:
        make_access_copy(original, probe(original), tmp_path)
    assert full.value.errno == errno.ENOSPC


@pytest.mark.parametrize(("channels", "kept"), [(1, 1), (2, 2), (6, 2)])
def test_a_copy_has_one_channel_or_two(tmp_path: Path, channels: int, kept: int) -> None:
    original = encode(tmp_path / "a.aiff", *BEEPS, "-ac", str(channels))
    copy, _, _ = make_access_copy(original, probe(original), tmp_path)
    argv = [ffprobe_program(), "-v", "error", "-show_entries", "stream=channels", "-of", "csv=p=0", str(copy)]
    assert int(subprocess.run(argv, capture_output=True, check=True).stdout) == kept
