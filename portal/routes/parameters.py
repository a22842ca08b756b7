"""The parameters of a request, checked: what cannot be meant is refused with its name, never guessed."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from typing import TypeVar

from starlette.requests import Request

from archive.errors import InputError
from archive.models import LayerKind, Quality
from portal import state
from portal.links import parse_range
from search.models import By, Filters, Sort

MOST_RESULTS = 100  # of a page; whoever wants all asks for the next
DEEPEST_OFFSET = 10_000  # an engine has to rank everything before it
# what is asked, whichever address answers, and in which order where there is one
ASKED = ("q", "year", "speaker", "event", "language", "quality", "layer")
QUESTION = (*ASKED, "sort")
MOST_BY = 2  # things that counts are told apart by; each multiplies the rows
SHORTEST_S = 0.0005  # links say milliseconds; what is shorter may hold no sample
_LONGEST_VALUES = 50  # values of one parameter

Kind = TypeVar("Kind", bound=enum.StrEnum)

_YEARS = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?", re.ASCII)
_TIMES = re.compile(r"\d{1,9}(?:\.\d{1,9})?,\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)


def only(request: Request, *names: str) -> None:
    """Refuses parameters that the address does not have: a misspelt filter must not answer everything."""
    for name in request.query_params:
        if name not in names:
            known = ", ".join(names) or "none"
            raise InputError("there is no such parameter here", where=name[:40], mend=f"there are: {known}")


def count(request: Request, name: str, default: int, *, least: int = 0, most: int) -> int:
    """A whole number between `least` and `most`."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not _COUNT.fullmatch(text) or not least <= int(text) <= most:
        raise InputError(f"{text[:40]!r} is no whole number from {least} to {most}", where=name)
    return int(text)


def version(request: Request) -> int | None:
    """The transcript version asked for; None for the newest."""
    if "version" not in request.query_params:
        return None
    return count(request, "version", 0, least=1, most=999_999_999)


def times(request: Request, duration: float, longest: float) -> tuple[float, float]:
    """The start and end in `t`, in seconds within a recording of `duration`, at most `longest` apart."""
    text = request.query_params.get("t", "")
    start, end = parse_range(text, duration) if _TIMES.fullmatch(text) else (0.0, None)
    if end is None or end - start < SHORTEST_S:
        what = f"{text[:40]!r} is no start and end within the {duration:.3f} s of the recording"
        raise InputError(what, where="t", mend="such as 12.4,18.9")
    if end - start > longest:
        raise InputError(f"{end - start:.3f} s are too long; at most {longest:.0f} s are taken", where="t")
    return start, end


def sort(request: Request) -> Sort:
    """The order of an answer."""
    text = request.query_params.get("sort", Sort.RELEVANCE.value)
    try:
        return Sort(text)
    except ValueError:
        orders = ", ".join(order.value for order in Sort)
        raise InputError(f"{text[:40]!r} is no order", where="sort", mend=f"there are: {orders}") from None


def filters(request: Request) -> Filters:
    """What narrows an answer, for the public of today. A parameter given twice means either."""
    return Filters(
        years=_years(request.query_params.get("year")),
        speakers=_values(request, "speaker"),
        events=_values(request, "event"),
        languages=_values(request, "language"),
        qualities=_chosen(request, "quality", Quality),
        layers=_chosen(request, "layer", LayerKind),
        public_on=state.today(),
    )


def by(request: Request) -> tuple[By, ...]:
    """What counts are told apart by: years, unless told otherwise."""
    chosen = tuple(dict.fromkeys(_chosen(request, "by", By))) or (By.YEAR,)
    if len(chosen) > MOST_BY:
        raise InputError(f"has {len(chosen)} values; at most {MOST_BY} are taken", where="by")
    return chosen


def _years(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = _YEARS.fullmatch(text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if last < first:
        raise InputError(
            f"{text[:40]!r} is no year and no span of years", where="year", mend="such as 1961 or 1960-1970"
        )
    return first, last


def _values(request: Request, name: str) -> tuple[str, ...]:
    values = _given(request.query_params.getlist(name))
    if len(values) > _LONGEST_VALUES:
        raise InputError(f"has {len(values)} values; at most {_LONGEST_VALUES} are taken", where=name)
    return values


def _chosen(request: Request, name: str, kind: type[Kind]) -> tuple[Kind, ...]:
    """Values of a parameter that has only these."""
    values = _values(request, name)
    for value in values:
        if value not in set(kind):
            known = ", ".join(kind)
            raise InputError(f"{value[:40]!r} is none of its values", where=name, mend=f"there are: {known}")
    return tuple(map(kind, values))


def _given(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for value in values if value)
