"""The tables of the explore page, as its component draws them: every figure leads to its moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal import phrases
from portal.address import Address
from portal.views import years
from portal.views.sums import Span, Speaker, Sum, bins_of, moments_href, narrowed, said, spanned, speaker_of, summed
from search.models import Counted

MOST_SPEAKERS = 40  # in a table; all are in the CSV
HOW = "Moments in 10,000 words, and beside it how many moments"


def by_year(
    whole: Counted, found: Sequence[Counted], bins: Sequence[years.Span], address: Address
) -> dict[str, Any] | None:
    """Years or decades, in their order. `whole` has all words, `found` the counts of each query."""
    within = spanned(bins)
    spans = summed(whole, within)
    order: list[Span] = [span for span in bins if span in spans]
    sums = [(counted, summed(counted, within)) for counted in found]
    rows = []
    for span in [*order, *([None] if None in spans else [])]:
        wide = span is not None and span[0] < span[1]
        links = [moments_href(address, counted.query, span) if span else "" for counted in found]
        rows.append(
            {
                "label": years.label(span) if span else "without a year",
                "href": narrowed(address, span).href if wide else "",
                **_row(spans[span], [(one, each.get(span, Sum())) for one, each in sums], links),
            }
        )
    return _table("By year", "Year", rows, found, HOW)


def by_speaker(whole: Counted, found: Sequence[Counted], address: Address) -> list[dict[str, Any] | None]:
    """Speakers, those first whose rate of the first query is highest; and by years, where only one query is asked."""
    speakers = summed(whole, speaker_of)
    sums = [(counted, summed(counted, speaker_of)) for counted in found]

    def place(speaker: Speaker) -> tuple[bool, bool, float, int, str]:
        own = [each.get(speaker, Sum()) for _counted, each in sums]
        silent = not any(
            one.moments if counted.seeks else one.words for (counted, _), one in zip(sums, own, strict=True)
        )
        rate = own[0].rate if own else 0.0
        return bool(own) and silent, bool(own) and speakers[speaker].few, -rate, -speakers[speaker].words, speaker[1]

    shown = sorted(speakers, key=place)[:MOST_SPEAKERS]
    rows = []
    for known, name in shown:
        links = [moments_href(address, counted.query, speaker=known) if known else "" for counted in found]
        rows.append(
            {
                "label": phrases.speaker(known, name) if known else "no name known",
                "href": narrowed(address, speaker=known).href if known else "",
                **_row(speakers[known, name], [(one, each.get((known, name), Sum())) for one, each in sums], links),
            }
        )
    more = len(speakers) - len(shown)
    note = f"{phrases.count(more, 'speaker')} more in the CSV." if more else ""
    how = f"{HOW}; the highest rate{' of the first query' if len(found) > 1 else ''} first, then few words, then none"
    table = _table("By speaker", "Speaker", rows, found, how, note)
    single = len(found) == 1 and found[0].seeks
    return [table, _grid(found[0], [one for one in shown if one[0]], address) if single else None]


def _row(whole: Sum, cells: Sequence[tuple[Counted, Sum]], links: Sequence[str]) -> dict[str, Any]:
    return {
        "words": phrases.number(whole.words),
        "few": whole.few and bool(cells),
        "cells": [
            _counted(one, counted, link, whole) if counted.seeks else _spoken(one, link)
            for (counted, one), link in zip(cells, links, strict=True)
        ],
    }


def _counted(one: Sum, counted: Counted, link: str, whole: Sum) -> dict[str, Any]:
    among = "" if one.words == whole.words else f"in {phrases.count(one.words, 'word')}"
    return {**_cell(one, counted, link), "moments": phrases.number(one.moments), "among": among}


def _spoken(one: Sum, link: str) -> dict[str, Any]:
    """Of a query that names no word: how much is spoken of what it leaves."""
    words = phrases.number(one.words)
    return {"rate": words, "words": one.words, "few": False, "said": phrases.count(one.words, "word"), "href": link}


def _cell(one: Sum, counted: Counted, link: str) -> dict[str, Any]:
    least = "" if counted.exact else "≥\u00a0"
    return {
        "rate": least + phrases.rate(one.rate),
        "words": one.words,
        "few": one.few,
        "said": said(one, counted),
        "href": link if one.moments else "",
    }


def _table(
    name: str, first: str, rows: Sequence[dict[str, Any]], found: Sequence[Counted], how: str, note: str = ""
) -> dict[str, Any] | None:
    if not rows:
        return None
    return {
        "title": name,
        "kind": "rates",
        "about": f"{how}." if any(counted.seeks for counted in found) else "",
        "heads": [first, *(phrases.quoted(counted.query) for counted in found), "Words"],
        "rows": rows,
        "more": note,
    }


def _grid(counted: Counted, speakers: Sequence[Speaker], address: Address) -> dict[str, Any] | None:
    """Speakers by years: every cell leads to its moments."""
    bins = bins_of(counted)
    if len(bins) < 2 or len(speakers) < 2:
        return None
    within = spanned(bins)
    cells = summed(counted, lambda row: (speaker_of(row), within(row)))
    columns = [span for span in bins if any((speaker, span) in cells for speaker in speakers)]
    top = max((one.rate for one in cells.values() if not one.few), default=0.0) or max(
        (one.rate for one in cells.values()), default=0.0
    )

    def cell(speaker: Speaker, span: years.Span) -> dict[str, Any]:
        one = cells.get((speaker, span), Sum())
        share = round(100 * min(one.rate / top, 1)) if top else 0
        return {**_cell(one, counted, moments_href(address, counted.query, span, speaker[0])), "share": share}

    rows = [
        {
            "label": phrases.speaker(*speaker),
            "href": narrowed(address, speaker=speaker[0]).href,
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
