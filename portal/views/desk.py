"""The desk: what came in, what is being worked on, what failed and why, and how to mend it. Only to be read.

Whoever may open the portal may open this page, so recordings that are not public are counted and never named, and
neither machines nor folders are shown; `onrecord status` names them all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

import streamlit as st

from archive.errors import MediaError, OnrecordError
from archive.models import Card
from ingest.desk import Desk, Trouble, Working, desk
from ingest.ledger import HELD
from ingest.tasks import Refused, Task
from portal import phrases, render, state
from portal.links import recording_url
from portal.render import Html, tag
from portal.views import problem

EVERY_S = 5  # between two looks while the page is open
CACHE_S = 2  # for however many look
NEWEST = 12

_OF_ITSELF = frozenset({MediaError.__name__, "Unreadable", "no-space"})  # reasons that name nothing else
_FOLDERS = re.compile(r"""(?<![^\s('"])/(?:[^\s/'")]+/)*""")
Cards = Mapping[str, Card]


def title() -> str:
    """What the browser's tab says."""
    return "Desk · Onrecord"


@st.fragment(run_every=EVERY_S)
def show() -> None:
    """Draws the desk, again and again: work goes on while one looks."""
    try:
        render.put(Html(desk_html(state.today())))
    except OnrecordError as error:  # a fragment that is drawn again has nobody above it
        problem.show("This cannot be shown now", *problem.explained(error))


@st.cache_data(ttl=CACHE_S, max_entries=2, show_spinner=False)
def desk_html(day: int) -> str:
    """The desk as HTML for the public of a day (yyyymmdd)."""
    everything = state.catalog().cards()
    cards = {card.id: card for card in state.catalog().cards(public_on=day)}
    work = desk(state.archive())
    parts = [
        tag("h1", "Desk", class_="total"),
        _figures(work, everything),
        _part("At work", [_working(each, cards) for each in work.working if each.task.recording in cards]),
        _hidden(work.working, cards, "being worked on"),
        _part("Not done", [_trouble(each, cards) for each in work.troubles if each.task.recording in cards]),
        _hidden(work.troubles, cards, "not done"),
        _files("Not taken in", [file for file in work.refused if not file.recording]),
        _files("In the archive as before, not taken anew", [file for file in work.refused if file.recording]),
        _part("Came in last", [_newest(card) for card in _last(work, cards)]),
        _closed(everything, cards),
    ]
    return str(tag("div", *(part for part in parts if part), class_="wrap desk"))


def _figures(work: Desk, cards: Sequence[Card]) -> Html:
    heard = sum(1 for card in cards if card.version)
    figures = [
        (phrases.number(heard), "heard" if heard == len(cards) else f"of {phrases.number(len(cards))} heard"),
        (phrases.number(len(work.working)), "at work"),
        (phrases.number(len(work.queued)), "queued"),
        (phrases.number(len(work.troubles) + len(work.refused)), "to mend"),
    ]
    if work.rtf is not None:
        figures.append((f"{work.rtf:.2f}", "seconds of work for a second of sound"))
    if work.left is not None:
        figures.append((phrases.length(work.left), "left"))
    return tag("ul", *(tag("li", tag("b", value), " ", what) for value, what in figures), class_="figures")


def _part(heading: str, rows: Sequence[Html]) -> Html:
    if not rows:
        return Html("")
    return tag("section", tag("h2", heading), tag("ul", *rows, class_="list"), class_="part")


def _working(each: Working, cards: Cards) -> Html:
    task = each.task
    share = min(1.0, task.at / task.duration) if task.duration else 0.0
    said = [task.stage or "beginning", f"{phrases.clock(task.at)} of {phrases.clock(task.duration)}"]
    if each.rtf is not None:
        said.append(f"{each.rtf:.2f} s of work a second")
    if each.left is not None:
        said.append(f"{phrases.length(each.left)} left")
    bar = tag("span", tag("i", style=f"width:{100 * share:.1f}%"), class_="share", aria_hidden="true")
    return tag("li", _name(cards[task.recording]), tag("span", " · ".join(said), class_="meta"), bar)


def _trouble(each: Trouble, cards: Cards) -> Html:
    return tag(
        "li",
        _name(cards[each.task.recording]),
        tag("span", each.state, class_="badge warn"),
        tag("span", _told(each.why, each.task), class_="meta why", dir="auto"),
        tag("span", each.mend, class_="mend"),
    )


def _told(why: str, task: Task) -> str:
    """The reason, without folders: first those with spaces that are known, then all that look like one."""
    name = PurePath(task.source).name
    for folder in (task.source.removesuffix(name), f"{state.archive().root}/"):
        why = why.replace(folder, "") if len(folder) > 1 else why
    return _FOLDERS.sub("", why)


def _files(heading: str, refused: Sequence[Refused]) -> Html:
    """Files that could not be registered: whether they are public nobody knows, so they have no names here."""
    rows = [
        tag(
            "li",
            tag("span", phrases.count(count, "file"), class_="title"),
            tag("span", what, class_="meta why", dir="auto"),
            tag("span", mend, class_="mend"),
        )
        for (what, mend), count in Counter(map(_nameless, refused)).items()
    ]
    return _part(heading, rows)


def _nameless(file: Refused) -> tuple[str, str]:
    """Why it was refused, without its name, and what helps. Of other reasons than those about the file itself only
    `onrecord status` tells more: they may name another file, which is closed, or who withdrew its recording.
    """
    if file.code == HELD:
        return "it waits for its row in the sheet", "mend the sheet"
    if file.code not in _OF_ITSELF:
        return "it cannot be taken in", "onrecord status says why"
    name = PurePath(file.name).name
    return _FOLDERS.sub("", file.what.replace(file.name, "it")).replace(name, "it"), file.mend or "give another file"


def _last(work: Desk, cards: Cards) -> list[Card]:
    """The public recordings that came in last, the newest first."""
    order = [task.recording for task in reversed(work.finished)]
    return [cards[recording] for recording in dict.fromkeys(order) if recording in cards][:NEWEST]


def _newest(card: Card) -> Html:
    check = tag("span", f"{card.suspect} to check", class_="badge warn") if card.suspect else ""
    facts = (phrases.length(card.duration), phrases.count(card.words, "word"))
    return tag("li", _name(card), tag("span", " · ".join(facts), class_="meta"), check)


def _name(card: Card) -> Html:
    return tag("a", card.title, href=recording_url(card.id), dir="auto", class_="title")


def _hidden(each: Iterable[Working | Trouble], cards: Cards, what: str) -> Html:
    count = sum(one.task.recording not in cards for one in each)
    if not count:
        return Html("")
    said = f"{phrases.count(count, 'recording')} more {what}, not public: onrecord status names them."
    return tag("p", said, class_="soft")


def _closed(everything: Sequence[Card], cards: Cards) -> Html:
    count = len(everything) - len(cards)
    said = f"{phrases.count(count, 'recording')} kept here {'is' if count == 1 else 'are'} not public."
    return tag("p", said, class_="soft") if count else Html("")
