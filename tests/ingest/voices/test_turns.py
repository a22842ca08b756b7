"""Who speaks when in real recordings: the error rate, the number of voices, two at once, and going on after a kill.

The conversations are some of those of `benchmarks/voices.py`, chosen among the ones that meet the limits: these tests
guard what works. The benchmark has the ones that do not.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.voices.embeddings import VoiceNets
from ingest.voices.turns import Heard, hear_voices
from tests.ingest.voices.mixes import SOLO, Mix, conversation, read, speech_in, with_crowd, write
from tests.ingest.voices.scoring import Spoken, error_rate, joined, read_rttm, within

pytestmark = [pytest.mark.model, pytest.mark.slow]

CLEAN, IN_A_CROWD = 0.05, 0.08  # the most of the speech that may be wrong
PRESIDENTS = "multi/en_derived_presidents_6speakers_9turns"


def hear(mix: Mix, nets: VoiceNets, folder: Path) -> Heard:
    return hear_voices(write(folder / "mix.wav", mix.sound), nets, folder / "kept")


def wrong(mix: Mix, heard: Heard) -> float:
    return error_rate(mix.spoken, joined(Spoken(turn.start, turn.end, str(turn.voice)) for turn in heard.turns))


@pytest.fixture(scope="module")
def presidents(samples: Path) -> Mix:
    """Six presidents in nine cuts. The RTTM marks whole cuts, with seconds in which an orator waits."""
    sound = read(samples / "audio" / f"{PRESIDENTS}.flac")
    turns = read_rttm(samples / "audio" / f"{PRESIDENTS}.rttm")
    return Mix(sound, tuple(within(turns, speech_in(sound))))


def test_six_presidents_are_told_apart(presidents: Mix, nets: VoiceNets, tmp_path: Path) -> None:
    heard = hear(presidents, nets, tmp_path)
    assert len(heard.vectors) == 6
    assert wrong(presidents, heard) <= CLEAN


def test_six_presidents_in_a_crowd_are_told_apart(
    presidents: Mix, nets: VoiceNets, samples: Path, tmp_path: Path
) -> None:
    themselves = [name for name in SOLO if any(who in name for who in ("jfk", "fdr", "gwbush"))]
    mix = with_crowd(presidents, samples / "audio", but=themselves)
    heard = hear(mix, nets, tmp_path)
    assert len(heard.vectors) == 6
    assert wrong(mix, heard) <= IN_A_CROWD


@pytest.mark.parametrize(("speakers", "seed"), [(2, 22), (3, 31), (5, 51)])
def test_conversations_are_told_apart(speakers: int, seed: int, nets: VoiceNets, samples: Path, tmp_path: Path) -> None:
    mix = conversation(samples / "audio", speakers, seed)
    heard = hear(mix, nets, tmp_path)
    assert len(heard.vectors) == speakers
    assert wrong(mix, heard) <= CLEAN


def test_a_conversation_in_a_crowd_is_told_apart(nets: VoiceNets, samples: Path, tmp_path: Path) -> None:
    mix = with_crowd(conversation(samples / "audio", 4, 42), samples / "audio")
    heard = hear(mix, nets, tmp_path)
    assert len(heard.vectors) == 4
    assert wrong(mix, heard) <= IN_A_CROWD


def test_two_who_speak_at_once_are_marked_where_they_do(nets: VoiceNets, samples: Path, tmp_path: Path) -> None:
    one, other = (read(samples / "audio" / name) for name in (SOLO[6], SOLO[5]))
    sound = one[16_000 * 5 : 16_000 * 25].copy()
    sound[16_000 * 8 : 16_000 * 12] += other[16_000 * 5 : 16_000 * 9]
    spans = hear(Mix(sound, ()), nets, tmp_path).together
    inside = np.maximum(0, np.minimum(spans[:, 1], 12) - np.maximum(spans[:, 0], 8)).sum()
    assert inside > 2
    assert (spans[:, 1] - spans[:, 0]).sum() - inside < 0.5


def test_a_run_that_was_killed_goes_on_to_the_same_voices(
    nets: VoiceNets, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows of 20 s stand for those of ten minutes; the second run finds the first two and a torn third."""
    import ingest.windows

    real = ingest.windows.windows
    monkeypatch.setattr(
        "ingest.voices.turns.windows", lambda *given, **more: real(*given, **more, target_s=20, slack_s=5)
    )
    media = write(tmp_path / "mix.wav", conversation(samples / "audio", 2, 22, seconds=70).sound)
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
    assert hear(Mix(np.zeros(16_000 * 5, np.float32), ()), nets, tmp_path).turns == ()
