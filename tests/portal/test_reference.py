"""docs/reference/api.md and settings.md against the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from portal.routes.openapi import document
from portal.routes.problems import TYPE_PREFIX
from search.models import Sort

if TYPE_CHECKING:
    from archive.models import Recording

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
API = (REFERENCE / "api.md").read_text(encoding="utf-8")
SETTINGS = (REFERENCE / "settings.md").read_text(encoding="utf-8")
SOURCES = ("archive", "ingest", "search", "portal", "commands", "scripts", "tests", "benchmarks")


def rows(text: str) -> list[list[str]]:
    """The cells of every table's rows, without backticks."""
    lines = (line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---"))
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_address_is_documented_and_no_other() -> None:
    documented = {cells[0].strip() for cells in rows(API) if cells[0].startswith("/")}
    assert documented == set(document()["paths"])


def test_every_parameter_is_documented_with_its_bounds_and_default() -> None:
    [described] = [item for path, item in document()["paths"].items() if path == "/api/search"]
    section = API.partition("## `/api/search`")[2].partition("\n## ")[0]
    table = {cells[0]: cells for cells in rows(section)}
    for parameter in described["get"]["parameters"]:
        schema, cells = parameter["schema"], table.pop(parameter["name"])
        if "maximum" in schema:
            assert f"{schema['minimum']} to {schema['maximum']}" in cells[1]
            assert cells[2] == str(schema["default"])
    assert set(table) == {"parameter"}
    assert all(order.value in section for order in Sort)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/search?q=%22country", "QueryError"),
        ("GET", "/api/search?limit=0", "InputError"),
        ("GET", "/api/nothing", "NotFound"),
        ("POST", "/api/search", "MethodNotAllowed"),
        ("GET", "/av/{id}", "RangeNotSatisfiable"),
    ],
)
def test_problems_are_documented_by_their_type_and_status(
    client: TestClient, kept: Recording, method: str, path: str, code: str
) -> None:
    answer = client.request(method, path.format(id=kept.id), headers={"Range": "bytes=999999999-"})
    problem = answer.json()
    assert problem["type"] == TYPE_PREFIX + code
    assert [str(problem["status"]), code] in [cells[:2] for cells in rows(API)]


def test_every_variable_of_the_environment_is_documented_and_no_other() -> None:
    files = [path for room in SOURCES for path in (ROOT / room).rglob("*.py")]
    files += [ROOT / name for name in ("app.py", "cli.py", "Makefile", ".ci/run")]
    read = {name for path in files for name in re.findall(r"ONRECORD_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8"))}
    documented = {cells[0] for cells in rows(SETTINGS) if cells[0].startswith("ONRECORD_")}
    assert documented == read


def test_the_settings_kept_for_safety_are_those_of_the_portal() -> None:
    configured = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    table = {cells[0]: cells[1] for cells in rows(SETTINGS) if re.fullmatch(r"\w+\.\w+", cells[0])}
    assert len(table) > 5
    for name, documented in table.items():
        section, _, option = name.partition(".")
        assert str(configured[section][option]).lower() == documented.lower()
