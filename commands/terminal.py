"""The one way in which text reaches a terminal. Titles, words and file names come from anybody."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import unicodedata
from typing import Any, TextIO

# ZWNJ and ZWJ are format characters too, but Persian and several Indic scripts are misspelt without them
_KEPT = frozenset("\u200c\u200d")
_SHOWN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_ISOLATE, _POP = "\u2068", "\u2069"


def clean(text: object) -> str:
    """The text on one line, with whatever could steer a terminal or turn other text around made visible."""
    return "".join(f"␣U+{ord(char):04X}" if _steers(char) else char for char in str(text))


def isolated(text: object) -> str:
    """Clean text that, where it holds right-to-left letters, does not move what stands beside it."""
    cleaned = clean(text)
    rtl = any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in cleaned)
    return f"{_ISOLATE}{cleaned}{_POP}" if rtl else cleaned


def json_text(value: Any) -> str:
    """JSON that is readable in every script, with steering characters escaped: the same data, harmless to show."""
    return _harmless(json.dumps(value, ensure_ascii=False, indent=2))


def json_line(value: Any) -> str:
    """The same on one line, for streams."""
    return _harmless(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _harmless(text: str) -> str:
    return "".join(_escape(char) if char != "\n" and _steers(char) else char for char in text)


def say(line: str = "") -> None:
    """A line of the answer, to stdout. The caller cleans what is not its own."""
    print(line)


def complain(line: str) -> None:
    """A line about what went wrong or goes on, to stderr."""
    print(line, file=sys.stderr, flush=True)


def use_utf8() -> None:
    """UTF-8 whatever the locale; what cannot be written is escaped instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # a test's stream has no encoding of its own
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def close_quietly(stream: TextIO) -> None:
    """After the reader of a pipe went away, so that Python does not complain when it flushes at exit."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def clock(seconds: float) -> str:
    """`1:02:03`, or `2:03` below an hour."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def many(count: int, what: str) -> str:
    """`1 recording`, `7 recordings`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def megabytes(count: int) -> str:
    """A size in bytes, as people read it."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _steers(char: str) -> bool:
    return unicodedata.category(char) in _SHOWN_CATEGORIES and char not in _KEPT


def _escape(char: str) -> str:
    return "".join(f"\\u{unit:04x}" for unit in memoryview(char.encode("utf-16-le", "surrogatepass")).cast("H"))
