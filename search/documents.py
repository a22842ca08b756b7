"""What the index holds of a segment: its terms, those of the words after it, and its words with their times.

One document a segment. Its words and a little of what is said before and after lie packed beside the terms, so that
a page of hits opens no transcript.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from archive.catalog import public_from
from archive.models import Quality, Recording, Segment, Transcript, Word
from search.clauses import GHOST_WORDS
from search.terms import GHOST, Analysis, analyse, language_of

BEFORE_WORDS = 8  # of the segments before, as context for a hit on the first word

_MS = 1000
_PERCENT = 100
_BETWEEN_WORDS = "\x1f"  # a control character that separates units, and is no part of a word


@dataclass(frozen=True, slots=True)
class Document:
    """One segment as it is indexed.

    `segment` counts the segments and `first_word` the words of the transcript version from 0. `stems` and
    `surfaces` are terms with spaces between them: the segment's own and, marked, the first of those that follow.
    `day` and `public_from` are yyyymmdd, 0 where unknown or public. `body` is a packed `Passage`.
    """

    recording: str
    version: int
    segment: int
    first_word: int
    year: int
    day: int
    public_from: int
    event: str
    speaker: str
    language: str
    analysed: str
    quality: str
    stems: str
    surfaces: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Passage:
    """The words around a segment: `before` of them are context, then `own`, then some that follow.

    `firsts` and `lasts` give for every term of the document, ghosts included, the first and last of `words` that
    it was made of.
    """

    before: int
    own: int
    words: tuple[Word, ...]
    firsts: tuple[int, ...]
    lasts: tuple[int, ...]


class _Packed(msgspec.Struct, array_like=True):
    """A passage as bytes: times in ms as gap since the word before and length, so that most fit in two bytes."""

    before: int
    own: int
    texts: str
    gaps: list[int]
    lengths: list[int]
    probabilities: bytes
    firsts: list[int]
    lasts: list[int]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Packed).decode


def documents_of(recording: Recording, transcript: Transcript) -> Iterator[Document]:
    """The documents of one transcript version, in order."""
    segments = transcript.segments
    analyses = [
        analyse([word.text for word in segment.words], language_of(segment.language, transcript.language))
        for segment in segments
    ]
    date = recording.date or (recording.event.date if recording.event else "")
    only_speaker = recording.speakers[0] if len(recording.speakers) == 1 else ""
    first_word = 0
    for number, segment in enumerate(segments):
        own = analyses[number]
        ghosts = _following(analyses, number)
        yield Document(
            recording=recording.id,
            version=transcript.version,
            segment=number,
            first_word=first_word,
            year=recording.year,
            day=day_of(date),
            public_from=public_from(recording.access),
            event=recording.event.id if recording.event else "",
            speaker=segment.speaker or only_speaker,
            language=segment.language,
            analysed=language_of(segment.language, transcript.language),
            quality=str(segment.quality),
            stems=_with_ghosts(own.stems, [analyses[at].stems[term] for at, term in ghosts]),
            surfaces=_with_ghosts(own.surfaces, [analyses[at].surfaces[term] for at, term in ghosts]),
            body=_pack(segments, analyses, number, ghosts),
        )
        first_word += len(segment.words)


def passage_of(document: Document) -> Passage:
    """The words of a document."""
    packed = _decode(document.body)
    words = []
    end = 0
    texts = packed.texts.split(_BETWEEN_WORDS) if packed.probabilities else []
    for text, gap, length, percent in zip(texts, packed.gaps, packed.lengths, packed.probabilities, strict=True):
        start = end + gap
        end = start + length
        words.append(Word(text, start / _MS, end / _MS, percent / _PERCENT))
    return Passage(packed.before, packed.own, tuple(words), tuple(packed.firsts), tuple(packed.lasts))


def day_of(date: str) -> int:
    """An ISO date as yyyymmdd, with 00 for what it does not say; 0 for none."""
    digits = date.replace("-", "")
    return int(digits.ljust(8, "0")) if digits.isdigit() and len(digits) <= 8 else 0


def quality_of(document: Document) -> Quality:
    """How far the document's words can be trusted."""
    return Quality(document.quality)


def _following(analyses: Sequence[Analysis], number: int) -> list[tuple[int, int]]:
    """Where the next terms stand, as (segment, term in it), across as many segments as it takes."""
    out: list[tuple[int, int]] = []
    for at in range(number + 1, len(analyses)):
        out.extend((at, term) for term in range(len(analyses[at].stems))[: GHOST_WORDS - len(out)])
        if len(out) == GHOST_WORDS:
            break
    return out


def _with_ghosts(own: Sequence[str], ghosts: Sequence[str]) -> str:
    return " ".join([*own, *(GHOST + ghost for ghost in ghosts)])


def _pack(
    segments: Sequence[Segment], analyses: Sequence[Analysis], number: int, ghosts: Sequence[tuple[int, int]]
) -> bytes:
    before: list[Word] = []
    for at in range(number - 1, -1, -1):
        before[:0] = segments[at].words[-(BEFORE_WORDS - len(before)) :]
        if len(before) == BEFORE_WORDS:
            break
    own = segments[number].words
    words = [*before, *own]
    firsts = [len(before) + first for first in analyses[number].firsts]
    lasts = [len(before) + last for last in analyses[number].lasts]
    # all words of the following segments up to the last ghost's, so that words without a term stay in place
    starts: dict[int, int] = {}
    for at in range(number + 1, ghosts[-1][0] + 1 if ghosts else number + 1):
        starts[at] = len(words)
        last = analyses[at].lasts[ghosts[-1][1]] + 1 if at == ghosts[-1][0] else len(segments[at].words)
        words.extend(segments[at].words[:last])
    for at, term in ghosts:
        firsts.append(starts[at] + analyses[at].firsts[term])
        lasts.append(starts[at] + analyses[at].lasts[term])
    gaps, lengths = _times(words)
    return _encode(
        _Packed(
            len(before),
            len(own),
            _BETWEEN_WORDS.join(word.text.replace(_BETWEEN_WORDS, " ") for word in words),
            gaps,
            lengths,
            bytes(min(max(round(word.probability * _PERCENT), 0), _PERCENT) for word in words),
            firsts,
            lasts,
        )
    )


def _times(words: Sequence[Word]) -> tuple[list[int], list[int]]:
    gaps = []
    lengths = []
    end = 0
    for word in words:
        start = round(word.start * _MS)
        gaps.append(start - end)
        end = round(word.end * _MS)
        lengths.append(end - start)
    return gaps, lengths
