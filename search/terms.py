"""Analysis at the edge: what the index holds for a spoken word, the same for indexing, asking and finding the hit.

One spoken word becomes one term with two forms: `surface`, the folded word, and `stem`, what its inflections
share, marked with the language whose stemmer made it. Written compounds become several terms, and Persian
affixes that were written apart join their word; every term knows the words it was made of, and so its time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from archive.models import UNDETERMINED
from search import stemmers

# Raise it with every change that gives any word another term or a passage another field: an index of another version
# is not searched.
ANALYSIS_VERSION = 4
# Before the terms of following segments. Three characters that no folded word has, and more edits from any word
# than a fuzzy search allows.
GHOST = "~~~"
MAX_TERM_CHARS = 100  # no word of any language; keeps a hostile transcript's terms small
_CACHED_WORDS = 400_000

_ZWNJ = "\u200c"
_LETTERS = {
    **dict.fromkeys("يىېےئ", "ی"),
    **dict.fromkeys("كڪ", "ک"),
    **dict.fromkeys("ةۀہھە", "ه"),
    **dict.fromkeys("أإٱآ", "ا"),
    "ؤ": "و",
    "ء": "",
    "ـ": "",
}
_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_ARABIC_MARKS = ((0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06ED))

# dashes and slashes in compounds, and punctuation that a missing space left between two letters
_SEAM = re.compile(r"(?<=\w)[-\u2010-\u2015/]+(?=\w)|(?<=[^\W\d])[,;:!?…،؛؟]+(?=[^\W\d])")
_ELISION = re.compile(r"(?<=\w)['’](?=\w)")
_ELIDING = frozenset({"fr", "it", "ca"})
# scripts written without spaces: one term a character, so that any part of a run can be found
_UNSPACED = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003134f])")
_NOT_IN_WORD = re.compile(r"[^\w']+|_+")

# Persian affixes that are often written apart from their word (folded)
_PERSIAN_BEFORE = frozenset({"می", "نمی"})
_AFTER = "ها های هایی هایم هایت هایش هایمان هایتان هایشان تر ترین اند"
_PERSIAN_AFTER = frozenset(_AFTER.split())
# only behind a ZWNJ are these suffixes beyond doubt
_BEHIND_ZWNJ = "هاست ترها ای ام ات اش ایم اید مان تان شان"
_PERSIAN_SUFFIXES = _PERSIAN_AFTER | frozenset(_BEHIND_ZWNJ.split())


class _Folding(dict[int, str]):
    """What a character folds to, worked out once: letters, digits and vowel signs stay, all else goes."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _LETTERS:
            folded = _LETTERS[char]
        elif any(first <= code <= last for first, last in _ARABIC_MARKS):
            folded = ""
        elif unicodedata.category(char) == "Nd":
            folded = str(unicodedata.digit(char))
        else:
            folded = char if unicodedata.category(char)[0] in "LNM" else ""
        self[code] = folded
        return folded


_FOLDING = _Folding()


@dataclass(frozen=True, slots=True)
class Analysis:
    """Parallel tuples, one entry a term: its stem, its surface, the first and last of the words it was made of."""

    stems: tuple[str, ...]
    surfaces: tuple[str, ...]
    firsts: tuple[int, ...]
    lasts: tuple[int, ...]


def fold(text: str) -> str:
    """The text as one surface form: compatibility forms, case, Arabic and Persian variants and marks folded."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_FOLDING)
    if not folded.isascii():
        folded = unicodedata.normalize("NFC", _LATIN_MARKS.sub("", unicodedata.normalize("NFD", folded)))
    return folded[:MAX_TERM_CHARS]


def language_of(segment: str, transcript: str) -> str:
    """The language to analyse a segment in: its own, or its transcript's where nobody could tell."""
    return segment if segment != UNDETERMINED else transcript


def joins(before: str, word: str) -> bool:
    """Whether two words written apart are one in Persian: می or نمی and a verb, a noun and ها or تر."""
    return _folded(before) in _PERSIAN_BEFORE or _folded(word) in _PERSIAN_AFTER


def analyse(words: Sequence[str], language: str) -> Analysis:
    """The terms of some words in a language. Words without a letter or digit have none."""
    stems: list[str] = []
    surfaces: list[str] = []
    firsts: list[int] = []
    lasts: list[int] = []
    for first, last, text in _joined(words) if language == "fa" else _apart(words):
        for stem, surface in _terms(text, language):
            stems.append(stem)
            surfaces.append(surface)
            firsts.append(first)
            lasts.append(last)
    return Analysis(tuple(stems), tuple(surfaces), tuple(firsts), tuple(lasts))


def _apart(words: Sequence[str]) -> list[tuple[int, int, str]]:
    return [(number, number, word) for number, word in enumerate(words)]


def _joined(words: Sequence[str]) -> list[tuple[int, int, str]]:
    """The words with Persian affixes joined, each with the numbers of its first and last word."""
    out: list[tuple[int, int, str]] = []
    for number, word in enumerate(words):
        if out and _folded(word) and joins(words[number - 1], word) and out[-1][1] == number - 1:
            first, _, text = out.pop()
            out.append((first, number, text + _ZWNJ + word))
        else:
            out.append((number, number, word))
    return out


@lru_cache(_CACHED_WORDS)
def _folded(word: str) -> str:
    return fold(word)


@lru_cache(_CACHED_WORDS)
def _terms(word: str, language: str) -> tuple[tuple[str, str], ...]:
    """The (stem, surface) of every part of one written word."""
    out = []
    for part in _parts(word, language):
        surface = fold(part)
        if surface:
            out.append((_stem(part, surface, language), surface))
    return tuple(out)


def _parts(word: str, language: str) -> list[str]:
    parts = _SEAM.split(word)
    if language in _ELIDING:
        parts = [piece for part in parts for piece in _ELISION.split(part)]
    if not word.isascii():
        parts = [piece for part in parts for piece in _UNSPACED.split(part)]
    return parts


def _stem(part: str, surface: str, language: str) -> str:
    """The stem with its language's mark, or the bare surface in a language without a stemmer."""
    if language == "fa":
        stem = _persian(part)
    elif language == "ar":
        stem = stemmers.arabic(surface)
    else:
        snowball = _snowball(language)
        if snowball is None:
            return surface
        # Snowball wants the word with its accents and apostrophes, so it comes before the folding
        spelled = unicodedata.normalize("NFKC", part).casefold().replace("’", "'")
        stem = fold(snowball(_NOT_IN_WORD.sub("", spelled).strip("'")[:MAX_TERM_CHARS]))
    return f"{language}:{stem or surface}"


def _persian(part: str) -> str:
    pieces = [fold(piece) for piece in part.split(_ZWNJ)]
    while len(pieces) > 1 and (not pieces[-1] or pieces[-1] in _PERSIAN_SUFFIXES):
        pieces.pop()
    return stemmers.persian("".join(pieces))


_snowball = lru_cache(None)(stemmers.snowball)
