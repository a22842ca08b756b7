"""Recordings of several voices, composed of the samples, so that who speaks when is known to the sample."""

from __future__ import annotations

import wave
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.media import SAMPLE_RATE, PcmStream
from ingest.speech import as_float, find_speech
from ingest.voices.activity import stretches
from tests.ingest.voices.scoring import Spoken, within

SOLO = (
    "en/en_jfk_inaugural_1961.wav",
    "en/en_fdr_inaugural_1933.mp3",
    "en/en_obama_iran_deal_2015.flac",
    "en/en_eleanor_roosevelt_humanrights_1950.mp3",
    "en/en_gwbush_radio_2008-11-01_cut64s.flac",
    "en/en_udhr_preamble_librivox.mp3",
    "de/de_librivox_aeneas.mp3",
    "es/es_librivox_aeneas.mp3",
    "fr/fr_udhr_preamble_librivox.mp3",
    "fa/fa_hezar_speech_example.mp3",
)
READ_S = 120
LOUDNESS = 0.07  # root mean square, the same for every voice
CROWD_VOICES = 30  # fewer are a few people talking, and heard as such

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mix:
    """Sound at 16 kHz, and who speaks in it when."""

    sound: Sound
    spoken: tuple[Spoken, ...]

    @property
    def speakers(self) -> int:
        return len({turn.who for turn in self.spoken})


def read(path: Path) -> Sound:
    with PcmStream(path) as stream:
        return as_float(stream.read(READ_S * 2 * SAMPLE_RATE))


def write(path: Path, sound: Sound) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def speech_in(sound: Sound) -> list[tuple[float, float]]:
    return [
        (start / SAMPLE_RATE, end / SAMPLE_RATE) for start, end in stretches(find_speech(sound), len(sound)).tolist()
    ]


def conversation(audio: Path, speakers: int, seed: int, seconds: float = 110.0) -> Mix:
    """Turns of 4 to 12 s by some of the samples' speakers, each heard at least once, with short pauses between."""
    rng = np.random.default_rng(seed)
    chosen = [SOLO[index] for index in rng.permutation(len(SOLO))[:speakers]]
    pools = {name: _phrases(read(audio / name)[: READ_S * SAMPLE_RATE], rng) for name in chosen}
    pieces: list[Sound] = []
    spoken: list[Spoken] = []
    length, waiting, last = 0, list(chosen), ""
    while length < seconds * SAMPLE_RATE:
        who = waiting.pop() if waiting else str(rng.choice([name for name in chosen if name != last]))
        piece = pools[who][rng.integers(len(pools[who]))]
        spoken.append(Spoken(length / SAMPLE_RATE, (length + len(piece)) / SAMPLE_RATE, who))
        pause = np.zeros(int(rng.uniform(0.2, 0.8) * SAMPLE_RATE), np.float32)
        pieces += [piece, pause]
        length, last = length + len(piece) + len(pause), who
    sound = np.concatenate(pieces)
    hiss = rng.normal(0, 3e-4, len(sound)).astype(np.float32)
    return Mix(sound + hiss, tuple(within(spoken, speech_in(sound))))


def with_crowd(mix: Mix, audio: Path, but: Collection[str] = (), decibels: float = 10.0) -> Mix:
    """The same in a crowd so much below it, of voices that do not speak in it and are not in `but`."""
    rng = np.random.default_rng(5)
    others = [name for name in SOLO if name not in {turn.who for turn in mix.spoken} and name not in but]
    crowd = np.zeros(len(mix.sound), np.float32)
    for number in range(CROWD_VOICES):
        voice = read(audio / others[number % len(others)])
        voice = np.resize(np.roll(voice, rng.integers(len(voice))), len(crowd))
        crowd += voice / _loudness(voice)
    crowd *= _loudness(mix.sound) / _loudness(crowd) * 10 ** (-decibels / 20)
    return Mix(mix.sound + crowd, mix.spoken)


def _phrases(sound: Sound, rng: np.random.Generator) -> list[Sound]:
    speech = stretches(find_speech(sound), len(sound))
    made: list[Sound] = []
    while len(made) < 8:
        wanted = rng.uniform(4, 12) * SAMPLE_RATE
        first = last = int(rng.integers(len(speech)))
        while last + 1 < len(speech) and speech[last + 1, 1] - speech[first, 0] < wanted:
            last += 1
        piece = sound[speech[first, 0] : min(speech[last, 1], speech[first, 0] + int(wanted))]
        if len(piece) > 2 * SAMPLE_RATE:
            made.append(piece * np.float32(LOUDNESS / _loudness(piece)))
    return made


def _loudness(sound: Sound) -> float:
    return float(np.sqrt(np.mean(sound**2))) + 1e-9
