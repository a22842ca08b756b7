"""The rules of the house, kept by reading its source: which room may know which, and what no room may do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("archive", "ingest", "search")
# who may not import whom: arrows go one way
FORBIDDEN = {
    "archive": {"ingest", "search", "portal", "commands", "cli", "app"},
    "search": {"ingest", "portal", "commands", "cli", "app"},
    "ingest": {"search", "portal", "commands", "cli", "app"},
    "portal": {"commands", "cli", "app"},
}
LONGEST_MODULE_LINES = 400
# a registry host in a file ties the project to one mirror
HOSTS = ("pypi" + ".org", "files.python" + "hosted.org", "registry.npm" + "js.org")


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def everything() -> list[Path]:
    doors = [ROOT / name for name in ("cli.py", "app.py")]
    return [*doors, *modules(*LIBRARIES, "portal", "commands", "scripts", "tests", "benchmarks")]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """The first part of the name of everything that the module imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("room", FORBIDDEN)
def test_arrows_go_one_way(room: str) -> None:
    wrong = [(name_of(path), name) for path in modules(room) for name in imports(path) if name in FORBIDDEN[room]]
    assert wrong == []


def test_streamlit_is_known_to_the_portal_alone() -> None:
    assert [name_of(path) for path in modules(*LIBRARIES) if "streamlit" in imports(path)] == []


def test_libraries_neither_print_nor_exit() -> None:
    def speaks(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call):
            return False
        called = ast.unparse(node.func)
        return called in {"print", "sys.exit", "exit", "quit", "input"} or called.startswith("sys.stdout")

    speaking = [
        f"{name_of(path)}:{getattr(node, 'lineno', 0)}"
        for path in modules(*LIBRARIES)
        for node in ast.walk(tree(path))
        if speaks(node)
    ]
    assert speaking == []


def test_no_module_grows_beyond_what_one_reads_in_a_sitting() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in everything()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE_LINES} == {}


def test_untrusted_text_never_reaches_a_page_as_html() -> None:
    """`unsafe_allow_html` would make one forgotten escape a script in everybody's browser."""
    using = [
        f"{name_of(path)}:{node.lineno}"
        for path in [ROOT / "app.py", ROOT / "cli.py", *modules("portal", *LIBRARIES)]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html"
    ]
    assert using == []


def test_no_shell_runs_a_command() -> None:
    using = [
        name_of(path)
        for path in everything()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.keyword)
        and node.arg == "shell"
        and not (isinstance(node.value, ast.Constant) and node.value.value is False)
    ]
    assert using == []


def test_no_committed_source_names_a_registry_host() -> None:
    texts = {name_of(path): path.read_text(encoding="utf-8") for path in everything()}
    assert [name for name, text in texts.items() if any(host in text for host in HOSTS)] == []


def test_there_is_no_drawer_for_everything() -> None:
    drawers = {"utils.py", "util.py", "helpers.py", "misc.py", "common.py"}
    assert [name_of(path) for path in modules(*LIBRARIES, "portal") if path.name in drawers] == []


def test_no_source_keeps_a_note_to_self() -> None:
    notes = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    assert [
        name_of(path) for path in everything() if any(note in path.read_text(encoding="utf-8") for note in notes)
    ] == []
