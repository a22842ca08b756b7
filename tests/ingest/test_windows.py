from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import psutil
import pytest

from ingest.media import SAMPLE_RATE, PcmStream
from ingest.windows import Window, windows
from tests.ingest.films import encode


@pytest.fixture(scope="module")
def speech(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eleven seconds of Kennedy, ten times over."""
    talk = samples / "audio" / "en" / "en_jfk_inaugural_1961.wav"
    return encode(tmp_path_factory.mktemp("windows") / "speech.flac", "-stream_loop", "9", "-i", str(talk))


def cut(path: Path, **settings: int) -> list[Window]:
    with PcmStream(path) as sound:
        return list(windows(sound, target_s=20, slack_s=6, **settings))


def same(one: list[Window], other: list[Window]) -> bool:
    def of(window: Window) -> tuple[int, int, int, bytes]:
        return window.index, window.start, window.end, window.pcm.tobytes()

    return [of(window) for window in one] == [of(window) for window in other]


def test_windows_join_to_the_whole_recording(speech: Path) -> None:
    cuts = cut(speech)
    with PcmStream(speech) as sound:
        whole = sound.read(1 << 30)
    assert np.array_equal(np.concatenate([window.pcm for window in cuts]), whole)
    assert [window.index for window in cuts] == list(range(len(cuts)))
    assert [window.start for window in cuts] == [0, *(window.end for window in cuts[:-1])]
    assert all(14 <= len(window.pcm) / SAMPLE_RATE <= 26 for window in cuts[:-1])
    assert {window.pcm.dtype for window in cuts} == {np.dtype(np.int16)}


def test_cuts_fall_into_pauses(speech: Path) -> None:
    cuts = cut(speech)
    loud = float(np.abs(np.concatenate([window.pcm for window in cuts]).astype(float)).mean())
    for before, after in itertools.pairwise(cuts):
        around = np.concatenate((before.pcm[-SAMPLE_RATE // 10 :], after.pcm[: SAMPLE_RATE // 10]))
        assert np.abs(around.astype(float)).mean() < loud / 3


def test_the_same_recording_gives_the_same_windows(speech: Path) -> None:
    assert same(cut(speech), cut(speech))


def test_going_on_at_the_end_of_a_window_gives_the_same_windows(speech: Path) -> None:
    whole = cut(speech)
    for done in range(1, len(whole) + 1):
        rest = cut(speech, start_sample=whole[done - 1].end, first_index=done)
        assert same(rest, whole[done:])


def test_a_short_recording_is_one_window(samples: Path) -> None:
    (only,) = cut(samples / "audio" / "en" / "en_jfk_inaugural_1961.wav")
    assert (only.index, only.start, only.end) == (0, 0, 11 * SAMPLE_RATE)


def test_sound_without_a_pause_is_cut_where_it_is_quietest(tmp_path: Path) -> None:
    dip = "aevalsrc='(if(between(t,22.9,23.2),0.02,0.5))*(random(0)-0.5)':s=16000:d=40"
    noise = encode(tmp_path / "noise.wav", "-f", "lavfi", "-i", dip)
    first, *_ = cut(noise)
    assert 14 <= first.end / SAMPLE_RATE <= 26


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    talk = encode(tmp_path / "long.flac", "-f", "lavfi", "-i", "anoisesrc=d=5400:r=16000:a=0.1")
    process = psutil.Process()
    before, seen, end = process.memory_info().rss, 0, 0
    with PcmStream(talk) as sound:
        for window in windows(sound):
            seen, end = seen + 1, window.end
            assert process.memory_info().rss - before < 400_000_000
    assert seen >= 8
    assert end == 5_400 * SAMPLE_RATE
