"""The lines of a concordance: every hit in the middle of the words around it, in an order that shows how it is used."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import streamlit as st

from archive.models import Card, Word
from portal import phrases, state
from portal.address import Address
from portal.asked import MOST, several
from portal.room import counting
from portal.views.passages import Passage
from portal.views.search import row_data, speaker_id
from search.models import Moment, Sort
from search.terms import fold

MOST_LINES = 2_000  # that are put in order; the answer and its exports have all
LINES_PER_PAGE = 40
SIDE_WORDS = 9  # shown at each side, as far as there is room
SORTING_WORDS = 3
CACHE_S = 60
WAIT_S = 20.0  # for others who count
ORDERS = {"": "In order of time", "before": "By the word before", "after": "By the word after"}

Line = tuple[Card, Moment]


@st.cache_data(ttl=CACHE_S, max_entries=200, show_spinner=False)
def lines_data(href: str, day: int) -> bytes:
    """A page of the lines of one of the queries, as JSON, for an address and the public of a day (yyyymmdd)."""
    address = Address.parse(href)
    address = replace(address, speakers=tuple(map(speaker_id, address.speakers)))
    queries = [one.query for one in several(address.q)[:MOST]]
    term = min(address.term, len(queries))
    lines, more = _lines(queries[term - 1], address, day) if queries else ([], False)
    if address.order:
        lines.sort(key=lambda line: _KEYS[address.order](line[1]))
    first = (address.page - 1) * LINES_PER_PAGE
    shown = lines[first : first + LINES_PER_PAGE]
    return msgspec.json.encode(
        {
            "title": "In their words",
            "note": _note(len(lines), more),
            "terms": [
                {
                    "label": phrases.quoted(query),
                    "href": replace(address, term=number, page=1).href,
                    "on": number == term,
                }
                for number, query in enumerate(queries, 1)
            ],
            "orders": [
                {"label": label, "href": replace(address, order=order, page=1).href, "on": order == address.order}
                for order, label in ORDERS.items()
            ],
            "rows": [_row(line, replace(address, q=queries[term - 1])) for line in shown],
            "pages": {
                "earlier": replace(address, page=address.page - 1).href if address.page > 1 else "",
                "later": replace(address, page=address.page + 1).href if first + LINES_PER_PAGE < len(lines) else "",
                "page": f"Lines {first + 1} to {first + len(shown)} of {phrases.number(len(lines))}",
            },
        }
    )


def _lines(query: str, address: Address, day: int) -> tuple[list[Line], bool]:
    """The first lines in order of time, and whether there are more."""
    found = state.searcher().each(query, address.filters(day), sort=Sort.OLDEST)
    with counting(WAIT_S), contextlib.closing(found):  # for it may hold a view of a cluster
        lines = list(itertools.islice(found, MOST_LINES + 1))
    return lines[:MOST_LINES], len(lines) > MOST_LINES


def _note(count: int, more: bool) -> str:
    if not count:
        return phrases.NOT_FOUND
    first = (
        f"The first {phrases.number(count)}, the oldest first; narrow by year or speaker to see others. "
        if more
        else ""
    )
    return f"{first}Every line plays where it stands."


def _before(moment: Moment) -> list[str]:
    return _folded(reversed(moment.words[max(moment.first - SORTING_WORDS, 0) : moment.first]))


def _after(moment: Moment) -> list[str]:
    return _folded(moment.words[moment.last + 1 : moment.last + 1 + SORTING_WORDS])


def _folded(words: Any) -> list[str]:
    return [fold(word.text) for word in words]


_KEYS: dict[str, Callable[[Moment], list[str]]] = {"before": _before, "after": _after}


def _row(line: Line, address: Address) -> dict[str, Any]:
    card, moment = line
    words: Sequence[Word] = moment.words
    passage = Passage(moment, list(words), [(moment.first, moment.last)])
    nameless = phrases.is_nameless(moment.speaker, moment.speaker_name)  # and so the same in many recordings
    who = "" if nameless else phrases.speaker(moment.speaker, moment.speaker_name)
    return {
        **row_data(passage, card, replace(address, view="", term=1, order="", page=1)),
        "side": SIDE_WORDS,
        "title": card.title,
        "of": who or card.title,
        "year": str(card.year or ""),
        "duration": card.duration,
    }
