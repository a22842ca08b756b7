"""Where somebody speaks, and the windows of a second and a half in which voices are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.speech import FRAME, SAMPLE_RATE, Speech, spoken

WINDOW = 3 * SAMPLE_RATE // 2  # samples; half of it would tell voices apart less well, twice would cover two of them
HOP = WINDOW // 2
JOINED_S = 0.3  # a shorter pause does not part two stretches of speech
MARGIN_S = 0.06
SHORTEST_S = 0.15  # less of it is a click or a breath

Spans = NDArray[np.int64]  # [n, 2], samples


def stretches(speech: Speech, length: int) -> Spans:
    """The speech of `length` samples, without short pauses and without what is too short to be any."""
    found: list[list[int]] = []
    margin = round(MARGIN_S * SAMPLE_RATE)
    for region in spoken(speech.probabilities):
        if found and region.start - found[-1][1] < JOINED_S * SAMPLE_RATE:
            found[-1][1] = region.end
        else:
            found.append([region.start, region.end])
    kept = [(a - margin, b + margin) for a, b in found if b - a >= max(FRAME, SHORTEST_S * SAMPLE_RATE)]
    return np.clip(np.array(kept, np.int64).reshape(-1, 2), 0, length)


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
