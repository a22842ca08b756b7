"""The first page: what is here, by year and event, and a few words from it to begin with."""

from __future__ import annotations

import streamlit as st

from archive.models import Card, Quality, Segment, Word
from portal import phrases, render, state
from portal.address import Address
from portal.links import recording_url
from portal.render import Html, tag
from portal.views import events, years

CACHE_S = 300
QUOTES = 4
QUOTE_WORDS = (4, 9)  # fewest and most words of an example
SURE = 0.5  # least probability of every word in one
SURE_IN_ALL = 0.8  # and of all of them on average: what a small model mishears lies below
PASSAGES_READ = 40  # of a recording, to choose its example from
EVENTS_SHOWN = 6
MOST_BARS = 120  # a year each, as long as they can be told apart on a phone
ASKING = (
    ('"your country"', "the words in this order"),
    ("freedom OR liberty", "either word"),
    ("govern*", "every word that begins so"),
    ('"peace world"~5', "both words, close together"),
)


def title() -> str:
    """What the browser's tab says."""
    return "Onrecord"


def show() -> None:
    """Draws the start page, or how to begin where there is nothing yet."""
    render.put(Html(start_html(state.today())))


@st.cache_data(ttl=CACHE_S, max_entries=4, show_spinner=False)
def start_html(day: int) -> str:
    """The page as HTML for the public of a day (yyyymmdd)."""
    cards = state.catalog().cards(public_on=day)
    return str(_filled(cards) if cards else _empty())


def _empty() -> Html:
    return tag(
        "div",
        tag("h1", "Nothing is on record yet", class_="hero"),
        tag("p", "Take recordings in, and every sentence in them can be found and played:", class_="lead"),
        tag("p", tag("code", "onrecord ingest RECORDINGS --sheet speeches.csv"), class_="asked"),
        tag(
            "p",
            "Then reload this page. A recording can be searched once it has been listened to.",
            class_="soft",
        ),
        class_="wrap start",
    )


def _filled(cards: tuple[Card, ...]) -> Html:
    return tag(
        "div",
        tag("h1", "Find any sentence. Play it from the exact word.", class_="hero"),
        _figures(cards),
        _quotes(cards),
        tag("section", tag("h2", "By year"), years_html(cards), class_="part") if any(c.year for c in cards) else "",
        tag("section", tag("h2", "By event"), _events(cards), class_="part"),
        tag("section", tag("h2", "How to ask"), _asking(), class_="part"),
        class_="wrap start",
    )


def _figures(cards: tuple[Card, ...]) -> Html:
    languages = {code for card in cards for code in card.languages if code != "und"}
    speakers = {speaker for card in cards for speaker, _ in card.speakers}
    figures = (
        (phrases.number(len(cards)), "recording" if len(cards) == 1 else "recordings"),
        (phrases.length(sum(card.duration for card in cards)), "of speech"),
        (phrases.number(sum(card.words for card in cards)), "words"),
        (phrases.number(len(speakers)), "speaker" if len(speakers) == 1 else "speakers"),
        (phrases.number(len(languages)), "language" if len(languages) == 1 else "languages"),
    )
    return tag("ul", *(tag("li", tag("b", value), " ", what) for value, what in figures), class_="figures")


def years_html(cards: tuple[Card, ...]) -> Html:
    """Recordings by year, each bar or number a link to what was recorded then."""
    counts: dict[int, int] = {}
    for card in cards:
        if card.year:
            counts[card.year] = counts.get(card.year, 0) + 1
    if len(counts) <= years.FEW_YEARS:
        return tag("p", *(_chip(year, count) for year, count in sorted(counts.items())), class_="chips")
    drawn = years.bars(counts, most=MOST_BARS)
    bars = (tag("li", _bar(bar)) for bar in drawn)
    marks = dict.fromkeys((drawn[0].first, drawn[-1].last))
    ends = tag("div", *(tag("span", str(year)) for year in marks), class_="ends num")
    width = f"max-width:{46 * len(drawn)}px"  # few bars stay bars
    return tag("div", tag("ul", *bars, class_="years"), ends, style=width)


def _chip(year: int, count: int) -> Html:
    href = Address(view="events", years=(year, year)).href
    return tag("a", tag("b", str(year)), phrases.count(count, "recording"), href=href, class_="chip")


def _bar(bar: years.Bar) -> Html:
    drawn = tag("i", style=f"height:{bar.height}%")
    if not bar.count:
        return tag("span", drawn)
    said = f"{bar.label}: {phrases.count(bar.count, 'recording')}"
    return tag("a", drawn, href=Address(view="events", years=(bar.first, bar.last)).href, aria_label=said, title=said)


def _events(cards: tuple[Card, ...]) -> Html:
    groups = events.grouped(cards)
    rows = [_event(group) for group in groups[:EVENTS_SHOWN]]
    named = sum(1 for group in groups if group.id)  # what belongs to no event is the last group
    more = tag("p", tag("a", f"All {phrases.count(named, 'event')}", href=Address(view="events").href), class_="more")
    return tag("div", tag("ul", *rows, class_="tiles"), more if len(groups) > EVENTS_SHOWN else "")


def _event(group: events.Group) -> Html:
    only = group.cards[0]
    address = Address(view="events", events=(group.id,)).href if group.id else Address(view="events").href
    href = recording_url(only.id) if len(group.cards) == 1 else address
    about = phrases.listed(list(dict.fromkeys(name for card in group.cards for _, name in card.speakers)), most=3)
    long = phrases.length(sum(card.duration for card in group.cards))
    much = long if len(group.cards) == 1 else f"{phrases.count(len(group.cards), 'recording')}, {long}"
    when = [part for part in (phrases.date(group.date), group.place) if part]
    parts = [tag("b", group.name, class_="title")]  # with a direction of its own it would not give the tile's
    parts += [render.facts(*line) for line in ((about,), when, (much,)) if any(line)]
    return tag("li", tag("a", *parts, href=href, class_="tile", dir="auto"))


def _asking() -> Html:
    return tag(
        "dl",
        *(
            part
            for query, meaning in ASKING
            for part in (tag("dt", tag("a", query, href=Address(q=query).href)), tag("dd", meaning))
        ),
        class_="asking",
    )


def _quotes(cards: tuple[Card, ...]) -> Html:
    """Words that were surely said, the surest first, one recording each, in as many languages as there are."""
    spoken = sorted(
        (card for card in cards if card.words), key=lambda card: (not card.speakers, card.suspect > 0, -card.words)
    )
    firsts = {card.languages[:1]: card for card in reversed(spoken)}.values()
    order = [*firsts, *(card for card in spoken if card not in firsts)]
    quotes = {_quote(card): card for card in reversed(order[: 2 * QUOTES])}
    chosen = {words: (sure, card) for (sure, words), card in quotes.items() if words}  # the same words only once
    best = sorted(chosen.items(), key=lambda each: -each[1][0])[:QUOTES]
    links = [_quote_link(card, words) for words, (_sure, card) in best]
    return tag("ul", *links, class_="quotes") if links else Html("")


def _quote_link(card: Card, words: str) -> Html:
    by = ", ".join(filter(None, (phrases.listed([name for _, name in card.speakers], most=1), str(card.year or ""))))
    said = tag("span", phrases.quotation(words), class_="say", lang=(card.languages or ("und",))[0])
    about = tag("span", by or card.title, class_="meta")
    return tag("li", tag("a", said, about, href=Address(q=f'"{words}"').href, dir="auto"))


def _quote(card: Card) -> tuple[float, str]:
    """The run of words in the recording that was heard most surely, and how surely; such as a query can ask for."""
    segments = state.archive().transcript(card.id).segments[:PASSAGES_READ]
    runs = (_certain(segment) for segment in segments if segment.quality is Quality.OK)
    sure = [(_mean(run), " ".join(map(_bare, run))) for run in runs if len(run) >= QUOTE_WORDS[0]]
    return max((each for each in sure if each[0] >= SURE_IN_ALL), key=lambda each: each[0], default=(0.0, ""))


def _mean(words: list[Word]) -> float:
    return round(sum(word.probability for word in words) / len(words), 2)


def _bare(word: Word) -> str:
    return word.text.strip(".,;:!?…«»“”\"'()-–—؟،؛")


def _certain(segment: Segment) -> list[Word]:
    words: list[Word] = []
    for word in segment.words[: QUOTE_WORDS[1]]:
        text = _bare(word)
        cut = word.text.startswith(("'", "’"))  # the rest of a word that began before it, as in l'homme
        if cut or word.probability < SURE or not text or not all(c.isalnum() or c in "'’-\u200c" for c in text):
            return []
        words.append(word)
        if word.text != text and len(words) >= QUOTE_WORDS[0]:
            break
    return words
