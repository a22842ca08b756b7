"""The tree of a query, as the parser gives it: what was asked, before any language's analysis."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from archive.models import LayerKind, Quality


class FieldName(enum.StrEnum):
    """What a query may name to narrow itself, as in `speaker:kennedy`."""

    SPEAKER = "speaker"
    YEAR = "year"
    LANGUAGE = "language"
    EVENT = "event"
    QUALITY = "quality"
    LAYER = "layer"


# fields with these values and no others
CLOSED = {
    FieldName.QUALITY: tuple(quality.value for quality in Quality),
    FieldName.LAYER: tuple(layer.value for layer in LayerKind),
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order, as typed; one word is a phrase of one.

    `slop` is how many other words may stand between them in all; `exact` asks for the words as they are
    spelled, not for their inflections.
    """

    words: tuple[str, ...]
    slop: int = 0
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Wild:
    """Words made of these folded pieces with anything between them: ("gov", "") is `gov*`."""

    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Words within this many edits (a letter more, less, other, or two exchanged) of a folded one."""

    word: str
    edits: int


@dataclass(frozen=True, slots=True)
class Field:
    """Only passages whose field has this value, as typed; years are `first-last`."""

    name: FieldName
    value: str


@dataclass(frozen=True, slots=True)
class And:
    """All parts in one passage. Without parts it asks for nothing."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Passages without this."""

    part: Node


Node = Phrase | Wild | Fuzzy | Field | And | Or | Not


def seeks(node: Node) -> bool:
    """Whether every passage that answers has at least one word to show."""
    match node:
        case Phrase() | Wild() | Fuzzy():
            return True
        case And(parts):
            return any(seeks(part) for part in parts)
        case Or(parts):
            return all(seeks(part) for part in parts)
        case Field() | Not():
            return False


def fields(node: Node) -> Iterator[Field]:
    """All fields that a query says anything of, in order."""
    match node:
        case Field():
            yield node
        case And(parts) | Or(parts):
            for part in parts:
                yield from fields(part)
        case Not(part):
            yield from fields(part)


def narrowing(node: Node) -> Node:
    """What a query asks of passages whatever is said in them: its fields that must hold beside the words."""
    match node:
        case And(parts):
            return And(tuple(narrowing(part) for part in parts))
        case _:
            return node if only_fields(node) else And()


def only_fields(node: Node) -> bool:
    """Whether a node asks for nothing but fields."""
    match node:
        case Field():
            return True
        case And(parts) | Or(parts):
            return all(only_fields(part) for part in parts)
        case Not(part):
            return only_fields(part)
        case _:
            return False
