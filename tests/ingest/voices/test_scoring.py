"""The measure itself: its figures are those of pyannote.metrics 4.2 (collar 0.5, which is 0.25 on either side)."""

from __future__ import annotations

import pytest

from tests.ingest.voices.scoring import Spoken, score

REFERENCE = [Spoken(0, 4, "a"), Spoken(4.5, 9, "b"), Spoken(8, 12, "a"), Spoken(13, 15, "c")]


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ([Spoken(0, 4.2, "x"), Spoken(4.4, 8.6, "y"), Spoken(8.6, 11, "x"), Spoken(12.5, 16, "y")], 0.3261),
        ([Spoken(0.1, 12, "x"), Spoken(13, 14.2, "z")], 0.3522),
        ([Spoken(0, 4, "q"), Spoken(4.5, 9, "r"), Spoken(8, 12, "q"), Spoken(13, 15, "s")], 0.0),
    ],
    ids=["confused", "joined into one", "right under other names"],
)
def test_counts_as_pyannote_does(heard: list[Spoken], expected: float) -> None:
    assert score(REFERENCE, heard).rate == pytest.approx(expected, abs=0.002)  # we count frames of 10 ms
