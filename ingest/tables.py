"""Tables as they come from spreadsheets and editors: CSV in several dialects, and YAML, record by record.

Nothing is trusted: sizes are capped, YAML builds text and nothing else, and what cannot be read is a problem
with its line, never an exception.
"""

from __future__ import annotations

import csv
import difflib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import yaml

from ingest.names import shown

MAX_CSV_BYTES = 64 * 1024**2  # 100,000 rows of 600 characters
MAX_YAML_BYTES = 1024**2  # some 4,000 rows; composing YAML costs a hundred times what reading CSV does
MAX_CELL_CHARS = 10_000
MAX_VALUES = 200  # in one cell
RECORDINGS_KEY = "recordings"
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how xlsx and ods begin, and how xls does

Cell = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a line (from 1; 0 is the whole sheet). `loses_rows`: rows may have gone unread by it."""

    code: str
    line: int
    what: str
    mend: str
    column: str = ""
    loses_rows: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one row by column name in lower case; a list of YAML is a tuple. `problems` make it a bad row."""

    line: int
    cells: Mapping[str, Cell]
    problems: tuple[Problem, ...] = ()


def read_csv(path: Path, columns: Sequence[str]) -> Iterator[Record | Problem]:
    """The rows of a CSV file: UTF-8 with or without a mark, or UTF-16; separated by commas, semicolons or tabs."""
    if (size := path.stat().st_size) > MAX_CSV_BYTES:
        yield _too_large(size, MAX_CSV_BYTES, "split it in parts")
        return
    if _begins(path, 4) in _SPREADSHEETS:
        mend = "open it in its program and save it as CSV in UTF-8"
        yield Problem("sheet-csv", 0, "this is a spreadsheet's own file, not CSV", mend, loses_rows=True)
        return
    # bytes that are no text become U+FFFD, which the check of the cells finds and names
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        yield from _rows(file, columns)


def _rows(file: IO[str], columns: Sequence[str]) -> Iterator[Record | Problem]:
    first = file.readline()
    reader = csv.reader(itertools.chain([first], file), delimiter=_delimiter(first, columns), strict=True)
    header: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            yield _no_csv(line, str(error))
            continue
        if not any(cell.strip() for cell in row):
            continue
        if header:
            yield _record(line, header, row)
            continue
        header = [_column(cell) for cell in row]
        problems = list(_header_problems(header, columns, line))
        yield from problems
        if any(problem.loses_rows for problem in problems):
            return
    if not header:  # a sheet that was saved without its rows would make all it closes public
        yield Problem("sheet-columns", 0, "the sheet is empty", _begin_with(columns), loses_rows=True)


def _no_csv(line: int, why: str) -> Problem:
    if "field limit" in why:
        what, mend = f"a cell of more than {csv.field_size_limit():,} characters", "shorten it"
        return Problem("sheet-csv", line, what, f"{mend}; an unclosed quote may be why", loses_rows=True)
    mend = 'double the quotes inside a quoted cell (""), and close every quote'
    return Problem("sheet-csv", line, f"this row is no CSV: {why}", mend, loses_rows=True)


def _record(line: int, header: list[str], row: list[str]) -> Record:
    problems: list[Problem] = []
    filled = len(row) - sum(1 for _ in itertools.takewhile(lambda cell: not cell, reversed(row[len(header) :])))
    if filled != len(header):
        what = f"{filled} cells where the header has {len(header)}"
        mend = "put cells that hold the separator in double quotes, and leave empty cells rather than none"
        problems.append(Problem("sheet-cell-count", line, what, mend))
    cells = dict(zip(header, row, strict=False))
    problems += _cell_problems(line, cells)
    return Record(line, cells, tuple(problems))


def read_yaml(path: Path, columns: Sequence[str]) -> Iterator[Record | Problem]:
    """The entries of a YAML file: a list of mappings, or one under `recordings`."""
    if (size := path.stat().st_size) > MAX_YAML_BYTES:
        yield _too_large(size, MAX_YAML_BYTES, "use CSV for so many rows")
        return
    text = path.read_bytes().decode(_encoding(path), "replace")
    try:
        # composed, not loaded: no objects are built, and `no` or 1961-01 stay the text that was written
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        what = f"this is no YAML: {getattr(error, 'problem', None) or 'nested too deeply, or not text'}"
        yield Problem("sheet-yaml", mark.line + 1 if mark else 0, what, "correct it there", loses_rows=True)
        return
    if root is None:
        yield Problem("sheet-yaml", 0, "the sheet is empty", "begin with `- file: talk.mp3`", loses_rows=True)
    seen: set[str] = set(columns)
    for entry in _entries(root):
        line = entry.start_mark.line + 1
        if not isinstance(entry, yaml.MappingNode):
            mend = "write entries as `- file: talk.mp3`, with the other columns below it"
            yield Problem("sheet-yaml", line, "this is no list of entries with columns", mend, loses_rows=True)
            continue
        cells = {
            _column(key.value): _yaml_cell(value) for key, value in entry.value if isinstance(key, yaml.ScalarNode)
        }
        unknown = [name for name in cells if name not in seen]
        seen.update(unknown)
        yield from (_unknown(name, columns, line) for name in unknown if not _is_access(name, columns))
        problems = [_unknown(name, columns, line) for name in cells if _is_access(name, columns)]
        text_cells = {name: cell for name, cell in cells.items() if cell is not None}
        problems += [
            Problem("sheet-cell", line, "neither text nor a list of texts", "write one value, or a list", name)
            for name in cells
            if cells[name] is None
        ]
        yield Record(line, text_cells, (*problems, *_cell_problems(line, text_cells)))


def _entries(root: yaml.Node | None) -> list[yaml.Node]:
    if isinstance(root, yaml.MappingNode):
        named = [value for key, value in root.value if key.value == RECORDINGS_KEY]
        root = named[0] if named else root
    if isinstance(root, yaml.SequenceNode):
        entries: list[yaml.Node] = root.value
        return entries
    return [] if root is None else [root]


def _yaml_cell(node: yaml.Node) -> Cell | None:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode) and len(node.value) <= MAX_VALUES:
        values = [part.value for part in node.value if isinstance(part, yaml.ScalarNode)]
        return tuple(values) if len(values) == len(node.value) else None
    return None


def _encoding(path: Path) -> str:
    return "utf-16" if _begins(path, 2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _begins(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        return file.read(count)


def _delimiter(header: str, columns: Sequence[str]) -> str:
    return max(",;\t", key=lambda mark: sum(_column(cell.strip(' "')) in columns for cell in header.split(mark)))


def _column(cell: str) -> str:
    return " ".join(cell.split()).casefold()


def _header_problems(header: list[str], columns: Sequence[str], line: int) -> Iterator[Problem]:
    for name in dict.fromkeys(header):
        if name in columns and header.count(name) > 1:
            yield Problem("sheet-columns", line, f"two columns named {name}", "keep one", name, loses_rows=True)
        if name not in columns and name:
            yield _unknown(name, columns, line)
    if "file" not in header:
        yield Problem("sheet-columns", line, "no column named file", _begin_with(columns), "file", loses_rows=True)


def _begin_with(columns: Sequence[str]) -> str:
    return f"begin with a line of column names: {','.join(columns)}"


def _unknown(name: str, columns: Sequence[str], line: int) -> Problem:
    close = _close(name, columns)
    mend = f"rename it {close}" if close else f"the columns are {', '.join(columns)}; take it out or leave it unread"
    what = f"the column {shown(name[:40])} is not known"
    # a misspelt `access` would make public what the sheet means to close, so then no row is read
    return Problem("sheet-unknown-column", line, what, mend, shown(name[:40]), loses_rows=close == "access")


def _is_access(name: str, columns: Sequence[str]) -> bool:
    return name not in columns and _close(name, columns) == "access"


def _close(name: str, columns: Sequence[str]) -> str:
    return next(iter(difflib.get_close_matches(name[:40], columns, 1, 0.7)), "")


def _cell_problems(line: int, cells: Mapping[str, Cell]) -> Iterator[Problem]:
    for name, cell in cells.items():
        parts = (cell,) if isinstance(cell, str) else cell
        if sum(map(len, parts)) > MAX_CELL_CHARS:
            what = f"a cell of more than {MAX_CELL_CHARS:,} characters"
            yield Problem("sheet-cell", line, what, "shorten it; an unclosed quote may be why", name)
        elif any("\ufffd" in part for part in parts):
            yield Problem("sheet-encoding", line, "bytes that are not UTF-8", "save the sheet as UTF-8", name)
        elif steering := [char for part in parts for char in part if char < " " and char not in "\t\n\r"]:
            what = f"a control character, U+{ord(steering[0]):04X}"
            yield Problem("sheet-cell", line, what, "take it out", name)


def _too_large(size: int, most: int, mend: str) -> Problem:
    return Problem("sheet-too-long", 0, f"{size:,} bytes, more than {most:,}", mend, loses_rows=True)
