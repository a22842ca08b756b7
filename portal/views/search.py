"""The answer to a query: hits by recording, facets that narrow it, and what it could see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec
import streamlit as st

from archive.errors import MachineError, QueryError
from archive.models import FLOOR, UNSPACED_LANGUAGES, Card, LayerKind
from portal import components, phrases, render, state
from portal.address import Address
from portal.links import media_url, moments_url, recording_url
from portal.views import problem
from portal.views.narrowing import chips, facets
from portal.views.passages import Passage, badge, passages
from portal.views.tips import called, dated, tips
from portal.views.waiting import waiting
from search.models import Answer, Coverage, RecordingHits, Sort
from search.titles import titled
from search.unknown import unknown_names

RECORDINGS_PER_PAGE = 10
MOMENTS_PER_RECORDING = 50  # on its timeline
ROWS_SENT = 20  # of a recording; the rest is in its transcript
ROWS_SHOWN = 3  # of those sent; the others unfold
TICKS = 200  # marks on a timeline; more would touch
TAIL_S = 0.3  # played after the last word of a passage, so that it does not end on a cut
CACHE_S = 60
WORDLESS = " No word was asked for, so these are whole recordings."
SORTS = {Sort.RELEVANCE: "Most relevant", Sort.NEWEST: "Newest", Sort.OLDEST: "Oldest"}


def title(address: Address) -> str:
    """What the browser's tab says."""
    return f"{phrases.quoted(address.q) if address.q else 'Recordings'} · Onrecord"


def show(address: Address) -> None:
    """Draws the answer, or says in a sentence why there is none."""
    try:
        with waiting("Searching…"):
            answer = answer_data(replace(address, t="", recording="").href, state.today())
        components.draw("answer", answer)
    except QueryError as error:
        pointer = render.query_with_pointer(address.q, error.at)
        problem.show("This query cannot be read", pointer, *problem.explained(error))
    except MachineError as error:
        problem.show("Search is not ready", *problem.explained(error))


@st.cache_data(ttl=CACHE_S, max_entries=200, show_spinner=False)
def answer_data(href: str, day: int) -> bytes:
    """What the answer component draws, as JSON, for an address and a day (yyyymmdd)."""
    address = Address.parse(href)
    address = replace(address, speakers=tuple(map(speaker_id, address.speakers)))
    answer = state.searcher().search(
        address.q,
        address.filters(day),
        sort=address.sort,
        limit=RECORDINGS_PER_PAGE,
        offset=(address.page - 1) * RECORDINGS_PER_PAGE,
        moments=MOMENTS_PER_RECORDING,
    )
    return msgspec.json.encode(
        {
            "total": _total(answer),
            "cover": coverage(answer.coverage) + (WORDLESS if answer.recordings and not answer.total else ""),
            "explore": replace(address, view="explore", page=1, sort=Sort.RELEVANCE).href if answer.total else "",
            "facets": facets(answer.facets, address) if answer.recordings or address.narrowed else [],
            "chips": chips(answer.facets, address),
            "sorts": _sorts(address) if answer.recordings > 1 else [],
            "recordings": [_recording(hits, address) for hits in answer.hits],
            "empty": "" if answer.recordings else phrases.NOT_FOUND,
            "tips": [] if answer.recordings else [*_translated(answer, address), *_tips(address, day)],
            "pages": _pages(address, answer.recordings),
            "exports": _exports(address) if answer.total else [],
        }
    )


def _translated(answer: Answer, address: Address) -> list[dict[str, str]]:
    """Where to, if only a translation has the words."""
    kind = LayerKind.TRANSLATION.value
    found = next((value.count for value in answer.facets.layers if value.value == kind), 0)
    if not found or address.layers:
        return []
    label = f"See {phrases.count(found, 'passage')} of machine translation"
    return [{"label": label, "href": address.toggled("layers", kind).href}]


def speaker_id(text: str) -> str:
    """The id of a speaker named in any spelling, as the API takes it too."""
    known = state.people().find(text)
    return known.id if known else state.people().current(text)


def _tips(address: Address, day: int) -> list[dict[str, str]]:
    """Where else to look. What no public recording has is nothing here; who is in others alone is nobody."""
    cards = state.catalog().cards(public_on=day)
    public = {speaker for card in cards for speaker, _ in card.speakers}
    people = [known for known in state.people().all() if public.intersection((known.id, *known.former))]
    unknown = unknown_names(address.q, address.filters(day), people, cards)
    return [*called(titled(address.q, cards)), *dated(address.q, cards), *tips(address, unknown)]


def coverage(seen: Coverage) -> str:
    """What was searched and what was not, in a sentence."""
    parts = [f"Searched {phrases.number(seen.searched)} of {phrases.count(seen.recordings, 'recording')}"]
    if seen.without_transcript:
        n = len(seen.without_transcript)
        parts.append(f"{phrases.number(n)} {'has' if n == 1 else 'have'} no transcript yet")
    if seen.not_indexed:
        n = len(seen.not_indexed)
        parts.append(f"{phrases.number(n)} {'is' if n == 1 else 'are'} not indexed yet")
    return "; ".join(parts) + "."


def _total(answer: Answer) -> str:
    if not answer.total:
        return phrases.count(answer.recordings, "recording") if answer.recordings else "No moments"
    least = "" if answer.exact else "At least "
    moments, recordings = phrases.count(answer.total, "moment"), phrases.count(answer.recordings, "recording")
    return f"{least}{moments} in {recordings}"


def _sorts(address: Address) -> list[dict[str, Any]]:
    return [
        {"label": label, "href": replace(address, sort=sort, page=1).href, "on": sort is address.sort}
        for sort, label in SORTS.items()
    ]


def _pages(address: Address, recordings: int) -> dict[str, str]:
    first = (address.page - 1) * RECORDINGS_PER_PAGE + 1
    last = min(first + RECORDINGS_PER_PAGE - 1, recordings)
    return {
        "earlier": replace(address, page=address.page - 1).href if address.page > 1 else "",
        "later": replace(address, page=address.page + 1).href if last < recordings else "",
        "page": f"Recordings {first} to {last} of {phrases.number(recordings)}" if first <= last else "",
    }


def _exports(address: Address) -> list[dict[str, str]]:
    asked = replace(address, view="", page=1, version=0).params
    return [
        {"label": "table (CSV)", "href": moments_url("csv", asked)},
        {"label": "JSON lines", "href": moments_url("jsonl", asked)},
    ]


def facts(card: Card) -> list[str]:
    """Who, when, where and how long: what stands under a recording's title."""
    names = phrases.listed([phrases.speaker(speaker, name) for speaker, name in card.speakers])
    return [part for part in (names, phrases.date(card.date), card.place, phrases.length(card.duration)) if part]


def _recording(hits: RecordingHits, address: Address) -> dict[str, Any]:
    card = hits.card
    rows = passages(hits.moments)[:ROWS_SENT]
    sent = sum(len(row.marks) for row in rows)
    folded = len(rows) - ROWS_SHOWN
    everything = f"{recording_url(card.id)}&{_question(address)}" if hits.total else recording_url(card.id)
    return {
        "title": card.title,
        "href": everything,
        "all": everything,
        "meta": facts(card),
        "duration": card.duration,
        "ticks": _ticks((moment.start for moment in hits.moments), card.duration),
        "line": _line(hits),
        "rows": [row_data(row, card, address) for row in rows],
        "shown": ROWS_SHOWN,
        "fold": f"{phrases.count(folded, 'more passage')} in this recording",
        "beyond": f"All {phrases.number(hits.total)} moments" if hits.total > sent else "",
    }


def _question(address: Address) -> str:
    return Address(q=address.q).href.removeprefix("/?")


def _ticks(starts: Iterable[float], duration: float) -> list[float]:
    places = dict.fromkeys(round(100 * start / max(duration, 0.001), 1) for start in starts)
    return [min(place, 100.0) for place in places][:TICKS]


def _line(hits: RecordingHits) -> str:
    times = phrases.listed([phrases.clock(moment.start) for moment in hits.moments], most=6)
    return f"{phrases.count(hits.total, 'moment')}, at {times}"


def row_data(row: Passage, card: Card, address: Address) -> dict[str, Any]:
    """A passage as the dock of a component takes it."""
    label, kind = badge(row.moment.quality, row.moment.made, row.moment.layer)
    link = recording_url(card.id, row.start, row.end, row.moment.version if row.moment.version in card.others else None)
    return {
        "start": round(row.start, 3),
        "stop": round(row.words[-1].end + TAIL_S, 3),
        "words": [(word.text, round(word.start, 3)) for word in row.words],
        "marks": row.marks,
        "join": "" if row.moment.language in UNSPACED_LANGUAGES else " ",
        "lang": row.moment.language if row.moment.language != "und" else None,
        "who": phrases.speaker(row.moment.speaker, row.moment.speaker_name),
        "layer": phrases.whose(row.moment.layer),
        "badge": label,
        "kind": kind,
        "why": "; ".join(row.moment.reasons),
        "media": media_url(card.id, row.moment.track),
        "video": card.video and row.moment.track == FLOOR,
        "link": link,
        "open": f"{link}&{_question(address)}",
    }
