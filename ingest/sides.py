"""An export and what came back of it side by side: which written word stands for which word of the transcript."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from archive.captions import one_line, to_srt, to_txt, to_vtt
from archive.errors import ArchiveError, InputError
from archive.models import Transcript, Word
from archive.store import GivenFile
from ingest.edits import Token, split, words_of
from ingest.given import Cue, GivenText, read_given
from ingest.names import shown

_WRITERS: dict[str, Callable[[Transcript, Mapping[str, str]], str]] = {"vtt": to_vtt, "srt": to_srt, "text": to_txt}
_NOTHING = GivenText("text", ())

Named = Callable[[str, str], str]  # the id of a speaker, of a name and the place where it stands


@dataclass(frozen=True, slots=True)
class Written:
    """A word of the file and the cue that it stands in."""

    text: str
    cue: int


@dataclass(frozen=True, slots=True)
class Sides:
    """What was exported (`was`, `ours`, with what each written word stands for) and what came back (`now`, `theirs`).

    `known` gives the id of each speaker by the name that was exported, `find` that of any other.
    """

    name: str
    was: GivenText
    now: GivenText
    ours: Sequence[Written]
    tokens: Sequence[Token]
    theirs: Sequence[Written]
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


def sides_of(exported: Transcript, given: GivenFile, text: GivenText, names: Mapping[str, str], find: Named) -> Sides:
    """A transcript as it was exported, with the shown `names`, beside a file; the export is made and read once more."""
    if text.format not in _WRITERS:
        mend = "give the text, WebVTT or SubRip that `onrecord export` wrote"
        raise InputError(f"{text.format} is no form that can be edited", where=shown(given.name), mend=mend)
    was = read_given("export", _WRITERS[text.format](exported, names).encode()) if _spoken(exported) else _NOTHING
    ours, theirs = _written(was.cues, given.name), _written(text.cues, given.name)
    tokens = _tokens(ours, words_of(exported), given.name)
    return Sides(given.name, was, text, ours, tokens, theirs, _known(exported, was, ours, tokens), find)


def _spoken(transcript: Transcript) -> bool:
    return any(one_line(word.text) for word in words_of(transcript))


def _written(cues: Sequence[Cue], name: str) -> list[Written]:
    return [
        Written(word, number)
        for number, cue in enumerate(cues)
        for word in split(cue.text, f"{shown(name)} line {cue.line}")
    ]


def _tokens(written: Sequence[Written], words: Sequence[Word], name: str) -> list[Token]:
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


def _known(exported: Transcript, was: GivenText, ours: Sequence[Written], tokens: Sequence[Token]) -> dict[str, str]:
    """Whose words were exported under which name."""
    speakers = [segment.speaker for segment in exported.segments for _ in segment.words]
    return {
        was.cues[one.cue].speaker: speakers[token.first]
        for one, token in zip(ours, tokens, strict=True)
        if token.first < token.last
    }
