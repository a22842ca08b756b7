"""Where somebody speaks in a stretch of sound: silero voice activity, from the wheel of faster-whisper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000  # samples a second, what Whisper and silero VAD take
FRAME = 512  # samples; the only size that silero takes, 32 ms

SPEECH_ABOVE = 0.5
SILENCE_BELOW = 0.35
SHORTEST_PAUSE_S = 0.16  # shorter ones lie inside a phrase
MARGIN_S = 0.4  # soft first and last consonants score as silence
LONGEST_REGION_S = 30.0  # what Whisper hears at once

Pcm = NDArray[np.int16] | NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch with speech in it, in samples from the start of the window; `pause` is the silence before it."""

    start: int
    end: int
    pause: int = 0


@dataclass(frozen=True, slots=True)
class Speech:
    """Where a window has speech: `regions` with a margin, and the probability of each 32 ms frame."""

    regions: tuple[Region, ...]
    probabilities: NDArray[np.float32]

    def likelihood(self, start: float, end: float) -> float:
        """How sure it is that somebody speaks somewhere from `start` to `end` (seconds in the window), 0 to 1.

        The third-highest frame decides, so that a click of one or two frames is no speech.
        """
        first = max(0, int(start * SAMPLE_RATE) // FRAME)
        frames = np.sort(self.probabilities[first : int(end * SAMPLE_RATE) // FRAME + 1])
        return float(frames[-min(3, len(frames))]) if len(frames) else 0.0

    def sets_in(self, region: Region) -> int | None:
        """The sample from which on somebody speaks in a region; None where nobody does."""
        first = region.start // FRAME
        frames = np.flatnonzero(self.probabilities[first : region.end // FRAME + 1] >= SPEECH_ABOVE)
        return max(region.start, (first + int(frames[0])) * FRAME) if len(frames) else None

    def seconds(self, region: Region) -> float:
        """How much of a region is speech."""
        frames = self.probabilities[region.start // FRAME : region.end // FRAME]
        return float(np.count_nonzero(frames >= SPEECH_ABOVE)) * FRAME / SAMPLE_RATE


def as_float(pcm: Pcm) -> NDArray[np.float32]:
    """Samples from -1 to 1, whichever of the two forms they came in."""
    if pcm.dtype == np.int16:
        return pcm.astype(np.float32) / np.float32(32768)
    return pcm.astype(np.float32, copy=False)


def find_speech(pcm: Pcm) -> Speech:
    """Where somebody speaks in 16 kHz mono `pcm`."""
    from faster_whisper.vad import get_vad_model

    samples = as_float(pcm)
    if not len(samples):
        return Speech((), np.zeros(0, np.float32))
    padded = np.pad(samples, (0, -len(samples) % FRAME))
    probabilities = np.asarray(get_vad_model()(padded), np.float32).reshape(-1)
    return Speech(with_margins(spoken(probabilities), len(samples)), probabilities)


def spoken(probabilities: NDArray[np.float32]) -> tuple[Region, ...]:
    """Stretches that start above one threshold and end where it stays below a lower one for a pause."""
    pause = round(SHORTEST_PAUSE_S * SAMPLE_RATE / FRAME)
    longest = int((LONGEST_REGION_S - 2 * MARGIN_S) * SAMPLE_RATE / FRAME)
    found: list[Region] = []
    begun: int | None = None
    silent_since: int | None = None

    for frame, probability in enumerate(probabilities):
        if probability >= SPEECH_ABOVE:
            begun = frame if begun is None else begun
            silent_since = None
        elif begun is not None and probability < SILENCE_BELOW:
            silent_since = frame if silent_since is None else silent_since
            if frame - silent_since >= pause:
                found += _no_longer_than(longest, begun, silent_since, probabilities)
                begun = silent_since = None
    if begun is not None:
        found += _no_longer_than(longest, begun, silent_since or len(probabilities), probabilities)
    return tuple(found)


def _no_longer_than(longest: int, start: int, end: int, probabilities: NDArray[np.float32]) -> list[Region]:
    """One stretch of frames, cut where it sounds least like speech until no part is too long."""
    parts: list[Region] = []
    while end - start > longest:
        half = start + longest // 2
        cut = half + int(np.argmin(probabilities[half : start + longest]))
        parts.append(Region(start * FRAME, cut * FRAME))
        start = cut
    return [*parts, Region(start * FRAME, end * FRAME)]


def with_margins(regions: Sequence[Region], length: int) -> tuple[Region, ...]:
    """The regions widened on both sides; two that would overlap meet in the middle of the pause."""
    margin = int(MARGIN_S * SAMPLE_RATE)
    widened = []
    for index, region in enumerate(regions):
        before = regions[index - 1].end if index else -2 * margin
        after = regions[index + 1].start if index + 1 < len(regions) else length + 2 * margin
        start = region.start - min(margin, (region.start - before) // 2)
        end = region.end + min(margin, after - region.end - (after - region.end) // 2)
        widened.append(Region(max(0, start), min(length, end), region.start - max(0, before)))
    return tuple(widened)
