"""Everything that is here, by event, newest first."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from archive.models import Card
from portal import phrases, render, state
from portal.address import Address
from portal.links import recording_url
from portal.render import Html, tag
from portal.views.search import facts

CACHE_S = 60
MOST_RECORDINGS = 500  # on one page; years and events narrow it


@dataclass(frozen=True, slots=True)
class Group:
    """An event with the recordings made at it; `id` is "" for those without an event."""

    id: str
    name: str
    date: str
    place: str
    cards: tuple[Card, ...]


def title(address: Address) -> str:
    """What the browser's tab says."""
    if address.years:
        return f"{'–'.join(map(str, dict.fromkeys(address.years)))} · Events · Onrecord"
    return "Events · Onrecord"


def show(address: Address) -> None:
    """Draws the list."""
    render.put(Html(events_html(address.href, state.today())))


@st.cache_data(ttl=CACHE_S, max_entries=50, show_spinner=False)
def events_html(href: str, day: int) -> str:
    """The list as HTML for an address and the public of a day (yyyymmdd)."""
    address = Address.parse(href)
    cards = tuple(card for card in state.catalog().cards(public_on=day) if address.keeps(card))
    groups = grouped(cards[:MOST_RECORDINGS])
    return str(tag("div", _heading(address, cards, groups), *map(_group, groups), class_="wrap events"))


def grouped(cards: tuple[Card, ...]) -> list[Group]:
    """Recordings by event, the newest event first; those without an event last."""
    by_event: dict[str, list[Card]] = {}
    for card in cards:
        by_event.setdefault(card.event, []).append(card)
    groups = [_grouped(event, members) for event, members in by_event.items()]
    return sorted(groups, key=lambda group: (group.id != "", group.date, group.name), reverse=True)


def _grouped(event: str, cards: list[Card]) -> Group:
    dates = [card.date or str(card.year or "") for card in cards]
    places = list(dict.fromkeys(card.place for card in cards if card.place))
    name = cards[0].event_name if event else "Without an event"
    return Group(event, name, max(dates), places[0] if len(places) == 1 else "", tuple(cards))


def _heading(address: Address, cards: tuple[Card, ...], groups: list[Group]) -> Html:
    when = f" · {'–'.join(map(str, dict.fromkeys(address.years)))}" if address.years else ""
    shown = [group for group in groups if group.id]
    said = phrases.count(len(cards), "recording") + (f" at {phrases.count(len(shown), 'event')}" if shown else "")
    everything = tag("a", "Show everything", href=Address(view="events").href) if address.narrowed else ""
    return tag("div", tag("h1", f"{said}{when}", class_="total"), everything, class_="head")


def _group(group: Group) -> Html:
    about = [part for part in (phrases.date(group.date), group.place) if part]
    known = {phrases.date(group.date), group.place} if group.id else set()
    head = [tag("h2", group.name, class_="title"), tag("p", render.facts(*about)) if about else ""]
    cards = tag("ul", *(_card(card, known) for card in group.cards), class_="list")
    return tag("section", *head, cards, class_="event", dir="auto")  # the direction of its name, which has none itself


def _card(card: Card, known: set[str]) -> Html:
    badge = "" if card.version else tag("span", "no transcript yet", class_="badge")
    check = tag("span", f"{card.suspect} to check", class_="badge warn") if card.suspect else ""
    return tag(
        "li",
        tag("a", card.title, href=recording_url(card.id), dir="auto", class_="title"),
        render.facts(*(fact for fact in facts(card) if fact not in known)),
        badge,
        check,
    )
