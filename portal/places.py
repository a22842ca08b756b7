"""The places named in the bar of every page."""

from __future__ import annotations

from dataclasses import dataclass

from portal.address import Address


@dataclass(frozen=True, slots=True)
class Place:
    """A place to go to; `here` says whether the page is there."""

    label: str
    href: str
    here: bool


def places(address: Address) -> tuple[Place, ...]:
    """The places, as seen from an address."""
    here = "" if address.recording else address.view or "search"
    return (
        Place("Search", "/", here == "search"),
        Place("Events", Address(view="events").href, here == "events"),
        Place("Desk", Address(view="desk").href, here == "desk"),
    )
