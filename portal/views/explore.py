"""Explore: how often words are said, by year and by speaker, beside how much is said at all; and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import streamlit as st

from archive.errors import Busy, MachineError, QueryError
from portal import components, phrases, render, state
from portal.address import Address
from portal.asked import MOST, Asked, several
from portal.links import counts_url
from portal.room import counting
from portal.views import problem, years
from portal.views.concordance import WAIT_S, lines_data
from portal.views.narrowing import chips
from portal.views.search import coverage, speaker_id
from portal.views.sums import BY, FEW_WORDS, Sum, bins_of, moments_href, narrowed, said, spanned, summed
from portal.views.tables import by_speaker, by_year
from portal.views.waiting import waiting
from search.hits import MAX_TALLIED
from search.models import By, Counted, Facets

MOST_LANGUAGES = 8
CACHE_S = 60
EXAMPLES = ("freedom, liberty", "war, peace, treaty")
RATE = (
    "A rate is the number of moments in 10,000 words: how often a query is answered, divided by all the words that "
    "were heard in the same years or of the same speaker, in all languages unless one is chosen. A moment is a run of "
    "words that answers, in any inflection; =word asks for the word as it is spelled. "
    f"Pale is what rests on fewer than {FEW_WORDS:,} words: a moment more or less changes such a rate by five or more."
)
FLOORS = (
    f" Where ≥ stands, there is more: of a query that more than {MAX_TALLIED:,} passages answer, each passage counts "
    "once, however often it answers, and of a pattern only so many words are looked for. Two such numbers say little "
    "about each other; narrow by year, speaker or language to have every moment counted."
)
WORDLESS = "; no word is asked for, so nothing is counted among them"
HINT = "Write words or phrases into the box above, with commas between, to compare how often they were said."


def title(address: Address) -> str:
    """What the browser's tab says."""
    return f"{address.q} · Explore · Onrecord" if address.q else "Explore · Onrecord"


def show(address: Address) -> None:
    """Draws charts, tables and lines, or says in a sentence why there are none."""
    day = state.today()
    try:
        with waiting("Counting…"):
            above = figures_data(replace(address, term=1, order="", page=1).href, day)
            below = lines_data(address.href, day)
    except QueryError as error:
        pointer = render.query_with_pointer(address.q, error.at)
        problem.show("This query cannot be counted", pointer, *problem.explained(error))
    except Busy as error:
        again = render.tag("p", render.tag("a", "Try again", href=address.href))
        problem.show("Too many are counting just now", *problem.explained(error), again)
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
    asked = several(address.q)
    whole = _counts("", address, day, BY)
    found = [_counted(one, address, day) for one in asked[:MOST]]
    bins = bins_of(whole)
    shown = found or [whole]
    scales = {kind: _scale([one for one in shown if one.seeks is kind], bins) for kind in (True, False)}
    return msgspec.json.encode(
        {
            "title": "How often it was said"
            if any(one.seeks for one in found)
            else "What was said, by year and speaker",
            "cover": coverage(whole.coverage) + _cut(asked),
            "chips": chips(Facets(), address),
            "languages": _languages(address, day),
            "hint": "" if asked else HINT,
            "examples": [{"label": line, "href": Address(view="explore", q=line).href} for line in EXAMPLES],
            "terms": [_term(one, scales[one.seeks], address, bins) for one in shown],
            "ends": [years.label(span) for span in dict.fromkeys((bins[0], bins[-1]))] if bins else [],
            "about": _about(found),
            "tables": [
                table for table in (by_year(whole, found, bins, address), *by_speaker(whole, found, address)) if table
            ],
        }
    )


def _counted(one: Asked, address: Address, day: int) -> Counted:
    """The counts of a query; what is wrong with it is pointed at in the line in which it was asked."""
    try:
        return _counts(one.query, address, day, BY)
    except QueryError as error:
        raise QueryError(error.what, at=one.at + error.at, where=error.where, mend=error.mend) from error


def _counts(query: str, address: Address, day: int, by: Sequence[By]) -> Counted:
    with counting(WAIT_S):
        return state.searcher().counts(query, address.filters(day), by=by)


def _about(found: Sequence[Counted]) -> str:
    """What the figures mean; nothing where no word is asked for."""
    if not any(one.seeks for one in found):
        return ""
    return RATE if all(one.exact for one in found) else RATE + FLOORS


def _cut(asked: Sequence[Asked]) -> str:
    return f" Of {len(asked)} queries the first {MOST} are compared." if len(asked) > MOST else ""


def _languages(address: Address, day: int) -> list[dict[str, Any]]:
    """Each language that is spoken here, those with most words first, so that words are counted among its own."""
    found = _counts("", replace(address, languages=()), day, (By.LANGUAGE,))
    spoken = [row.values[0] for row in sorted(found.rows, key=lambda row: -row.words)][:MOST_LANGUAGES]
    if len(spoken) < 2:
        return []
    links = [("All languages", ()), *((phrases.language(code), (code,)) for code in spoken)]
    return [
        {
            "label": label,
            "href": replace(narrowed(address), languages=chosen).href,
            "on": address.languages == chosen,
        }
        for label, chosen in links
    ]


def _height(one: Sum, counted: Counted) -> float:
    return one.rate if counted.seeks else float(one.words)


def _scale(found: Sequence[Counted], bins: Sequence[years.Span]) -> float:
    """The height of charts: the highest rate that rests on enough words, for chance would flatten the rest."""
    sums = [(one, counted) for counted in found for span, one in summed(counted, spanned(bins)).items() if span]
    sure = [_height(one, counted) for one, counted in sums if not (counted.seeks and one.few)]
    return max(sure, default=0.0) or max((_height(one, counted) for one, counted in sums), default=0.0)


def _top(scale: float, counted: Counted) -> str:
    return phrases.rate(scale) if counted.seeks else phrases.number(round(scale))


def _term(counted: Counted, scale: float, address: Address, bins: Sequence[years.Span]) -> dict[str, Any]:
    """A query; its chart is on the `scale` of all of its kind, and on its own."""
    sums = summed(counted, spanned(bins))
    query = counted.query
    scales = (scale, _scale([counted], bins))
    return {
        "tops": [_top(height, counted) for height in scales],
        "label": phrases.quoted(query) if query else "All words",
        "href": moments_href(address, query) if query else "",
        "said": said(Sum(counted.moments, counted.words), counted) + (WORDLESS if query and not counted.seeks else ""),
        "csv": counts_url("csv", replace(address, view="", q=query).params, [one.value for one in BY]),
        "bars": [_bar(span, sums.get(span, Sum()), counted, address, scales) for span in bins]
        if len(bins) > years.FEW_YEARS
        else [],
    }


def _bar(span: years.Span, one: Sum, counted: Counted, address: Address, scales: Sequence[float]) -> dict[str, Any]:
    """A bar with its heights on the scales of its chart."""
    height = _height(one, counted)
    return {
        "heights": [max(round(100 * min(height / scale, 1)), 3) if height else 0 for scale in scales],
        "said": f"{years.label(span)}: {said(one, counted)}",
        "href": moments_href(address, counted.query, span) if (one.moments if counted.seeks else one.words) else "",
        "few": counted.seeks and one.words > 0 and one.few,
        "none": not one.words,
        "cut": [height > scale for scale in scales],
    }
