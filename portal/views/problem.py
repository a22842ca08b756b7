"""What is said where something cannot be shown: in a sentence, with the way out."""

from __future__ import annotations

from archive.errors import OnrecordError
from portal.render import Html, put, tag


def show(heading: str, *body: Html) -> None:
    """A panel with a heading and what is said below it."""
    put(tag("div", tag("div", tag("h1", heading, class_="total"), *body, class_="problem"), class_="wrap"))


def explained(error: OnrecordError) -> tuple[Html, ...]:
    """An error as a sentence, and how to mend it as another."""
    said = tag("p", _sentence(error.what))
    return (said, tag("p", _sentence(error.mend), class_="soft")) if error.mend else (said,)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
