"""What narrows an answer: facets to choose from, and chips of what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from portal import phrases, state
from portal.address import Address
from portal.views import years
from search.models import Facets, FacetValue

UNNAMED = "voices without a name"


def facets(counted: Facets, address: Address) -> list[dict[str, Any]]:
    """Every facet with its values, their counts, and where each leads."""
    groups = _by_year({int(v.value): v.count for v in counted.years if v.value.isdigit()}, address)
    if counted.speakers:
        groups.append({"name": "Speaker", "values": _speakers(counted.speakers, address)})
    for name, field, values in (
        ("Event", "events", counted.events),
        ("Language", "languages", counted.languages),
        ("Certainty", "qualities", _where_they_differ(counted.qualities, address.qualities)),
        ("Words of", "layers", _where_they_differ(counted.layers, address.layers)),
    ):
        if values:
            groups.append({"name": name, "values": [_value(field, value, address) for value in values]})
    return groups


def _where_they_differ(values: tuple[FacetValue, ...], chosen: tuple[str, ...]) -> tuple[FacetValue, ...]:
    """The values, unless there is but one, as of nearly every collection, and it is not chosen."""
    return values if len(values) > 1 or chosen else ()


def _by_year(counts: Mapping[int, int], address: Address) -> list[dict[str, Any]]:
    """The years; and where they are told by decade, the chosen decades year by year."""
    drawn = years.bars(counts)
    if not drawn:
        return []
    groups = [_years("Year", counts, address)]
    first, last = address.years or (1, 0)
    chosen = [bar for bar in drawn if bar.first <= last and bar.last >= first and bar.first < bar.last]
    inside = {year: n for year, n in counts.items() if any(bar.first <= year <= bar.last for bar in chosen)}
    if len(counts) > years.FEW_YEARS and inside and max(inside) - min(inside) < years.MOST_BARS:
        span = (chosen[0].first, chosen[-1].last)
        unchosen = replace(address, years=None) if address.years == span else address  # so that one of them can be
        groups.append(_years("–".join(map(str, span)), inside, unchosen))
    return groups


def _years(name: str, counts: Mapping[int, int], address: Address) -> dict[str, Any]:
    """Years as bars, or as values like those of the other facets where they are too few to have a shape."""
    if len(counts) > years.FEW_YEARS:
        return {"name": name, "bars": [_bar(bar, address) for bar in years.bars(counts)]}
    few = [_bar(years.Bar(year, year, count, 0), address) for year, count in sorted(counts.items())]
    return {"name": name, "values": [{**bar, "count": phrases.number(bar["count"])} for bar in few]}


def _bar(bar: years.Bar, address: Address) -> dict[str, Any]:
    on = address.years is not None and address.years[0] <= bar.first and bar.last <= address.years[1]
    wanted = None if on else (bar.first, bar.last)
    href = replace(address, years=wanted, page=1).href
    return {"label": bar.label, "count": bar.count, "height": bar.height, "href": href, "on": on}


def _as_it_is(value: str, label: str) -> str:
    return label or value


_LABELS: dict[str, Callable[[str, str], str]] = {
    "speakers": phrases.speaker,
    "languages": lambda value, _: phrases.language(value),
    "qualities": lambda value, _: phrases.quality(value),
    "layers": lambda value, _: phrases.layer(value),
}


def _value(field: str, value: FacetValue, address: Address) -> dict[str, Any]:
    return {
        "label": _LABELS.get(field, _as_it_is)(value.value, value.label),
        "count": phrases.number(value.count),
        "href": address.toggled(field, value.value).href,
        "on": value.value in getattr(address, field),
    }


def _speakers(values: tuple[FacetValue, ...], address: Address) -> list[dict[str, Any]]:
    """Speakers, and together those whom nobody named: voice 1 of one recording is not that of another."""
    voices = [value for value in values if phrases.is_nameless(value.value, value.label)]
    rows = [_value("speakers", value, address) for value in values if value not in voices]
    if voices:
        ids = tuple(value.value for value in voices)
        named = _named(address)
        on = named != address.speakers
        href = replace(address, speakers=named if on else (*named, *ids), page=1).href
        count = phrases.number(sum(value.count for value in voices))
        rows.append({"label": UNNAMED, "count": count, "href": href, "on": on})
    return rows


def _named(address: Address) -> tuple[str, ...]:
    """The chosen speakers whom somebody named."""
    names = state.speaker_names(address.speakers)
    return tuple(who for who in address.speakers if not phrases.is_nameless(who, names[who]))


def chips(counted: Facets, address: Address) -> list[dict[str, str]]:
    """What is chosen, each with where it leads to drop it."""
    set_years = []
    if address.years:
        label = "–".join(map(str, dict.fromkeys(address.years)))
        set_years.append({"label": label, "href": replace(address, years=None, page=1).href})
    named = _named(address)
    speakers = state.speaker_names(named)
    events = {v.value: v.label for v in counted.events}
    labels = [("speakers", v, phrases.speaker(v, speakers[v])) for v in named]
    labels += [("events", v, events.get(v, v)) for v in address.events]
    labels += [("languages", v, phrases.language(v)) for v in address.languages]
    labels += [("qualities", v, phrases.quality(v)) for v in address.qualities]
    labels += [("layers", v, phrases.layer(v)) for v in address.layers]
    unnamed = [{"label": UNNAMED, "href": replace(address, speakers=named, page=1).href}]
    chosen = [{"label": label, "href": address.toggled(field, v).href} for field, v, label in labels]
    return [*set_years, *(unnamed if named != address.speakers else []), *chosen]
