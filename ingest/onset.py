"""Word times put where the words sound.

Whisper's words touch each other, so the pause before a word is counted into it: its start comes 150 to 620 ms
early, a seek lands in silence and a clip opens with it. Ends are good. Here starts move to where the sound sets
in, and the ends of words that trail off into a pause move to where it stops.
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
SHORTEST_WORD_S = 0.02

ABOVE_FLOOR_DB = 6.0
BELOW_PEAK_DB = 25.0
FLOOR_AROUND_S = 3.0
DIGITAL_SILENCE_DB = -80.0  # below is a gap that was cut or padded, which says nothing about the room

# silero is up to a quarter of a second late at a soft onset, and never this sure of applause or music
VOICE_ABOVE = 0.15
VOICE_LATE_FRAMES = 8


def tighten(words: Sequence[Word], pcm: Pcm, speech: Speech) -> tuple[Word, ...]:
    """The words with their starts moved off the pause before; times are seconds in the window `pcm`.

    A start only moves later and an end only earlier, both within the word; order is kept.
    """
    level = loudness(pcm)
    voiced = _voiced(speech, len(level))
    return tuple(_tightened(word, level, voiced) for word in words)


def loudness(pcm: Pcm) -> NDArray[np.float32]:
    """Decibels below full scale, one value each 10 ms over the 25 ms that follow."""
    samples = as_float(pcm)
    blocks = np.pad(samples, (0, -len(samples) % BLOCK + 4 * BLOCK)).reshape(-1, BLOCK)
    power = np.einsum("ij,ij->i", blocks, blocks)
    frames = np.convolve(power, np.ones(5, np.float32), "valid")[::2] / (5 * BLOCK)
    return (10 * np.log10(frames + 1e-10)).astype(np.float32)


def _voiced(speech: Speech, frames: int) -> NDArray[np.bool_]:
    """For each 10 ms, whether a voice is heard then or sets in just after."""
    heard = speech.probabilities > VOICE_ABOVE
    early = heard.copy()
    for frame in range(1, VOICE_LATE_FRAMES + 1):
        early[:-frame] |= heard[frame:]
    nearest = np.minimum(np.arange(frames) * int(HOP_S * SAMPLE_RATE) // FRAME, max(0, len(early) - 1))
    return early[nearest] if len(early) else np.zeros(frames, np.bool_)


def _tightened(word: Word, level: NDArray[np.float32], voiced: NDArray[np.bool_]) -> Word:
    first, last = int(word.start / HOP_S), min(int(word.end / HOP_S) + 1, len(level))
    if (last - first) * HOP_S < SMALLEST_MOVE_S + SHORTEST_SOUND_S:
        return word
    around = int(FLOOR_AROUND_S / HOP_S)
    nearby = level[max(0, first - around) : last + around]
    nearby = nearby[nearby > DIGITAL_SILENCE_DB]
    floor = np.percentile(nearby, 5) if len(nearby) else DIGITAL_SILENCE_DB
    peak = np.percentile(level[first:last], 90)
    loud = level[first:last] > max(floor + ABOVE_FLOOR_DB, peak - BELOW_PEAK_DB)
    sound = _longest_sound(loud & voiced[first:last])
    if sound is None:
        return word
    onset, stop = (first + sound[0]) * HOP_S, (first + sound[1]) * HOP_S + HOP_S
    start = onset if onset - word.start >= SMALLEST_MOVE_S else word.start
    end = stop if word.end - stop >= SMALLEST_MOVE_S else word.end
    start = min(start, max(word.start, word.end - SHORTEST_WORD_S))
    return replace(word, start=round(start, 3), end=round(min(word.end, max(end, start + SHORTEST_WORD_S)), 3))


def _longest_sound(loud: NDArray[np.bool_]) -> tuple[int, int] | None:
    """First frame, and the one after the last, of the longest sound, bridging the short gaps inside a word."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], loud, [False])).astype(np.int8)))
    sounds: list[tuple[int, int]] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if (end - start) * HOP_S < SHORTEST_SOUND_S:
            continue
        if sounds and (start - sounds[-1][1]) * HOP_S <= LONGEST_INNER_GAP_S:
            sounds[-1] = (sounds[-1][0], end)
        else:
            sounds.append((start, end))
    return max(sounds, key=lambda sound: sound[1] - sound[0], default=None)
