"""The one place where text from outside reaches HTML: everything is escaped, and only links of ours or https pass.

    tag("a", title, href=url)      <a href="…">escaped title</a>

What `tag` gives back is `Html`; any other text handed to it is text. Nothing else in the portal may call `st.html`.
"""

from __future__ import annotations

import html
import re

import streamlit as st

_BIDI_CONTROL = re.compile("[\u202a-\u202e\u2066-\u2069]")
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_LINK = re.compile(r"/(?!/)|https?://")


class Html(str):
    """Markup made by `tag`."""

    __slots__ = ()


def visible(text: str) -> str:
    """The text with bidi controls shown instead of obeyed, so that no line reads as what it is not."""
    return _BIDI_CONTROL.sub(lambda found: f"␣U+{ord(found[0]):04X}", text)


def escape(text: str) -> Html:
    """Text as HTML."""
    return text if isinstance(text, Html) else Html(html.escape(visible(text)))


def tag(name: str, *children: str, **attributes: str) -> Html:
    """An element. Attributes take an underscore for a hyphen, and one at the end is dropped (`class_`)."""
    if not _NAME.fullmatch(name) or name in {"script", "style", "iframe", "object"}:
        raise ValueError(f"no element of ours: {name!r}")
    written = "".join(_attribute(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    return Html(f"<{name}{written}>" + "".join(map(escape, children)) + f"</{name}>")


def _attribute(name: str, value: str) -> str:
    if not _NAME.fullmatch(name) or name.startswith("on"):
        raise ValueError(f"no attribute of ours: {name!r}")
    if name in {"href", "src"} and not _LINK.match(value):
        return ""
    return f' {name}="{html.escape(visible(value))}"'


def join(*parts: str) -> Html:
    """Several pieces after one another."""
    return Html("".join(map(escape, parts)))


def facts(*parts: str) -> Html:
    """Facts side by side in the direction of what they stand in, each in its own order."""
    spaced = [piece for part in parts for piece in (" · ", tag("bdi", part))]
    return tag("span", *spaced[1:], class_="meta")


def put(content: Html) -> None:
    """Shows it on the page, within our shapes."""
    st.html(tag("div", content, class_="on"))


def style(css: str) -> None:
    """Puts a stylesheet of our own on the page."""
    st.html(f"<style>{css}</style>")


def query_with_pointer(query: str, at: int) -> Html:
    """A query with the character marked that could not be read; past its end, a mark after it."""
    at = min(max(at, 0), len(query))
    return tag(
        "p", query[:at], tag("mark", query[at : at + 1] or "\u00a0"), query[at + 1 :], class_="asked", dir="auto"
    )
