from __future__ import annotations

from pathlib import Path

import numpy as np
import psutil
import pytest

from archive.errors import MediaError
from ingest import decode
from ingest.media import SAMPLE_RATE, PcmStream
from tests.ingest.films import BEEPS, H264, beeps, encode, film


def test_samples_come_in_order_and_end(tmp_path: Path) -> None:
    talk = encode(tmp_path / "talk.wav", *BEEPS)
    with PcmStream(talk) as sound:
        parts = [sound.read(10_000) for _ in range(8)]
        assert sound.decoded_seconds == 4.0
    assert [len(part) for part in parts] == [10_000] * 6 + [4_000, 0]
    with PcmStream(talk) as sound:
        whole = sound.read(100_000)
    assert whole.dtype == np.int16
    assert np.array_equal(np.concatenate(parts), whole)


def test_skipping_is_exact(tmp_path: Path) -> None:
    talk = encode(tmp_path / "talk.mp3", *BEEPS, "-q:a", "5")
    with PcmStream(talk) as sound:
        whole = sound.read(100_000)
    with PcmStream(talk) as sound:
        assert sound.skip(12_345) == 12_345
        assert np.array_equal(sound.read(100_000), whole[12_345:])
        assert sound.skip(1) == 0


def test_another_track_can_be_heard(tmp_path: Path) -> None:
    sine = ("-f", "lavfi", "-i", "sine=d=4")
    talk = encode(tmp_path / "talk.mka", *BEEPS, *sine, "-map", "0", "-map", "1", "-c:a", "flac")
    with PcmStream(talk, stream=1) as sound:
        assert abs(sound.read(SAMPLE_RATE // 2).astype(int)).max() > 1_000
    with PcmStream(talk, stream=0) as sound:
        assert abs(sound.read(SAMPLE_RATE // 2).astype(int)).max() == 0


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("a.mp4", (*H264, "-c:a", "aac")),
        ("a.mkv", (*H264, "-c:a", "aac")),
        ("a.webm", ("-c:v", "libvpx", "-c:a", "libopus")),
        ("a.ts", ("-c:v", "mpeg2video", "-c:a", "mp2")),
    ],
)
def test_a_late_start_of_the_sound_is_silence(tmp_path: Path, name: str, codecs: tuple[str, ...]) -> None:
    assert beeps(film(tmp_path / name, *codecs, audio_late=1.5)) == pytest.approx([2.5, 3.5, 4.5], abs=0.02)


def test_a_late_start_of_the_picture_moves_no_sound(tmp_path: Path) -> None:
    assert beeps(film(tmp_path / "a.mp4", *H264, "-c:a", "aac", picture_late=1.5)) == pytest.approx([1, 2, 3], abs=0.02)


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.ogg", "a.opus", "a.flac", "a.aiff"])
def test_the_delay_of_a_codec_moves_no_sound(tmp_path: Path, name: str) -> None:
    assert beeps(encode(tmp_path / name, *BEEPS)) == pytest.approx([1, 2, 3], abs=0.01)


def test_a_gap_in_the_sound_is_silence(tmp_path: Path) -> None:
    gap = encode(tmp_path / "gap.mka", *BEEPS, "-af", "aselect='not(between(t,1.3,1.7))'", "-c:a", "flac")
    assert beeps(gap) == pytest.approx([1, 2, 3], abs=0.05)


def test_a_damaged_file_names_itself(tmp_path: Path) -> None:
    (tmp_path / "نوار.mp3").write_bytes(bytes(5_000))
    with PcmStream(tmp_path / "نوار.mp3") as sound, pytest.raises(MediaError, match=r"نوار\.mp3: Unreadable"):
        sound.read(1)


def test_a_decoder_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "STALL_S", 0.3)
    monkeypatch.setattr(decode, "_argv", lambda *_: ["sleep", "60"])
    with PcmStream(tmp_path / "talk.mp3") as sound, pytest.raises(MediaError, match="Stuck"):
        sound.read(1)


def test_a_file_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "MAX_HOURS", 2 / 3600)
    with PcmStream(encode(tmp_path / "a.wav", *BEEPS)) as sound, pytest.raises(MediaError, match="TooLong"):
        sound.skip(4 * SAMPLE_RATE)


def test_leaving_early_leaves_no_process(tmp_path: Path) -> None:
    talk = encode(tmp_path / "talk.flac", "-f", "lavfi", "-i", "sine=d=600")
    before = set(psutil.Process().children(recursive=True))
    with PcmStream(talk) as sound:
        sound.read(100)
        assert set(psutil.Process().children(recursive=True)) - before
    assert not set(psutil.Process().children(recursive=True)) - before


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    talk = encode(tmp_path / "long.flac", "-f", "lavfi", "-i", "sine=d=10800:r=16000")
    process = psutil.Process()
    before = process.memory_info().rss
    with PcmStream(talk) as sound:
        while sound.skip(600 * SAMPLE_RATE):
            assert process.memory_info().rss - before < 50_000_000
        assert sound.decoded_seconds == 10_800
