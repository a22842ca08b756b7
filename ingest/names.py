"""Names of files from outside: how they are shown, compared, and turned into a title."""

from __future__ import annotations

import unicodedata
from pathlib import Path

# ZWNJ and ZWJ are format characters too, but Persian and several Indic scripts are misspelt without them
_KEPT_FORMAT = frozenset("\u200c\u200d")
_ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def shown(name: str | Path) -> str:
    """The name with everything escaped that could break a line, turn text around or is no character at all."""
    return "".join(_escape(char) for char in str(name))


def same_name(name: str) -> str:
    """What two spellings of one file name have in common: file systems differ in NFC and NFD."""
    return unicodedata.normalize("NFC", name)


def title_of(path: Path) -> str:
    """A title for a file that has none: its name without suffix, underscores read as spaces."""
    return shown(same_name(path.stem).replace("_", " ").strip()) or "untitled"


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte of a file name that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(char) not in _ESCAPED_CATEGORIES or char in _KEPT_FORMAT:
        return char
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
