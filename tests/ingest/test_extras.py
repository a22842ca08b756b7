"""The hint how to add what is not installed can be followed in any checkout."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest

from ingest.extras import adding
from tests.ingest.programs import ROOT

EXTRAS = tuple(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"])
OURS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "ingest").rglob("*.py")]


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_command_that_adds_an_extra_sets_up_that_extra(extra: str) -> None:
    command = adding(extra).partition("run: ")[2].split()
    dry = subprocess.run([*command, "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"scripts/setup.py {extra}\n" in dry.stdout


def test_setting_up_an_unknown_extra_is_refused_and_names_the_known_ones() -> None:
    told = ["sh", "scripts/python", "scripts/setup.py", "onnx"]
    done = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert set(EXTRAS) <= set(re.findall(r"\w+", done.stderr))


def test_setting_up_without_an_extra_is_what_a_first_run_needs() -> None:
    dry = subprocess.run(["make", "setup", "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "scripts/setup.py core\n" in dry.stdout


def test_nobody_is_sent_to_an_index_for_a_package_that_is_on_none() -> None:
    """The project is installed from its folder alone."""
    assert [page.name for page in OURS if re.search(r"onrecord\[\w+\]", page.read_text("utf-8"))] == []


@pytest.mark.parametrize("page", ["README.md", "docs/how-to/name-voices.md", "docs/explanation/voices.md"])
def test_a_page_on_voices_says_first_what_they_need(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert 0 < text.index("make setup EXTRA=voices") < text.index("onrecord models get voices")
