"""Word times put where the words sound.

Whisper's words touch each other, so the pause before a word is counted into it: its start comes 150 to 620 ms
early, a seek lands in silence and a clip opens with it. After a pause it is now and then late instead. Ends are
good. Here starts move to where the sound sets in, and the ends of words that trail off into a pause move to where
it stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from archive.models import Word
from ingest.speech import FRAME, SAMPLE_RATE, Pcm, Speech, as_float

HOP_S = 0.01
BLOCK = 80  # samples; two make a hop, five the 25 ms over which loudness is taken

SMALLEST_MOVE_S = 0.08  # a stop consonant is silent for about as long
SHORTEST_SOUND_S = 0.03  # less is a click
LONGEST_INNER_GAP_S = 0.12  # silence inside one word, as between the k and the t of "October"
LONGEST_VOICED_GAP_S = 0.25  # between sounds that noise drowns, where a voice is heard all the same
SHORTEST_WORD_S = 0.02
FARTHEST_BACK_S = 0.5  # from where a voice is heard to where its sound set in, which may be a soft consonant
SHORTEST_PAUSE_S = 0.05  # before a sound that sets in

ABOVE_FLOOR_DB = 6.0
BELOW_PEAK_DB = 25.0
FLOOR_AROUND_S = 3.0
DIGITAL_SILENCE_DB = -80.0  # below is a gap that was cut or padded, which says nothing about the room

# silero is up to a quarter of a second late at a soft onset, and never this sure of applause or music
VOICE_ABOVE = 0.15
VOICE_LATE_FRAMES = 8


def tighten(words: Sequence[Word], pcm: Pcm, speech: Speech) -> tuple[Word, ...]:
    """The words with their starts moved to where they sound; times are seconds in the window `pcm`.

    A start moves later within its word, or earlier into a pause before it; an end only moves earlier, within the
    word. Order is kept.
    """
    sound = _Sound(pcm, speech)
    before = [0.0, *(word.end for word in words)]
    return tuple(_tightened(word, end, sound) for word, end in zip(words, before, strict=False))


def loudness(pcm: Pcm) -> NDArray[np.float32]:
    """Decibels below full scale, one value each 10 ms over the 25 ms that follow."""
    samples = as_float(pcm)
    blocks = np.pad(samples, (0, -len(samples) % BLOCK + 4 * BLOCK)).reshape(-1, BLOCK)
    power = np.einsum("ij,ij->i", blocks, blocks)
    frames = np.convolve(power, np.ones(5, np.float32), "valid")[::2] / (5 * BLOCK)
    return (10 * np.log10(frames + 1e-10)).astype(np.float32)


class _Sound:
    """A window in frames of 10 ms: its loudness, whether a voice is heard, and whether one is or sets in just after."""

    def __init__(self, pcm: Pcm, speech: Speech) -> None:
        self.level = loudness(pcm)
        heard = speech.probabilities > VOICE_ABOVE
        early = heard.copy()
        for frame in range(1, VOICE_LATE_FRAMES + 1):
            early[:-frame] |= heard[frame:]
        self.heard, self.voiced = _in_hops(heard, len(self.level)), _in_hops(early, len(self.level))


def _in_hops(frames: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    nearest = np.minimum(np.arange(length) * int(HOP_S * SAMPLE_RATE) // FRAME, max(0, len(frames) - 1))
    return frames[nearest] if len(frames) else np.zeros(length, np.bool_)


def _tightened(word: Word, before: float, sound: _Sound) -> Word:
    """The word with its times moved; the word before it ends at `before`."""
    first, last = int(word.start / HOP_S), min(int(word.end / HOP_S) + 1, len(sound.level))
    if first >= last:
        return word
    loud = sound.level > _threshold(sound.level, first, last)
    start, end = word.start, word.end
    apart = start - before >= SHORTEST_PAUSE_S
    if (last - first) * HOP_S >= SMALLEST_MOVE_S + SHORTEST_SOUND_S:
        longest = _longest_sound(loud[first:last] & sound.voiced[first:last], sound.heard[first:last], apart=apart)
        if longest is None:
            return word
        onset, stop = (first + longest[0]) * HOP_S, (first + longest[1]) * HOP_S + HOP_S
        start = onset if onset - word.start >= SMALLEST_MOVE_S else word.start
        end = stop if word.end - stop >= SMALLEST_MOVE_S else word.end
    start = _sets_in(loud, start, before)
    start = min(start, max(word.start, word.end - SHORTEST_WORD_S))
    return replace(word, start=round(start, 3), end=round(min(word.end, max(end, start + SHORTEST_WORD_S)), 3))


def _threshold(level: NDArray[np.float32], first: int, last: int) -> float:
    """Decibels above which the frames of a word are its sound, and not the room's."""
    around = int(FLOOR_AROUND_S / HOP_S)
    nearby = level[max(0, first - around) : last + around]
    nearby = nearby[nearby > DIGITAL_SILENCE_DB]
    floor = np.percentile(nearby, 5) if len(nearby) else DIGITAL_SILENCE_DB
    peak = np.percentile(level[first:last], 90)
    return float(max(floor + ABOVE_FLOOR_DB, peak - BELOW_PEAK_DB))


def _longest_sound(loud: NDArray[np.bool_], heard: NDArray[np.bool_], *, apart: bool) -> tuple[int, int] | None:
    """First frame, and the one after the last, of the longest sound, bridging the short gaps inside a word.

    Longer ones are bridged where a voice is `heard` throughout, unless the sound before is the end of the word
    before, as one that touches the start is but for a word that stands `apart`.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], loud, [False])).astype(np.int8)))
    sounds: list[tuple[int, int]] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if (end - start) * HOP_S < SHORTEST_SOUND_S:
            continue
        if sounds:
            begun, ended = sounds[-1]
            own = (apart or begun > 0) and heard[ended:start].all()
            if (start - ended) * HOP_S <= (LONGEST_VOICED_GAP_S if own else LONGEST_INNER_GAP_S):
                sounds[-1] = (begun, end)
                continue
        sounds.append((start, end))
    return max(sounds, key=lambda sound: sound[1] - sound[0], default=None)


def _sets_in(loud: NDArray[np.bool_], start: float, before: float) -> float:
    """Where the sound that goes on at `start` set in after a pause; `start`, where none lies shortly before it."""
    at = min(round(start / HOP_S), len(loud))
    earliest = max(round(before / HOP_S), at - round(FARTHEST_BACK_S / HOP_S), 0)
    sounding = np.flatnonzero(loud[earliest:at])
    frames = np.concatenate(([-1], sounding, [at - earliest]))
    pauses = np.flatnonzero(np.diff(frames) > round(SHORTEST_PAUSE_S / HOP_S))
    if not len(pauses):
        return start
    onset = (earliest + int(frames[pauses[-1] + 1])) * HOP_S
    return onset if start - onset >= SHORTEST_PAUSE_S else start
