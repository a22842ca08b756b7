"""The bar of every page: the places that it names, and what its box asks for."""

from __future__ import annotations

from dataclasses import dataclass

from portal.address import Address


@dataclass(frozen=True, slots=True)
class Place:
    """A place to go to; `here` says whether the page is there."""

    label: str
    href: str
    here: bool


@dataclass(frozen=True, slots=True)
class Box:
    """The box of the bar: the view that answers what is typed, and what it says of itself."""

    view: str
    label: str


def box(address: Address) -> Box:
    """The box, as seen from an address."""
    if address.view == "explore" and not address.recording:
        return Box("explore", "Compare words, with commas between")
    return Box("", "Search what was said")


def places(address: Address) -> tuple[Place, ...]:
    """The places, as seen from an address."""
    here = "" if address.recording else address.view or "search"
    return (
        Place("Search", "/", here == "search"),
        Place("Events", Address(view="events").href, here == "events"),
        Place("Explore", Address(view="explore").href, here == "explore"),
        Place("Desk", Address(view="desk").href, here == "desk"),
    )
