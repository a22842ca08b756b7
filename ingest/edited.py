"""An export that somebody edited, back as a correction: laid beside what was exported, whose words have the times.

What the file says of times is not read, but for a passage of its own that is put in between two others.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from archive.captions import one_line, to_srt, to_txt, to_vtt
from archive.errors import ArchiveError, InputError
from archive.models import Transcript, Word
from archive.store import GivenFile
from ingest.edits import Changed, Edit, Edits, Naming, Token, changed, split, words_of
from ingest.given import Cue, GivenText, read_given
from ingest.names import shown

WORDS_TO_JUDGE = 20  # of a shorter transcript all may be wrong
MOST_CHANGED = 0.5  # of the words; a file that differs in more is hardly of this transcript

_WRITERS: dict[str, Callable[[Transcript, Mapping[str, str]], str]] = {"vtt": to_vtt, "srt": to_srt, "text": to_txt}
_HEAD = re.compile(r"\[\d+(?::\d+)+\]?|\d+:\d\d(?::\d\d)?[.,]\d{3}|-->")  # of a paragraph or a cue, where no word is

Named = Callable[[str, str], str]  # the id of a speaker, of a name and the place where it stands


@dataclass(frozen=True, slots=True)
class _Written:
    """A word of the file and the cue that it stands in."""

    text: str
    cue: int


@dataclass(frozen=True, slots=True)
class _Sides:
    """What was exported and what came back, word by word."""

    name: str
    was: GivenText
    now: GivenText
    ours: Sequence[_Written]
    tokens: Sequence[Token]
    theirs: Sequence[_Written]
    known: Mapping[str, str]
    find: Named

    def where(self, at: int) -> str:
        """Where a word of the file stands."""
        return f"{shown(self.name)} line {self.now.cues[self.theirs[at].cue].line}"

    def speaker_was(self, at: int) -> str:
        """As whose a word was exported."""
        return self.was.cues[self.ours[at].cue].speaker

    def speaker_now(self, at: int) -> str:
        """As whose a word came back."""
        return self.now.cues[self.theirs[at].cue].speaker

    def named(self, name: str, where: str) -> str:
        """The id of a speaker by the name that the file has."""
        return self.known.get(name) or self.find(name, where)


def edits_of(exported: Transcript, given: GivenFile, text: GivenText, names: Mapping[str, str], named: Named) -> Edits:
    """What an edited export changes. `exported` is the version as it was exported, with the shown `names`.

    InputError, with the line, for what cannot be meant, and for a file that hardly has its words.
    """
    if text.format not in _WRITERS:
        mend = "give the text, WebVTT or SubRip that `onrecord export` wrote"
        raise InputError(f"{text.format} is no form that can be edited", where=shown(given.name), mend=mend)
    was = read_given("export", _WRITERS[text.format](exported, names).encode()) if _spoken(exported) else _NOTHING
    ours, theirs = _written(was.cues, given.name), _written(text.cues, given.name)
    tokens = _tokens(ours, words_of(exported), given.name)
    sides = _Sides(given.name, was, text, ours, tokens, theirs, _known(exported, was, ours, tokens), named)
    found = list(changed(sides.tokens, [one.text for one in theirs]))
    for one in found:
        _refuse_heads(sides, one)
    edits = tuple(edit for one in found for edit in _edits(sides, one))
    made = Edits(edits, namings=tuple(_namings(sides, found)))
    words = len(words_of(exported))
    if made.instead_of > MOST_CHANGED * words and words >= WORDS_TO_JUDGE:
        what = f"{made.instead_of:,} of {words:,} words are others than in version {exported.version}"
        mend = "is it of this recording? a text from elsewhere goes in with `onrecord import-transcript`"
        raise InputError(what, where=shown(given.name), mend=mend)
    return made


def version_of(text: GivenText, recording: str, told: int | None, name: str) -> int:
    """The version that a file was exported from, as it says itself or as was told."""
    if text.export and text.export.recording != recording:
        raise InputError(f"it is of the recording {text.export.recording}", where=f"{shown(name)} line 1")
    if text.export and told not in (None, text.export.version):
        raise InputError(f"it is of version {text.export.version}, not {told}", where=f"{shown(name)} line 1")
    version = text.export.version if text.export else told
    if version is None:
        mend = "name it with --of N; the page of the recording, and the address of a download, have the number"
        raise InputError("it does not say which version it was exported from", where=shown(name), mend=mend)
    return version


_NOTHING = GivenText("text", ())


def _spoken(transcript: Transcript) -> bool:
    return any(one_line(word.text) for word in words_of(transcript))


def _written(cues: Sequence[Cue], name: str) -> list[_Written]:
    return [
        _Written(word, number)
        for number, cue in enumerate(cues)
        for word in split(cue.text, f"{shown(name)} line {cue.line}")
    ]


def _tokens(written: Sequence[_Written], words: Sequence[Word], name: str) -> list[Token]:
    """Which words each written one stands for, by their letters; what is none of them (a note) stands for no word."""
    letters = ["".join(one_line(word.text).split()) for word in words]
    ends = list(accumulate(map(len, letters), initial=0))
    whole = "".join(letters)
    tokens, at = [], 0
    for one in written:
        first = min(bisect_right(ends, at) - 1, len(words))
        if not whole.startswith(one.text, at):
            tokens.append(Token(one.text, first, first))
            continue
        at += len(one.text)
        tokens.append(Token(one.text, first, bisect_right(ends, at - 1)))
    if at != len(whole):
        raise ArchiveError("this form does not give its words back whole", where=shown(name), mend="export WebVTT")
    return tokens


def _known(exported: Transcript, was: GivenText, ours: Sequence[_Written], tokens: Sequence[Token]) -> dict[str, str]:
    """Whose words were exported under which name."""
    speakers = [segment.speaker for segment in exported.segments for _ in segment.words]
    return {
        was.cues[one.cue].speaker: speakers[token.first]
        for one, token in zip(ours, tokens, strict=True)
        if token.first < token.last
    }


def _refuse_heads(sides: _Sides, one: Changed) -> None:
    """A time that an editor moved into the text would become a word of the speech."""
    for at in range(one.start, one.end):
        if _HEAD.fullmatch(sides.theirs[at].text):
            what = f"{shown(sides.theirs[at].text)} stands amid the words"
            raise InputError(what, where=sides.where(at), mend="put an empty line before it, as in the export")


def _edits(sides: _Sides, one: Changed) -> Iterator[Edit]:
    """The edit of a change; what is put in without taking anything out, one for each cue."""
    if one.first < one.last:
        texts = tuple(word.text for word in sides.theirs[one.start : one.end])
        yield Edit(one.first, one.last, texts, speaker=_speaker(sides, one, one.start) if texts else None)
        return
    for cue, run in groupby(range(one.start, one.end), key=lambda at: sides.theirs[at].cue):
        here = list(run)
        opens = here[0] == 0 or sides.theirs[here[0] - 1].cue != cue
        closes = here[-1] + 1 == len(sides.theirs) or sides.theirs[here[-1] + 1].cue != cue
        within = _within(sides.now, cue) if opens and closes else None
        yield Edit(
            one.first,
            one.last,
            tuple(sides.theirs[at].text for at in here),
            within,
            leads=opens and not closes,
            speaker=_speaker(sides, one, here[0], alone=within is not None),
        )


def _within(text: GivenText, number: int) -> tuple[float, float] | None:
    """The seconds of a cue; a paragraph says only where it begins."""
    cue = text.cues[number]
    if cue.start is None:
        return None
    return cue.start, cue.start if text.format == "text" or cue.end is None else cue.end


def _speaker(sides: _Sides, one: Changed, at: int, *, alone: bool = False) -> str | None:
    """Whose a given word is, where the file says somebody else than who was exported there, or it stands alone."""
    now = sides.speaker_now(at)
    beside = range(one.at, one.until) or range(max(one.at - 1, 0), min(one.at + 1, len(sides.ours)))
    if not now or (not alone and now in {sides.speaker_was(number) for number in beside}):
        return None
    return sides.named(now, sides.where(at))


def _namings(sides: _Sides, found: Sequence[Changed]) -> Iterator[Naming]:
    """Words that are the same and came back as somebody else's."""
    for name, run in groupby(_same(sides, found), key=lambda pair: _renamed(sides, *pair)):
        here = [(sides.tokens[mine], other) for mine, other in run]
        words = [(token, other) for token, other in here if token.first < token.last]
        if name and words:
            yield Naming(words[0][0].first, words[-1][0].last, sides.named(name, sides.where(words[0][1])))


def _renamed(sides: _Sides, mine: int, other: int) -> str:
    now = sides.speaker_now(other)
    return now if now != sides.speaker_was(mine) else ""


def _same(sides: _Sides, found: Sequence[Changed]) -> Iterator[tuple[int, int]]:
    """Pairs of a written word on either side that are the same."""
    mine = other = 0
    for one in found:
        yield from zip(range(mine, one.at), range(other, one.start), strict=True)
        mine, other = one.until, one.end
    yield from zip(range(mine, len(sides.ours)), range(other, len(sides.theirs)), strict=True)
