"""The voices of an archive: prints of those that were named, and what was heard in each recording.

    voices/people/<speaker>.json            what a person's voice sounds like to a net, and from where that is known
    voices/heard/<recording>.<layer>.json   the voices of a layer, under the ids that its segments have

Both are derived from sound that the archive keeps and say from which, so a folder that is lost can be made again.
A print is personal data: who deletes the file has deleted all there is of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import mul
from pathlib import Path

from archive import codec, layout
from archive.events import slug
from archive.files import atomic_write
from archive.locks import held
from archive.models import HeardVoices, VoicePrint, VoiceSample

DIGITS = 4  # of a vector's numbers; more are noise


class Voices:
    """Reads and writes what lies in `voices/` of an archive. `root` is the archive's folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._people, self._heard = root / "voices" / "people", root / "voices" / "heard"

    def prints(self) -> tuple[VoicePrint, ...]:
        """Every print, by the ids of their speakers."""
        return tuple(
            codec.decode(path.read_bytes(), VoicePrint, str(path)) for path in sorted(self._people.glob("*.json"))
        )

    def enrol(self, speaker: str, sample: VoiceSample) -> VoicePrint:
        """The speaker's print with a sample more; one of the same recording and layer is replaced."""
        path = self._people / f"{slug(speaker)}.json"
        with held(self._root / "work" / "locks", "voices"):
            known = codec.decode(path.read_bytes(), VoicePrint, str(path)).samples if path.is_file() else ()
            place = (sample.recording, sample.layer, sample.model_sha256)
            others = (kept for kept in known if (kept.recording, kept.layer, kept.model_sha256) != place)
            made = VoicePrint(speaker, (*others, replace(sample, vector=_rounded(sample.vector))))
            _write(path, codec.encode(made))
        return made

    def keep(self, heard: HeardVoices) -> None:
        """Keep what was heard in a layer, in the place of what was heard before."""
        voices = tuple(
            replace(voice, seconds=round(voice.seconds, 1), vector=_rounded(voice.vector)) for voice in heard.voices
        )
        _write(self._path(heard.recording, heard.layer), codec.encode(replace(heard, voices=voices)))

    def heard(self, recording: str, layer: str) -> HeardVoices | None:
        """What was heard in a layer; None where nobody listened for voices."""
        path = self._path(recording, layer)
        return codec.decode(path.read_bytes(), HeardVoices, str(path)) if path.is_file() else None

    def everywhere(self) -> Iterator[HeardVoices]:
        """What was heard, layer by layer."""
        for path in sorted(self._heard.glob("*.json")):
            yield codec.decode(path.read_bytes(), HeardVoices, str(path))

    def _path(self, recording: str, layer: str) -> Path:
        return self._heard / f"{layout.checked_id(recording)}.{slug(layer)}.json"


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of two vectors, -1 to 1; 0 where they have different lengths."""
    lengths = math.hypot(*one) * math.hypot(*other)
    return sum(map(mul, one, other)) / lengths if lengths and len(one) == len(other) else 0.0


def _rounded(vector: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(float(value), DIGITS) for value in vector)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, data)
