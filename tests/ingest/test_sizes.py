"""The page on models names every size, engine and reason that the code knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest import guard
from ingest.sizes import SIZES
from ingest.transcribers import ENGINES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "models.md"


@pytest.mark.parametrize("name", [*SIZES, *ENGINES])
def test_every_size_and_engine_is_on_the_page(name: str) -> None:
    assert f"| `{name}` |" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("reason", [guard.LOOP, guard.STOCK, guard.SILENT, guard.HOPELESS, guard.SCRIPT, guard.UNSURE])
def test_every_reason_is_on_the_page(reason: str) -> None:
    assert reason in PAGE.read_text(encoding="utf-8")


def test_every_size_is_pinned() -> None:
    assert all(len(size.revision) == 40 for size in SIZES.values())


def test_packages_carry_only_what_we_know_the_digest_of() -> None:
    for size in SIZES.values():
        joined = {name for package in size.packages for name in package.files.values()}
        assert joined <= set(size.digests)
