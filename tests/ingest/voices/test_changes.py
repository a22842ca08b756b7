"""Where one voice follows on another, and the turns on both sides of it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.media import SAMPLE_RATE
from ingest.voices.activity import parted, windows_of
from ingest.voices.segmentation import CLASSES, NOBODY, STEP, changes

SECOND = round(SAMPLE_RATE / STEP)  # frames
ONE, OTHER, BOTH = 1, 2, 4


def stretch(*parts: tuple[int, float]) -> NDArray[np.float32]:
    """Scores of classes that sound for some seconds each, none of them for certain."""
    sounding = np.concatenate([np.full(round(seconds * SECOND), number) for number, seconds in parts])
    scores = np.full((len(sounding), CLASSES), 0.02, np.float32)
    scores[np.arange(len(sounding)), sounding] = 0.88
    return scores


def test_a_pause_between_two_voices_is_parted_in_its_middle() -> None:
    [frame] = changes(stretch((ONE, 2), (NOBODY, 0.4), (OTHER, 2)))
    assert frame / SECOND == pytest.approx(2.2, abs=0.02)


def test_who_goes_on_after_a_pause_is_no_change() -> None:
    assert list(changes(stretch((ONE, 2), (NOBODY, 1), (ONE, 2)))) == []


def test_a_slip_of_the_net_is_no_change() -> None:
    assert list(changes(stretch((ONE, 2), (OTHER, 0.3), (ONE, 2)))) == []


def test_silence_has_no_changes() -> None:
    assert list(changes(stretch((NOBODY, 10)))) == []


def test_a_voice_on_both_sides_of_what_was_taken_for_a_change_has_one_turn() -> None:
    speech = np.array([[0, 3], [3, 6], [6, 9], [10, 12]]) * SAMPLE_RATE
    windows = windows_of(speech)
    labels = np.where(windows[:, 0] < 6 * SAMPLE_RATE, 0, 1)
    seconds = [(a / SAMPLE_RATE, b / SAMPLE_RATE, label) for a, b, label in parted(speech, windows, labels)]
    assert seconds == [(0, 6, 0), (6, 9, 1), (10, 12, 1)]
