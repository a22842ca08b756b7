"""What an engine is asked, in terms and fields: the query after analysis, free of any engine's own types.

`Wanted` holds the alternatives of one word or phrase of the query; an engine scores it by the best of them, `AllOf`
and `AnyOf` by the sum of their parts, and the rest with nothing.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from search.models import Filters
from search.terms import GHOST

GHOST_WORDS = 8  # terms of the following segments that a document also holds
HEAD_TERMS = GHOST_WORDS + 1  # as much of a quote as an engine can see from the segment where it starts


class TermField(enum.StrEnum):
    """The two forms in which every spoken word is indexed."""

    STEM = "stems"
    SURFACE = "surfaces"


class Keyword(enum.StrEnum):
    """Fields with one value a document, compared as a whole."""

    RECORDING = "recording"
    EVENT = "event"
    SPEAKER = "speaker"
    LANGUAGE = "language"
    ANALYSED = "analysed"
    QUALITY = "quality"
    LAYER = "layer"


class Number(enum.StrEnum):
    """Fields with one whole number a document."""

    YEAR = "year"
    PUBLIC_FROM = "public_from"
    VERSION = "version"
    SEGMENT = "segment"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Run:
    """Terms in this order with at most `slop` others between them in all; one term is a run of one."""

    field: TermField
    terms: tuple[str, ...]
    slop: int = 0

    @property
    def checked(self) -> bool:
        """Whether an engine only proposes passages for it, and the words themselves must decide."""
        return self.slop > 0 or len(self.terms) > HEAD_TERMS


@dataclass(frozen=True, slots=True)
class Wanted:
    """Any of these runs, begun in the passage itself: the hit that people see."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Where:
    """The field has one of these values."""

    field: Keyword
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The number lies within these, both included."""

    field: Number
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part; without parts, every passage."""

    parts: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part; without parts, no passage."""

    parts: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class NoneOf:
    """Not this part."""

    part: Clause


Clause = Wanted | Where | Between | AllOf | AnyOf | NoneOf

EVERYTHING = AllOf()


def conditions(filters: Filters) -> tuple[Clause, ...]:
    """The filters as clauses, all of which must hold."""
    out: list[Clause] = []
    if filters.years is not None:
        out.append(Between(Number.YEAR, *filters.years))
    if filters.public_on is not None:
        out.append(Between(Number.PUBLIC_FROM, 0, filters.public_on))
    for field, values in (
        (Keyword.SPEAKER, filters.speakers),
        (Keyword.EVENT, filters.events),
        (Keyword.LANGUAGE, filters.languages),
        (Keyword.RECORDING, filters.recordings),
        (Keyword.QUALITY, tuple(quality.value for quality in filters.qualities)),
        (Keyword.LAYER, tuple(layer.value for layer in filters.layers)),
    ):
        if values:
            out.append(Where(field, values))
    return tuple(out)


def is_checked(clause: Clause) -> bool:
    """Whether any part of the clause can only be decided from the words."""
    match clause:
        case Wanted(runs):
            return any(run.checked for run in runs)
        case AllOf(parts) | AnyOf(parts):
            return any(is_checked(part) for part in parts)
        case NoneOf(part):
            return is_checked(part)
        case _:
            return False


def proposal(clause: Clause) -> Clause:
    """The clause as an engine can answer it: never fewer passages, and none more unless `is_checked`."""
    match clause:
        case Wanted(runs) if is_checked(clause):
            return AnyOf(tuple(_proposed(run) for run in runs))
        case AllOf(parts):
            return AllOf(tuple(proposal(part) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(proposal(part) for part in parts))
        case NoneOf(part):
            # what is proposed for the part is too much, so leaving it out would leave out too much
            return EVERYTHING if is_checked(part) else clause
        case _:
            return clause


def placings(run: Run) -> Iterator[tuple[str, ...]]:
    """The terms of a run without slop, for every place where the border of the segment may fall in it."""
    for own in range(len(run.terms), 0, -1):
        yield run.terms[:own] + tuple(GHOST + term for term in run.terms[own:])


def _proposed(run: Run) -> Clause:
    if not run.slop:
        return Wanted((Run(run.field, run.terms[:HEAD_TERMS]),))
    first, *others = dict.fromkeys(run.terms)
    own = Wanted((Run(run.field, (first,)),))
    anywhere = (Wanted((Run(run.field, (term,)), Run(run.field, (GHOST + term,)))) for term in others)
    return AllOf((own, *anywhere))
