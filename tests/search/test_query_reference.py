"""docs/reference/query.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from search import hits, planner, query, syntax

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "query.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_can_be_asked(example: str) -> None:
    assert query.parse(example)


@pytest.mark.parametrize("field", syntax.FieldName)
def test_every_field_has_an_example(field: syntax.FieldName) -> None:
    assert any(f"{field.value}:" in example for example in EXAMPLES)


def test_the_limits_are_those_of_the_code() -> None:
    table = PAGE.split("## Limits")[1]
    stated = re.findall(r"^\| ([\d,]+) \|", table, re.MULTILINE)
    code = (
        query.MAX_CHARS,
        query.MAX_WORDS,
        query.MAX_DEPTH,
        query.MAX_EXPANSIONS,
        query.MAX_EDITS,
        query.MAX_SLOP,
    )
    assert [int(number.replace(",", "")) for number in stated] == list(code)
    for number in (hits.MAX_SEGMENTS, planner.MAX_EXPANSION):
        assert f"{number:,}" in PAGE
