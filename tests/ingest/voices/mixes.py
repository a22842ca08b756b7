"""Recordings whose speakers are known: conversations composed by the protocol of docs/decisions/0008, and real ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.halves import Half, half_of
from ingest.media import SAMPLE_RATE, PcmStream
from ingest.speech import as_float
from tests.ingest.sounds import write_wav
from tests.ingest.voices.scoring import Spoken, read_rttm
from tests.ingest.voices.sounding import STEP, Sound, levels, loudness, sounding

# one recording a person: the longest with at least 8 s, and of unnamed readers the longest of a language and collection
SPEAKERS = (
    "ar/ar_auditok_numbers_1to6.flac",
    "ar/ar_watson_sample1.wav",
    "de/de_fleurs_000.ogg",
    "de/de_librivox_aeneas.mp3",
    "de/de_watson_narrowband_sample1.wav",
    "en/en_armstrong_moon_1969.mp3",
    "en/en_eleanor_roosevelt_humanrights_1950.mp3",
    "en/en_fdr_infamy_1941.mp3",
    "en/en_fleurs_002.ogg",
    "en/en_gwbush_radio_2008-11-01_full.opus",
    "en/en_jfk_inaugural_1961.wav",
    "en/en_nasa_spacewalk_interview_2019.opus",
    "en/en_obama_iran_deal_2015.flac",
    "en/en_reagan_challenger_1986_149s.opus",
    "en/en_udhr_preamble_librivox.mp3",
    "es/es_fleurs_001.ogg",
    "es/es_librivox_aeneas.mp3",
    "fr/fr_fleurs_001.ogg",
    "fr/fr_nrc_joanis.opus",
    "fr/fr_udhr_preamble_librivox.mp3",
    "fr/fr_watson_udhr_sample1.wav",
)
PRESIDENTS = "multi/en_derived_presidents_6speakers_9turns"
IN_PRESIDENTS = ("fdr", "gwbush", "jfk", "reagan")  # of SPEAKERS
MEETINGS = {"dev": ("multi/en_ami_dev00", "multi/en_ami_dev01"), "held-out": ("multi/en_ami_tst00",)}

# seconds that the activity detector takes for speech and in which nobody speaks: on the moon the pause before "one
# giant leap", and among six spoken numbers, all of which lie elsewhere, a noise
NOT_SPOKEN = {
    "en_armstrong_moon_1969.mp3": ((2.95, 5.85),),
    "ar_auditok_numbers_1to6.flac": ((7.9, 9.8),),
}

TURN_S = (2.0, 12.0)
PAUSE_S = (0.2, 1.0)
CUT_WITHIN_S = 0.4  # a turn ends where it is quietest so near to the length that was drawn
LONGEST_S = 110.0
LOUDNESS = 0.07  # root mean square of the speech, the same for every speaker
HISS = 3e-4  # root mean square, over all of a conversation
CROWD_VOICES = 12
CROWD_DB = 10.0  # below the power of the speech


@dataclass(frozen=True, slots=True)
class Mix:
    """Sound at 16 kHz, and who speaks in it when: `spoken` without pauses of half a second or more, `raw` with them."""

    sound: Sound
    spoken: tuple[Spoken, ...]
    raw: tuple[Spoken, ...]

    @property
    def speakers(self) -> int:
        return len({turn.who for turn in self.raw})


def speakers_of(part: Half) -> list[str]:
    return [name for name in SPEAKERS if half_of(name) == part]


def conversation(audio: Path, part: Half, speakers: int, number: int) -> Mix:
    """Turns by some speakers of a part, none of whose sound comes twice, with short pauses between."""
    rng = _seeded(f"{part} {speakers} {number}")
    chosen = [str(name) for name in rng.permutation(speakers_of(part))[:speakers]]
    waiting = {name: list(_turns(read(audio / name), rng)) for name in chosen}
    pieces: list[Sound] = []
    spoken: list[Spoken] = []
    raw: list[Spoken] = []
    length, last, opening = 0, "", list(chosen)
    while length < LONGEST_S * SAMPLE_RATE:
        others = [name for name in chosen if name != last and waiting[name]]
        if not others:
            break
        last = opening.pop(0) if opening else str(rng.choice(others))
        start, end = waiting[last].pop(0)
        piece = read(audio / last)[start:end]
        raw.append(_placed(last, length, 0, len(piece)))
        spoken += [
            _placed(last, length, max(first, start) - start, min(stop, end) - start)
            for first, stop in _spoken_in(audio / last)
            if min(stop, end) > max(first, start)
        ]
        pause = np.zeros(round(rng.uniform(*PAUSE_S) * SAMPLE_RATE), np.float32)
        pieces += [piece * np.float32(LOUDNESS / _loudness_of(audio / last)), pause]
        length += len(piece) + len(pause)
    sound = np.concatenate(pieces)
    return Mix(sound + rng.normal(0, HISS, len(sound)).astype(np.float32), tuple(spoken), tuple(raw))


def with_crowd(mix: Mix, audio: Path, voices: Sequence[str]) -> Mix:
    """The same in a crowd of `voices`, as much below its speech as the protocol says."""
    rng = _seeded("crowd")
    shuffled = [str(name) for name in rng.permutation(voices)]
    crowd = np.zeros(len(mix.sound), np.float32)
    for number in range(CROWD_VOICES):
        path = audio / shuffled[number % len(shuffled)]
        voice = np.roll(read(path), rng.integers(len(read(path)))) / _loudness_of(path)
        crowd += np.resize(voice, len(crowd)).astype(np.float32)
    speech = np.concatenate([mix.sound[round(a * SAMPLE_RATE) : round(b * SAMPLE_RATE)] for a, b, _ in mix.spoken])
    wanted = np.sqrt(np.mean(np.square(speech, dtype=np.float64))) * 10 ** (-CROWD_DB / 20)
    scale = wanted / np.sqrt(np.mean(np.square(crowd, dtype=np.float64)))
    return Mix(mix.sound + np.float32(scale) * crowd, mix.spoken, mix.raw)


def crowd_for(mix: Mix, part: Half) -> list[str]:
    """Who of a part's speakers does not speak in a conversation."""
    return [name for name in speakers_of(part) if name not in {turn.who for turn in mix.raw}]


def presidents(audio: Path) -> Mix:
    """Six presidents in nine cuts; the RTTM marks whole cuts, with seconds in which an orator waits."""
    sound = read(audio / f"{PRESIDENTS}.flac")
    raw = read_rttm(audio / f"{PRESIDENTS}.rttm")
    spoken = []
    for turn in raw:
        start = round(turn.start * SAMPLE_RATE)
        cut = sound[start : round(turn.end * SAMPLE_RATE)]
        spoken += [_placed(turn.who, start, first, stop) for first, stop in sounding(cut)]
    return Mix(sound, tuple(spoken), tuple(raw))


def crowd_for_presidents() -> list[str]:
    return [name for name in SPEAKERS if not any(f"_{who}_" in name for who in IN_PRESIDENTS)]


def meeting(audio: Path, name: str) -> Mix:
    """Half a minute of a meeting, with the reference that it came with."""
    turns = tuple(read_rttm(audio / f"{name}.rttm"))
    return Mix(read(audio / f"{name}.flac"), turns, turns)


@cache
def read(path: Path) -> Sound:
    """The whole of a recording at 16 kHz."""
    with PcmStream(path) as stream:
        return as_float(stream.read(600 * SAMPLE_RATE))


def write(path: Path, sound: Sound) -> Path:
    return write_wav(path, (np.clip(sound, -1, 1) * 32767).astype("<i2"))


def _turns(sound: Sound, rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    """A recording cut from its start to its end into turns; a rest shorter than the shortest turn is left over."""
    level = levels(sound)
    start, reach = 0, round(CUT_WITHIN_S * SAMPLE_RATE) // STEP
    while len(sound) - start >= TURN_S[0] * SAMPLE_RATE:
        wanted = start + round(rng.uniform(*TURN_S) * SAMPLE_RATE)
        if wanted + reach * STEP >= len(sound):
            yield start, len(sound)
            return
        near = wanted // STEP - reach
        end = (near + int(np.argmin(level[near : near + 2 * reach]))) * STEP
        yield start, end
        start = end


def _placed(who: str, at: int, start: int, end: int) -> Spoken:
    return Spoken((at + start) / SAMPLE_RATE, (at + end) / SAMPLE_RATE, who)


def _seeded(words: str) -> np.random.Generator:
    return np.random.default_rng(list(hashlib.sha256(words.encode()).digest()))


@cache
def _spoken_in(path: Path) -> list[tuple[int, int]]:
    found = sounding(read(path))
    for start_s, end_s in NOT_SPOKEN.get(path.name, ()):
        start, end = round(start_s * SAMPLE_RATE), round(end_s * SAMPLE_RATE)
        parts = [part for a, b in found for part in ((a, min(b, start)), (max(a, end), b))]
        found = [(a, b) for a, b in parts if b > a]
    return found


@cache
def _loudness_of(path: Path) -> float:
    return loudness(read(path))
