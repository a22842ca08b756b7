"""Who said it, where nobody listened for voices."""

from __future__ import annotations

from archive.attribution import attributed
from archive.models import Maker, MakerKind, Media, Recording, Segment, Transcript, Word

MEDIA = Media("a.wav", "wav", "0" * 64, 1, 2.0, "wav", "pcm_s16le", "", "audio/wav", playable=True)
SPOKEN = Transcript(
    "0" * 16,
    1,
    Maker(MakerKind.ENGINE, "toy"),
    (Segment(0, 1, (Word("سلام", 0, 1),)), Segment(1, 2, (Word("hello", 1, 2),), speaker="unknown-1")),
)


def recording(*speakers: str) -> Recording:
    return Recording("0" * 16, "A talk", MEDIA, speakers=speakers)


def test_the_only_speaker_said_what_nobody_judged() -> None:
    shown = attributed(recording("محمد-خاتمی"), SPOKEN)
    assert [segment.speaker for segment in shown.segments] == ["محمد-خاتمی", "unknown-1"]


def test_of_several_speakers_none_is_guessed() -> None:
    assert attributed(recording("a", "b"), SPOKEN) == SPOKEN


def test_without_a_speaker_nothing_changes() -> None:
    assert attributed(recording(), SPOKEN) == SPOKEN
