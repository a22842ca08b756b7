"""Models to JSON and back: readable, the same bytes every time, and marked with the schema they follow."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from archive.errors import ArchiveError, Damaged, InputError
from archive.models import HeardVoices, HistoryEvent, Recording, Speaker, Transcript, VoicePrint
from archive.withdrawal import Withdrawal

T = TypeVar("T")

ARCHIVE_FORMAT = 1
LINE_CHARACTERS = 120  # what fits is kept on one line: a word, a name, a layer
_MARKER = re.compile(r"onrecord/([a-z-]+)/([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class ArchiveInfo:
    """What `archive.json` holds: the format of everything beside it."""

    format: int = ARCHIVE_FORMAT


@dataclass(frozen=True, slots=True)
class Register:
    """What `people.json` holds."""

    speakers: tuple[Speaker, ...] = ()


# kind and version of the schema that each type is written in
SCHEMAS: dict[type[Any], tuple[str, int]] = {
    ArchiveInfo: ("archive", ARCHIVE_FORMAT),
    Register: ("people", 1),
    Recording: ("recording", 1),
    Transcript: ("transcript", 1),
    HistoryEvent: ("history-event", 1),
    VoicePrint: ("voice-print", 1),
    HeardVoices: ("heard-voices", 1),
    Withdrawal: ("withdrawal", 1),
}


@dataclass(frozen=True, slots=True)
class _Marked:
    schema: str


def marker(kind: type[Any]) -> str:
    """The schema marker of a type, as in `onrecord/recording/1`."""
    name, version = SCHEMAS[kind]
    return f"onrecord/{name}/{version}"


def encode(value: object) -> bytes:
    """A model as indented JSON in UTF-8 with its schema marker first; equal values give equal bytes."""
    return _checked("\n".join(_lines(_marked(value))) + "\n", value)


def encode_line(value: object) -> bytes:
    """A model as one line of JSON, for files that grow by lines."""
    return _checked(_dump(_marked(value)) + "\n", value)


def decode(data: bytes, kind: type[T], where: str) -> T:
    """The model in `data`; Damaged where it does not parse, naming the file `where` and the field."""
    try:
        found = _MARKER.fullmatch(msgspec.json.decode(data, type=_Marked).schema)
        name, version = SCHEMAS[kind]
        if found is None or found[1] != name:
            raise Damaged(f"does not say that it is {marker(kind)}", where=where, mend="restore it from a copy")
        if int(found[2]) > version:
            raise ArchiveError(
                f"is of a newer format, {found[0]}; this onrecord reads up to {marker(kind)}",
                where=where,
                mend="update onrecord",
            )
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Damaged(f"does not parse: {error}", where=where, mend="restore it from a copy") from error


def _marked(value: object) -> dict[str, Any]:
    return {"schema": marker(type(value)), **msgspec.to_builtins(value, order="deterministic")}


def _checked(text: str, value: object) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"holds text that is no Unicode, near {text[error.start - 20 : error.start]!r}",
            where=type(value).__name__.lower(),
            mend="replace the half characters (lone surrogates)",
        ) from error


def _dump(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError as error:  # NaN and infinity are no JSON, and no time either
        raise InputError(f"holds a number that cannot be kept: {error}") from error


def _lines(value: object, indent: str = "") -> list[str]:
    """Indented JSON whose innermost lists and objects stay on one line, so that a word is a line."""
    if isinstance(value, dict) and value:
        items = [(f"{_dump(key)}: ", child) for key, child in value.items()]
    elif isinstance(value, list | tuple) and value:
        items = [("", child) for child in value]
    else:
        return [_dump(value)]
    if not any(isinstance(child, dict | list | tuple) and child for _, child in items):
        flat = _dump(value)
        if indent and len(indent) + len(flat) <= LINE_CHARACTERS:
            return [flat]
    inner = indent + "  "
    lines = ["{" if isinstance(value, dict) else "["]
    for number, (key, child) in enumerate(items, 1):
        first, *rest = _lines(child, inner)
        lines += [f"{inner}{key}{first}", *rest]
        if number < len(items):
            lines[-1] += ","
    lines.append(indent + ("}" if isinstance(value, dict) else "]"))
    return lines
