"""What to try where nothing was found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from archive.models import Card
from portal.address import Address
from portal.links import recording_url
from portal.phrases import count, quoted
from search.query import MIN_FUZZY_LETTERS, QUOTED
from search.syntax import FieldName
from search.unknown import UnknownName

_FIELD = re.compile(r"(?<!\S)-?([^\W\d_]+):(?=\S)")
_YEAR = re.compile(r"\s*\d{4}\s*")


def tips(address: Address, unknown: Sequence[UnknownName] = ()) -> list[dict[str, str]]:
    """What is called otherwise here, and wider questions than the one at an address, with a link where there is one."""
    found = [{"label": _otherwise(name), "href": ""} for name in unknown]
    if re.search(r"\bNEAR\b", address.q):
        found.append({"label": 'NEAR is searched as a word; two words close together are "war peace"~5', "href": ""})
    if (field := _FIELD.search(address.q)) and field[1].lower() not in set(FieldName):
        known = " ".join(f"{name}:" for name in FieldName)
        found.append({"label": f"{field[1]}: is searched as a word; what narrows is {known}", "href": ""})
    if address.narrowed:
        found.append({"label": "Search without the filters", "href": address.without_filters().href})
    words = address.q.replace("\u200c", "").split()
    if QUOTED.search(address.q):
        loose = " ".join(QUOTED.sub(" ", address.q).split())
        found.append({"label": "Search for the words anywhere, without quotes", "href": _asking(address, loose)})
    elif len(words) > 1 and all(word.isalpha() and not word.isupper() for word in words):
        any_of = " OR ".join(address.q.split())
        found.append({"label": "Search for any of these words", "href": _asking(address, any_of)})
    elif len(words) == 1 and words[0].isalpha() and len(words[0]) >= MIN_FUZZY_LETTERS:
        found.append({"label": "Search for near spellings, too", "href": _asking(address, f"{address.q.strip()}~")})
    beginning = "the beginning of a word with a star: govern*"
    found.append({"label": f"Try fewer words, or {beginning}" if len(words) > 1 else f"Try {beginning}", "href": ""})
    return found


def called(cards: Iterable[Card]) -> list[dict[str, str]]:
    """Recordings that are called as is asked, with links."""
    return [{"label": f"A recording is called {quoted(card.title)}", "href": recording_url(card.id)} for card in cards]


def dated(query: str, cards: Iterable[Card]) -> list[dict[str, str]]:
    """What was recorded in a year that is asked for as a word, with a link."""
    year = int(query) if _YEAR.fullmatch(query) else 0
    here = sum(card.year == year for card in cards) if year else 0
    label = f"See {count(here, 'recording')} of {year}"
    return [{"label": label, "href": Address(view="events", years=(year, year)).href}] if here else []


def _otherwise(unknown: UnknownName) -> str:
    near = ", ".join(unknown.near)
    match unknown.field:
        case FieldName.LANGUAGE:
            return f"Nothing here is in the language {unknown.typed}; there is: {near or 'none'}"
        case FieldName.EVENT:
            return f"No event here is called {unknown.typed}" + (f"; near it: {near}" if near else "")
        case _:
            return f"No speaker here is called {unknown.typed}" + (f"; near it: {near}" if near else "")


def _asking(address: Address, query: str) -> str:
    return replace(address, q=query, page=1).href
