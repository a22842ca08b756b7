"""The metadata sheet: what an archivist knows of each file, from CSV or YAML, checked cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.errors import SheetError
from archive.models import Access, Finding
from ingest.cells import (
    parse_access,
    parse_beside,
    parse_file,
    parse_languages,
    parse_layer,
    parse_offset,
    parse_text,
    parse_values,
    parse_when,
)
from ingest.names import same_name, shown
from ingest.tables import Cell, Problem, Record, read_csv, read_yaml

MAX_ROWS = 100_000  # ten times the largest collection known to us
MAX_FINDINGS = 1_000  # of one sheet; nobody reads more, and the cause is one

_PARSERS: dict[str, Callable[[Cell], object]] = {
    "file": parse_file,
    "title": parse_text,
    "event": parse_text,
    "date": parse_when,
    "place": parse_text,
    "speakers": parse_values,
    "languages": parse_languages,
    "source": parse_text,
    "rights": parse_text,
    "access": parse_access,
    "transcript": parse_beside,
    "layer": parse_layer,
    "of": parse_beside,
    "offset": parse_offset,
}
COLUMNS = tuple(_PARSERS)
YAML_SUFFIXES = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class Row:
    """What a sheet says of one file; "", () and None where it says nothing. `line` counts from 1.

    A file with `layer`, a language, is an interpreter's; it belongs to the recording `of` (a file's name, or an id in
    the archive) and begins `offset` seconds after its clock.
    """

    file: str
    title: str = ""
    event: str = ""
    date: str = ""
    place: str = ""
    speakers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    source: str = ""
    rights: str = ""
    access: Access | None = None
    transcript: str = ""
    layer: str = ""
    of: str = ""
    offset: float | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The good rows in order, and what is wrong with the others.

    `refused` are the files of bad rows, and where in the sheet their first mistake is: they must wait, for their row
    may have meant that they are not public.
    Where the sheet could not be read to its end `whole` is False, and no file without a row may be taken.
    File names start from `path`'s folder.
    """

    path: Path
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True


def read_sheet(path: Path) -> Sheet:
    """Read a sheet: YAML by its suffix, else CSV. SheetError only where the file cannot be opened at all."""
    read = read_yaml if path.suffix.lower() in YAML_SUFFIXES else read_csv
    reader = _Reader(path)
    try:
        for record in read(path, COLUMNS):
            if not reader.take(record):
                break
    except OSError as error:
        raise SheetError(
            f"cannot be read: {error.strerror}", where=shown(path), mend="check its name and who may read it"
        ) from error
    return reader.sheet()


class _Reader:
    """Collects rows and findings over one sheet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[str, Row] = {}
        self._lines: dict[str, int] = {}  # of every file named, in good rows and bad
        self._refused: dict[str, str] = {}
        self._findings: list[Finding] = []
        self._whole = True
        self._count = 0

    def sheet(self) -> Sheet:
        rows = tuple(row for name, row in self._rows.items() if name not in self._refused)
        return Sheet(self._path, rows, tuple(self._findings), self._refused, self._whole)

    def take(self, record: Record | Problem) -> bool:
        """Take one record in; False when the rest shall not be read."""
        if isinstance(record, Problem):
            self._find(record)
            return True
        self._count += 1
        if self._count > MAX_ROWS:
            what = f"more than {MAX_ROWS:,} rows; those from here on are not read"
            self._find(Problem("sheet-too-long", record.line, what, "split the sheet in parts", loses_rows=True))
            return False
        self._take_row(record)
        if len(self._findings) >= MAX_FINDINGS:
            what = f"{MAX_FINDINGS:,} findings; the rows from here on are not read"
            self._find(Problem("sheet-too-long", record.line, what, "mend those above first", loses_rows=True))
            return False
        return True

    def _take_row(self, record: Record) -> None:
        values, problems = _parsed(record)
        written = values.get("file")
        name = same_name(written) if isinstance(written, str) else ""
        if not name:
            # whose row this was cannot be told
            self._whole = False
        elif name in self._lines:
            what = f"{shown(name)} has a row in line {self._lines[name]} too, so neither counts"
            problems.append(Problem("sheet-duplicate-file", record.line, what, "keep one of the two", "file"))
        self._lines.setdefault(name, record.line)
        for problem in problems:
            self._find(problem)
        if problems:
            self._refused.setdefault(name, _place(problems[0]))
        else:
            self._rows[name] = _row(values, record.line)

    def _find(self, problem: Problem) -> None:
        self._whole = self._whole and not problem.loses_rows
        where = " ".join(filter(None, (shown(self._path), _place(problem))))
        self._findings.append(Finding(problem.code, where, problem.what, problem.mend))


def _place(problem: Problem) -> str:
    line = f"line {problem.line}" if problem.line else ""
    return f"{line} column {problem.column}".strip() if problem.column else line


def _parsed(record: Record) -> tuple[dict[str, object], list[Problem]]:
    values: dict[str, object] = {}
    problems = list(record.problems)
    troubled = {problem.column for problem in problems}
    for column, parse in _PARSERS.items():
        if column in troubled:
            continue  # reported already, and reading it further would report it twice
        try:
            values[column] = parse(record.cells.get(column, ""))
        except SheetError as error:
            problems.append(Problem(f"sheet-{column}", record.line, error.what, error.mend, column))
    if not problems:
        problems += _half_a_layer(values, record.line)
    return values, problems


def _half_a_layer(values: dict[str, object], line: int) -> Iterator[Problem]:
    """An interpreter's row says both in which language it is and of which recording."""
    if values["of"] and not values["layer"]:
        mend = "write the interpreter's language, such as fa, or empty the column of"
        yield Problem("sheet-layer", line, "which language the interpreter speaks is not said", mend, "layer")
    if values["layer"] and not values["of"]:
        what = "of which recording it is a layer is not said"
        yield Problem("sheet-of", line, what, "name the recording's file, or empty the column layer", "of")
    if values["offset"] is not None and not values["of"]:
        what = "only an interpreter's file begins at an offset"
        yield Problem("sheet-offset", line, what, "fill in the columns layer and of, or empty this one", "offset")


def _row(values: dict[str, Any], line: int) -> Row:
    return Row(**values, line=line)
