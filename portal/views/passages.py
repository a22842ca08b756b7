"""Moments as passages to read: hits close together share one line of text instead of repeating it."""

from __future__ import annotations

from dataclasses import dataclass, field

from archive.models import LayerKind, MakerKind, Quality, Word
from portal import phrases
from search.models import Moment

LONGEST_PASSAGE = 80  # words


def badge(quality: Quality, made: MakerKind, layer: LayerKind = LayerKind.FLOOR) -> tuple[str, str]:
    """How far a passage can be trusted, and the kind of badge: who or what heard it, unless there is doubt.

    Of a translation it says only a doubt, for nobody heard it.
    """
    if doubt := phrases.doubts(quality, ()):
        return doubt[0], "warn"
    if layer is LayerKind.TRANSLATION:
        return "", ""
    return phrases.made(made), "ok" if made is MakerKind.PERSON else ""


@dataclass(slots=True)
class Passage:
    """Words in order, and the hits among them as (first, last) positions, in order of time."""

    moment: Moment
    words: list[Word]
    marks: list[tuple[int, int]] = field(default_factory=list)

    @property
    def start(self) -> float:
        """Onset of the first hit."""
        return self.words[self.marks[0][0]].start

    @property
    def end(self) -> float:
        """End of the last hit."""
        return max(self.words[last].end for _, last in self.marks)


def passages(moments: tuple[Moment, ...]) -> list[Passage]:
    """The moments of one recording, in order of time, as passages."""
    found: list[Passage] = []
    for moment in moments:
        if not found or not _joined(found[-1], moment):
            found.append(Passage(moment, list(moment.words), [(moment.first, moment.last)]))
    return found


def _shown_of(moment: Moment) -> tuple[object, ...]:
    """What is said of a passage as a whole, so that no doubt of one hit is hidden behind another's surety."""
    return moment.version, moment.speaker, moment.language, moment.quality, moment.reasons, moment.made


def _joined(passage: Passage, moment: Moment) -> bool:
    """Adds the moment to the passage if it lies within it, or begins within it and the whole stays readable."""
    if _shown_of(moment) != _shown_of(passage.moment):
        return False
    places = {(word.start, word.end): i for i, word in enumerate(passage.words)}
    hit = moment.words[moment.first]
    at = places.get((hit.start, hit.end))
    if at is None:
        return False
    last = at + moment.last - moment.first
    missing = moment.words[moment.first + len(passage.words) - at :]
    if len(passage.words) + len(missing) > LONGEST_PASSAGE:
        if last >= len(passage.words):
            return False
        missing = ()
    passage.words.extend(missing)
    passage.marks.append((at, last))
    return True
