"""TTML: the captions of broadcasters. Read as it streams by, with everything refused by which XML does harm.

Entities can only be declared in a document type, and a file that has one is refused at its first word, so nothing
is ever expanded and nothing else is ever opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from ingest.given.base import MAX_CUES, Cue, refused

MAX_DEPTH = 50  # captions have five or so
FRAMES_A_SECOND = 30.0  # of TTML, where the file does not say

_CLOCK = re.compile(r"(\d{1,4}):(\d{2}):(\d{2})(?:\.(\d{1,9})|:(\d{1,3}))?", re.ASCII)
_OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t)", re.ASCII)
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


@dataclass(slots=True)
class _Element:
    name: str
    begin: float
    end: float | None
    timed: bool
    line: int
    text: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """What is open, and the cues so far."""

    parser: expat.XMLParserType
    stack: list[_Element] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    frames: float = FRAMES_A_SECOND
    ticks: float = 0.0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name, line = _local(tag), self.parser.CurrentLineNumber
        found = {_local(key): value.strip() for key, value in attributes.items()}
        if not self.stack:
            if name != "tt":
                raise refused(f"XML that is no TTML: its first element is {name[:40]!r}", line, "give TTML, VTT or SRT")
            self.frames = _rate(found.get("frameRate", ""), FRAMES_A_SECOND)
            self.ticks = _rate(found.get("tickRate", ""), self.frames)
        if len(self.stack) >= MAX_DEPTH:
            raise refused(f"elements nested deeper than {MAX_DEPTH}", line)
        if name == "br" and self.stack:
            self.stack[-1].text.append("\n")
        parent = self.stack[-1] if self.stack else _Element("", 0.0, None, False, line)
        begin = parent.begin + (self._seconds(found["begin"], line) if "begin" in found else 0.0)
        end = parent.end
        if "end" in found:
            end = parent.begin + self._seconds(found["end"], line)
        elif "dur" in found:
            end = begin + self._seconds(found["dur"], line)
        own = "begin" in found and (name == "p" or (name == "span" and self._speaking()))
        self.stack.append(_Element(name, begin, end, own or (name == "p" and end is not None), line))

    def text(self, data: str) -> None:
        if self._speaking():
            self.stack[-1].text.append(data)

    def end(self, _tag: str) -> None:
        element = self.stack.pop()
        text = "".join(element.text)
        if not text.strip():
            return
        if not element.timed and element.name != "p":
            self.stack[-1].text.append(text)
            return
        if not element.timed or element.end is None:
            raise refused("a paragraph without begin and end", element.line, "give it its times")
        if len(self.cues) > MAX_CUES:
            raise refused(f"more than {MAX_CUES:,} cues", element.line, "cut it into parts, as the recording is")
        self.cues.append(Cue(text, round(element.begin, 3), round(element.end, 3), line=element.line))

    def refuse_doctype(self, *_: object) -> None:
        what = "a document type (<!DOCTYPE), which can make a file grow without bound or read other files"
        raise refused(what, self.parser.CurrentLineNumber, "take it out; TTML needs none")

    def _speaking(self) -> bool:
        return any(element.name == "p" for element in self.stack)

    def _seconds(self, text: str, line: int) -> float:
        if clock := _CLOCK.fullmatch(text):
            whole = int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3])
            return whole + float(f"0.{clock[4] or 0}") + int(clock[5] or 0) / self.frames
        if offset := _OFFSET.fullmatch(text):
            unit = {"f": 1 / self.frames, "t": 1 / self.ticks, **_UNITS}[offset[2]]
            return float(offset[1]) * unit
        what = "a negative time" if text.startswith("-") else f"{text[:40]!r} is no time"
        raise refused(what, line, "write it as 00:00:01.000 or 1.5s")


def read_ttml(text: str) -> Iterator[Cue]:
    """The timed paragraphs, and the timed spans in them, in order of time."""
    parser = expat.ParserCreate(namespace_separator=" ")
    reading = _Reading(parser)
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = reading.refuse_doctype
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise refused(f"broken XML: {expat.ErrorString(error.code)}", error.lineno, "correct it there") from error
    yield from sorted(reading.cues, key=lambda cue: cue.start or 0.0)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _rate(text: str, otherwise: float) -> float:
    return float(text) if re.fullmatch(r"[1-9]\d{0,8}", text, re.ASCII) else otherwise
