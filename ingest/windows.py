"""Windows: a recording cut at silence into stretches of minutes, the unit of progress, in flat memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps

from ingest.decode import PcmStream, Samples
from ingest.speech import SAMPLE_RATE, as_float

LEAST_PAUSE = SAMPLE_RATE * 3 // 10  # samples; a shorter one may be a stop consonant inside a word
FRAME = SAMPLE_RATE // 50  # samples of which the energy is taken, 20 ms
QUIET_FRAMES = 10  # a cut without a pause falls in the middle of the quietest 200 ms

_VAD = VadOptions(min_silence_duration_ms=200, speech_pad_ms=30)


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch: samples `start` to `end` (exclusive) on the recording's clock, and the samples, int16 mono."""

    index: int
    start: int
    end: int
    pcm: Samples


def windows(
    stream: PcmStream,
    *,
    start_sample: int = 0,
    first_index: int = 0,
    target_s: int = 600,
    slack_s: int = 60,
) -> Iterator[Window]:
    """The recording from `start_sample` on, in windows of `target_s` give or take `slack_s` seconds.

    The stream must be a fresh one; what lies before `start_sample` is decoded and dropped. Where a cut falls
    depends on the samples from the last cut on and on nothing else, so that going on at a window's end gives
    the same windows as an undisturbed run. At most `target_s + slack_s` seconds are held.
    """
    if stream.skip(start_sample) < start_sample:
        return
    earliest, latest = (target_s - slack_s) * SAMPLE_RATE, (target_s + slack_s) * SAMPLE_RATE
    held = np.empty(0, np.int16)
    start, index = start_sample, first_index
    while True:
        held = np.concatenate((held, stream.read(latest - len(held))))
        if not len(held):
            return
        cut = len(held) if len(held) < latest else earliest + _quiet_place(held[earliest:])
        yield Window(index, start, start + cut, held[:cut].copy())
        held = held[cut:].copy()
        start, index = start + cut, index + 1


def _quiet_place(pcm: Samples) -> int:
    """Where to cut, as a sample of `pcm`: the middle of its longest pause, else where it is quietest."""
    sound = as_float(pcm)
    speech = get_speech_timestamps(sound, _VAD)
    borders = [0, *(border for talk in speech for border in (talk["start"], talk["end"])), len(pcm)]
    pauses = zip(borders[::2], borders[1::2], strict=True)
    begin, end = max(pauses, key=lambda pause: (pause[1] - pause[0], -pause[0]))
    if end - begin >= LEAST_PAUSE:
        return int((begin + end) // 2)
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    energy = np.convolve((frames**2).mean(axis=1), np.ones(QUIET_FRAMES), "valid")
    return (int(energy.argmin()) + QUIET_FRAMES // 2) * FRAME
