"""The diarisation error rate, as pyannote.metrics counts it, and who speaks when in a file of RTTM."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

COLLAR_S = 0.25  # on either side of each border of the reference, where nothing is scored
FRAMES = 100  # a second
JOINED_S = 0.5  # a pause inside a turn that a reference does not mark


class Spoken(NamedTuple):
    """Somebody speaks, in seconds."""

    start: float
    end: float
    who: str


def error_rate(reference: Sequence[Spoken], heard: Sequence[Spoken], collar: float = COLLAR_S) -> float:
    """Missed, invented and confused speech as a share of the speech of the reference, under the best matching."""
    frames = round(max(part.end for part in (*reference, *heard)) * FRAMES) + 1
    true, found = _rows(reference, frames), _rows(heard, frames)
    scored = np.ones(frames, bool)
    for border in (border for part in reference for border in (part.start, part.end)):
        scored[max(0, round((border - collar) * FRAMES)) : round((border + collar) * FRAMES)] = False
    true, found = true[:, scored], found[:, scored]
    right = _best((true[:, None] & found[None]).sum(axis=2))
    return float((np.maximum(true.sum(0), found.sum(0)).sum() - right) / true.sum())


def read_rttm(path: Path) -> list[Spoken]:
    """The turns of a file of RTTM."""
    rows = (line.split() for line in path.read_text().splitlines() if line.startswith("SPEAKER"))
    return [Spoken(float(row[3]), float(row[3]) + float(row[4]), row[7]) for row in rows]


def within(turns: Iterable[Spoken], speech: Iterable[tuple[float, float]]) -> list[Spoken]:
    """The turns without the silence in them: a reference that marks whole cuts holds the speaker's long pauses."""
    parts = [
        Spoken(max(turn.start, start), min(turn.end, end), turn.who)
        for turn in turns
        for start, end in speech
        if min(turn.end, end) > max(turn.start, start)
    ]
    return joined(parts)


def joined(turns: Iterable[Spoken]) -> list[Spoken]:
    """The turns of one speaker joined over short pauses."""
    made: list[Spoken] = []
    for turn in sorted(turns):
        if made and made[-1].who == turn.who and turn.start - made[-1].end <= JOINED_S:
            made[-1] = Spoken(made[-1].start, max(made[-1].end, turn.end), turn.who)
        else:
            made.append(turn)
    return made


def _rows(turns: Sequence[Spoken], frames: int) -> NDArray[np.bool_]:
    people = sorted({turn.who for turn in turns})
    rows = np.zeros((max(1, len(people)), frames), bool)
    for turn in turns:
        rows[people.index(turn.who), round(turn.start * FRAMES) : round(turn.end * FRAMES)] = True
    return rows


def _best(shared: NDArray[np.int_]) -> int:
    """The largest sum of frames under a matching of rows to columns."""

    @cache
    def rest(row: int, used: int) -> int:
        if row == len(shared):
            return 0
        taken = (
            int(shared[row, column]) + rest(row + 1, used | 1 << column)
            for column in range(shared.shape[1])
            if not used >> column & 1
        )
        return max((rest(row + 1, used), *taken))

    return rest(0, 0)
