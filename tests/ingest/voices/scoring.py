"""The diarisation error rate, as pyannote.metrics counts it, and who speaks when in a file of RTTM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

COLLAR_S = 0.25  # on either side of each border of the reference, where nothing is scored
FRAMES = 100  # a second


class Spoken(NamedTuple):
    """Somebody speaks, in seconds."""

    start: float
    end: float
    who: str


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of the speech of the reference: not heard, heard where there is none, and given to another."""

    missed: float
    invented: float
    confused: float

    @property
    def rate(self) -> float:
        """The diarisation error rate."""
        return self.missed + self.invented + self.confused


def score(reference: Sequence[Spoken], heard: Sequence[Spoken], collar: float = COLLAR_S) -> Score:
    """Under the best matching of voices to speakers; where two speak at once, both count."""
    frames = round(max(part.end for part in (*reference, *heard)) * FRAMES) + 1
    true, found = _rows(reference, frames), _rows(heard, frames)
    scored = np.ones(frames, bool)
    for border in (border for part in reference for border in (part.start, part.end)):
        scored[max(0, round((border - collar) * FRAMES)) : round((border + collar) * FRAMES)] = False
    true, found = true[:, scored], found[:, scored]
    right = _best((true[:, None] & found[None]).sum(axis=2))
    speaking, voices, all_of_it = true.sum(0), found.sum(0), true.sum()
    return Score(
        float(np.maximum(speaking - voices, 0).sum() / all_of_it),
        float(np.maximum(voices - speaking, 0).sum() / all_of_it),
        float((np.minimum(speaking, voices).sum() - right) / all_of_it),
    )


def read_rttm(path: Path) -> list[Spoken]:
    """The turns of a file of RTTM."""
    rows = (line.split() for line in path.read_text().splitlines() if line.startswith("SPEAKER"))
    return [Spoken(float(row[3]), float(row[3]) + float(row[4]), row[7]) for row in rows]


def _rows(turns: Sequence[Spoken], frames: int) -> NDArray[np.bool_]:
    people = sorted({turn.who for turn in turns})
    rows = np.zeros((max(1, len(people)), frames), bool)
    for turn in turns:
        rows[people.index(turn.who), round(turn.start * FRAMES) : round(turn.end * FRAMES)] = True
    return rows


def _best(shared: NDArray[np.int_]) -> int:
    """The largest sum of frames under a matching of rows to columns."""
    if shared.shape[0] < shared.shape[1]:
        shared = shared.T  # the sets that are remembered are of columns

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
