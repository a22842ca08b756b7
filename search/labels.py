"""Names for ids, and ids for names: speakers, events and languages as people are shown them and type them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from archive.models import Card, Speaker
from search.languages import codes_named, language_name
from search.models import Facets, FacetValue, Filters
from search.syntax import CLOSED, FieldName
from search.terms import fold


class Labels:
    """The names in use, as of one reading of the register and the catalog."""

    def __init__(self, people: Iterable[Speaker], cards: Iterable[Card]) -> None:
        people = tuple(people)
        self._speakers = {old: known.name for known in people for old in (known.id, *known.former)}
        self._same = {old: (known.id, *known.former) for known in people for old in (known.id, *known.former)}
        self._events = {card.event: card.event_name or card.event for card in cards if card.event}
        self._spellings: dict[FieldName, list[tuple[str, set[str]]]] = {
            FieldName.SPEAKER: [(known.id, _tokens(name.text)) for known in people for name in known.names],
            FieldName.EVENT: [(known, _tokens(f"{name} {known}")) for known, name in self._events.items()],
        }

    def speaker(self, known: str) -> str:
        """The name of a speaker to show; "" for nobody."""
        return self._speakers.get(known, known)

    def meant(self, field: FieldName, typed: str) -> tuple[str, ...]:
        """The ids that a typed value may mean: the id itself, or those whose name has all its words."""
        if field in CLOSED:
            return (typed,)
        if field is FieldName.LANGUAGE:
            return codes_named(typed)
        wanted = _tokens(typed)
        named = [known for known, tokens in self._spellings[field] if wanted and wanted <= tokens]
        return tuple(dict.fromkeys(same for known in (typed, *named) for same in self.same(field, known)))

    def same(self, field: FieldName, known: str) -> tuple[str, ...]:
        """All ids of what has this one: of speakers also those of entries joined into theirs, as passages have them."""
        return self._same.get(known, (known,)) if field is FieldName.SPEAKER else (known,)

    def widened(self, filters: Filters) -> Filters:
        """The filters with all ids of the speakers they name."""
        speakers = (same for known in filters.speakers for same in self.same(FieldName.SPEAKER, known))
        return replace(filters, speakers=tuple(dict.fromkeys(speakers)))

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
    return {token for token in map(fold, text.replace("-", " ").replace(",", " ").split()) if token}
