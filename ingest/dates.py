"""Dates as people write them, Gregorian and Jalali, in three scripts, to ISO 8601 in the Gregorian calendar.

A year from 1200 to 1500 is Jalali, one from 1501 to 2999 Gregorian; what could be read in two ways is refused.
"""

from __future__ import annotations

import datetime
import re
import unicodedata

import jdatetime

from archive.errors import SheetError

JALALI_YEARS = range(1200, 1501)
GREGORIAN_YEARS = range(1501, 3000)
LONGEST = 40  # characters; no form that is read comes near it

_MIDDLE_DAY = 15  # stands for a whole Jalali month: it lies in the Gregorian month that shares most days with it

_GREGORIAN_MONTHS = (
    "january jan ژانویه يناير",
    "february feb فوریه فبراير",
    "march mar مارس مارس",
    "april apr آوریل ابريل",
    "may may مه مايو",
    "june jun ژوئن يونيو",
    "july jul ژوئیه يوليو",
    "august aug اوت اغسطس",
    "september sep سپتامبر سبتمبر",
    "october oct اکتبر اكتوبر",
    "november nov نوامبر نوفمبر",
    "december dec دسامبر ديسمبر",
)
_JALALI_MONTHS = (
    "فروردین farvardin",
    "اردیبهشت ordibehesht",
    "خرداد khordad",
    "تیر tir",
    "مرداد mordad امرداد",
    "شهریور shahrivar",
    "مهر mehr",
    "آبان aban",
    "آذر azar",
    "دی dey",
    "بهمن bahman",
    "اسفند esfand",
)

_NUMERIC = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_NAMED = re.compile(r"(?:(\d{1,2}) )?([^\W\d]+) (\d{4})")  # 20 January 1961
_NAMED_MONTH_FIRST = re.compile(r"([^\W\d]+) (\d{1,2}) (\d{4})")  # January 20, 1961


def parse_date(text: str) -> str:
    """The date as `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; SheetError with the fix for what is none or ambiguous."""
    if len(text) > LONGEST:
        raise _refused(text[:LONGEST] + "…")
    plain = _plain(text)
    if match := _NUMERIC.fullmatch(plain):
        year, _, month, day = match.groups()
        return _iso(text, int(year), _number(month), _number(day))
    if match := _NAMED.fullmatch(plain):
        written_day, name, year = match.groups()
        return _named(text, name, _number(written_day), int(year))
    if match := _NAMED_MONTH_FIRST.fullmatch(plain):
        name, written_day, year = match.groups()
        return _named(text, name, int(written_day), int(year))
    if match := _DAY_FIRST.fullmatch(plain):
        raise _ambiguous(text, int(match[1]), int(match[3]), match[4])
    raise _refused(text)


def _plain(text: str) -> str:
    """Digits in ASCII, letters folded over their spellings, commas and marks of direction gone."""
    kept = []
    for char in unicodedata.normalize("NFKC", text).casefold():
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            kept.append(str(digit))
        elif char in ",،":
            kept.append(" ")
        elif unicodedata.category(char) not in ("Cf", "Mn"):
            kept.append(_FOLDED.get(char, char))
    return " ".join("".join(kept).split())


_FOLDED = {"ي": "ی", "ى": "ی", "ئ": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "آ": "ا"}


def _names(months: tuple[str, ...]) -> dict[str, int]:
    return {_plain(name): number for number, names in enumerate(months, 1) for name in names.split()}


_GREGORIAN, _JALALI = _names(_GREGORIAN_MONTHS), _names(_JALALI_MONTHS)


def _number(digits: str | None) -> int | None:
    return None if digits is None else int(digits)


def _named(text: str, name: str, day: int | None, year: int) -> str:
    jalali = year in JALALI_YEARS
    month = (_JALALI if jalali else _GREGORIAN).get(name)
    if month is None and name in (_GREGORIAN if jalali else _JALALI):
        calendar = "Jalali" if jalali else "Gregorian"
        raise SheetError(f"{text!r} names a month of one calendar and a year of the other, {calendar}", mend=_FORMS)
    if month is None:
        raise _refused(text)
    return _iso(text, year, month, day)


def _iso(text: str, year: int, month: int | None, day: int | None) -> str:
    try:
        if year in JALALI_YEARS:
            return _from_jalali(year, month, day)
        if year in GREGORIAN_YEARS:
            iso = datetime.date(year, 1 if month is None else month, 1 if day is None else day).isoformat()
            return _as_coarse(iso, month, day)
    except ValueError as error:
        raise SheetError(f"{text!r} is no day of the calendar", mend="correct the day or the month") from error
    raise SheetError(f"the year of {text!r} is neither Jalali (1200 to 1500) nor Gregorian (1501 to 2999)", mend=_FORMS)


def _from_jalali(year: int, month: int | None, day: int | None) -> str:
    # a Jalali month or year lies in two Gregorian ones: the one that most of it lies in
    middle = (7, 1) if month is None else (month, _MIDDLE_DAY if day is None else day)
    return _as_coarse(jdatetime.date(year, *middle).togregorian().isoformat(), month, day)


def _as_coarse(iso: str, month: int | None, day: int | None) -> str:
    return iso[:4] if month is None else iso[:7] if day is None else iso


_FORMS = "write 1961-01-20, 1961-01 or 1961; in the Jalali calendar 1403/05/12, 1403/05 or 1403"


def _refused(text: str) -> SheetError:
    return SheetError(f"{text!r} is no date that can be read", mend=_FORMS)


def _ambiguous(text: str, first: int, second: int, year: str) -> SheetError:
    readings = [
        f"{year}-{month:02}-{day:02}" for day, month in dict.fromkeys([(first, second), (second, first)]) if month <= 12
    ]
    return SheetError(
        f"{text!r} has no year first, so its day and month can be mixed up",
        mend=f"write {' or '.join(readings)}" if readings else _FORMS,
    )
