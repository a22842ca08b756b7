"""Which language words are said to be in, and which they are in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from archive.models import UNDETERMINED
from benchmarks.halves import HALVES, Half
from benchmarks.report import Value
from benchmarks.truth.ears import Bare, HeardWord, Ours
from benchmarks.truth.scenes import as_pcm, clips, room, sound_of
from ingest.media import SAMPLE_RATE

Row = dict[str, Value]


def languages(ours: Ours, bare: Bare) -> tuple[list[Row], list[str]]:
    """What language the words of each sample are said to be in, with and without a sheet that names six."""
    named = sorted({clip.language for clip in clips()})
    rows: list[Row] = []
    for half in HALVES:
        for language in named:
            chosen = [clip for clip in clips() if clip.language == language and clip.half == half]
            if not chosen:
                continue
            pcms = [as_pcm(sound_of(clip.file)) for clip in chosen]
            row: Row = {"language": language, "half": half, "clips": len(chosen)}
            for label, told in (("", ()), (" of six", tuple(named))):
                words = [word for pcm in pcms for word in ours.words(pcm, told)]
                row["words"] = len(words)
                row[f"right %{label}"] = _share(words, partial(_is_in, language))
                row[f"und %{label}"] = _share(words, partial(_is_in, UNDETERMINED))
            row["clips right, bare"] = sum(bare.language(pcm) == language for pcm in pcms)
            rows.append(row)
        rows += _switching(ours, bare, half, named)
    notes = [
        "Shares of the words that were heard, nothing told, or told that six languages may be spoken (`of six`); the "
        "rest is wrong. `switching` is one recording in which the language changes with every clip.",
    ]
    return rows, notes


def _switching(ours: Ours, bare: Bare, half: Half, named: Sequence[str]) -> list[Row]:
    """The clips of a half one after the other, so that each is followed by one of another language where it can be."""
    queues = {
        language: [clip for clip in clips() if clip.language == language and clip.half == half] for language in named
    }
    order = [
        clip
        for rank in range(max(map(len, queues.values())))
        for queue in queues.values()
        for clip in queue[rank : rank + 1]
    ]
    chance = np.random.default_rng(2)
    pieces, spans, clock = [], [], 0
    for clip in order:
        speech = sound_of(clip.file)
        spans.append((clock / SAMPLE_RATE, (clock + len(speech)) / SAMPLE_RATE, clip.language))
        pieces += [speech, room(1.0, chance)]
        clock += len(speech) + SAMPLE_RATE
    pcm = as_pcm(np.concatenate(pieces))

    def right(word: HeardWord) -> bool:
        return any(start <= word.middle < end + 1 and word.language == language for start, end, language in spans)

    row: Row = {"language": "switching", "half": half, "clips": len(order)}
    for label, told in (("", ()), (" of six", tuple(named))):
        words = ours.words(pcm, told)
        row["words"] = len(words)
        row[f"right %{label}"] = _share(words, right)
        row[f"und %{label}"] = _share(words, partial(_is_in, UNDETERMINED))
    whole = bare.language(pcm)
    row["clips right, bare"] = sum(clip.language == whole for clip in order)
    return [row]


def _is_in(language: str, word: HeardWord) -> bool:
    return word.language == language


def _share(words: Sequence[HeardWord], holds: Callable[[HeardWord], bool]) -> float:
    return round(100 * sum(map(holds, words)) / max(len(words), 1), 1)
