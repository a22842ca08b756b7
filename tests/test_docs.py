"""The documentation is a test target: its links lead somewhere, its commands parse, its tables are complete."""

from __future__ import annotations

import argparse
import inspect
import re
import shlex
from pathlib import Path

import pytest

import cli
from archive import errors

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "benchmarks" / "README.md",
        ROOT / "data" / "samples" / "SOURCES.md",
        *DOCS.rglob("*.md"),
    ]
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
# `onrecord search freedom` in running text; a placeholder such as DIR or <id> is an argument like any other
INLINE = re.compile(r"`((?:\.venv/bin/)?onrecord [^`]+)`")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """The page without its code blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors of the page's headings, as a forge makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(page: Path) -> list[str]:
    """Every command line of ours on the page, in code blocks and in running text."""
    found = INLINE.findall(prose(page))
    for language, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if language in {"sh", "bash", "console", ""}:
            lines = block.replace("\\\n", " ").splitlines()
            found += [line.strip().removeprefix("$ ") for line in lines]
    # `onrecord COMMAND` stands for all of them
    return [line for line in found if re.match(r"(\S*=\S+ )*(\.venv/bin/)?onrecord (?!COMMAND)", line)]


def arguments(command: str) -> list[str]:
    """The command's arguments, up to a pipe, a redirection or a comment; optional parts in [] are left out."""
    words = shlex.split(re.sub(r"\[[^\]]*\]", "", command), comments=True)
    start = next(index for index, word in enumerate(words) if word.endswith("onrecord")) + 1
    stops = [index for index, word in enumerate(words) if word in {"|", ">", ">>", "&&", ";", "&"}]
    return words[start : stops[0] if stops else None]


def verbs() -> set[str]:
    [choice] = [action for action in cli.build_parser()._actions if isinstance(action, argparse._SubParsersAction)]
    return set(choice.choices)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and found.suffix == ".md" and anchor not in anchors(found)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_parses(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = []
    for command in commands(page):
        words = arguments(command)
        if len(words) == 1 and words[0] in verbs():
            continue  # the name of a command, not a line to type
        try:
            cli.build_parser().parse_args(words)
        except SystemExit as stop:  # --help and --version end with 0
            if stop.code not in (0, None):
                refused.append(f"{command}: {capsys.readouterr().err.strip().splitlines()[-1]}")
    assert refused == []


def test_there_are_commands_to_parse() -> None:
    """Otherwise the test above would pass on anything."""
    assert sum(len(commands(page)) for page in PAGES) > 20


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)`", prose(page))) <= targets


def test_every_page_is_reached_from_the_index() -> None:
    linked = {
        (DOCS / link.partition("#")[0]).resolve() for link in LINK.findall((DOCS / "index.md").read_text("utf-8"))
    }
    decisions = {
        (DOCS / "decisions" / link).resolve()
        for link in LINK.findall((DOCS / "decisions/README.md").read_text("utf-8"))
    }
    missing = [name_of(page) for page in DOCS.rglob("*.md") if page.resolve() not in linked | decisions]
    assert set(missing) <= {"docs/index.md"}


def test_every_error_class_is_documented_with_its_exit_code() -> None:
    page = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `(\w+)` \| (\d) \|", page, re.MULTILINE))
    classes = {
        name: str(kind.exit_code)
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.OnrecordError)
    }
    assert documented == classes


def test_every_verb_appears_in_the_documentation() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [verb for verb in verbs() if f"onrecord {verb}" not in text] == []
