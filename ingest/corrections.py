"""A person's correction of a transcript becomes a version of its own; what it does not touch stays as it was.

A word that a person gives has the probability 1: nobody computed it, somebody vouches for it. A segment all of whose
words a person gave or confirmed is no longer doubted for its words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from archive.models import Layer, Quality, Segment, Transcript, Word
from archive.revision import INSTEAD_OF, WHY, WORDS, revised
from ingest.edits import Edit, Edits
from ingest.given import Cue
from ingest.imports import ESTIMATED
from ingest.segments import sized
from ingest.timing import SECONDS_A_LETTER, timed
from ingest.transcribers.base import HeardSegment

VOUCHED = 1.0
LEAST_S = 0.04  # of a word: one without length could be neither quoted nor cut

Place = tuple[int, int]  # a segment and 0; or 1 for a new one behind it, which before all of them is (-1, 1)


@dataclass(frozen=True, slots=True)
class _Said:
    word: Word
    place: Place
    speaker: str
    language: str
    given: bool = False


def corrected(base: Transcript, edits: Edits, layer: Layer, *, by: str, why: str = "") -> Transcript:
    """The transcript of a layer with a person's edits, without a version yet (0). Its words never go back in time."""
    said = [
        _Said(word, (number, 0), segment.speaker, segment.language)
        for number, segment in enumerate(base.segments)
        for word in segment.words
    ]
    for first, last in edits.confirmed:
        for at in range(first, last):
            said[at] = replace(said[at], word=replace(said[at].word, probability=VOUCHED), given=True)
    for naming in edits.namings:
        for at in range(naming.first, naming.last):
            speaker = said[at].speaker if naming.speaker is None else naming.speaker
            language = said[at].language if naming.language is None else naming.language
            said[at] = replace(said[at], speaker=speaker, language=language)
    segments = tuple(_segments(base.segments, _edited(base, said, edits.edits)))
    languages = any(naming.language for naming in edits.namings)
    told = ((WORDS, str(edits.words)), (INSTEAD_OF, str(edits.instead_of)), (WHY, why))
    return replace(
        base,
        version=0,
        maker=revised(base, by, layer, tuple(pair for pair in told if pair[1])),
        segments=segments,
        language=_most(segments, base.language) if languages else base.language,
    )


def _edited(base: Transcript, said: list[_Said], edits: Sequence[Edit]) -> list[_Said]:
    out: list[_Said] = []
    at = 0
    for edit in edits:
        out += said[at : edit.first]
        at = edit.last
        if edit.texts:
            before, after = (out[-1] if out else None), (said[at] if at < len(said) else None)
            old = said[edit.first : edit.last]
            made, before, after = _Room(edit, old, before, after, base).filled()
            if before:
                out[-1] = before
            if after:
                said[at] = after
            out += made
    return out + said[at:]


@dataclass(frozen=True, slots=True)
class _Room:
    """Where the words of an edit go: in the time of the `old` ones, or between those `before` and `after` it."""

    edit: Edit
    old: Sequence[_Said]
    before: _Said | None
    after: _Said | None
    base: Transcript

    def filled(self) -> tuple[list[_Said], _Said | None, _Said | None]:
        """The new words, and their neighbours, of which one gave up a part of its time where there was none."""
        start, end, before, after = self._bounds()
        host = self._host()
        # where a neighbour gave up time, what was heard in the old ones lies elsewhere
        heard = [one.word for one in self.old] if (before, after) == (self.before, self.after) else []
        made = []
        for word in _timed(self.edit.texts, start, end, heard):
            beside = next((one for one in reversed(self.old) if one.word.start <= word.start), host)
            speaker = beside.speaker if self.edit.speaker is None else self.edit.speaker
            language = beside.language if self.edit.language is None else self.edit.language
            made.append(_Said(replace(word, probability=VOUCHED), beside.place, speaker, language, True))
        return made, before, after

    def _bounds(self) -> tuple[float, float, _Said | None, _Said | None]:
        before, after = self.before, self.after
        low = before.word.end if before else 0.0
        high = max(after.word.start if after else self.base.duration, low)
        wanted = _letters(self.edit.texts) * SECONDS_A_LETTER
        least = len(self.edit.texts) * LEAST_S
        if self.old:
            start, end = self.old[0].word.start, self.old[-1].word.end
        elif self.edit.within:
            start, end = (min(max(time, low), high) for time in self.edit.within)
        elif self.edit.leads:
            start, end = max(low, high - wanted), high
        else:
            start, end = low, min(high, low + wanted)
        if end - start < least:
            end = min(high, max(end, start + wanted))
            start = max(low, min(start, end - wanted))
        if end - start >= least:
            return start, end, before, after
        if before and not (self.edit.leads and after):
            word = before.word
            start = min(start, round(word.start + (end - word.start) * self._share(word), 3))
            return start, end, replace(before, word=replace(word, end=start)), after
        if after:
            word = after.word
            end = max(end, round(word.end - (word.end - start) * self._share(word), 3))
            return start, end, before, replace(after, word=replace(word, start=end))
        return start, end, before, after

    def _share(self, word: Word) -> float:
        """The part of the time that a neighbour keeps."""
        own = _letters((word.text,))
        return own / (own + _letters(self.edit.texts))

    def _host(self) -> _Said:
        """Whose segment, speaker and language the new words have."""
        if self.old:
            return self.old[0]
        nearest = self.after if self.edit.leads else self.before
        nearest = nearest or self.before or self.after
        apart = not (self.before and self.after and self.before.place == self.after.place)
        if nearest and not (self.edit.within and apart):
            return nearest
        speakers = {one.speaker for one in (self.before, self.after) if one}
        return _Said(
            Word("", 0.0, 0.0),
            (self.before.place[0] if self.before else -1, 1),
            speakers.pop() if len(speakers) == 1 else "",
            nearest.language if nearest else self.base.language,
        )


def _letters(texts: Sequence[str]) -> int:
    return sum(len(text) + 1 for text in texts)


def _timed(texts: Sequence[str], start: float, end: float, old: Sequence[Word]) -> Iterator[Word]:
    """The words where their letters were heard, or else by their letters over all of the time."""
    cue = Cue(" ".join(texts), start, end)
    made = timed((cue,), (texts,), old, end).words
    if any(one.word.end - one.word.start < LEAST_S / 2 for one in made):
        made = timed((cue,), (texts,), (), end).words
    return (one.word for one in made)


def _segments(former: Sequence[Segment], said: Sequence[_Said]) -> Iterator[Segment]:
    parts: dict[Place, list[_Said]] = {}
    for one in said:
        parts.setdefault(one.place, []).append(one)
    for number in range(-1, len(former)):
        if number >= 0:
            yield from _rebuilt(former[number], parts.get((number, 0), []))
        for part in _parted(parts.get((number, 1), [])):
            words = tuple(one.word for one in part)
            for piece in sized(HeardSegment(words)):
                yield _segment(piece.words, part[0])


def _rebuilt(former: Segment, said: Sequence[_Said]) -> Iterator[Segment]:
    """A segment as it is now: the same, parted where another speaks, or gone with its last word."""
    same = all((one.speaker, one.language) == (former.speaker, former.language) for one in said)
    if same and tuple(one.word for one in said) == former.words and not any(one.given for one in said):
        yield former
        return
    given = sum(one.given for one in said)
    changed = former.corrected or given > 0 or len(said) < len(former.words)
    for part in _parted(said):
        made = replace(_segment(tuple(one.word for one in part), part[0]), corrected=changed)
        if not all(one.given for one in part):
            yield replace(made, quality=former.quality, reasons=former.reasons)
        elif ESTIMATED in former.reasons:  # a person vouches for words, not for where they are
            yield replace(made, quality=Quality.LOW, reasons=(ESTIMATED,))
        else:
            yield made


def _segment(words: tuple[Word, ...], one: _Said) -> Segment:
    return Segment(words[0].start, words[-1].end, words, one.speaker, one.language, corrected=True)


def _parted(said: Sequence[_Said]) -> Iterator[list[_Said]]:
    for _, group in groupby(said, key=lambda one: (one.speaker, one.language)):
        yield list(group)


def _most(segments: Sequence[Segment], before: str) -> str:
    """The language that most words are in; as it was where that is one of several."""
    spoken: Counter[str] = Counter()
    for segment in segments:
        spoken[segment.language] += len(segment.words)
    return max(spoken, key=lambda code: (spoken[code], code == before), default=before)
