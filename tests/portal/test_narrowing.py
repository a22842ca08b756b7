"""Facets and chips: what narrows an answer, and where each choice leads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from archive.catalog import Catalog
from portal import state
from portal.address import Address
from portal.views.narrowing import facets
from portal.views.search import answer_data
from search.models import Facets, FacetValue
from tests.portal.conftest import Shelf


def by_year(*counted: int) -> Facets:
    """A facet with a passage of each year."""
    return Facets(years=tuple(FacetValue(str(year), str(year), 1) for year in counted))


def answered(address: Address) -> Any:
    """What the answer component is given."""
    answer_data.clear()
    return msgspec.json.decode(answer_data(address.href, state.today()))


def test_voices_that_nobody_named_are_chosen_together_for_they_are_not_one_person(shelf: Shelf) -> None:
    for title, voice in (("Meeting", "unknown-1"), ("Another", "unknown-1"), ("نشست", "unknown-2")):
        kept = shelf.add(title, "")
        made = shelf.say(kept, "ask not")
        spoken = replace(made, version=0, segments=(replace(made.segments[0], speaker=voice),))
        shelf.archive.add_transcript(spoken, agent="test")
        Catalog(shelf.archive).put(kept.id)
    shelf.add("Inaugural address", "ask not what")
    shelf.index()
    speakers = next(facet["values"] for facet in answered(Address(q="ask"))["facets"] if facet["name"] == "Speaker")
    assert [(one["label"], one["count"], one["on"]) for one in speakers] == [
        ("John F. Kennedy", "1", False),
        ("voices without a name", "3", False),
    ]
    chosen = answered(Address.parse(speakers[1]["href"]))
    assert chosen["total"] == "3 moments in 3 recordings"
    assert chosen["chips"] == [{"label": "voices without a name", "href": Address(q="ask").href}]


def test_a_few_years_are_values_and_many_are_bars() -> None:
    (few,) = facets(by_year(1961, 2015), Address(years=(1961, 1961)))
    assert [(value["label"], value["on"]) for value in few["values"]] == [("1961", True), ("2015", False)]
    (many,) = facets(by_year(1961, 1962, 1963, 1965), Address())
    assert [bar["label"] for bar in many["bars"]] == ["1961", "1962", "1963", "1964", "1965"]


def test_a_chosen_decade_can_be_chosen_from_year_by_year() -> None:
    decades, single = facets(by_year(1933, 1961, 1963, 2001, 2019), Address(years=(1960, 1969)))
    assert [bar["label"] for bar in decades["bars"] if bar["on"]] == ["1960–1969"]
    assert single["name"] == "1960–1969"
    assert [Address.parse(value["href"]).years for value in single["values"]] == [(1961, 1961), (1963, 1963)]
