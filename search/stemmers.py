"""Stemmers: from a folded word to what its inflections share. docs/explanation/search.md says why these."""

from __future__ import annotations

from collections.abc import Callable

import Stemmer

# by ISO 639-1 code; Persian and Arabic have their own, below
SNOWBALL = {
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}

# suffix (folded) and how many letters must remain before it; longer suffixes first
_PERSIAN_SUFFIXES = (
    ("گان", 3),
    ("هایشان", 3),
    ("هایمان", 3),
    ("هایتان", 3),
    ("ترینها", 3),
    ("هایی", 2),
    ("هایم", 3),
    ("هایت", 3),
    ("هایش", 3),
    ("های", 2),
    ("هاست", 3),
    ("ترین", 3),
    ("ها", 2),
    ("تر", 3),
    ("انی", 4),
    ("یان", 3),
    ("ان", 4),
    ("ات", 3),
    ("شان", 4),
    ("مان", 4),
    ("تان", 4),
    ("یی", 3),
    ("ی", 3),
)
# words whose ending is no suffix (folded)
_PERSIAN_WHOLE_WORDS = """
    ایران تهران جهان زمان سازمان درمان فرمان پیمان انسان خیابان پایان میدان جوان دوران بحران باران زندان دندان استان
    لبنان یونان افغانستان پاکستان عربستان داستان دوستان تابستان زمستان امتحان قران سلطان عنوان توان روان اسان نان جان
    دفتر دختر بهتر مادر رهبر علی قاضی ماهی سعی ملی یعنی ولی حتی کسی خیلی مجلسی اسلامی رحمان سلیمان عثمان لقمان
    اطلاعات حیات صفات ذات ثبات نجات ملات مساوات
"""
_PERSIAN_WHOLE = frozenset(_PERSIAN_WHOLE_WORDS.split())
_PERSIAN_ROUNDS = 2  # a plural on a derived word: ایرانی + ها

_ARABIC_PREFIXES = (("وال", 2), ("بال", 2), ("کال", 2), ("فال", 2), ("ال", 2), ("لل", 2), ("و", 3))
_ARABIC_SUFFIXES = ("ها", "ان", "ات", "ون", "ین", "یه", "ه", "ی")
_ARABIC_REST = 2


def snowball(language: str) -> Callable[[str], str] | None:
    """The Snowball stemmer of a language, from a lower-case word with its marks; None where there is none."""
    name = SNOWBALL.get(language)
    if name is None:
        return None
    stem: Callable[[str], str] = Stemmer.Stemmer(name, 0).stemWord  # 0: no cache of its own, terms.py keeps one
    return stem


def persian(word: str) -> str:
    """A light stem of a folded Persian word: plural, comparative, possessive and ی endings off, known words kept."""
    for _ in range(_PERSIAN_ROUNDS):
        if word in _PERSIAN_WHOLE:
            return word
        for suffix, rest in _PERSIAN_SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= rest:
                # the singular of -گان is written with ه: نمایندگان, نماینده
                word = word[: -len(suffix)] + ("ه" if suffix == "گان" else "")
                break
        else:
            return word
    return word


def arabic(word: str) -> str:
    """The light10 stem of a folded Arabic word: article with its conjunctions off, then common endings."""
    for prefix, rest in _ARABIC_PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= rest:
            word = word[len(prefix) :]
            break
    for suffix in _ARABIC_SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _ARABIC_REST:
            word = word[: -len(suffix)]
    return word
