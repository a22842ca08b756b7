"""An export that somebody edited, back as a correction: laid beside what was exported, whose words have the times.

What the file says of times is not read, but for a passage of its own that is put in between two others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from archive.errors import InputError
from archive.models import Transcript
from archive.store import GivenFile
from ingest.align import Gap
from ingest.differences import changes
from ingest.edits import Changed, Edit, Edits, Naming, changed, words_of
from ingest.given import GivenText
from ingest.names import shown
from ingest.sides import Named, Sides, sides_of

WORDS_TO_JUDGE = 20  # of a shorter transcript all may be wrong
MOST_CHANGED = 0.5  # of the words; a file that differs in more is hardly of this transcript

_HEAD = re.compile(r"\[\d+(?::\d+)+\]?|\d+:\d\d(?::\d\d)?[.,]\d{3}|-->")  # of a paragraph or a cue, where no word is


def edits_of(exported: Transcript, given: GivenFile, text: GivenText, names: Mapping[str, str], named: Named) -> Edits:
    """What an edited export changes. `exported` is the version as it was exported, with the shown `names`.

    InputError, with the line, for what cannot be meant, and for a file that hardly has its words.
    """
    sides = sides_of(exported, given, text, names, named)
    found = list(changed(sides.tokens, [one.text for one in sides.theirs]))
    for one in found:
        _refuse_heads(sides, one)
    edits = tuple(edit for one in found for part in _by_speaker(sides, one) for edit in _edits(sides, part))
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


def _refuse_heads(sides: Sides, one: Changed) -> None:
    """A time that an editor moved into the text would become a word of the speech."""
    for at in range(one.start, one.end):
        if _HEAD.fullmatch(sides.theirs[at].text):
            what = f"{shown(sides.theirs[at].text)} stands amid the words"
            raise InputError(what, where=sides.where(at), mend="put an empty line before it, as in the export")


def _by_speaker(sides: Sides, one: Changed) -> Iterator[Changed]:
    """A change in parts, as far as the same speakers follow on each other on both sides of it."""
    ours = [list(run) for _, run in groupby(range(one.at, one.until), key=sides.speaker_was)]
    theirs = [list(run) for _, run in groupby(range(one.start, one.end), key=sides.speaker_now)]
    was, now = [sides.speaker_was(run[0]) for run in ours], [sides.speaker_now(run[0]) for run in theirs]
    parts = []
    first = start = 0
    for gap in [*changes(was, now), Gap(len(was), len(was), len(now), len(now))]:
        same = zip(range(first, gap.first), range(start, gap.start), strict=True)
        parts += [(mine, mine + 1, other, other + 1) for mine, other in same]
        parts.append((gap.first, gap.last, gap.start, gap.end))
        first, start = gap.last, gap.end
    at, begin, word = one.at, one.start, one.first
    for mine, until, other, end in parts:
        to = ours[until - 1][-1] + 1 if mine < until else at
        stop = theirs[end - 1][-1] + 1 if other < end else begin
        last = sides.tokens[to - 1].last if at < to else word
        yield from _by_neighbours(sides, Changed(word, last, at, to, begin, stop))
        at, begin, word = to, stop, last


def _by_neighbours(sides: Sides, one: Changed) -> Iterator[Changed]:
    """A change; in two where the words of one are gone and others follow those of the speaker before, or precede."""
    gone = replace(one, start=one.end)
    if one.at < one.until and one.start < one.end:
        if one.at > 0 and _goes_on(sides, one.at - 1, one.at, one.start):
            yield from (replace(one, last=one.first, until=one.at), gone)
            return
        if one.until < len(sides.ours) and _goes_on(sides, one.until, one.until - 1, one.end - 1):
            yield from (replace(gone, start=one.start, end=one.start), replace(one, first=one.last, at=one.until))
            return
    if one.at < one.until or one.start < one.end:
        yield one


def _goes_on(sides: Sides, beside: int, gone: int, come: int) -> bool:
    """Whether a word that came is the speaker's beside it, and the one that is gone another's."""
    return sides.speaker_now(come) == sides.speaker_was(beside) != sides.speaker_was(gone)


def _edits(sides: Sides, one: Changed) -> Iterator[Edit]:
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


def _speaker(sides: Sides, one: Changed, at: int, *, alone: bool = False) -> str | None:
    """Whose a given word is, where the file says somebody else than who was exported there, or it stands alone."""
    now = sides.speaker_now(at)
    beside = range(one.at, one.until) or range(max(one.at - 1, 0), min(one.at + 1, len(sides.ours)))
    if not now or (not alone and now in {sides.speaker_was(number) for number in beside}):
        return None
    return sides.named(now, sides.where(at))


def _namings(sides: Sides, found: Sequence[Changed]) -> Iterator[Naming]:
    """Words that are the same and came back as somebody else's."""
    for name, run in groupby(_same(sides, found), key=lambda pair: _renamed(sides, *pair)):
        here = [(sides.tokens[mine], other) for mine, other in run]
        words = [(token, other) for token, other in here if token.first < token.last]
        if name and words:
            yield Naming(words[0][0].first, words[-1][0].last, sides.named(name, sides.where(words[0][1])))


def _renamed(sides: Sides, mine: int, other: int) -> str:
    now = sides.speaker_now(other)
    return now if now != sides.speaker_was(mine) else ""


def _same(sides: Sides, found: Sequence[Changed]) -> Iterator[tuple[int, int]]:
    """Pairs of a written word on either side that are the same."""
    mine = other = 0
    for one in found:
        yield from zip(range(mine, one.at), range(other, one.start), strict=True)
        mine, other = one.until, one.end
    yield from zip(range(mine, len(sides.ours)), range(other, len(sides.theirs)), strict=True)
