"""What a question names and nobody or nothing here is called: an empty answer then has its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from archive.models import UNKNOWN, Card, Speaker
from search.labels import Labels
from search.languages import codes_named, language_name
from search.models import Filters
from search.query import parse
from search.syntax import FieldName, Node, fields
from search.terms import fold

NAMING = (FieldName.SPEAKER, FieldName.EVENT, FieldName.LANGUAGE)
NEAR_NAMES = 3
NEAR_PERCENT = 70  # of likeness, from which a name is offered for another


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A value as typed that fits no speaker, event or language, and those that are like it, the nearest first."""

    field: FieldName
    typed: str
    near: tuple[str, ...]


def unknown_names(
    text: str, filters: Filters, people: Iterable[Speaker], cards: Iterable[Card]
) -> tuple[UnknownName, ...]:
    """Of a question that can be read. It tells who is here, so `people` and `cards` are those the asker may know of."""
    people, cards = tuple(people), tuple(cards)
    labels = Labels(people, cards)
    spoken = {code for card in cards for code in card.languages}
    called = {
        FieldName.SPEAKER: [name.text for known in people for name in known.names],
        FieldName.EVENT: list(dict.fromkeys(card.event_name for card in cards if card.event)),
    }
    unknown = []
    for field, typed in dict.fromkeys((*_of_filters(filters), *_of_query(parse(text)))):
        if field is FieldName.LANGUAGE:
            if spoken.isdisjoint(codes_named(typed)):
                unknown.append(UnknownName(field, typed, tuple(map(language_name, sorted(spoken)))))
        elif not typed.startswith(UNKNOWN) and not labels.knows(field, typed):
            unknown.append(UnknownName(field, typed, tuple(_near(typed, called[field]))))
    return tuple(unknown)


def _near(typed: str, names: list[str]) -> Iterator[str]:
    folded = [fold(name) for name in names]
    found = process.extract(fold(typed), folded, scorer=fuzz.WRatio, limit=NEAR_NAMES, score_cutoff=NEAR_PERCENT)
    return (names[at] for _name, _score, at in found)


def _of_filters(filters: Filters) -> Iterator[tuple[FieldName, str]]:
    yield from ((FieldName.SPEAKER, typed) for typed in filters.speakers)
    yield from ((FieldName.EVENT, typed) for typed in filters.events)
    yield from ((FieldName.LANGUAGE, typed) for typed in filters.languages)


def _of_query(node: Node) -> Iterator[tuple[FieldName, str]]:
    return ((field.name, field.value) for field in fields(node) if field.name in NAMING)
