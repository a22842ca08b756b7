from __future__ import annotations

import hashlib
import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from archive.errors import MediaError
from ingest.media import PcmStream, make_access_copy, probe, truncation
from tests.ingest.films import BEEPS, H264, PICTURE, beeps, encode, film


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    media = probe(film(tmp_path / "سخنرانی.mp4", *H264, "-c:a", "aac"))
    assert (media.name, media.suffix) == ("سخنرانی.mp4", ".mp4")
    assert (media.audio_codec, media.video_codec, media.mime, media.playable) == ("aac", "h264", "video/mp4", True)
    assert media.duration == pytest.approx(6.0, abs=0.1)
    assert (media.sha256, media.warnings) == ("", ())


def test_a_wrong_suffix_is_taken_by_content_and_noted(tmp_path: Path) -> None:
    talk = encode(tmp_path / "talk.mp3", *BEEPS)
    media = probe(talk.rename(tmp_path / "talk.mp4"))
    assert (media.suffix, media.mime) == (".mp3", "audio/mpeg")
    assert media.warnings == ("named .mp4 but its content is mp3",)


@pytest.mark.parametrize(
    ("name", "options", "mime", "playable"),
    [
        ("a.m4a", ["-c:a", "aac"], "audio/mp4", True),
        ("a.opus", ["-c:a", "libopus"], "audio/ogg", True),
        ("a.ogg", ["-c:a", "vorbis", "-strict", "-2", "-ac", "2"], "audio/ogg", True),
        ("a.webm", ["-c:a", "libopus"], "audio/webm", True),
        ("a.flac", [], "audio/flac", True),
        ("a.wav", [], "audio/wav", True),
        ("a.mka", ["-c:a", "libopus"], "audio/x-matroska", False),
        ("a.wma", [], "audio/x-ms-wma", False),
        ("a.aiff", [], "audio/aiff", False),
        ("alac.m4a", ["-c:a", "alac"], "audio/mp4", False),
        ("ulaw.wav", ["-c:a", "pcm_mulaw"], "audio/wav", False),
    ],
)
def test_browsers_play_by_codec_and_container(
    tmp_path: Path, name: str, options: list[str], mime: str, playable: bool
) -> None:
    media = probe(encode(tmp_path / name, *BEEPS, *options))
    assert (media.mime, media.playable) == (mime, playable)


@pytest.mark.parametrize(
    ("name", "codecs", "playable"),
    [
        ("a.webm", ["-c:v", "libvpx", "-c:a", "libopus"], True),
        ("a.mov", [*H264, "-c:a", "aac"], True),
        ("a.mkv", [*H264, "-c:a", "aac"], False),
        ("a.avi", ["-c:v", "mpeg4", "-c:a", "mp3"], False),
        ("a.mp4", ["-c:v", "mpeg4", "-c:a", "aac"], False),
        ("studio.mp4", ["-c:v", "libx264", "-pix_fmt", "yuv422p", "-c:a", "aac"], False),
    ],
)
def test_films_play_by_codec_and_pixels(tmp_path: Path, name: str, codecs: list[str], playable: bool) -> None:
    assert probe(film(tmp_path / name, *codecs)).playable is playable


@pytest.mark.parametrize("table", ["1", "0"])
def test_mp3_of_variable_rate_is_not_playable_for_browsers_seek_it_wrongly(tmp_path: Path, table: str) -> None:
    changing = "aevalsrc='if(lt(t,30),0.5*(random(0)-0.5),0)':s=44100:d=60"
    variable = encode(tmp_path / "v.mp3", "-f", "lavfi", "-i", changing, "-q:a", "5", "-write_xing", table)
    constant = encode(tmp_path / "c.mp3", "-f", "lavfi", "-i", changing, "-b:a", "64k", "-write_xing", table)
    assert not probe(variable).playable
    assert probe(constant).playable
    assert probe(variable).duration == pytest.approx(60, abs=0.2)


@pytest.mark.parametrize("name", ["late.m4a", "late.webm", "late.opus"])
def test_a_file_whose_time_does_not_begin_at_zero_is_not_playable_for_browsers_differ(
    tmp_path: Path, name: str
) -> None:
    codec = "aac" if name.endswith("m4a") else "libopus"
    late = encode(tmp_path / name, *BEEPS, "-c:a", codec, "-output_ts_offset", "2")
    assert not probe(late).playable
    assert probe(late).duration == pytest.approx(4, abs=0.1)
    assert truncation(late, _decoded(late)) == ""
    copy, _, _ = make_access_copy(late, probe(late), tmp_path)
    assert probe(copy).playable
    assert beeps(late) == pytest.approx([1, 2, 3], abs=0.03)
    assert beeps(copy) == pytest.approx(beeps(late), abs=0.01)


def test_a_cover_picture_makes_no_film_of_a_recording(tmp_path: Path) -> None:
    cover = encode(tmp_path / "cover.jpg", *PICTURE, "-frames:v", "1")
    talk = encode(
        tmp_path / "talk.mp3", *BEEPS, "-i", str(cover), "-map", "0", "-map", "1", "-c:v", "mjpeg", "-b:a", "64k"
    )
    media = probe(talk)
    assert (media.video_codec, media.mime, media.playable) == ("", "audio/mpeg", True)


def test_several_audio_tracks_are_noted(tmp_path: Path) -> None:
    talk = encode(tmp_path / "talk.mka", *BEEPS, "-map", "0:a", "-map", "0:a", "-c:a", "libopus")
    assert probe(talk).warnings == ("2 audio tracks; the first is the one that is heard",)


def test_a_length_that_is_not_written_down_is_found_by_decoding(tmp_path: Path) -> None:
    live = encode(tmp_path / "live.webm", *BEEPS, "-c:a", "libopus", "-live", "1")
    media = probe(live)
    assert media.duration == pytest.approx(4.0, abs=0.1)
    assert not media.playable  # a browser would show no length and could not seek


# faults


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").touch()
    with pytest.raises(MediaError, match="EmptyFile"):
        probe(tmp_path / "talk.mp4")


def test_a_film_without_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="NoSpeechTrack: it holds no audio, only video h264"):
        probe(encode(tmp_path / "silent.mp4", *PICTURE, *H264))


def test_an_mp4_cut_short_is_refused_with_its_reason(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mp4", *H264, "-c:a", "aac").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MediaError, match=r"Unreadable: cut short, its index \(moov\) is missing"):
        probe(tmp_path / "cut.mp4")


def test_whoever_hands_in_what_is_not_taken_is_told_what_to_give(tmp_path: Path) -> None:
    text = tmp_path / "گفتار.mp3"
    text.write_text("متن سخنرانی", "utf-8")
    picture = encode(tmp_path / "a.jpg", *PICTURE, "-frames:v", "1")
    silent = encode(tmp_path / "silent.mp4", *PICTURE, *H264)
    mends = []
    for path in (text, picture, silent):
        with pytest.raises(MediaError) as caught:
            probe(path)
        mends.append(caught.value.mend)
    assert all(mends), mends


@pytest.mark.parametrize("name", ["talk.mp3", "talk.wav", "سخن.bin"])
def test_what_is_no_recording_is_refused_without_a_program_s_own_words(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(hashlib.shake_128(b"noise").digest(5000))
    with pytest.raises(MediaError) as caught:
        probe(tmp_path / name)
    assert caught.value.what == "Unreadable: damaged, or no recording"
    assert "copy it again" in caught.value.mend


@pytest.mark.parametrize(
    ("name", "codecs"), [("talk.mp3", ()), ("talk.mp4", ("-c:a", "aac", "-movflags", "+faststart")), ("talk.flac", ())]
)
def test_what_decodes_less_than_it_declares_is_called_truncated(
    tmp_path: Path, name: str, codecs: tuple[str, ...]
) -> None:
    whole = encode(tmp_path / name, *BEEPS, *codecs)
    assert truncation(whole, _decoded(whole)) == ""
    bytes_ = whole.read_bytes()
    whole.write_bytes(bytes_[: len(bytes_) * 3 // 4])
    decoded = _decoded(whole)
    assert 1.5 < decoded < 3.5
    assert re.fullmatch(rf"truncated: {decoded:.2f} of 4\.\d\d s", truncation(whole, decoded))


def test_a_picture_that_runs_on_after_the_sound_is_no_truncation(tmp_path: Path) -> None:
    for name, codecs in (("a.mp4", (*H264, "-c:a", "aac")), ("a.webm", ("-c:v", "libvpx", "-c:a", "libopus"))):
        talk = film(tmp_path / name, *codecs)
        assert truncation(talk, _decoded(talk)) == ""


def _decoded(path: Path) -> float:
    with PcmStream(path) as sound:
        sound.skip(60 * 16_000)
        return sound.decoded_seconds


@pytest.mark.parametrize("name", ["talk.mp4", "talk.mp3", "talk.wav", "talk"])
def test_text_is_refused_whatever_its_name(tmp_path: Path, name: str) -> None:
    for text in ("Ask not what your country", "پرسش این نیست\n" * 500, "<html><audio src=x></html>"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(MediaError, match="UnsupportedContainer"):
            probe(tmp_path / name)


@pytest.mark.parametrize("name", ["noise.mp3", "noise.mp4", "noise.aac", "noise.wav", "noise"])
def test_noise_is_refused_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(os.urandom(100_000))
    with pytest.raises(MediaError):
        probe(tmp_path / name)


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{canary}\n#EXTINF:5,\n{listener}/a.ts\n#EXT-X-ENDLIST\n",
    "hls-disguised": "\0#EXTM3U\n#EXTINF:5,\n{canary}\n",
    "hls-master": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{listener}/child.m3u8\n",
    "ffconcat": "ffconcat version 1.0\nfile {canary}\n",
    "sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{listener}</BaseURL></MPD>',
    "pls": "[playlist]\nFile1={listener}/a.mp3\n",
}
SUFFIXES = {
    "hls": ".m3u8",
    "hls-disguised": ".m3u8",
    "hls-master": ".m3u8",
    "ffconcat": ".ffconcat",
    "sdp": ".sdp",
    "dash": ".mpd",
    "pls": ".pls",
}


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording that a playlist must not get at."""
    return encode(tmp_path_factory.mktemp("canary") / "canary.ts", *BEEPS, "-c:a", "mp2")


@pytest.mark.parametrize("disguised", [True, False], ids=["as mp4", "as itself"])
@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_reads_no_file_and_calls_nobody(tmp_path: Path, canary: Path, kind: str, disguised: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        host = f"http://127.0.0.1:{listener.getsockname()[1]}"
        hostile = tmp_path / f"talk{'.mp4' if disguised else SUFFIXES[kind]}"
        hostile.write_text(PLAYLISTS[kind].format(canary=f"file://{canary}", listener=host), encoding="utf-8")
        with pytest.raises(MediaError):
            probe(hostile)
        # and where nobody looked at the head first: ffmpeg itself refuses
        with PcmStream(hostile) as sound, pytest.raises(MediaError):
            sound.read(16_000)
        with pytest.raises(MediaError):
            make_access_copy(hostile, probe(canary), tmp_path)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_the_same_playlist_is_followed_by_a_bare_ffmpeg(tmp_path: Path, canary: Path) -> None:
    """The canary sings: were the guard taken away, the tests above would fail."""
    hostile = tmp_path / "talk.m3u8"
    hostile.write_text(PLAYLISTS["ffconcat"].format(canary=f"'{canary}'"), encoding="utf-8")
    argv = ["ffmpeg", "-v", "error", "-safe", "0", "-f", "concat", "-i", str(hostile), "-f", "s16le", "-"]
    done = subprocess.run(argv, capture_output=True, check=True)
    assert len(done.stdout) > 100_000
