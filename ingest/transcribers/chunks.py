"""Speech packed into chunks of at most 30 s, which is what Whisper hears at once, and the way back to the clock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from archive.models import UNSPACED_LANGUAGES, Word
from ingest.speech import LONGEST_REGION_S, SAMPLE_RATE, Region, Speech
from ingest.transcribers.base import HeardSegment

LAST_PART_S = 0.1
UNSPOKEN_S = 0.04  # one frame of voice activity
WORD_S = 0.12  # of speech at least are a word
LATE_START_S = 0.1  # that a word may start after somebody speaks, and still be the first there
FULL_ENOUGH = 0.6  # of half a minute; from there on a chunk may end at a long pause
WORTH_HEARING_S = 1.0  # less speech than this after the last word is a cough or the end of the word


@dataclass(frozen=True, slots=True)
class Token:
    """A word as Whisper splits them: `text` starts with a space where a word starts; times are in the chunk."""

    text: str
    start: float
    end: float
    probability: float


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

    def on_clock(self, start: float, end: float, speech: Speech) -> tuple[float, float]:
        """A word's times in the chunk (seconds) as times in the window.

        The word's last part says in which region it lies, and all of it ends up there: Whisper counts a pause
        into the word after it, so the start, and often the middle too, lies before the joint.
        """
        begins = [0]
        for region in self.regions:
            begins.append(begins[-1] + region.end - region.start)
        late = max((start + end) / 2, end - LAST_PART_S) * SAMPLE_RATE
        index = max(0, bisect_right(begins, late, hi=len(self.regions)) - 1)
        index = self._drawn_back(index, begins, int(start * SAMPLE_RATE), int(end * SAMPLE_RATE), speech)
        region = self.regions[index]
        shift = (region.start - begins[index]) / SAMPLE_RATE
        low, high = region.start / SAMPLE_RATE, region.end / SAMPLE_RATE
        return min(max(start + shift, low), high), min(max(end + shift, low), high)

    def _drawn_back(self, index: int, begins: Sequence[int], start: int, end: int, speech: Speech) -> int:
        """The region of a word (in samples of the chunk) that ends before anybody speaks in the one it ends in.

        It belongs to the one before, if it covers that from where somebody speaks there on, so that no other
        word lies in it: Whisper is now and then a little late at a joint.
        """
        while index and self._spoken(index, begins, start, end, speech) <= UNSPOKEN_S:
            before = self.regions[index - 1]
            voice = speech.sets_in(before)
            covered = (
                voice is not None and start <= begins[index - 1] + voice - before.start + LATE_START_S * SAMPLE_RATE
            )
            if not covered or self._spoken(index - 1, begins, start, end, speech) < WORD_S:
                break
            index -= 1
        return index

    def _spoken(self, index: int, begins: Sequence[int], start: int, end: int, speech: Speech) -> float:
        """Seconds of speech in a region between two samples of the chunk."""
        region, shift = self.regions[index], self.regions[index].start - begins[index]
        return speech.seconds(Region(max(region.start, start + shift), min(region.end, end + shift)))


def pack(regions: Iterable[Region]) -> tuple[Chunk, ...]:
    """The regions in chunks that are nearly full, parted at the longest pauses.

    Whisper tends to drop the last words of a chunk that ends amid a sentence.
    """
    longest = int(LONGEST_REGION_S * SAMPLE_RATE)
    chunks: list[Chunk] = []
    current: list[Region] = []
    for region in regions:
        while current and Chunk((*current, region)).length > longest:
            cut = _best_cut(current, region, longest * FULL_ENOUGH)
            chunks.append(Chunk(tuple(current[:cut])))
            current = current[cut:]
        current.append(region)
    return (*chunks, Chunk(tuple(current))) if current else tuple(chunks)


def _best_cut(regions: Sequence[Region], following: Region, enough: float) -> int:
    """How many of the regions to take: up to the longest pause after there are enough of them."""
    length, best, longest_pause = 0, len(regions), following.pause
    for index, region in enumerate(regions):
        if length >= enough and region.pause > longest_pause:
            best, longest_pause = index, region.pause
        length += region.end - region.start
    return best


def words_on_clock(tokens: Iterable[Token], chunk: Chunk, language: str, speech: Speech) -> tuple[Word, ...]:
    """Whisper's words as words of the window.

    It takes "n'est", "no-one" and "U.S." apart; what has no space before it belongs to the word before, except
    in languages that write none.
    """
    words: list[Word] = []
    for token in tokens:
        text = token.text.strip()
        if not text:
            continue
        start, end = (round(float(time), 3) for time in chunk.on_clock(token.start, token.end, speech))
        if words and not token.text[0].isspace() and language not in UNSPACED_LANGUAGES:
            before = words[-1]
            probability = min(before.probability, round(token.probability, 4))
            words[-1] = replace(before, text=before.text + text, end=max(before.end, end), probability=probability)
        else:
            words.append(Word(text, start, end, round(token.probability, 4)))
    return tuple(words)


def unheard(chunk: Chunk, found: Sequence[HeardSegment], speech: Speech) -> list[Chunk]:
    """What is left of a chunk after its last word, if enough of it is speech; nothing where no word came."""
    if not found:
        return []
    heard_until = int(max(segment.words[-1].end for segment in found) * SAMPLE_RATE)
    rest = tuple(
        Region(max(region.start, heard_until), region.end) for region in chunk.regions if region.end > heard_until
    )
    spoken = sum(speech.seconds(region) for region in rest)
    return [Chunk(rest)] if spoken >= WORTH_HEARING_S else []
