"""Half an hour of known speech in one file against the same clips heard alone: drift, lost words, repeats at joints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein

from benchmarks.report import Value
from benchmarks.truth.ears import Bare, HeardWord, Ours
from benchmarks.truth.scenes import Clip, as_pcm, clips, room, sound_of
from benchmarks.truth.words import found_in, split
from ingest import listen as listening
from ingest.loops import fold
from ingest.media import SAMPLE_RATE

LENGTH_S = 30 * 60
WINDOWS_S = (600, 120)  # as it is, and one with many more joints than it has
BETWEEN_S = 1.0
LONGEST_REPEAT = 12  # words; of runs that come twice in a row


@dataclass(frozen=True, slots=True)
class Placed:
    """A clip in the long file, from sample to sample."""

    clip: Clip
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Beside:
    """A placed clip's words beside those of the same clip heard alone, and the seconds by which equal ones start later.

    `found` are those of its text, `lost` those that were only heard alone, `added` those only here.
    """

    placed: Placed
    found: int
    lost: int
    added: int
    shifts: tuple[float, ...]


def long_rows(ours: Ours, _bare: Bare) -> tuple[list[dict[str, Value]], list[str]]:
    """A row for each length of window."""
    sound, placed = _composed()
    chosen = {one.clip for one in placed}
    alone = {clip: ours.words(as_pcm(sound_of(clip.file)), ["en"]) for clip in chosen}
    rows = []
    usual = listening.WINDOW_S
    for window in WINDOWS_S:
        listening.WINDOW_S = window
        try:
            words = ours.words(as_pcm(sound), ["en"])
        finally:
            listening.WINDOW_S = usual
        rows.append({"window s": window, **_row(words, placed, alone, len(sound) / SAMPLE_RATE)})
    minutes = len(sound) / SAMPLE_RATE / 60
    notes = [
        f"{minutes:.1f} min: {len(placed)} English clips with {BETWEEN_S:.0f} s between them, in changing order.",
        "Lost and added: beside the words of the same clip heard alone, in a file of its own. Drift: by how much the "
        "starts of equal words differ from those, the median of a clip; `at the end` is over the last five minutes. "
        "Repeated: runs of 3 to 12 words that come twice in a row and do not in the clips alone.",
    ]
    return rows, notes


def _composed() -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], list[Placed]]:
    """English clips over and over, each round in another order, to half an hour."""
    chance = np.random.default_rng(30)
    chosen = [clip for clip in clips() if clip.language == "en" and clip.said]
    pieces, placed, clock = [], [], 0
    while clock < LENGTH_S * SAMPLE_RATE:
        for index in chance.permutation(len(chosen)).tolist():
            speech = sound_of(chosen[index].file)
            placed.append(Placed(chosen[index], clock, clock + len(speech)))
            pieces += [speech, room(BETWEEN_S, chance)]
            clock += len(speech) + len(pieces[-1])
    return np.concatenate(pieces), placed


def _row(
    words: Sequence[HeardWord], placed: Sequence[Placed], alone: dict[Clip, list[HeardWord]], length: float
) -> dict[str, Value]:
    beside = [_beside(one, words, alone[one.clip]) for one in placed]
    drifts = [(float(np.median(one.shifts)), one.placed.start / SAMPLE_RATE) for one in beside if one.shifts]
    expected = sum(_repeats(alone[one.clip]) for one in placed)
    return {
        "said": sum(len(split(one.clip.said)) for one in placed),
        "found alone": sum(found_in(split(one.clip.said), _texts(alone[one.clip])) for one in placed),
        "found": sum(one.found for one in beside),
        "lost": sum(one.lost for one in beside),
        "added": sum(one.added for one in beside),
        "repeated": _repeats(words) - expected,
        "worst drift ms": 1000 * max(abs(drift) for drift, _ in drifts),
        "at the end ms": 1000 * max(abs(drift) for drift, at in drifts if at > length - 300),
    }


def _beside(one: Placed, words: Sequence[HeardWord], alone: Sequence[HeardWord]) -> Beside:
    start, end = one.start / SAMPLE_RATE, one.end / SAMPLE_RATE
    here = [word for word in words if start - BETWEEN_S / 2 <= word.middle < end + BETWEEN_S / 2]
    shifts: list[float] = []
    same = 0
    for step in Levenshtein.opcodes([fold(word.text) for word in alone], [fold(word.text) for word in here]):
        if step.tag == "equal":
            same += step.src_end - step.src_start
            pairs = zip(alone[step.src_start : step.src_end], here[step.dest_start : step.dest_end], strict=True)
            shifts += [after.start - start - before.start for before, after in pairs]
    found = found_in(split(one.clip.said), _texts(here))
    return Beside(one, found, len(alone) - same, len(here) - same, tuple(shifts))


def _texts(words: Sequence[HeardWord]) -> list[str]:
    return [part for word in words for part in split(word.text)]


def _repeats(words: Sequence[HeardWord]) -> int:
    """How many runs of words come twice in a row."""
    texts = _texts(words)
    count = at = 0
    while at < len(texts):
        size = next((n for n in range(LONGEST_REPEAT, 2, -1) if texts[at : at + n] == texts[at + n : at + 2 * n]), 0)
        count += size > 0
        at += size or 1
    return count
