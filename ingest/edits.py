"""What a person changes in a transcript: runs of words become others, and what stays is confirmed or has a new speaker.

Positions count the words of a transcript over all of its segments, from 0; runs are half open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from archive.errors import InputError
from archive.models import Transcript, Word
from archive.people import People
from ingest.differences import Difference, changes
from ingest.given.base import MAX_WORD_CHARACTERS, plain
from ingest.names import shown
from ingest.unspaced import apart


@dataclass(frozen=True, slots=True)
class Edit:
    """Words `first` to `last` become `texts`: none are taken out, and where the run is empty words are put in.

    What is put in lies `within` those seconds, as far as no other word does; or it follows the word before it, or
    where it `leads` the word after it. `speaker` and `language` are None where they are those of the words there.
    """

    first: int
    last: int
    texts: tuple[str, ...] = ()
    within: tuple[float, float] | None = None
    leads: bool = False
    speaker: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Naming:
    """Words `first` to `last` are this speaker's or in this language; None changes nothing."""

    first: int
    last: int
    speaker: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Edits:
    """All that is changed at once: `edits` and `confirmed` runs are in order and do not overlap."""

    edits: tuple[Edit, ...] = ()
    confirmed: tuple[tuple[int, int], ...] = ()
    namings: tuple[Naming, ...] = ()

    @property
    def words(self) -> int:
        """How many words are given."""
        return sum(len(edit.texts) for edit in self.edits)

    @property
    def instead_of(self) -> int:
        """In the place of how many."""
        return sum(edit.last - edit.first for edit in self.edits)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seconds whose words become `text`; None leaves the words and changes who says them, or in which language."""

    start: float
    end: float
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is written in a text, and the words `first` to `last` of the transcript that it writes."""

    text: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Changed:
    """Words `first` to `last` of a transcript, written as tokens `at` to `until`, that a text writes otherwise: as its
    own words `start` to `end`."""

    first: int
    last: int
    at: int
    until: int
    start: int
    end: int


def words_of(transcript: Transcript) -> tuple[Word, ...]:
    """All of its words."""
    return tuple(chain.from_iterable(segment.words for segment in transcript.segments))


def split(text: str, where: str) -> tuple[str, ...]:
    """A text as words, without what would act on a screen. InputError for one that is no word of any language."""
    texts = tuple(apart(plain(text)))
    if any(len(word) > MAX_WORD_CHARACTERS for word in texts):
        raise InputError(f"a word of more than {MAX_WORD_CHARACTERS:,} characters", where=where, mend="is this a text?")
    return texts


def changed(ours: Sequence[Token], theirs: Sequence[str]) -> Iterator[Changed]:
    """Where a text differs letter for letter from what is written, in whole words of the transcript."""
    waiting: Changed | None = None
    for gap in changes([token.text for token in ours], theirs):
        at, until, start, end = gap.first, gap.last, gap.start, gap.end
        # what is the same on either side, and belongs to a word of which a part is not
        while 0 < at < len(ours) and ours[at - 1].last > ours[at].first:
            at, start = at - 1, start - 1
        while 0 < until < len(ours) and ours[until - 1].last > ours[until].first:
            until, end = until + 1, end + 1
        here = Changed(*_span(ours, at, until), at, until, start, end)
        if waiting and here.first < waiting.last:
            here = replace(waiting, last=max(here.last, waiting.last), until=here.until, end=here.end)
        elif waiting:
            yield waiting
        waiting = here
    if waiting:
        yield waiting


def at_times(
    transcript: Transcript, stretches: Sequence[Stretch], speaker: str | None = None, language: str | None = None
) -> Edits:
    """What changes where the words in these seconds are others, somebody else's or in another language.

    A person who gives a stretch's words confirms those that stay. InputError for times without words to change.
    """
    words = words_of(transcript)
    edits: list[Edit] = []
    confirmed: list[tuple[int, int]] = []
    namings: list[Naming] = []
    done = 0
    for stretch in sorted(stretches, key=lambda stretch: (stretch.start, stretch.end)):
        where = f"{stretch.start:g},{stretch.end:g}"
        if not 0 <= stretch.start < stretch.end <= max(transcript.duration, words[-1].end if words else 0.0):
            mend = f"START,END in seconds, from 0 to {transcript.duration:.1f}"
            raise InputError("no stretch of the recording", where=where, mend=mend)
        first = sum(_middle(word) < stretch.start for word in words)
        last = first + sum(_middle(word) <= stretch.end for word in words[first:])
        if first < done:
            raise InputError("the words of two stretches overlap", where=where, mend="give them as one")
        if first == last and not stretch.text:
            raise InputError("no word lies there", where=where, mend="see the times with `onrecord export`")
        done = last
        if stretch.text is not None:
            texts = split(stretch.text, where)
            if first == last:
                edits.append(Edit(first, last, texts, (stretch.start, stretch.end), False, speaker, language))
            else:
                made = list(_within(words, first, last, texts))
                edits += made
                confirmed += _others(first, last, made)
        if first < last and (speaker is not None or language is not None):
            namings.append(Naming(first, last, speaker, language))
    return Edits(tuple(edits), tuple(confirmed), tuple(namings))


def shown_changes(transcript: Transcript, edits: Edits) -> tuple[Difference, ...]:
    """What was there and what is there now, for people."""
    words = words_of(transcript)
    found = []
    for edit in edits.edits:
        was = words[edit.first : edit.last]
        before = words[edit.first - 1].end if edit.first else 0.0
        start, end = (was[0].start, was[-1].end) if was else edit.within or (before, before)
        found.append(Difference(start, end, " ".join(word.text for word in was), " ".join(edit.texts)))
    return tuple(found)


def speaker_named(name: str, people: People, transcript: Transcript, where: str) -> str:
    """The id of a person, or of a voice of the transcript. InputError for others: nobody is entered by a correction."""
    if any(segment.speaker == name for segment in transcript.segments):
        return name
    person = people.find(name)
    if person is None:
        mend = "use a spelling that `onrecord people` lists, or enter the person as a speaker in the sheet"
        raise InputError(f"the register does not know the speaker {shown(name)}", where=where, mend=mend)
    return person.id


def _middle(word: Word) -> float:
    return (word.start + word.end) / 2


def _span(ours: Sequence[Token], at: int, until: int) -> tuple[int, int]:
    if at < until:
        return ours[at].first, ours[until - 1].last
    between = ours[at - 1].last if at else 0
    return between, between


def _within(words: Sequence[Word], first: int, last: int, texts: tuple[str, ...]) -> Iterator[Edit]:
    """The edits that make `texts` of words `first` to `last`, of which what is the same stays."""
    ours = [Token(text, at, at + 1) for at in range(first, last) for text in apart(plain(words[at].text))]
    for one in changed(ours, texts):
        at = max(one.first, first)  # without a word before it, it goes before the first of these
        until = max(one.last, at)
        yield Edit(at, until, texts[one.start : one.end], leads=at == until == first)


def _others(first: int, last: int, edits: Sequence[Edit]) -> Iterator[tuple[int, int]]:
    """The runs of `first` to `last` that no edit takes the place of."""
    at = first
    for edit in edits:
        if at < edit.first:
            yield at, edit.first
        at = edit.last
    if at < last:
        yield at, last
