"""Whose voices they are: by the sheet where it leaves no choice, by numbers else.

A likeness to a voice that somebody named is never entered here. It is a proposal, which a person accepts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from archive.models import UNKNOWN

MOSTLY = 0.80  # of the speech: whose recording it is, where others say a few words


def named(seconds: NDArray[np.float64], speakers: Sequence[str]) -> tuple[str, ...]:
    """An id for each voice, given how long each speaks and whom the sheet names.

    One speaker named: the voice that says nearly everything is theirs, any other is unknown; where no voice does,
    nobody is named. Several named, or nobody: which of them a voice is cannot be known, so all are numbered.
    """
    ids: list[str] = []
    for share in seconds / max(float(seconds.sum()), 1e-9):
        if len(speakers) == 1 and share >= MOSTLY:
            ids.append(speakers[0])
        else:
            ids.append(f"{UNKNOWN}{1 + sum(known.startswith(UNKNOWN) for known in ids)}")
    return tuple(ids)
