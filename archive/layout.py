"""Names on disk: which ids, suffixes and file names may become paths."""

from __future__ import annotations

import re

from archive.errors import NotFound

ID_CHARACTERS = 16  # of the 64 hex digits of a SHA-256
RECORDINGS = "recordings"
WITHDRAWN = "withdrawn"
RECORDING = "recording.json"
HISTORY = "history.jsonl"
MANIFEST = "manifest-sha256.txt"
TRANSCRIPTS = "transcripts"
GIVEN = "given"

_ID = re.compile(r"[0-9a-f]{16}")
_SUFFIX = re.compile(r"[a-z0-9]{1,8}")
_LAYER = re.compile(r"[a-z][a-z0-9-]{0,31}")
_GIVEN = re.compile(r"given/[0-9a-f]{64}\.[a-z0-9]{1,8}")
_VERSION = re.compile(r"(?!0000)([0-9]{4,9})\.json")


def is_id(text: str) -> bool:
    """Whether a text can be the id of a recording."""
    return _ID.fullmatch(text) is not None


def checked_id(text: str) -> str:
    """The id itself; NotFound for anything else, so that no path is ever made of what a visitor typed."""
    if not is_id(text):
        raise NotFound(f"no recording {text[:40]!r}", mend="an id is 16 hex digits, as `onrecord status` lists them")
    return text


def safe_suffix(text: str) -> str:
    """A file suffix without its dot, in lower case; `bin` where it is none that we would put on disk."""
    suffix = text.removeprefix(".").lower()
    return suffix if _SUFFIX.fullmatch(suffix) else "bin"


def version_name(version: int) -> str:
    """The path of a transcript version inside its recording's folder."""
    return f"{TRANSCRIPTS}/{version:04}.json"


def given_name(sha256: str, suffix: str) -> str:
    """The path of a text that came with a recording, inside the recording's folder."""
    return f"{GIVEN}/{sha256}.{safe_suffix(suffix)}"


def media_name(suffix: str, layer: str = "") -> str:
    """The path of the original bytes: the recording's, or those that a layer came in; NotFound for no layer's id."""
    return f"media{f'-{_checked_layer(layer)}' if layer else ''}.{safe_suffix(suffix)}"


def layer_copy_name(layer: str) -> str:
    """The path of the derived sound of one layer; NotFound for what can be none's id."""
    return f"layer-{_checked_layer(layer)}.m4a"


def _checked_layer(layer: str) -> str:
    if _LAYER.fullmatch(layer) is None:
        raise NotFound(f"no layer {layer[:40]!r}")
    return layer


def is_given(path: str) -> bool:
    """Whether a path can be that of a text that came with a recording."""
    return _GIVEN.fullmatch(path) is not None


def version_of(name: str) -> int:
    """The version that a file name in `transcripts/` stands for; 0 where it stands for none."""
    match = _VERSION.fullmatch(name)
    version = int(match[1]) if match else 0
    return version if version and version_name(version) == f"{TRANSCRIPTS}/{name}" else 0
