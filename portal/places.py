"""The bar of every page: the places that it names, and what its box asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.address import Address
from search.models import Sort


@dataclass(frozen=True, slots=True)
class Place:
    """A place to go to; `here` says whether the page is there."""

    label: str
    href: str
    here: bool


@dataclass(frozen=True, slots=True)
class Box:
    """The box of the bar: what it says of itself, and the parameters that stay as they are when something is typed."""

    label: str
    keeps: tuple[tuple[str, str], ...] = ()


def box(address: Address) -> Box:
    """The box, as seen from an address."""
    if address.view == "explore" and not address.recording:
        kept = replace(address, q="", sort=Sort.RELEVANCE, term=1, order="", page=1).params  # the view and the filters
        pairs = tuple((name, value) for name, values in kept.items() for value in values)
        return Box("Compare words, with commas between", pairs)
    return Box("Search what was said")


def places(address: Address) -> tuple[Place, ...]:
    """The places, as seen from an address."""
    here = "" if address.recording else address.view or "search"
    return (
        Place("Search", "/", here == "search"),
        Place("Events", Address(view="events").href, here == "events"),
        Place("Explore", Address(view="explore").href, here == "explore"),
        Place("Desk", Address(view="desk").href, here == "desk"),
    )
