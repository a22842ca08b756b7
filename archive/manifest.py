"""The manifest of a recording: one SHA-256 per file, in BagIt's line format (`<hex>  <path>`)."""

from __future__ import annotations

import re

from archive.errors import Damaged

# the only paths that we ever write; anything else in a manifest was not written by us
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<path>(?:(?:transcripts|given)/)?[A-Za-z0-9][A-Za-z0-9._-]*)")


def parse(data: bytes, where: str) -> dict[str, str]:
    """Path inside the recording's folder to SHA-256; Damaged where a line is none of a manifest's."""
    entries: dict[str, str] = {}
    for number, line in enumerate(data.decode(errors="replace").removesuffix("\n").split("\n"), 1):
        match = _LINE.fullmatch(line)
        if match is None or match["path"] in entries:
            raise Damaged(f"line {number} is no line of a manifest", where=where, mend="restore it from a copy")
        entries[match["path"]] = match["digest"]
    return entries


def render(entries: dict[str, str]) -> bytes:
    """A manifest's bytes, sorted by path."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(entries.items())).encode()
