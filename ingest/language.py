"""Which language a stretch of text is in: Whisper's vote on the sound, langdetect on enough text, and the script.

Where they disagree, or nobody can tell, the answer is `und`: a guess would be taken for a fact.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from archive.models import UNDETERMINED

LETTERS_NEEDED = 200  # a sentence or two; langdetect takes single words for anything
SURE = 0.9  # of langdetect, which is nearly always sure of itself on that much text
VOTE_NEEDED = 0.5  # of Whisper, where there is too little text

_NAMES = {"zh-cn": "zh", "zh-tw": "zh"}  # langdetect's names for what Whisper calls by one

# first word of a letter's Unicode name; languages that are not here are written in Latin letters
_SCRIPTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("ar", "fa", "ur", "ps", "sd"), frozenset({"ARABIC"})),
    **dict.fromkeys(("ru", "uk", "bg", "mk", "be", "mn", "tg", "ba", "tt"), frozenset({"CYRILLIC"})),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), frozenset({"DEVANAGARI"})),
    **dict.fromkeys(("bn", "as"), frozenset({"BENGALI"})),
    **dict.fromkeys(("he", "yi"), frozenset({"HEBREW"})),
    **dict.fromkeys(("zh", "yue"), frozenset({"CJK"})),
    **dict.fromkeys(("sr", "bs", "uz", "az", "kk", "tk"), frozenset({"CYRILLIC", "LATIN", "ARABIC"})),
    "ja": frozenset({"CJK", "HIRAGANA", "KATAKANA"}),
    "ko": frozenset({"HANGUL", "CJK"}),
    "el": frozenset({"GREEK"}),
    "am": frozenset({"ETHIOPIC"}),
    "hy": frozenset({"ARMENIAN"}),
    "ka": frozenset({"GEORGIAN"}),
    "th": frozenset({"THAI"}),
    "lo": frozenset({"LAO"}),
    "my": frozenset({"MYANMAR"}),
    "km": frozenset({"KHMER"}),
    "bo": frozenset({"TIBETAN"}),
    "si": frozenset({"SINHALA"}),
    "ta": frozenset({"TAMIL"}),
    "te": frozenset({"TELUGU"}),
    "kn": frozenset({"KANNADA"}),
    "ml": frozenset({"MALAYALAM"}),
    "gu": frozenset({"GUJARATI"}),
    "pa": frozenset({"GURMUKHI", "ARABIC"}),
}
_LATIN = frozenset({"LATIN"})


def letters(text: str) -> int:
    """How many letters a text has."""
    return sum(character.isalpha() for character in text)


def fits_script(text: str, language: str) -> bool:
    """Whether most letters of the text are of a script that the language is written in."""
    scripts = Counter(unicodedata.name(character, "").split(" ")[0] for character in text if character.isalpha())
    if not scripts or language == UNDETERMINED:
        return True
    allowed = _SCRIPTS.get(language, _LATIN)
    return sum(count for script, count in scripts.items() if script in allowed) * 2 >= scripts.total()


def of_text(text: str, candidates: Sequence[str] = ()) -> str:
    """The language of a text by langdetect, among the candidates where some are given; `und` if it cannot tell.

    The same text always gives the same answer.
    """
    if letters(text) < LETTERS_NEEDED:
        return UNDETERMINED
    factory = _factory()
    known = {name: _NAMES.get(name, name) for name in factory.langlist}
    allowed = [name for name, language in known.items() if not candidates or language in candidates]
    if not allowed:
        return UNDETERMINED
    detector = factory.create()
    detector.set_prior_map({name: 1 / len(allowed) for name in allowed})
    detector.append(text)
    try:
        shares: Counter[str] = Counter()
        for found in detector.get_probabilities():
            shares[known[found.lang]] += found.prob
    except LangDetectException:
        return UNDETERMINED
    language, share = shares.most_common(1)[0] if shares else (UNDETERMINED, 0.0)
    return language if share >= SURE and fits_script(text, language) else UNDETERMINED


def settle(text: str, heard_in: str, vote: float, candidates: Sequence[str] = ()) -> str:
    """The language of a stretch that Whisper heard in `heard_in` with `vote` (0 to 1) behind it.

    `candidates` are the languages that the sheet names. One alone is believed, unless the script speaks
    against it.
    """
    if not fits_script(text, heard_in):
        return of_text(text, candidates)
    if tuple(candidates) == (heard_in,):
        return heard_in
    if letters(text) >= LETTERS_NEEDED and heard_in in _judged():
        return heard_in if of_text(text, candidates) == heard_in else UNDETERMINED
    return heard_in if vote >= VOTE_NEEDED else UNDETERMINED


@cache
def _factory() -> DetectorFactory:
    """A factory of our own: the library's shared one has a seed that anybody may change."""
    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    factory.seed = 0
    return factory


@cache
def _judged() -> frozenset[str]:
    return frozenset(_NAMES.get(name, name) for name in _factory().langlist)
