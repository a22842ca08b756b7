"""Who speaks when in real recordings: the error rate, the number of voices, two at once, and going on after a kill.

Which conversations these are is fixed by docs/decisions/0008, not by how they come out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest.voices.embeddings import VoiceNets
from ingest.voices.segmentation import STEP
from ingest.voices.turns import Heard, hear_voices
from tests.ingest.voices.mixes import (
    Mix,
    conversation,
    crowd_for,
    crowd_for_presidents,
    presidents,
    read,
    with_crowd,
    write,
)
from tests.ingest.voices.scoring import Spoken, score

pytestmark = [pytest.mark.model, pytest.mark.slow]

GERMAN, ENGLISH = "de/de_librivox_aeneas.mp3", "en/en_udhr_preamble_librivox.mp3"
CLEAN, IN_A_CROWD = 0.05, 0.08  # the most of the speech that may be wrong


def hear(mix: Mix, nets: VoiceNets, folder: Path) -> Heard:
    folder.mkdir(exist_ok=True)
    return hear_voices(write(folder / "mix.wav", mix.sound), nets, folder / "kept")


def wrong(mix: Mix, heard: Heard) -> float:
    return score(mix.spoken, [Spoken(turn.start, turn.end, str(turn.voice)) for turn in heard.turns]).rate


def test_six_presidents_are_told_apart(nets: VoiceNets, samples: Path, tmp_path: Path) -> None:
    mix = presidents(samples / "audio")
    heard = hear(mix, nets, tmp_path)
    assert len(heard.vectors) == 6
    assert wrong(mix, heard) <= CLEAN


def test_six_presidents_in_a_crowd_are_told_apart(nets: VoiceNets, samples: Path, tmp_path: Path) -> None:
    mix = with_crowd(presidents(samples / "audio"), samples / "audio", crowd_for_presidents())
    heard = hear(mix, nets, tmp_path)
    assert len(heard.vectors) == 6
    assert wrong(mix, heard) <= IN_A_CROWD


def conversations(audio: Path, *speakers: int) -> Iterator[Mix]:
    return (conversation(audio, "dev", count, 1) for count in speakers)


def test_conversations_are_told_apart(nets: VoiceNets, samples: Path, tmp_path: Path) -> None:
    rates = []
    for mix in conversations(samples / "audio", 2, 3, 4, 5):
        heard = hear(mix, nets, tmp_path / str(mix.speakers))
        assert len(heard.vectors) == mix.speakers
        rates.append(wrong(mix, heard))
    assert np.mean(rates) <= CLEAN


def test_conversations_in_a_crowd_are_told_apart(nets: VoiceNets, samples: Path, tmp_path: Path) -> None:
    rates = []
    for mix in conversations(samples / "audio", 2, 4):
        crowded = with_crowd(mix, samples / "audio", crowd_for(mix, "dev"))
        heard = hear(crowded, nets, tmp_path / str(mix.speakers))
        assert abs(len(heard.vectors) - mix.speakers) <= 1
        rates.append(wrong(crowded, heard))
    assert np.mean(rates) <= IN_A_CROWD


def test_two_who_speak_at_once_are_marked_where_they_do(nets: VoiceNets, samples: Path, tmp_path: Path) -> None:
    one, other = (read(samples / "audio" / name) for name in (GERMAN, ENGLISH))
    sound = one[16_000 * 5 : 16_000 * 25].copy()
    sound[16_000 * 8 : 16_000 * 12] += other[16_000 * 5 : 16_000 * 9]
    spans = hear(Mix(sound, (), ()), nets, tmp_path).together
    inside = np.maximum(0, np.minimum(spans[:, 1], 12) - np.maximum(spans[:, 0], 8)).sum()
    assert inside > 2
    assert (spans[:, 1] - spans[:, 0]).sum() - inside < 0.5


@pytest.mark.parametrize("seconds", [0, 0.01, 4, 9.99, 10, 12.5, 15, 21.3])
def test_every_moment_is_judged_however_long_a_sound_is(nets: VoiceNets, samples: Path, seconds: float) -> None:
    sound = read(samples / "audio" / ENGLISH)[: round(seconds * 16_000)]
    likely = nets.segmented(sound).somebody
    assert likely.shape == (np.ceil(len(sound) / STEP),)
    assert np.all((likely >= 0) & (likely <= 1))


def test_a_change_of_voice_without_a_pause_is_heard_where_it_is(nets: VoiceNets, samples: Path) -> None:
    one, other = (read(samples / "audio" / name)[16_000 * 5 :] for name in (GERMAN, ENGLISH))
    turns = [one[: 16_000 * 4], other[: 16_000 * 7], one[16_000 * 4 : 16_000 * 13]]
    borders = np.cumsum([len(turn) for turn in turns])[:-1]
    found = nets.segmented(np.concatenate(turns)).changes
    np.testing.assert_allclose(found, borders, atol=0.5 * 16_000)  # somewhere in a pause of the speakers


def test_a_moment_is_heard_alike_wherever_ten_seconds_end(nets: VoiceNets, samples: Path) -> None:
    """The segmentation net hears ten seconds at once; starting it later moves all their borders."""
    sound = read(samples / "audio" / ENGLISH)[: 40 * 16_000]
    later = round(2.5 * 16_000 / STEP)
    one = nets.segmented(sound).somebody[later:]
    other = nets.segmented(sound[round(later * STEP) :]).somebody[: len(one)]
    assert np.mean((one > 0.5) != (other > 0.5)) < 0.01


def test_a_run_that_was_killed_goes_on_to_the_same_voices(
    nets: VoiceNets, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows of 20 s stand for those of ten minutes; the second run finds the first two and a torn third."""
    import ingest.windows

    real = ingest.windows.windows
    monkeypatch.setattr(
        "ingest.voices.turns.windows", lambda *given, **more: real(*given, **more, target_s=20, slack_s=5)
    )
    media = write(tmp_path / "mix.wav", conversation(samples / "audio", "dev", 4, 1).sound)
    whole = hear_voices(media, nets, tmp_path / "kept")
    files = sorted((tmp_path / "kept").iterdir())
    assert len(files) >= 4
    for path in files[3:]:
        path.unlink()
    files[2].write_bytes(files[2].read_bytes()[:1000])
    heard: list[float] = []
    again = hear_voices(media, nets, tmp_path / "kept", on_progress=heard.append)
    assert again.turns == whole.turns
    np.testing.assert_array_equal(again.vectors, whole.vectors)
    assert heard[0] > 40  # what was whole was not heard again


def test_silence_has_no_turns(nets: VoiceNets, tmp_path: Path) -> None:
    assert hear(Mix(np.zeros(16_000 * 5, np.float32), (), ()), nets, tmp_path).turns == ()
