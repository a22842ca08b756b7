"""When words start, beside the onsets of phrases that were laid at known times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.halves import HALVES
from benchmarks.report import Value
from benchmarks.truth.ears import Bare, HeardWord, Ours
from benchmarks.truth.scenes import Scene, as_pcm, clips, phrases, sound_of, spaced
from benchmarks.truth.sonnet import lines

PHRASES_EACH = 8  # of a recording, so that the long ones do not decide
ENDED_S = 0.05  # a word that ends this shortly after the onset of a phrase is of the phrase before
FAR_S = 0.08

Row = dict[str, Value]


def times(ours: Ours, bare: Bare) -> tuple[list[Row], list[str]]:
    """How far the first word of each phrase starts from where the phrase sets in."""
    rows: list[Row] = []
    for half in HALVES:
        mine: list[float] = []
        theirs: list[float] = []
        counts = [0, 0, 0]
        for clip in clips():
            parts = phrases(sound_of(clip.file))[:PHRASES_EACH]
            if clip.half != half or not parts:
                continue
            scene = spaced(parts, np.random.default_rng(len(parts)))
            pcm = as_pcm(scene.sound)
            errors = start_errors(ours.words(pcm, [clip.language]), scene)
            errors_bare = start_errors(bare.words(pcm, [clip.language]), scene)
            counts = [
                count + new for count, new in zip(counts, (len(parts), len(errors), len(errors_bare)), strict=True)
            ]
            mine += errors
            theirs += errors_bare
        for name, errors, found in ((ours.name, mine, counts[1]), (bare.name, theirs, counts[2])):
            rows.append({"engine": name, "half": half, "phrases": counts[0], "found": found, **_spread(errors)})
    known = lines(ours)
    for name, errors in (
        ("a sonnet's text, as referred", [line.aligned - line.reference for line in known]),
        ("a sonnet's text, out of silence", [line.aligned - line.sounds for line in known]),
    ):
        rows.append({"engine": name, "half": "–", "phrases": len(known), "found": len(known), **_spread(errors)})
    notes = [
        "Phrases of all samples, parted at their pauses and laid after pauses of 0.3 to 3.5 s. The error is that of "
        "the first word that ends after the phrase sets in; a phrase in which no word lies is not found.",
        "Phrases are cut where they get loud, so their onset is known to 10 ms. Early and late: by more than 80 ms.",
        "The sonnet: all its lines, beside references that another program made, and beside the first sound from each "
        "reference on, for some lie in a silence.",
    ]
    return rows, notes


def start_errors(words: Sequence[HeardWord], scene: Scene) -> list[float]:
    """Seconds by which the first word of each phrase that was heard is late; negative is early."""
    errors = []
    for onset, end in scene.phrases:
        if any(onset <= word.middle <= end for word in words):
            errors.append(next(word.start for word in words if word.end > onset + ENDED_S) - onset)
    return errors


def _spread(errors: Sequence[float]) -> Row:
    off = np.abs(errors) * 1000
    return {
        "median ms": float(np.median(off)),
        "p95 ms": float(np.percentile(off, 95)),
        "worst ms": float(off.max()),
        "early": int(np.sum(np.array(errors) < -FAR_S)),
        "late": int(np.sum(np.array(errors) > FAR_S)),
    }
