"""WebVTT and SubRip: blocks of lines, parted by empty ones, each with a line of times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.given.base import Cue, lines_of, refused, unescaped

ARROW = "-->"
NAME_CHARACTERS = 41  # of a line with nothing but a speaker's name and a colon, as our own SubRip has it

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?", re.ASCII)
_NO_CUES = ("NOTE", "STYLE", "REGION")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
_VTT_TAG = re.compile(r"</?[^<>]*>")
_SRT_TAG = re.compile(r"</?[A-Za-z][^<>]*>|\{\\[^{}]*\}")
_BRACKETED = re.compile(r"\s*\[([^\[\]\n]{1,40})\][ \t]+(?=\S)")
_JOINER = "\u2060"  # put in by our own SubRip where a tag would begin


def is_srt(text: str) -> bool:
    """Whether a text is SubRip: its first block is a line of times, with a number before it or without."""
    head = [line.strip() for line in text[:2000].splitlines() if line.strip()][:2]
    return any(ARROW in line and _CLOCK.match(line.lstrip("-")) for line in head)


def read_vtt(text: str) -> Iterator[Cue]:
    """The cues of a WebVTT file; a cue of several voices becomes one for each."""
    blocks = _blocks(lines_of(text))
    next(blocks)  # the header
    for line, block in blocks:
        if block[0].split(" ")[0].split("\t")[0] in _NO_CUES and not any(ARROW in one for one in block[:2]):
            continue
        start, end, content, at = _timed(line, block)
        yield from _voices("\n".join(content), start, end, at)


def read_srt(text: str) -> Iterator[Cue]:
    """The cues of a SubRip file. Who speaks is said by `[Name]` before text, or from there on by a line `Name:`."""
    speaker = ""
    for line, block in _blocks(lines_of(text)):
        start, end, content, at = _timed(line, block)
        content = [_SRT_TAG.sub("", one).replace(_JOINER, "").strip() for one in content]
        if len(content) > 1 and content[0].endswith(":") and len(content[0]) <= NAME_CHARACTERS:
            speaker = content.pop(0)[:-1].strip()
        said = "\n".join(content)
        named = _BRACKETED.match(said)
        yield Cue(said[named.end() :] if named else said, start, end, named[1].strip() if named else speaker, line=at)


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines that are not empty, each with the number of its first."""
    block: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []
    if block:
        yield len(lines) + 1 - len(block), block


def _timed(line: int, block: list[str]) -> tuple[float, float, list[str], int]:
    """Start, end, the lines of text, and the number of the line of times."""
    at = next((number for number, one in enumerate(block[:2]) if ARROW in one), None)
    if at is None:
        what = "text without a line of times, such as 00:00:01.000 --> 00:00:04.000, above it"
        raise refused(what, line, "take out the empty line before it, or give it a time")
    first, _, rest = block[at].partition(ARROW)
    last = (rest.split() or [""])[0]  # settings of the cue may follow
    return _seconds(first.strip(), line + at), _seconds(last, line + at), block[at + 1 :], line + at


def _seconds(text: str, line: int) -> float:
    found = _CLOCK.fullmatch(text)
    if found is None or int(found[2]) > 59 or int(found[3]) > 59:
        what = "a negative time" if text.startswith("-") else f"{text[:40]!r} is no time"
        raise refused(what, line, "write it as 00:00:01.000, counted from the start of the recording")
    fraction = (found[4] or "0").ljust(3, "0")
    return int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3]) + int(fraction) / 1000


def _voices(text: str, start: float, end: float, line: int) -> Iterator[Cue]:
    """A cue for each voice that speaks in it, in a share of its time."""
    parts = _VOICE.split(text)
    turns = [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
    said = [
        (unescaped(name).strip(), content)
        for name, marked in turns
        if (content := unescaped(_VTT_TAG.sub("", marked)).strip())
    ]
    whole = sum(len(content) for _, content in said)
    clock = start
    for number, (name, content) in enumerate(said, 1):
        until = end if number == len(said) else clock + (end - start) * len(content) / whole
        yield Cue(content, round(clock, 3), round(until, 3), name, line=line)
        clock = until
