"""Who said it, where nobody listened for voices."""

from __future__ import annotations

from dataclasses import replace

from archive.attribution import attributed
from archive.models import FLOOR, TRANSLATION, Layer, Maker, MakerKind, Media, Recording, Segment, Transcript, Word

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


def test_an_interpreter_is_not_taken_for_the_speaker() -> None:
    interpreted = replace(recording("محمد-خاتمی"), layers=(Layer(), Layer("fa", 1, "fa")))
    assert attributed(interpreted, replace(SPOKEN, layer="fa")) == replace(SPOKEN, layer="fa")
    assert attributed(interpreted, SPOKEN).segments[0].speaker == "محمد-خاتمی"


def test_a_translation_is_of_what_the_speaker_said() -> None:
    layers = (Layer(), Layer(TRANSLATION, 0, "en", translates=FLOOR))
    shown = attributed(replace(recording("محمد-خاتمی"), layers=layers), replace(SPOKEN, layer=TRANSLATION))
    assert shown.segments[0].speaker == "محمد-خاتمی"


def test_without_a_speaker_nothing_changes() -> None:
    assert attributed(recording(), SPOKEN) == SPOKEN
