"""Speech packed into chunks of at most 30 s, which is what Whisper hears at once, and the way back to the clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.speech import LONGEST_REGION_S, SAMPLE_RATE, Region

LAST_PART_S = 0.1


@dataclass(frozen=True, slots=True)
class Chunk:
    """Regions of a window laid end to end, the silence between them left out."""

    regions: tuple[Region, ...]

    @property
    def length(self) -> int:
        """Samples in the chunk."""
        return sum(region.end - region.start for region in self.regions)

    def samples(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """The chunk's sound, cut from its window."""
        return np.concatenate([window[region.start : region.end] for region in self.regions])

    def on_clock(self, start: float, end: float) -> tuple[float, float]:
        """A word's times in the chunk (seconds) as times in the window.

        The word's last part says in which region it lies, and all of it ends up there: Whisper counts a pause
        into the word after it, so the start, and often the middle too, lies before the joint.
        """
        late = max((start + end) / 2, end - LAST_PART_S) * SAMPLE_RATE
        passed = 0
        region = self.regions[0]
        for region in self.regions:
            if late < passed + region.end - region.start:
                break
            passed += region.end - region.start
        else:
            passed -= region.end - region.start
        shift = (region.start - passed) / SAMPLE_RATE
        low, high = region.start / SAMPLE_RATE, region.end / SAMPLE_RATE
        return min(max(start + shift, low), high), min(max(end + shift, low), high)


def pack(regions: Iterable[Region]) -> tuple[Chunk, ...]:
    """The regions in chunks that are as full as possible."""
    longest = int(LONGEST_REGION_S * SAMPLE_RATE)
    chunks: list[Chunk] = []
    current: list[Region] = []
    length = 0
    for region in regions:
        if current and length + region.end - region.start > longest:
            chunks.append(Chunk(tuple(current)))
            current, length = [], 0
        current.append(region)
        length += region.end - region.start
    return (*chunks, Chunk(tuple(current))) if current else tuple(chunks)
