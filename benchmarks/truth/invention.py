"""Words that are invented over a noise, and words that are lost beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.halves import HALVES, Half
from benchmarks.report import Value
from benchmarks.truth.ears import Bare, HeardWord, Ours
from benchmarks.truth.scenes import KINDS, Clip, Scene, as_pcm, clips, noise, room, seeds, sound_of
from benchmarks.truth.words import found_in, split
from ingest.media import SAMPLE_RATE

NOISE_S = 30.0
NOISES_EACH = 2
BETWEEN_S = 6.0
CLIPS_BETWEEN = 4
LONGEST_BETWEEN_S = 31.0
BESIDE_S = 0.3  # a word this near to speech may be its echo, or the room that was recorded with it

Row = dict[str, Value]


def invention(ours: Ours, bare: Bare) -> tuple[list[Row], list[str]]:
    """Words over noise alone, and what becomes of speech between two noises of a kind."""
    rows: list[Row] = []
    for half in HALVES:
        for kind in KINDS:
            made = [as_pcm(noise(kind, seed, NOISE_S)) for seed in seeds(kind, half, NOISES_EACH)]
            alone = [word for pcm in made for word in ours.words(pcm)]
            theirs = [word for pcm in made for word in bare.words(pcm)]
            scene, said = _between(kind, half)
            pcm = as_pcm(scene.sound)
            heard, heard_bare = ours.words(pcm, ["en"]), bare.words(pcm, ["en"])
            rows.append(
                {
                    "noise": kind,
                    "half": half,
                    "invented": len(alone),
                    "of these ok": sum(word.trusted for word in alone),
                    "bare": len(theirs),
                    "in gaps": len(_in_gaps(heard, scene)),
                    "gaps bare": len(_in_gaps(heard_bare, scene)),
                    "said": len(said),
                    "found": found_in(said, _outside(heard, scene)),
                    "found bare": found_in(said, _outside(heard_bare, scene)),
                }
            )
    notes = [
        f"invented: words in {NOISES_EACH} times {NOISE_S:.0f} s of the noise alone; `ok` are those not flagged.",
        f"in gaps: words in {BETWEEN_S:.0f} s of the noise before, between and after {CLIPS_BETWEEN} clips; "
        "found: of the words said in the clips. The row `room` is what is found without a noise.",
    ]
    return rows, notes


def _between(kind: str, half: Half) -> tuple[Scene, list[str]]:
    """English clips with a noise before, between and after them, and the words that are said."""
    chance = np.random.default_rng(1)
    chosen = [clip for clip in _english(half) if len(sound_of(clip.file)) <= LONGEST_BETWEEN_S * SAMPLE_RATE]
    pieces, spans, said, clock = [], [], [], 0
    for clip, seed in zip(chosen[:CLIPS_BETWEEN], seeds(kind, half, CLIPS_BETWEEN), strict=True):
        speech = sound_of(clip.file)
        pieces += [noise(kind, seed, BETWEEN_S), speech]
        clock += len(pieces[-2])
        spans.append((clock / SAMPLE_RATE, (clock + len(speech)) / SAMPLE_RATE))
        clock += len(speech)
        said += split(clip.said)
    pieces.append(noise(kind, 0, BETWEEN_S))
    sound = np.concatenate(pieces)
    return Scene(sound + room(len(sound) / SAMPLE_RATE, chance), tuple(spans)), said


def _english(half: Half) -> list[Clip]:
    return [clip for clip in clips() if clip.language == "en" and clip.said and clip.half == half]


def _in_gaps(words: Iterable[HeardWord], scene: Scene) -> list[HeardWord]:
    spans = [(start - BESIDE_S, end + BESIDE_S) for start, end in scene.phrases]
    return [word for word in words if not any(start <= word.middle <= end for start, end in spans)]


def _outside(words: Sequence[HeardWord], scene: Scene) -> list[str]:
    """The words that are not in a gap, taken apart."""
    invented = _in_gaps(words, scene)
    return [part for word in words if word not in invented for part in split(word.text)]
