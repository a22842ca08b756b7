"""The recordings whose words are known, and how wrong a hearing of them is.

References that only a machine wrote are left out, and cuts of a recording that is there whole.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import jiwer
import numpy as np

from benchmarks.halves import Half, half_of
from ingest.loops import fold
from ingest.media import SAMPLE_RATE, PcmStream
from tests.ingest.sounds import write_wav

SAMPLES = Path(os.environ.get("ONRECORD_SAMPLES", Path(__file__).resolve().parents[2] / "shared" / "samples"))
MACHINE_MADE = ("ASR", "DRAFT", "file name + ASR", "hezar")
CUTS = ("en_gwbush_radio_2008-11-01_cut64s.flac",)
BETWEEN_S = 1.0


@dataclass(frozen=True, slots=True)
class Speech:
    """A recording, its language (two letters) and what is said in it."""

    path: Path
    language: str
    said: str

    @property
    def half(self) -> Half:
        return half_of(self.path.name)


def speeches() -> list[Speech]:
    """All of them, by path."""
    found = []
    for entry in sorted(json.loads((SAMPLES / "metadata.json").read_text("utf-8")), key=lambda entry: entry["file"]):
        path = SAMPLES / entry["file"]
        said = entry["transcript"] or _beside(path)
        if said and path.name not in CUTS and not entry["transcript_source"].startswith(MACHINE_MADE):
            found.append(Speech(path, entry["language"], said))
    return found


def _beside(path: Path) -> str:
    """The text in the file of the same name; a line may start with a number of its own, as in `f000001|`."""
    text = path.with_suffix(".txt")
    lines = text.read_text("utf-8").splitlines() if text.is_file() else []
    return " ".join(re.sub(r"^f\d+\|", "", line) for line in lines).strip()


def compose(folder: Path) -> tuple[Path, str, float]:
    """The English speeches as one file, what is said in it, and its length in seconds."""
    chosen = [speech for speech in speeches() if speech.language == "en" and speech.path.parent.name == "en"]
    pause = np.zeros(int(BETWEEN_S * SAMPLE_RATE), np.int16)
    parts = []
    for speech in chosen:
        with PcmStream(speech.path) as stream:
            parts += [stream.read(600 * SAMPLE_RATE), pause]
    pcm = np.concatenate(parts)
    path = write_wav(folder / "speeches.wav", pcm)
    return path, " ".join(speech.said for speech in chosen), len(pcm) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Score:
    """How many words are wrong, left out or too many, of how many that were said."""

    errors: int
    words: int

    @property
    def rate(self) -> float:
        """The word error rate, 0 to 1 and above."""
        return self.errors / self.words


def score(said: str, heard: str, language: str = "en") -> Score:
    """Both texts are normalised first."""
    found = jiwer.process_words(normalised(said, language), normalised(heard, language))
    errors = found.substitutions + found.deletions + found.insertions
    return Score(errors, found.hits + found.substitutions + found.deletions)


def total(scores: Iterable[Score]) -> Score:
    """Of all together."""
    every = list(scores)
    return Score(sum(each.errors for each in every), sum(each.words for each in every))


def normalised(text: str, language: str) -> str:
    """English as Whisper's authors compare it, where their package is; else lower case and no punctuation."""
    if language == "en" and find_spec("whisper"):
        from whisper.normalizers import EnglishTextNormalizer

        return str(EnglishTextNormalizer()(text))
    return fold(text)
