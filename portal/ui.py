"""The page: reads its address, draws the bar and one view. `app.py` serves it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import msgspec
import streamlit as st

from archive.errors import OnrecordError
from portal import components, render
from portal.address import Address
from portal.places import box, places
from portal.views import desk, events, explore, problem, recording, search, start


@cache
def page_style() -> str:
    """The page's own stylesheet, as one text; fonts and colours came with the page itself."""
    names = ("base", "page", "pages")
    return "\n".join((components.THEME / f"{name}.css").read_text(encoding="utf-8") for name in names)


def here() -> Address:
    """Where this run of the page is."""
    params = st.query_params
    return Address.of({name: params.get_all(name) for name in params})


def go() -> None:
    """Follows a link: one write of the whole address is one step in the browser's history."""
    wanted = st.session_state["bar"].go
    if isinstance(wanted, str) and (address := Address.parse(wanted)) != here():
        st.query_params.from_dict(address.params)


def bar(address: Address) -> None:
    """The bar with the name, the search box and the places."""
    with st.container(key="top"):
        components.draw(
            "bar", msgspec.json.encode({"q": address.q, "box": box(address), "places": places(address)}), on_go=go
        )


def view(address: Address) -> tuple[str, Callable[[], None]]:
    """The title of the view at an address, and what draws it."""
    if address.recording:
        return recording.title(address), lambda: recording.show(address)
    if address.view == "events":
        return events.title(address), lambda: events.show(address)
    if address.view == "explore":
        return explore.title(address), lambda: explore.show(address)
    if address.view == "desk":
        return desk.title(), desk.show
    if address.q or address.narrowed:
        return search.title(address), lambda: search.show(address)
    return start.title(), start.show


def main() -> None:
    """One run of the page."""
    address = here()
    title, show = view(address)
    st.set_page_config(page_title=title, layout="wide", initial_sidebar_state="collapsed")
    render.style(page_style())
    bar(address)
    with st.container(key="view"):
        try:
            show()
        except OnrecordError as error:
            problem.show("This cannot be shown now", *problem.explained(error))


main()
