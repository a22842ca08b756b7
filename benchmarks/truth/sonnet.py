"""A known text laid beside what was heard: when its lines start, beside the times that came with a sonnet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from archive.models import Layer, Media, Recording
from archive.store import GivenFile
from benchmarks.speeches import SAMPLES
from benchmarks.truth.ears import Ours
from benchmarks.truth.scenes import sets_in
from ingest.given import read_given
from ingest.imports import imported
from ingest.media import SAMPLE_RATE, PcmStream

SONNET = "timing/sonnet001"


@dataclass(frozen=True, slots=True)
class Line:
    """Where a line starts by its reference, by the first sound from there on, and as aligned, in seconds."""

    text: str
    reference: float
    sounds: float
    aligned: float


def lines(ours: Ours) -> list[Line]:
    """All of them. The references were found by a program, and some lie in a silence, where no word begins."""
    with PcmStream(SAMPLES / f"{SONNET}.mp3") as stream:
        pcm = stream.read(600 * SAMPLE_RATE)
    heard = ours.transcript(pcm, ["en"])
    cues = read_given("sonnet.srt", (SAMPLES / f"{SONNET}.srt").read_bytes()).cues
    file = GivenFile("sonnet.txt", "txt", "\n".join(cue.text for cue in cues).encode())
    recording = Recording("0" * 16, "", Media("", "", "", 0, heard.duration, "", "", "", "", True), languages=("en",))
    made = imported(recording, file, heard, layer=Layer(), speaker=lambda _: "")
    starts = iter([word.start for segment in made.segments for word in segment.words])
    onsets = np.flatnonzero(sets_in(pcm.astype(np.float64) / 32768)) / 100
    found = []
    for cue in cues:
        reference = cue.start or 0.0
        first, *_ = [next(starts) for _ in cue.text.split()]
        found.append(Line(cue.text, reference, float(onsets[onsets >= reference - 0.005][0]), first))
    return found
