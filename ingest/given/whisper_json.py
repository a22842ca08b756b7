"""The JSON that Whisper's own tools write: segments with times, and words with theirs where they were asked for."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from archive.models import Word
from ingest.given.base import Cue, plain, refused


class _Word(msgspec.Struct):
    word: str
    start: float | None = None
    end: float | None = None
    probability: float = 1.0


class _Segment(msgspec.Struct):
    start: float
    end: float
    text: str
    words: list[_Word] = []
    speaker: str = ""


class _File(msgspec.Struct):
    segments: list[_Segment]


def read_whisper_json(text: str) -> Iterator[Cue]:
    """The segments."""
    try:
        found = msgspec.json.decode(text.encode(), type=_File)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        mend = "give what Whisper wrote with --output_format json, or VTT, SRT, TTML or plain text"
        raise refused(f"this is no JSON of Whisper's: {error}", mend=mend) from error
    for number, segment in enumerate(found.segments, 1):
        if min(segment.start, segment.end) < 0:
            raise refused(f"segment {number} has a negative time", mend="correct it")
        yield Cue(segment.text, segment.start, segment.end, segment.speaker.strip(), _words(segment))


def _words(segment: _Segment) -> tuple[Word, ...]:
    """The words with their times, where every one has its own and they follow on each other within the segment."""
    words: list[Word] = []
    clock = segment.start
    for one in segment.words:
        if one.start is None or one.end is None or not clock <= one.start <= one.end <= segment.end:
            return ()
        written = plain(one.word).split()
        if len(written) > 1:
            return ()
        if written:
            words.append(Word(written[0], one.start, one.end, min(max(one.probability, 0.0), 1.0)))
        clock = one.start
    return tuple(words)
