"""Names for ids, and ids for names: speakers, events and languages as people are shown them and type them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from archive.models import UNKNOWN, Card, Speaker
from archive.people import fold as one_name
from search.languages import codes_named, language_name
from search.models import By, Facets, FacetValue, Filters
from search.syntax import CLOSED, FieldName
from search.terms import fold


class Labels:
    """The names in use, as of one reading of the register and the catalog."""

    def __init__(self, people: Iterable[Speaker], cards: Iterable[Card]) -> None:
        people = tuple(people)
        self._speakers = {old: known.name for known in people for old in (known.id, *known.former)}
        self._same = {old: (known.id, *known.former) for known in people for old in (known.id, *known.former)}
        self._events = {card.event: card.event_name or card.event for card in cards if card.event}
        self._spellings: dict[FieldName, list[tuple[str, set[str], str]]] = {
            FieldName.SPEAKER: [
                (known.id, _tokens(name.text), one_name(name.text)) for known in people for name in known.names
            ],
            FieldName.EVENT: [
                (known, _tokens(f"{name} {known}"), one_name(name)) for known, name in self._events.items()
            ],
        }

    def speaker(self, known: str) -> str:
        """The name of a speaker to show; "" for nobody."""
        return self._speakers.get(known, known)

    def meant(self, field: FieldName, typed: str) -> tuple[str, ...]:
        """The ids that a typed value may mean: the id itself, and those whose name has all its words."""
        if field in CLOSED:
            return (typed,)
        if field is FieldName.LANGUAGE:
            return codes_named(typed)
        named = (typed, *self._named(field, typed))
        return tuple(dict.fromkeys(same for known in named for same in self.same(field, known)))

    def knows(self, field: FieldName, typed: str) -> bool:
        """Whether a typed speaker or event is the id of one here, or fits the name of one."""
        ids = self._speakers if field is FieldName.SPEAKER else self._events
        return typed in ids or any(self._named(field, typed))

    def _named(self, field: FieldName, typed: str) -> Iterator[str]:
        wanted, whole = _tokens(typed), one_name(typed)
        for known, tokens, name in self._spellings[field]:
            if wanted and (wanted <= tokens or whole == name):
                yield known

    def same(self, field: FieldName, known: str) -> tuple[str, ...]:
        """All ids of what has this one: of speakers also those of entries joined into theirs, as passages have them."""
        return self._same.get(known, (known,)) if field is FieldName.SPEAKER else (known,)

    def widened(self, filters: Filters) -> Filters:
        """The filters with the ids of all that they may mean, read as a query's fields are.

        But an id means itself only, so that who has chosen one of two alike does not get both.
        """

        def ids(field: FieldName, typed: Iterable[str]) -> tuple[str, ...]:
            exact = self._speakers if field is FieldName.SPEAKER else self._events
            return tuple(
                dict.fromkeys(
                    known
                    for value in typed
                    for known in (self.same(field, value) if value in exact else self.meant(field, value))
                )
            )

        return replace(
            filters,
            speakers=ids(FieldName.SPEAKER, filters.speakers),
            events=ids(FieldName.EVENT, filters.events),
            languages=ids(FieldName.LANGUAGE, filters.languages),
        )

    def facets(self, counts: Sequence[Mapping[str, int]]) -> Facets:
        """Counts by `search.hits.FACETS` as people are shown them; unknown values left out."""
        years, speakers, events, languages, qualities, layers = counts
        return Facets(
            years=tuple(FacetValue(year, year, years[year]) for year in sorted(years, key=int) if int(year)),
            speakers=_values(self._joined(speakers), self._speakers),
            events=_values(events, self._events),
            languages=_values(languages, {code: language_name(code) for code in languages}),
            qualities=_values(qualities, {}),
            layers=_values(layers, {}),
        )

    def standing(self, by: By, value: str) -> str:
        """The value that stands for one of the index; "" where nobody knows it.

        A voice without a name is numbered in its recording, so two of one number are not one speaker.
        """
        if by is By.SPEAKER:
            nameless = value.startswith(UNKNOWN) and value not in self._speakers  # a person may be named so too
            return "" if nameless else self.same(FieldName.SPEAKER, value)[0]
        return "" if by is By.YEAR and value == "0" else value

    def label(self, by: By, value: str) -> str:
        """What people are shown for a value; "" where nobody knows it."""
        match by:
            case By.SPEAKER:
                return self.speaker(value)
            case By.EVENT:
                return self._events.get(value, value)
            case By.LANGUAGE:
                return language_name(value)
            case By.YEAR:
                return value

    def _joined(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        """Counts by the id that stands for each speaker now."""
        joined: Counter[str] = Counter()
        for known, count in counts.items():
            joined[self.same(FieldName.SPEAKER, known)[0]] += count
        return joined


def _values(counts: Mapping[str, int], names: Mapping[str, str]) -> tuple[FacetValue, ...]:
    values = (FacetValue(value, names.get(value, value), count) for value, count in counts.items() if value)
    return tuple(sorted(values, key=lambda value: (-value.count, value.label, value.value)))


def _tokens(text: str) -> set[str]:
    words = map(fold, text.replace("-", " ").replace(",", " ").split())
    return {token for word in words if (token := "".join(char for char in word if char.isalnum()))}
