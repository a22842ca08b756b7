"""What a text that came with a recording holds: stretches of words, each with its times where the file has them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from archive.captions import Export
from archive.errors import InputError
from archive.models import Word

MAX_BYTES = 64 * 1024**2  # a day of speech in any of the formats takes less than a tenth
MAX_CUES = 200_000  # two days of speech have a caption a second
MAX_WORDS = 600_000  # two days of fast speech
MAX_WORD_CHARACTERS = 1_000  # no word of any language
LONGEST_OVERLAP_S = 5.0  # captions may stay on while the next one comes; more than that is disorder

_LINES = re.compile(r"\r\n|\r|\n")
_ENTITY_FORMS = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&nbsp;": " ", "&lrm;": "", "&rlm;": ""}
_ENTITIES = re.compile("|".join(_ENTITY_FORMS))


@dataclass(frozen=True, slots=True)
class Cue:
    """A stretch of the text: seconds from the start, None where the file does not say.

    `speaker` is a name as written, "" for none; `words` are given where the file times single words; `line` is where
    it stands in the file, from 1.
    """

    text: str
    start: float | None = None
    end: float | None = None
    speaker: str = ""
    words: tuple[Word, ...] = ()
    line: int = 0

    def shifted(self, seconds: float) -> Cue:
        """The same so much later."""
        if not seconds or self.start is None:
            return self
        words = tuple(replace(word, start=word.start + seconds, end=word.end + seconds) for word in self.words)
        return replace(
            self, start=self.start + seconds, end=None if self.end is None else self.end + seconds, words=words
        )


@dataclass(frozen=True, slots=True)
class GivenText:
    """The text of a file: its `format` (vtt, srt, ttml, whisper-json, text) and its cues in order.

    `export` is the transcript version that it was exported from, where it is a file of our own that says so.
    """

    format: str
    cues: tuple[Cue, ...]
    export: Export | None = None

    @property
    def timed(self) -> bool:
        """Whether every cue says when it is."""
        return all(cue.start is not None for cue in self.cues)


def refused(what: str, line: int = 0, mend: str = "") -> InputError:
    """The error of a file that cannot be taken; who reads it adds the file's name."""
    return InputError(what, where=f"line {line}" if line else "", mend=mend)


def decoded(data: bytes) -> str:
    """The file as text: UTF-8, or UTF-16 with its mark. Other bytes are refused, never guessed at."""
    if len(data) > MAX_BYTES:
        raise refused(f"{len(data):,} bytes, more than {MAX_BYTES:,}", mend="is it a transcript? cut it into parts")
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + len(_LINES.findall(data[: error.start].decode("latin-1")))
        mend = "save it as UTF-8; old Persian and Arabic captions are often in windows-1256"
        raise refused(f"bytes that are not {'UTF-16' if utf16 else 'UTF-8'}", line, mend) from error
    if (at := text.find("\0")) >= 0:
        raise refused("a NUL character, so this is no text", 1 + len(_LINES.findall(text[:at])), "save it as UTF-8")
    return text


def lines_of(text: str) -> list[str]:
    """The lines, split where editors do and nowhere else."""
    return _LINES.split(text)


def unescaped(text: str) -> str:
    """With the few entities that captions know replaced, once."""
    return _ENTITIES.sub(lambda found: _ENTITY_FORMS[found[0]], text)


def capped(cues: Iterable[Cue]) -> Iterator[Cue]:
    """The cues that hold any text, none of them read beyond what may be."""
    count = 0
    for cue in cues:
        if not cue.text.strip():
            continue
        count += 1
        if count > MAX_CUES:
            raise refused(f"more than {MAX_CUES:,} cues", cue.line, "cut it into parts, as the recording is")
        yield cue


def in_order(cues: Iterable[Cue]) -> Iterator[Cue]:
    """The cues with times that follow on each other: small overlaps are cut off, disorder is refused."""
    before: Cue | None = None
    for cue in cues:
        if cue.start is not None and cue.end is not None:
            if cue.end < cue.start:
                raise refused(f"a cue ends at {cue.end:.3f} s, before it begins", cue.line, "correct its times")
            before = _parted(before, cue)
        if before is not None:
            yield before
        before = cue
    if before is not None:
        yield before


def _parted(before: Cue | None, cue: Cue) -> Cue | None:
    if before is None or before.start is None or before.end is None or cue.start is None:
        return before
    if cue.start < before.start:
        what = f"a cue begins at {cue.start:.3f} s, before the one above it at {before.start:.3f} s"
        raise refused(what, cue.line, "put the cues in order of time")
    if before.end - cue.start > LONGEST_OVERLAP_S:
        what = f"a cue begins {before.end - cue.start:.1f} s before the one above it ends"
        raise refused(what, cue.line, "correct their times")
    return replace(before, end=min(before.end, cue.start))


def plain(text: str) -> str:
    """Without characters that act on a reader's screen instead of being read."""
    return "".join(char if unicodedata.category(char) != "Cc" or char in "\t\n\r" else " " for char in text)
