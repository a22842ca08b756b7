"""Whether names that are told beforehand are heard better, and what else they do."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache

from rapidfuzz.distance import Levenshtein

from benchmarks.halves import HALVES, Half
from benchmarks.report import Value
from benchmarks.speeches import SAMPLES
from benchmarks.truth.ears import Bare, Ours
from benchmarks.truth.scenes import Clip, as_pcm, clips, noise, seeds, sound_of
from benchmarks.truth.words import split

Row = dict[str, Value]

# a register of people who are not heard in the samples, beside those who are
OTHERS = (
    "Shirin Ebadi",
    "Nelson Mandela",
    "Maryam Mirzakhani",
    "Václav Havel",
    "Wangari Maathai",
    "Simone Veil",
    "Desmond Tutu",
    "Rigoberta Menchú",
    "Lech Wałęsa",
    "Tawakkol Karman",
    "شیرین عبادی",
    "محمود درویش",
)
NOISES = ("white", "music", "applause", "crowd")
NOISES_EACH = 2
NOISE_S = 30.0
SHORTEST_NAME = 4  # letters; "of" in a title is no name


def vocabulary(ours: Ours, _bare: Bare) -> tuple[list[Row], list[str]]:
    """Errors, names found and names invented: nothing told, the sheet's names, those and a register, or those said."""
    rows: list[Row] = []
    for half in HALVES:
        chosen = [clip for clip in clips() if clip.said and clip.language != "ar" and clip.half == half]
        for told in ("nothing", "sheet", "register and sheet", "names that are said"):
            rows.append({"told": told, "half": half, **_heard(ours, chosen, told), **_over_noise(ours, half, told)})
    notes = [
        f"Clips whose text is known. Register: the {len(_register())} speakers of the samples and {len(OTHERS)} people "
        "who are not heard. Names: words that begin with a capital inside a sentence of the text (not in German). "
        "Names invented: told words that were heard and not said, more often than with nothing told.",
        f"Over noise: words over {NOISES_EACH} times {NOISE_S:.0f} s each of {', '.join(NOISES)}.",
    ]
    return rows, notes


def _told(clip: Clip, told: str) -> tuple[str, ...]:
    if told == "nothing":
        return ()
    if told == "names that are said":
        return tuple(dict.fromkeys(_names(clip)))
    sheet = _sheet()[clip.file]
    return tuple(dict.fromkeys((*sheet, *_register(), *OTHERS))) if told == "register and sheet" else sheet


@cache
def _sheet() -> dict[str, tuple[str, ...]]:
    """What the metadata says of each sample: speakers, event and place."""
    entries = json.loads((SAMPLES / "metadata.json").read_text(encoding="utf-8"))
    return {
        entry["file"]: tuple(filter(None, (*_known(entry["speakers"]), entry["event"], entry["place"])))
        for entry in entries
    }


@cache
def _register() -> tuple[str, ...]:
    entries = json.loads((SAMPLES / "metadata.json").read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(name for entry in entries for name in _known(entry["speakers"])))


def _known(speakers: Sequence[str]) -> list[str]:
    return [
        name for name in speakers if not re.search("unknown|anonymous|reader|speaker|participants|contributor", name)
    ]


def _names(clip: Clip) -> list[str]:
    if clip.language == "de":
        return []
    return re.findall(r"(?<=[^\W\d_,;:’'-] )[A-ZÉ][\w-]{3,}", clip.said)


def _heard(ours: Ours, chosen: Sequence[Clip], told: str) -> Row:
    said = errors = names = found = invented = 0
    for clip in chosen:
        truth = split(clip.said)
        text = _text(ours, clip, told)
        plain = _text(ours, clip, "nothing")
        said += len(truth)
        errors += Levenshtein.distance(truth, text)
        expected = [word for name in _names(clip) for word in split(name)]
        names += len(expected)
        found += sum(word in text for word in expected)
        words = {word for entry in _told(clip, told) for word in split(entry) if len(word) >= SHORTEST_NAME}
        invented += sum(max(0, text.count(word) - max(truth.count(word), plain.count(word))) for word in words)
    return {
        "clips": len(chosen),
        "said": said,
        "WER %": 100 * errors / said,
        "names": names,
        "found": found,
        "names invented": invented,
    }


@cache
def _text(ours: Ours, clip: Clip, told: str) -> list[str]:
    heard = ours.words(as_pcm(sound_of(clip.file)), [clip.language], _told(clip, told))
    return [part for word in heard for part in split(word.text)]


def _over_noise(ours: Ours, half: Half, told: str) -> Row:
    if told not in ("nothing", "register and sheet"):
        return {}
    names = (*_register(), *OTHERS) if told != "nothing" else ()
    heard = [
        word
        for kind in NOISES
        for seed in seeds(kind, half, NOISES_EACH)
        for word in ours.words(as_pcm(noise(kind, seed, NOISE_S)), (), names)
    ]
    return {"over noise": len(heard), "of these ok": sum(word.trusted for word in heard)}
