"""A query and its filters as they are asked of what is there now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from archive.models import Card, LayerKind
from search.clauses import AllOf, Clause, conditions
from search.models import Filters
from search.planner import Plan, plan
from search.present import Known, View, hidden, visible
from search.syntax import FieldName, Node, fields, narrowing

SAID = (LayerKind.FLOOR, LayerKind.INTERPRETER)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `filters` have all ids that they may mean, `cards` are what may be shown, `planned` the query."""

    known: Known
    view: View
    node: Node
    filters: Filters
    cards: Mapping[str, Card]
    planned: Plan

    @classmethod
    def of(cls, node: Node, filters: Filters, known: Known, view: View) -> Question:
        """The question that a query and filters ask."""
        filters = _of_what_was_said(node, view, known.labels.widened(filters))
        planned = plan(node, view.languages, view.reader, known.labels.meant)
        return cls(known, view, node, filters, visible(known, filters), planned)

    def clause(self, filters: Filters | None = None) -> Clause:
        """The whole question; also under other filters than its own."""
        return self._narrowed(self.planned.clause, self.filters if filters is None else filters)

    def among(self) -> Clause:
        """The passages that it looks through: those that the filters leave, and the fields of the query."""
        fields_alone = plan(narrowing(self.node), self.view.languages, self.view.reader, self.known.labels.meant)
        return self._narrowed(fields_alone.clause, self.filters)

    def _narrowed(self, clause: Clause, filters: Filters) -> Clause:
        return AllOf((clause, *conditions(filters), *hidden(self.view, self.cards, filters)))


def _of_what_was_said(node: Node, view: View, filters: Filters) -> Filters:
    """Translations are never mixed with what was said, unless somebody asks for them."""
    asked = any(field.name is FieldName.LAYER for field in fields(node))
    if not view.translations or filters.layers or asked:
        return filters
    return replace(filters, layers=SAID)
