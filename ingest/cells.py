"""The cells of a metadata sheet: from what was written to what is meant, or a SheetError with the fix."""

from __future__ import annotations

import re

from archive.errors import SheetError
from archive.models import Access, AccessLevel
from ingest.dates import parse_date
from ingest.names import shown
from ingest.tables import MAX_VALUES, Cell

# ISO 639-1, and the two without a two-letter code that Whisper hears: Cantonese and Hawaiian
_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu haw yue"
)
LANGUAGES = frozenset(_CODES.split())

_LANGUAGE_NAMES = {
    "english": "en",
    "eng": "en",
    "persian": "fa",
    "farsi": "fa",
    "fas": "fa",
    "per": "fa",
    "dari": "fa",
    "فارسی": "fa",
    "arabic": "ar",
    "ara": "ar",
    "عربی": "ar",
    "العربية": "ar",
    "french": "fr",
    "français": "fr",
    "german": "de",
    "deutsch": "de",
    "spanish": "es",
    "español": "es",
    "turkish": "tr",
    "türkçe": "tr",
    "kurdish": "ku",
    "russian": "ru",
    "italian": "it",
    "portuguese": "pt",
    "chinese": "zh",
    "urdu": "ur",
    "hebrew": "he",
}
_ACCESS_FORMS = "write public, restricted, or embargoed until 2030-01-01"
_EMBARGO = re.compile(r"embargoed\s+until\s+(.+)", re.IGNORECASE | re.DOTALL)
_OFFSET_FORMS = "write the seconds after which the file begins, such as 12.5 or 0:12.5"
MAX_OFFSET_HOURS = 48  # as long as a recording may be
_OFFSET = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,4}):)?(\d{1,9}(?:\.\d{0,9})?)")
_SEPARATORS = re.compile("[;؛]")


def parse_text(cell: Cell) -> str:
    """One line of text, as written but for white space. A formula is text like any other."""
    if not isinstance(cell, str):
        raise SheetError("a list where one value is meant", mend="write one value")
    return " ".join(cell.split())


def parse_file(cell: Cell) -> str:
    """A file's name as it is on disk, so inner white space stays; it may not be missing."""
    if not isinstance(cell, str) or not cell.strip():
        raise SheetError("no file is named", mend="write the file's name, from the sheet's folder on")
    return cell.strip()


def parse_beside(cell: Cell) -> str:
    """The name of a file that belongs to the recording, as it is on disk; "" for none."""
    return parse_file(cell) if not isinstance(cell, str) or cell.strip() else ""


def parse_values(cell: Cell) -> tuple[str, ...]:
    """The values of a cell, split at `;` (or `؛`) where it is no list, each once, in order."""
    parts = _SEPARATORS.split(cell) if isinstance(cell, str) else cell
    values = tuple(dict.fromkeys(text for text in (" ".join(part.split()) for part in parts) if text))
    if len(values) > MAX_VALUES:
        raise SheetError(f"more than {MAX_VALUES} values", mend="name those that matter")
    return values


def parse_languages(cell: Cell) -> tuple[str, ...]:
    """ISO 639-1 codes; a region (`en-GB`) is dropped."""
    return tuple(dict.fromkeys(_language(value) for value in parse_values(cell)))


def parse_layer(cell: Cell) -> str:
    """The code of the language that an interpreter speaks; "" for none."""
    languages = parse_languages(cell)
    if len(languages) > 1:
        raise SheetError("an interpreter's layer has one language", mend="write one code, such as fa")
    return languages[0] if languages else ""


def parse_offset(cell: Cell) -> float | None:
    """Seconds, to the millisecond, as `12.5` or `0:12.5` or `1:00:12.5`; None where nothing is said."""
    text = parse_text(cell).replace("٫", ".")
    if not text:
        return None
    if text[0] in "-−":
        what = f"{shown(text[:40])!r} would begin before the recording"
        raise SheetError(what, mend="give the file of the recorder that was started first as the recording")
    found = _OFFSET.fullmatch(text)
    if found is None:
        raise SheetError(f"{shown(text[:40])!r} is no time in seconds", mend=_OFFSET_FORMS)
    seconds = int(found[1] or 0) * 3600 + int(found[2] or 0) * 60 + float(found[3])
    if seconds > MAX_OFFSET_HOURS * 3600:
        raise SheetError(f"{shown(text[:40])!r} is more than {MAX_OFFSET_HOURS} hours", mend=_OFFSET_FORMS)
    return round(seconds, 3)


def parse_when(cell: Cell) -> str:
    """The ISO date of a cell, "" for an empty one."""
    text = parse_text(cell)
    return parse_date(text) if text else ""


def parse_access(cell: Cell) -> Access | None:
    """Who may see it; None where nothing is said. What is not understood is refused, never read as public."""
    text = parse_text(cell)
    if not text:
        return None
    if text.casefold() in (AccessLevel.PUBLIC, AccessLevel.RESTRICTED):
        return Access(AccessLevel(text.casefold()))
    if match := _EMBARGO.fullmatch(text):
        until = parse_date(match[1])
        if len(until) < len("2030-01-01"):
            raise SheetError(f"the embargo {shown(text[:60])!r} has no day on which it ends", mend=_ACCESS_FORMS)
        return Access(AccessLevel.EMBARGOED, until)
    raise SheetError(f"{shown(text[:60])!r} is no access that is known", mend=_ACCESS_FORMS)


def _language(value: str) -> str:
    code = re.split("[-_]", value.casefold())[0]
    if code in LANGUAGES:
        return code
    known = _LANGUAGE_NAMES.get(value.casefold())
    mend = f"write {known}" if known else "write an ISO 639-1 code such as en, fa or ar"
    raise SheetError(f"{shown(value[:40])!r} is no language code", mend=mend)
