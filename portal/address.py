"""What the page's address asks for, and the address of everything the page links to.

Addresses come from anywhere, so whatever cannot be meant is left out rather than refused.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

from archive.models import Card, LayerKind, Quality
from search.models import By, Filters, Sort

LONGEST_QUERY = 5000  # characters; the query parser has its own, lower limit and says so
MOST_VALUES = 50  # of one filter
MOST_PAGES = 1000
_YEARS = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?", re.ASCII)
_VIEWS = ("events", "explore", "desk")
ORDERS = ("before", "after")  # of the lines of a concordance: by the word before the hit, or behind it


@dataclass(frozen=True, slots=True)
class Address:
    """One place in the portal. `years` is inclusive; `t` is read by `links.parse_range`; `page` counts from 1.
    `version` is a transcript's, 0 for the one that is shown unless told otherwise. Of several queries `term` numbers
    the one whose lines are shown, from 1, and `order` is one of `ORDERS`, "" for that of time.
    """

    view: str = ""
    q: str = ""
    recording: str = ""
    t: str = ""
    years: tuple[int, int] | None = None
    speakers: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    version: int = 0
    term: int = 1
    order: str = ""

    @classmethod
    def of(cls, params: Mapping[str, Sequence[str]]) -> Self:
        """The address in the page's parameters, each of them a list of values."""

        def one(name: str) -> str:
            return params[name][-1] if params.get(name) else ""

        def some(name: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(value for value in params.get(name, ()) if value))[:MOST_VALUES]

        def among(name: str, known: type[enum.StrEnum]) -> tuple[str, ...]:
            return tuple(value for value in some(name) if value in set(known))

        return cls(
            view=one("view") if one("view") in _VIEWS else "",
            q=one("q")[:LONGEST_QUERY].strip(),
            recording=one("recording")[:100],
            t=one("t")[:100],
            years=_years(one("year")),
            speakers=some("speaker"),
            events=some("event"),
            languages=some("language"),
            qualities=among("quality", Quality),
            layers=among("layer", LayerKind),
            sort=Sort(one("sort")) if one("sort") in list(Sort) else Sort.RELEVANCE,
            page=min(int(one("page")), MOST_PAGES) if re.fullmatch(r"[1-9]\d{0,5}", one("page"), re.ASCII) else 1,
            version=int(one("version")) if re.fullmatch(r"[1-9]\d{0,8}", one("version"), re.ASCII) else 0,
            term=int(one("term")) if re.fullmatch(r"[1-9]", one("term"), re.ASCII) else 1,
            order=one("order") if one("order") in ORDERS else "",
        )

    @classmethod
    def parse(cls, search: str) -> Self:
        """The address in what stands after the `?`."""
        return cls.of(parse_qs(search.removeprefix("?").removeprefix("/?"), max_num_fields=200))

    @classmethod
    def asking(cls, query: str, filters: Filters) -> Self:
        """The address of what a query and filters ask."""
        return cls(
            q=query,
            years=filters.years,
            speakers=filters.speakers,
            events=filters.events,
            languages=filters.languages,
            qualities=tuple(quality.value for quality in filters.qualities),
            layers=tuple(layer.value for layer in filters.layers),
        )

    @property
    def params(self) -> dict[str, list[str]]:
        """The page's parameters, without those that say nothing."""
        years = "" if self.years is None else "-".join(map(str, dict.fromkeys(self.years)))
        pairs = {
            "view": [self.view],
            "recording": [self.recording],
            "version": [str(self.version) if self.version else ""],
            "t": [self.t],
            "q": [self.q],
            "year": [years],
            "speaker": list(self.speakers),
            "event": list(self.events),
            "language": list(self.languages),
            "quality": list(self.qualities),
            "layer": list(self.layers),
            "sort": ["" if self.sort is Sort.RELEVANCE else self.sort.value],
            "term": ["" if self.term == 1 else str(self.term)],
            "order": [self.order],
            "page": ["" if self.page == 1 else str(self.page)],
        }
        return {name: values for name, values in pairs.items() if any(values)}

    @property
    def href(self) -> str:
        """The link to here, relative to the server."""
        params = urlencode(self.params, doseq=True, safe=",")
        return f"/?{params}" if params else "/"

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        return bool(self.years or self.speakers or self.events or self.languages or self.qualities or self.layers)

    def filters(self, public_on: int) -> Filters:
        """The filters as search takes them, for the public of a day (yyyymmdd)."""
        return Filters(
            years=self.years,
            speakers=self.speakers,
            events=self.events,
            languages=self.languages,
            qualities=tuple(map(Quality, self.qualities)),
            layers=tuple(map(LayerKind, self.layers)),
            public_on=public_on,
        )

    def keeps(self, card: Card) -> bool:
        """Whether a recording passes the filters."""
        return (
            (self.years is None or self.years[0] <= card.year <= self.years[1])
            and (not self.events or card.event in self.events)
            and (not self.speakers or any(speaker in self.speakers for speaker, _ in card.speakers))
            and (not self.languages or any(code in self.languages for code in card.languages))
        )

    def within(self, by: Sequence[By], values: Sequence[str]) -> Address:
        """With only what has these values, which somebody knows, of what counts are told apart by."""
        changes: dict[str, Any] = {"page": 1}
        for one, value in zip(by, values, strict=True):
            if one is By.YEAR:
                changes["years"] = (int(value), int(value))
            else:
                changes[f"{one.value}s"] = (value,)
        return replace(self, **changes)

    def without_filters(self) -> Address:
        """The same question asked of everything."""
        return Address(view=self.view, q=self.q, sort=self.sort)

    def toggled(self, field: str, value: str) -> Address:
        """With a value of a filter, such as `speakers`, added, or taken away where it was set."""
        values: tuple[str, ...] = getattr(self, field)
        kept = tuple(v for v in values if v != value) if value in values else (*values, value)
        changes: dict[str, Any] = {field: kept, "page": 1}
        return replace(self, **changes)


def _years(text: str) -> tuple[int, int] | None:
    match = _YEARS.fullmatch(text)
    if not match:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return (min(first, last), max(first, last))
