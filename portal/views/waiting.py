"""A word to whoever waits: what is being done, while it takes long."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import streamlit as st

from portal.render import put, tag


@contextlib.contextmanager
def waiting(what: str) -> Iterator[None]:
    """Says `what` until it is done; the stylesheet holds it back from who waits only a moment."""
    slot = st.empty()
    with slot:
        put(tag("p", what, class_="waiting", role="status"))
    try:
        yield
    finally:
        slot.empty()
