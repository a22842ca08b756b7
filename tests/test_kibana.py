"""The saved objects for Kibana: a JSON object a line, over fields that the index has, referring to each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from search.engines.elastic.mapping import mappings
from search.engines.elastic.settings import DEFAULT_ALIAS

LINES = (Path(__file__).resolve().parent.parent / "docs" / "kibana" / "onrecord.ndjson").read_text("utf-8").splitlines()
OBJECTS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
FIELDS = mappings(languages=True)["properties"]


def states() -> list[dict[str, Any]]:
    """What each of the visualisations shows."""
    return [json.loads(known["attributes"]["visState"]) for known in OBJECTS if known["type"] == "visualization"]


def test_every_reference_leads_to_an_object_in_the_file() -> None:
    here = {(known["type"], known["id"]) for known in OBJECTS}
    assert {(other["type"], other["id"]) for known in OBJECTS for other in known["references"]} <= here
    assert len(here) == len(OBJECTS)


def test_the_data_view_is_over_our_alias_and_its_dates() -> None:
    (view,) = (known["attributes"] for known in OBJECTS if known["type"] == "index-pattern")
    assert view["title"] == DEFAULT_ALIAS
    assert FIELDS[view["timeFieldName"]]["type"] == "date"


def test_every_field_that_is_counted_is_one_that_can_be() -> None:
    counted = [part["params"]["field"] for state in states() for part in state["aggs"] if "field" in part["params"]]
    assert counted
    assert {FIELDS[name]["type"] for name in counted} <= {"keyword", "date"}


def test_every_column_is_a_field_that_is_shown() -> None:
    hidden = mappings(languages=True)["_source"]["excludes"]
    columns = [name for known in OBJECTS if known["type"] == "search" for name in known["attributes"]["columns"]]
    assert columns
    assert [name for name in columns if name not in FIELDS or name in hidden] == []


def test_every_panel_of_the_dashboard_shows_an_object() -> None:
    (board,) = (known for known in OBJECTS if known["type"] == "dashboard")
    panels = {
        f"{panel['panelIndex']}:{panel['panelRefName']}" for panel in json.loads(board["attributes"]["panelsJSON"])
    }
    assert panels == {other["name"] for other in board["references"]}


def test_nothing_in_json_within_json_is_broken() -> None:
    for known in OBJECTS:
        for name, text in known["attributes"].items():
            if name.endswith("JSON"):
                json.loads(text)
        if meta := known["attributes"].get("kibanaSavedObjectMeta"):
            json.loads(meta["searchSourceJSON"])
