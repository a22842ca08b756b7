"""What search takes and gives: filters, moments, answers. Times are seconds from the start of the recording."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from archive.models import Card, LayerKind, MakerKind, Quality, Word


class Sort(enum.StrEnum):
    """The order of an answer's recordings."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


class By(enum.StrEnum):
    """What counts are told apart by."""

    YEAR = "year"
    SPEAKER = "speaker"
    LANGUAGE = "language"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows an answer: within a field any value may match, every given field must.

    `years` is inclusive at both ends. Without `layers` it is what was said: translations are found only where they are
    asked for, here or in the query. `public_on` (yyyymmdd) leaves out what is restricted, or embargoed
    beyond that day; None shows everything.
    """

    years: tuple[int, int] | None = None
    speakers: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    qualities: tuple[Quality, ...] = ()
    layers: tuple[LayerKind, ...] = ()
    public_on: int | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A run of words that answers a query.

    `words` are the words around it, in order, with their times; `words[first:last + 1]` are the hit itself.
    `first_word` and `last_word` number the hit's words in the transcript version, from 0. `reasons` say why the
    quality is not `ok`; `layer` says whose words they are, and `track` is the id of the layer that is heard with them;
    `made` says what heard them.
    """

    recording: str
    version: int
    first_word: int
    last_word: int
    words: tuple[Word, ...]
    first: int
    last: int
    speaker: str
    speaker_name: str
    language: str
    quality: Quality
    reasons: tuple[str, ...]
    layer: LayerKind
    track: str
    made: MakerKind
    score: float

    @property
    def start(self) -> float:
        """Onset of the first word of the hit."""
        return self.words[self.first].start

    @property
    def end(self) -> float:
        """End of the last word of the hit."""
        return self.words[self.last].end


@dataclass(frozen=True, slots=True)
class RecordingHits:
    """One recording with its moments in order of time; `total` counts them all, `moments` may hold fewer."""

    card: Card
    moments: tuple[Moment, ...]
    total: int


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet with the number of segments that answer; `label` is what people are shown."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts over all that answers: years ascending, the others by count and then label.

    Those of a field leave out what the filters choose in that field, so that its other values keep theirs.
    """

    years: tuple[FacetValue, ...] = ()
    speakers: tuple[FacetValue, ...] = ()
    events: tuple[FacetValue, ...] = ()
    languages: tuple[FacetValue, ...] = ()
    qualities: tuple[FacetValue, ...] = ()
    layers: tuple[FacetValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an answer could see: recordings in the archive (for this audience), of them searched, and why not."""

    recordings: int
    searched: int
    without_transcript: tuple[str, ...] = ()
    not_indexed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gives: `total` moments in `recordings` recordings (`exact` False where it is a floor)."""

    query: str
    total: int
    exact: bool
    recordings: int
    hits: tuple[RecordingHits, ...]
    facets: Facets
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Count:
    """How often something was said in the passages that have these values: `moments` among `words` spoken.

    `values` and `labels`, which people are shown, are in the order of `Counted.by`; "" where nobody knows it.
    """

    values: tuple[str, ...]
    labels: tuple[str, ...]
    moments: int
    words: int

    @property
    def per_10000(self) -> float:
        """Moments per 10,000 words."""
        return rate(self.moments, self.words)


@dataclass(frozen=True, slots=True)
class Counted:
    """How often a query is answered among all the words of what it and the filters leave, whether they answer or not.

    A row for all that has words, in the order of `by`: years ascending, the others by label. Where `exact` is False,
    the moments are floors. A query that does not `seek` names no word, so it has no moments.
    """

    query: str
    seeks: bool
    by: tuple[By, ...]
    moments: int
    words: int
    exact: bool
    rows: tuple[Count, ...]
    coverage: Coverage

    @property
    def per_10000(self) -> float:
        """Moments per 10,000 words, over all rows."""
        return rate(self.moments, self.words)


def rate(moments: int, words: int) -> float:
    """Moments per 10,000 words; 0 where there are no words."""
    return 10_000 * moments / words if words else 0.0
