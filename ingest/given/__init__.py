"""Texts that come with a recording: captions, transcripts, what another Whisper heard. Every file is taken for hostile.

What a file is, is judged by its content, never by its name.
"""

from __future__ import annotations

from dataclasses import replace

from archive.captions import unmarked
from archive.errors import InputError
from ingest.given.base import Cue, GivenText, capped, decoded, in_order, plain, refused
from ingest.given.plain_text import read_plain
from ingest.given.subtitles import is_srt, read_srt, read_vtt
from ingest.given.ttml import read_ttml
from ingest.given.whisper_json import read_whisper_json
from ingest.names import shown

__all__ = ["Cue", "GivenText", "read_given"]

_READERS = {"vtt": read_vtt, "srt": read_srt, "ttml": read_ttml, "whisper-json": read_whisper_json, "text": read_plain}


def read_given(name: str, data: bytes) -> GivenText:
    """The text in a file's bytes. InputError, with the line, for what cannot be taken; `name` is for the message."""
    try:
        text, export = unmarked(decoded(data))
        kind = _format(text)
        cues = tuple(in_order(capped(replace(cue, text=plain(cue.text)) for cue in _READERS[kind](text))))
        if not cues:
            raise refused("it holds no words", mend="give the file with its text")
        return GivenText(kind, cues, export)
    except InputError as error:
        where = " ".join(filter(None, (shown(name), error.where)))
        raise InputError(error.what, where=where, mend=error.mend) from error


def _format(text: str) -> str:
    begins = text.lstrip()
    if begins.startswith("WEBVTT"):
        return "vtt"
    if begins.startswith("<"):
        return "ttml"
    if begins.startswith(("{", "[{")):
        return "whisper-json"
    return "srt" if is_srt(text) else "text"
