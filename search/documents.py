"""What the index holds of a segment: its terms, those of the words after it, and its words with their times.

One document a segment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

import msgspec

from archive.attribution import attributed
from archive.catalog import public_from
from archive.models import Layer, Recording, Transcript
from search.clauses import GHOST_WORDS
from search.passages import pack
from search.terms import GHOST, Analysis, analyse, language_of

_Packed = tuple[
    str,
    int,
    int,
    int,
    int,
    int,
    int,
    int,
    str,
    str,
    str,
    str,
    str,
    tuple[str, ...],
    str,
    str,
    str,
    int,
    str,
    str,
    bytes,
]


@dataclass(frozen=True, slots=True)
class Document:
    """One segment as it is indexed.

    `segment` counts the segments and `first_word` the words of the transcript version from 0; `words` is how many are
    spoken in it. `stems` and
    `surfaces` are terms with spaces between them: the segment's `own` and, marked, the first of those that follow.
    `day` and `public_from` are yyyymmdd, 0 where unknown or public. `reasons` say why the quality is not `ok`;
    `layer` is a `LayerKind`, `track` the id of the layer that is heard with the words, `made` a `MakerKind`.
    `body` is a packed `Passage`.
    """

    recording: str
    version: int
    segment: int
    first_word: int
    words: int
    year: int
    day: int
    public_from: int
    event: str
    speaker: str
    language: str
    analysed: str
    quality: str
    reasons: tuple[str, ...]
    layer: str
    track: str
    made: str
    own: int
    stems: str
    surfaces: str
    body: bytes


_values = attrgetter(*(field.name for field in fields(Document)))
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Packed).decode


def to_bytes(document: Document) -> bytes:
    """The document as an engine stores it."""
    return _encode(_values(document))


def from_bytes(data: bytes) -> Document:
    """What `to_bytes` made. Raises msgspec.MsgspecError for anything else."""
    return Document(*_decode(data))


def documents_of(recording: Recording, transcript: Transcript) -> Iterator[Document]:
    """The documents of one transcript version, in order."""
    segments = attributed(recording, transcript).segments
    analyses = [
        analyse([word.text for word in segment.words], language_of(segment.language, transcript.language))
        for segment in segments
    ]
    date = recording.date or (recording.event.date if recording.event else "")
    layer = recording.layer(transcript.layer) or Layer(transcript.layer)
    first_word = 0
    for number, segment in enumerate(segments):
        own = analyses[number]
        ghosts = _following(analyses, number)
        yield Document(
            recording=recording.id,
            version=transcript.version,
            segment=number,
            first_word=first_word,
            words=len(segment.words),
            year=recording.year,
            day=day_of(date),
            public_from=public_from(recording.access),
            event=recording.event.id if recording.event else "",
            speaker=segment.speaker,
            language=segment.language,
            analysed=language_of(segment.language, transcript.language),
            quality=segment.quality.value,
            reasons=segment.reasons,
            layer=layer.kind.value,
            track=layer.sound,
            made=transcript.made(segment).value,
            own=len(own.stems),
            stems=_with_ghosts(own.stems, [analyses[at].stems[term] for at, term in ghosts]),
            surfaces=_with_ghosts(own.surfaces, [analyses[at].surfaces[term] for at, term in ghosts]),
            body=pack(segments, analyses, number, ghosts),
        )
        first_word += len(segment.words)


def day_of(date: str) -> int:
    """An ISO date as yyyymmdd, with 00 for what it does not say; 0 for none."""
    digits = date.replace("-", "")
    return int(digits.ljust(8, "0")) if digits.isdigit() and len(digits) <= 8 else 0


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
