"""What stands out of a crowd is speech, and in a quiet room all of it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.media import SAMPLE_RATE
from ingest.speech import FRAME
from ingest.voices.foreground import stands_out

SPEECH_DB = -20.0


def noise(seconds: float, decibels: float) -> NDArray[np.float32]:
    rng = np.random.default_rng(round(seconds * 100 - decibels))
    return (rng.normal(0, 10 ** (decibels / 20), round(seconds * SAMPLE_RATE))).astype(np.float32)


def talk(*levels: float) -> NDArray[np.float32]:
    """Words of half a second with gaps of a tenth at the level that is behind them, a level for each five seconds."""
    return np.concatenate([part for level in levels for _ in range(8) for part in (noise(0.5, level), noise(0.1, -60))])


def share_that_stands_out(sound: NDArray[np.float32], start_s: float, end_s: float) -> float:
    sure = np.ones(-(-len(sound) // FRAME), np.float32)
    found = stands_out(sound, sure)
    return float(found[round(start_s * SAMPLE_RATE / FRAME) : round(end_s * SAMPLE_RATE / FRAME)].mean())


def test_a_crowd_in_the_pauses_does_not_stand_out() -> None:
    crowd = noise(20, SPEECH_DB - 10)
    sound = crowd + np.concatenate([noise(8, SPEECH_DB), np.zeros(4 * SAMPLE_RATE, np.float32), noise(8, SPEECH_DB)])
    assert share_that_stands_out(sound, 1, 7) == 1
    assert share_that_stands_out(sound, 8.5, 11.5) == 0
    assert share_that_stands_out(sound, 13, 19) == 1


def test_whoever_speaks_softly_in_a_quiet_room_stands_out() -> None:
    sound = talk(SPEECH_DB, SPEECH_DB - 20, SPEECH_DB)
    assert share_that_stands_out(sound, 0, 14) == 1


def test_a_hall_that_falls_silent_is_judged_by_what_is_near() -> None:
    """A minute of a crowd, then two of quiet: what is said softly there is not held against the crowd."""
    quiet = talk(*[SPEECH_DB - 20] * 24)
    sound = np.concatenate([noise(60, SPEECH_DB - 10), quiet])
    assert share_that_stands_out(sound, 100, 165) == 1


def test_where_nobody_speaks_there_is_nothing_to_stand_out_of() -> None:
    sound = noise(5, -30)
    assert stands_out(sound, np.zeros(len(sound) // FRAME, np.float32)).all()
