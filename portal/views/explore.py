"""Explore: how often words are said, by year and by speaker, beside how much is said at all; and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec
import streamlit as st

from archive.errors import MachineError, QueryError
from portal import components, phrases, render, state
from portal.address import Address
from portal.asked import MOST, Asked, several
from portal.links import counts_url
from portal.views import problem, years
from portal.views.concordance import lines_data
from portal.views.narrowing import chips
from portal.views.search import coverage, speaker_id
from search.models import By, Count, Counted, Facets, rate

MOST_SPEAKERS = 40  # in a table; all are in the CSV
MOST_LANGUAGES = 8
FEW_WORDS = 2_000  # one moment more among so many makes five more in 10,000
CACHE_S = 300
BY = (By.YEAR, By.SPEAKER)
EXAMPLES = ("freedom, liberty", "war, peace, treaty")
RATE = (
    "A rate is the number of moments in 10,000 words: how often a query is answered, divided by all the words that "
    "were heard in the same years or of the same speaker, in all languages unless one is chosen. A moment is a run of "
    "words that answers, in any inflection; =word asks for the word as it is spelled. "
    f"Pale is what rests on fewer than {FEW_WORDS:,} words, where chance decides."
)
HINT = "Write words or phrases into the box above, with commas between, to compare how often they were said."

Key = TypeVar("Key", bound=Hashable)
Span = years.Span | None  # None for what has no year


@dataclass(frozen=True, slots=True)
class Sum:
    """Moments among words."""

    moments: int = 0
    words: int = 0

    @property
    def few(self) -> bool:
        """Whether there are too few words for the rate to mean much."""
        return self.words < FEW_WORDS

    @property
    def rate(self) -> float:
        """Moments per 10,000 words."""
        return rate(self.moments, self.words)


def title(address: Address) -> str:
    """What the browser's tab says."""
    return f"{address.q} · Explore · Onrecord" if address.q else "Explore · Onrecord"


def show(address: Address) -> None:
    """Draws charts, tables and lines, or says in a sentence why there are none."""
    day = state.today()
    try:
        above = figures_data(replace(address, term=1, order="", page=1).href, day)
        below = lines_data(address.href, day)
    except QueryError as error:
        pointer = render.query_with_pointer(address.q, error.at)
        problem.show("This query cannot be counted", pointer, *problem.explained(error))
    except MachineError as error:
        problem.show("Search is not ready", *problem.explained(error))
    else:
        page = {"figures": msgspec.Raw(above), "lines": msgspec.Raw(below)}
        components.draw("explore", msgspec.json.encode(page))


@st.cache_data(ttl=CACHE_S, max_entries=100, show_spinner=False)
def figures_data(href: str, day: int) -> bytes:
    """What stands above the lines, as JSON, for an address and a day (yyyymmdd)."""
    address = Address.parse(href)
    address = replace(address, speakers=tuple(map(speaker_id, address.speakers)))
    filters = address.filters(day)
    asked = several(address.q)
    whole = state.searcher().counts("", filters, by=BY)
    found = [_counted(one, address, day) for one in asked[:MOST]]
    bins = years.spans(_years(whole))
    scale = _scale(found or [whole], bins)
    return msgspec.json.encode(
        {
            "title": "How often it was said" if asked else "What was said, by year and speaker",
            "cover": coverage(whole.coverage) + _cut(asked),
            "chips": chips(Facets(), address),
            "languages": _languages(address, day),
            "hint": "" if asked else HINT,
            "examples": [{"label": line, "href": Address(view="explore", q=line).href} for line in EXAMPLES],
            "terms": [_term(one, address, bins, scale) for one in found or [whole]],
            "ends": [years.label(span) for span in dict.fromkeys((bins[0], bins[-1]))] if bins else [],
            "top": _top(scale, words=not asked),
            "about": RATE if asked else "",
            "tables": [
                table for table in (_by_year(whole, found, bins, address), *_by_speaker(whole, found, address)) if table
            ],
        }
    )


def _counted(one: Asked, address: Address, day: int) -> Counted:
    """The counts of a query; what is wrong with it is pointed at in the line in which it was asked."""
    try:
        return state.searcher().counts(one.query, address.filters(day), by=BY)
    except QueryError as error:
        raise QueryError(error.what, at=one.at + error.at, where=error.where, mend=error.mend) from error


def _cut(asked: Sequence[Asked]) -> str:
    return f" Of {len(asked)} queries the first {MOST} are compared." if len(asked) > MOST else ""


def _languages(address: Address, day: int) -> list[dict[str, Any]]:
    """Each language that is spoken here, those with most words first, so that words are counted among its own."""
    found = state.searcher().counts("", replace(address, languages=()).filters(day), by=(By.LANGUAGE,))
    spoken = [row.values[0] for row in sorted(found.rows, key=lambda row: -row.words)][:MOST_LANGUAGES]
    if len(spoken) < 2:
        return []
    links = [("All languages", ()), *((phrases.language(code), (code,)) for code in spoken)]
    return [
        {
            "label": label,
            "href": replace(address, languages=chosen, term=1, order="", page=1).href,
            "on": address.languages == chosen,
        }
        for label, chosen in links
    ]


def _years(counted: Counted) -> list[int]:
    return [int(row.values[0] or 0) for row in counted.rows]


def _summed(counted: Counted, key: Callable[[Count], Key]) -> dict[Key, Sum]:
    """The rows of each key together."""
    sums: dict[Key, Sum] = {}
    for row in counted.rows:
        before = sums.get(key(row), Sum())
        sums[key(row)] = Sum(before.moments + row.moments, before.words + row.words)
    return sums


def _spanned(bins: Iterable[years.Span]) -> Callable[[Count], Span]:
    """In which of the spans a row lies."""
    places: Mapping[int, years.Span] = {year: span for span in bins for year in range(span[0], span[1] + 1)}
    return lambda row: places.get(int(row.values[0])) if row.values[0] else None


def _speaker(row: Count) -> tuple[str, str]:
    return row.values[1], row.labels[1]


def _answer(address: Address, query: str, span: Span = None, speaker: str = "") -> str:
    """The moments behind a figure."""
    asked = replace(address, view="", q=query, page=1, term=1, order="")
    if span:
        first, last = asked.years or span
        asked = replace(asked, years=(max(first, span[0]), min(last, span[1])))
    return (replace(asked, speakers=(speaker,)) if speaker else asked).href


def _height(one: Sum, words: bool) -> float:
    return float(one.words) if words else one.rate


def _scale(found: Sequence[Counted], bins: Sequence[years.Span]) -> float:
    """The height of every chart: the highest rate that rests on enough words, for chance would flatten the rest."""
    words = not any(one.query for one in found)
    sums = [one for counted in found for span, one in _summed(counted, _spanned(bins)).items() if span]
    sure = [_height(one, words) for one in sums if words or not one.few]
    return max(sure, default=0.0) or max((_height(one, words) for one in sums), default=0.0)


def _top(scale: float, *, words: bool) -> str:
    return phrases.number(round(scale)) if words else phrases.rate(scale)


def _term(counted: Counted, address: Address, bins: Sequence[years.Span], scale: float) -> dict[str, Any]:
    sums = _summed(counted, _spanned(bins))
    query = counted.query
    own = _scale([counted], bins)
    return {
        "top": _top(own, words=not query),
        "label": phrases.quoted(query) if query else "All words",
        "href": _answer(address, query) if query else "",
        "said": _said(Sum(counted.moments, counted.words), query, counted.exact),
        "csv": counts_url("csv", replace(address, view="", q=query).params, [one.value for one in BY]),
        "bars": [_bar(span, sums.get(span, Sum()), query, address, (scale, own)) for span in bins]
        if len(bins) > years.FEW_YEARS
        else [],
    }


def _bar(span: years.Span, one: Sum, query: str, address: Address, scales: tuple[float, ...]) -> dict[str, Any]:
    """A bar with its heights on the scale of all charts and on that of its own."""
    height = _height(one, not query)
    return {
        "heights": [max(round(100 * min(height / scale, 1)), 3) if height else 0 for scale in scales],
        "said": f"{years.label(span)}: {_said(one, query)}",
        "href": _answer(address, query, span) if (one.moments if query else one.words) else "",
        "few": bool(query) and one.words > 0 and one.few,
        "none": not one.words,
        "cut": [height > scale for scale in scales],
    }


def _said(one: Sum, query: str, exact: bool = True) -> str:
    among = phrases.count(one.words, "word")
    if not query or not one.words:
        return among
    least = "" if exact else "at least "
    return f"{least}{phrases.count(one.moments, 'moment')} in {among}: {least}{phrases.rate(one.rate)} in 10,000"


def _by_year(
    whole: Counted, found: Sequence[Counted], bins: Sequence[years.Span], address: Address
) -> dict[str, Any] | None:
    spanned = _spanned(bins)
    spans = _summed(whole, spanned)
    order: list[Span] = [span for span in bins if span in spans]
    sums = [(counted, _summed(counted, spanned)) for counted in found]
    rows = []
    for span in [*order, *([None] if None in spans else [])]:
        wide = span is not None and span[0] < span[1]
        links = [_answer(address, counted.query, span) if span else "" for counted in found]
        rows.append(
            {
                "label": years.label(span) if span else "without a year",
                "href": replace(address, years=span, term=1, order="", page=1).href if wide else "",
                **_row(spans[span], [(one, each.get(span, Sum())) for one, each in sums], links),
            }
        )
    return _table("By year", "Year", rows, found)


def _by_speaker(whole: Counted, found: Sequence[Counted], address: Address) -> list[dict[str, Any] | None]:
    """Speakers, those first whose rate of the first query is highest; and by years, where only one query is asked."""
    speakers = _summed(whole, _speaker)
    sums = [(counted, _summed(counted, _speaker)) for counted in found]

    def place(speaker: tuple[str, str]) -> tuple[bool, float, int, str]:
        first = sums[0][1].get(speaker, Sum()) if sums else Sum()
        return bool(sums) and speakers[speaker].few, -first.rate, -speakers[speaker].words, speaker[1]

    shown = sorted(speakers, key=place)[:MOST_SPEAKERS]
    rows = []
    for known, name in shown:
        links = [_answer(address, counted.query, speaker=known) if known else "" for counted in found]
        rows.append(
            {
                "label": phrases.speaker(known, name) if known else "no name known",
                "href": replace(address, speakers=(known,), term=1, order="", page=1).href if known else "",
                **_row(speakers[known, name], [(one, each.get((known, name), Sum())) for one, each in sums], links),
            }
        )
    more = len(speakers) - len(shown)
    note = f"{phrases.count(more, 'speaker')} more in the CSV." if more else ""
    table = _table("By speaker", "Speaker", rows, found, note)
    return [table, _grid(found[0], [one for one in shown if one[0]], address) if len(found) == 1 else None]


def _row(whole: Sum, cells: Sequence[tuple[Counted, Sum]], links: Sequence[str]) -> dict[str, Any]:
    return {
        "words": phrases.number(whole.words),
        "few": whole.few and bool(cells),
        "cells": [
            {
                **_cell(one, counted, link),
                "moments": phrases.number(one.moments),
                "among": "" if one.words == whole.words else f"in {phrases.count(one.words, 'word')}",
            }
            for (counted, one), link in zip(cells, links, strict=True)
        ],
    }


def _cell(one: Sum, counted: Counted, link: str) -> dict[str, Any]:
    least = "" if counted.exact else "≥\u00a0"
    return {
        "rate": least + phrases.rate(one.rate),
        "words": one.words,
        "few": one.few,
        "said": _said(one, counted.query, counted.exact),
        "href": link if one.moments else "",
    }


def _table(
    name: str, first: str, rows: Sequence[dict[str, Any]], found: Sequence[Counted], note: str = ""
) -> dict[str, Any] | None:
    if not rows:
        return None
    return {
        "title": name,
        "kind": "rates",
        "about": "Moments in 10,000 words, and beside it how many moments." if found else "",
        "heads": [first, *(phrases.quoted(counted.query) for counted in found), "Words"],
        "rows": rows,
        "more": note,
    }


def _grid(counted: Counted, speakers: Sequence[tuple[str, str]], address: Address) -> dict[str, Any] | None:
    """Speakers by years: every cell leads to its moments."""
    bins = years.spans(_years(counted))
    if len(bins) < 2 or len(speakers) < 2:
        return None
    spanned = _spanned(bins)
    cells = _summed(counted, lambda row: (_speaker(row), spanned(row)))
    columns = [span for span in bins if any((speaker, span) in cells for speaker in speakers)]
    top = max((one.rate for one in cells.values() if not one.few), default=0.0) or max(
        (one.rate for one in cells.values()), default=0.0
    )

    def cell(speaker: tuple[str, str], span: years.Span) -> dict[str, Any]:
        one = cells.get((speaker, span), Sum())
        share = round(100 * min(one.rate / top, 1)) if top else 0
        return {**_cell(one, counted, _answer(address, counted.query, span, speaker[0])), "share": share}

    rows = [
        {
            "label": phrases.speaker(*speaker),
            "href": replace(address, speakers=(speaker[0],), term=1, order="", page=1).href,
            "cells": [cell(speaker, span) for span in columns],
        }
        for speaker in speakers
    ]
    return {
        "title": "By speaker and year",
        "kind": "grid",
        "about": "Moments in 10,000 words. Every number leads to its moments.",
        "heads": ["Speaker", *(f"{first}s" if first < last else str(first) for first, last in columns)],
        "rows": rows,
        "more": "",
    }
