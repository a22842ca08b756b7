"""Events: what a gathering is called, and which edition of it this was."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from archive.errors import InputError
from archive.models import Event

TATWEEL = "\u0640"  # stretches an Arabic word and is no letter of it
SLUG_CHARACTERS = 80  # enough to be told apart, short enough for a link
# what a year of the calendars in use may lie from that of the ISO date: a season, Jalali, lunar Hijri
_CALENDAR_YEARS = (range(-1, 2), range(620, 624), range(575, 590))
_YEAR = re.compile(r"(?<!\d)(1[2-9]\d\d|20\d\d)(?!\d)")


def slug(text: str) -> str:
    """An id made of a text: lower case, words joined by hyphens, letters of every script kept."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(_slug_character(character) for character in folded)
    whole = re.sub("-+", "-", kept).strip("-")
    if len(whole) <= SLUG_CHARACTERS:
        return whole
    # what is cut off must still tell two long names apart
    tail = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: SLUG_CHARACTERS - 9].rstrip('-')}-{tail}"


def event_of(name: str, date: str = "", place: str = "") -> Event:
    """The event of that name; a year in the name, in the digits in which it stands there, else that of the ISO
    date, is its edition. The id is the same in all digits.

    A year in the name counts only where it fits the date (in the Gregorian, Jalali or Hijri calendar): a
    congress called "Vision 2030" held in 2019 is the edition 2019 of "Vision 2030".
    """
    title = " ".join(name.split())
    held_in = int(date[:4]) if date[:4].isdecimal() else 0
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in title)  # length and offsets stay
    for match in _YEAR.finditer(digits):
        if not held_in or any(held_in - int(match[0]) in years for years in _CALENDAR_YEARS):
            title, edition = _without(title, match), title[match.start() : match.end()]
            break
    else:
        edition = str(held_in) if held_in else ""
    identity = "-".join(filter(None, (slug(title), slug(edition))))
    if not identity:
        raise InputError("an event needs a name with letters or digits", where=repr(name[:40]))
    return Event(identity, title, edition, date, " ".join(place.split()))


def _slug_character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    # marks stay: without its vowel signs a Devanagari word is another word
    if character == TATWEEL:
        return ""
    return character if unicodedata.category(character)[0] in "LNM" else "-"


def _without(title: str, match: re.Match[str]) -> str:
    """The title without its year and what held it, or the title itself where nothing else is in it."""
    before, after = title[: match.start()].rstrip(" ([-–—,:"), title[match.end() :].lstrip(" )]-–—,:")
    rest = f"{before} {after}".strip()
    return rest if any(character.isalpha() for character in rest) else title
