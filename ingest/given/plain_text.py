"""Plain text: paragraphs parted by empty lines. One may begin with its time and speaker, as in our own export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.given.base import Cue, lines_of

# [0:01:02] Name: what was said
_HEAD = re.compile(r"\s*\[(\d{1,4}):([0-5]\d):([0-5]\d)\](?:[ \t]+([^:\n]{1,60}):(?=\s))?\s*", re.ASCII)


def read_plain(text: str) -> Iterator[Cue]:
    """The paragraphs, timed where every one begins with its time."""
    cues = list(_paragraphs(text))
    if not cues or any(cue.start is None for cue in cues):
        yield from (replace(cue, start=None) for cue in cues)
        return
    for cue, following in zip(cues, [*cues[1:], None], strict=True):
        # the last one ends with the recording
        yield replace(cue, end=following.start if following else None)


def _paragraphs(text: str) -> Iterator[Cue]:
    paragraph: list[str] = []
    for number, line in enumerate([*lines_of(text), ""], 1):
        if line.strip():
            paragraph.append(line)
        elif paragraph:
            yield _cue("\n".join(paragraph), number - len(paragraph))
            paragraph = []


def _cue(text: str, line: int) -> Cue:
    head = _HEAD.match(text)
    if head is None:
        return Cue(text, line=line)
    start = int(head[1]) * 3600 + int(head[2]) * 60 + int(head[3])
    return Cue(text[head.end() :], float(start), None, (head[4] or "").strip(), line=line)
