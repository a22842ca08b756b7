"""Words of scripts that are written without spaces: a character each, with the marks and punctuation that follow it."""

from __future__ import annotations

import unicodedata

_UNSPACED_NAMES = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "MYANMAR", "KHMER")


def apart(text: str) -> list[str]:
    """The text as words: what has spaces around it, and every character of an unspaced script by itself."""
    words: list[str] = []
    for written in text.split():
        begins, after_one = True, False
        for char in written:
            alone = char.isalnum() and unicodedata.name(char, "").split(" ")[0].split("-")[0] in _UNSPACED_NAMES
            if begins or alone or (after_one and char.isalnum()):
                words.append(char)
            else:
                words[-1] += char
            begins, after_one = False, alone or (after_one and not char.isalnum())
    return words
