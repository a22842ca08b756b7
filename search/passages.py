"""The words of a segment and around it, packed into a few bytes a word beside the terms of its document.

So a page of hits opens no transcript, and only the words that are shown are ever built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

import msgspec

from archive.models import Segment, Word
from search.terms import Analysis

BEFORE_WORDS = 8  # of the segments before, as context for a hit on the first word

_MS = 1000
_PERCENT = 100
_BETWEEN_WORDS = "\x1f"  # a control character that separates units, and is no part of a word


@dataclass(frozen=True, slots=True)
class Passage:
    """`before` words of context, then `own` words of the segment, then some that follow.

    `texts` and `probabilities` (in per cent) have an entry a word, `times` its start and end in ms. `firsts` and
    `lasts` give for every term of the document, ghosts included, the first and last word that it was made of.
    """

    before: int
    own: int
    texts: Sequence[str]
    times: Sequence[int]
    probabilities: bytes
    firsts: Sequence[int]
    lasts: Sequence[int]

    def words(self, first: int, stop: int) -> tuple[Word, ...]:
        """The words from `first` up to `stop`, as far as there are any."""
        return tuple(
            Word(
                self.texts[at],
                self.times[2 * at] / _MS,
                self.times[2 * at + 1] / _MS,
                self.probabilities[at] / _PERCENT,
            )
            for at in range(max(first, 0), min(stop, len(self.texts)))
        )


class _Packed(msgspec.Struct, array_like=True):
    """A passage as bytes. Times are steps from one to the next, so that most fit in two bytes.

    `firsts` and `lasts` are left out where every word is one term, as nearly always.
    """

    before: int
    own: int
    texts: str
    steps: list[int]
    probabilities: bytes
    firsts: list[int]
    lasts: list[int]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Packed).decode


def pack(
    segments: Sequence[Segment], analyses: Sequence[Analysis], number: int, ghosts: Sequence[tuple[int, int]]
) -> bytes:
    """The passage of segment `number`; `ghosts` are its ghost words as (segment, term in it)."""
    before = _words_before(segments, number)
    words = [*before, *segments[number].words]
    firsts = [len(before) + first for first in analyses[number].firsts]
    lasts = [len(before) + last for last in analyses[number].lasts]
    starts: dict[int, int] = {}
    # all words up to the last ghost's, so that words without a term keep their place
    for at in range(number + 1, ghosts[-1][0] + 1 if ghosts else 0):
        starts[at] = len(words)
        stop = analyses[at].lasts[ghosts[-1][1]] + 1 if at == ghosts[-1][0] else len(segments[at].words)
        words.extend(segments[at].words[:stop])
    firsts += [starts[at] + analyses[at].firsts[term] for at, term in ghosts]
    lasts += [starts[at] + analyses[at].lasts[term] for at, term in ghosts]
    plain = firsts == lasts == list(range(len(before), len(words)))
    times = [round(time * _MS) for word in words for time in (word.start, word.end)]
    return _encode(
        _Packed(
            before=len(before),
            own=len(segments[number].words),
            texts=_BETWEEN_WORDS.join(word.text.replace(_BETWEEN_WORDS, " ") for word in words),
            steps=[time - former for former, time in zip(chain((0,), times), times, strict=False)],
            probabilities=bytes(min(max(round(word.probability * _PERCENT), 0), _PERCENT) for word in words),
            firsts=[] if plain else firsts,
            lasts=[] if plain else lasts,
        )
    )


def unpack(body: bytes) -> Passage:
    """The passage in the bytes of `pack`."""
    packed = _decode(body)
    texts = packed.texts.split(_BETWEEN_WORDS) if packed.probabilities else []
    plain = range(packed.before, len(texts))
    return Passage(
        packed.before,
        packed.own,
        texts,
        list(accumulate(packed.steps)),
        packed.probabilities,
        packed.firsts or plain,
        packed.lasts or plain,
    )


def _words_before(segments: Sequence[Segment], number: int) -> list[Word]:
    out: list[Word] = []
    for at in range(number - 1, -1, -1):
        out[:0] = segments[at].words[-(BEFORE_WORDS - len(out)) :]
        if len(out) == BEFORE_WORDS:
            break
    return out
