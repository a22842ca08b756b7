"""Where somebody speaks, and the windows of a second and a half in which voices are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.speech import FRAME, SAMPLE_RATE, find_speech, spoken
from ingest.voices.foreground import stands_out
from ingest.voices.segmentation import STEP, Segmented

WINDOW = 3 * SAMPLE_RATE // 2  # samples; half of it would tell voices apart less well, twice would cover two of them
HOP = WINDOW // 2
JOINED_S = 0.5  # a shorter pause does not part two stretches of speech
MARGIN_S = 0.06
SHORTEST_S = 0.15  # less of it is a click or a breath
SILERO = 1 / 3  # of the say; the segmentation net, which hears far voices in a room better, has the rest

CHANGED_S = 0.5  # from an end of a stretch on; nearer to it a change of voice leaves too little to know one by
SURE_OF_TWO = 0.5  # probability

Spans = NDArray[np.int64]  # [n, 2], samples


def stretches(sound: NDArray[np.float32], segmented: Segmented) -> Spans:
    """The speech of a sound: without what is behind it, without what is too short to be any, and parted at pauses that
    are not short and where the voice changes."""
    silero = find_speech(sound).probabilities
    middles = (np.arange(len(silero)) + 0.5) * FRAME / STEP
    somebody = segmented.somebody[np.minimum(middles.astype(int), len(segmented.somebody) - 1)]
    likely = SILERO * silero + (1 - SILERO) * somebody
    likely[~stands_out(sound, likely)] = 0
    found: list[list[int]] = []
    margin = round(MARGIN_S * SAMPLE_RATE)
    for region in spoken(likely):
        if found and region.start - found[-1][1] < JOINED_S * SAMPLE_RATE:
            found[-1][1] = region.end
        else:
            found.append([region.start, region.end])
    kept = [(a - margin, b + margin) for a, b in found if b - a >= max(FRAME, SHORTEST_S * SAMPLE_RATE)]
    speech = np.clip(np.array(kept, np.int64).reshape(-1, 2), 0, len(sound))
    parts = [part for start, end in speech.tolist() for part in _cut(start, end, segmented.changes)]
    return np.array(parts, np.int64).reshape(-1, 2)


def _cut(start: int, end: int, changes: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    least = CHANGED_S * SAMPLE_RATE
    return pairwise([start, *changes[(changes > start + least) & (changes < end - least)].tolist(), end])


def at_once(together: NDArray[np.float32], length: int) -> Spans:
    """The stretches in which two voices are heard at once, in a sound of that length, from how likely they are."""
    two = together > SURE_OF_TWO
    edges = np.flatnonzero(np.diff(two.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    return np.minimum(np.round(edges * STEP).astype(np.int64), length)


def windows_of(speech: Spans) -> Spans:
    """Windows that cover each stretch, every one inside its own; a stretch shorter than a window is one."""
    return np.array([window for start, end in speech for window in _over(int(start), int(end))], np.int64).reshape(
        -1, 2
    )


def _over(start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start <= WINDOW:
        yield start, end
        return
    for at in range(start, end - WINDOW, HOP):
        yield at, at + WINDOW
    yield end - WINDOW, end


def parted(speech: Spans, windows: Spans, labels: NDArray[np.intp]) -> Iterator[tuple[int, int, int]]:
    """The stretches as turns (start, end, label): each moment is of the voice whose window's middle is nearest."""
    turn: tuple[int, int, int] | None = None
    for start, end, label in _by_windows(speech, windows, labels):
        if turn and turn[1:] == (start, label):
            turn = turn[0], end, label
        else:
            if turn:
                yield turn
            turn = start, end, label
    if turn:
        yield turn


def _by_windows(speech: Spans, windows: Spans, labels: NDArray[np.intp]) -> Iterator[tuple[int, int, int]]:
    middles = windows.mean(axis=1)
    for start, end in speech:
        inside = np.flatnonzero((windows[:, 0] >= start) & (windows[:, 1] <= end))
        inside = inside[np.argsort(middles[inside], kind="stable")]
        begun = int(start)
        for here, following in pairwise(inside):
            if labels[here] != labels[following]:
                border = int((middles[here] + middles[following]) / 2)
                yield begun, border, int(labels[here])
                begun = border
        if len(inside):
            yield begun, int(end), int(labels[inside[-1]])
