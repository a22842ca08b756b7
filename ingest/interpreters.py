"""Rows of interpreters' files: to which recording each belongs, or why it cannot be told.

What a row of the recording itself says (its event, who may see it) an interpreter's row may only say again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.layout import is_id
from archive.models import Finding
from ingest.names import shown
from ingest.sheet import Row

_OF_THE_RECORDING = ("title", "event", "date", "place", "speakers", "access")


@dataclass(frozen=True, slots=True)
class BadRow:
    """The file of an interpreter's row that cannot count, where in the sheet that stands, and why."""

    path: Path
    place: str
    finding: Finding


def recordings_of(
    rows: Mapping[Path, Row], candidates: Callable[[str], list[Path]], sheet: Path
) -> tuple[dict[Path, Path], tuple[BadRow, ...]]:
    """The file of the recording that each interpreter's file belongs to, and the rows that are bad.

    `candidates` are the files that a name may mean. A recording that is in the archive already is named by its id and
    has no file here.
    """
    found: dict[Path, Path] = {}
    bad: list[BadRow] = []
    for path, row in rows.items():
        if not row.of:
            continue
        files = [] if is_id(row.of) else _exact(candidates(row.of), row.of)
        problem = "" if is_id(row.of) else _why_not(path, row, files, rows)
        if problem:
            bad.append(_bad(path, sheet, row, "layer-of", "of", problem))
            continue
        if files:
            found[path] = files[0]
        bad += _differing(sheet, path, row, rows.get(files[0]) if files else None)
    bad += _twice(sheet, rows, found)
    refused = {each.path for each in bad}
    return {path: of for path, of in found.items() if path not in refused}, tuple(bad)


def _exact(files: list[Path], name: str) -> list[Path]:
    return [path for path in files if path.name == Path(name).name] or files


def _why_not(path: Path, row: Row, files: list[Path], rows: Mapping[Path, Row]) -> str:
    of = shown(row.of)
    if not files:
        return f"{of}: there is no such file in what was handed in"
    if len(files) > 1:
        return f"{of}: {len(files)} files are called so"
    if files[0] == path:
        return f"{of} is the file itself"
    other = rows.get(files[0])
    return f"{of} is itself a layer, of {shown(other.of)} by line {other.line}" if other and other.of else ""


def _differing(sheet: Path, path: Path, row: Row, whole: Row | None) -> Iterator[BadRow]:
    """Columns that say something else than the recording's row: left unread, they could make public what is closed."""
    for column in _OF_THE_RECORDING:
        said = getattr(row, column)
        if said and said != (getattr(whole, column) if whole else None):
            line = f"line {whole.line}" if whole else "a row of its own"
            what = f"{column} is another than that of the recording, which {line} describes"
            yield _bad(path, sheet, row, "layer-differs", column, what)


def _twice(sheet: Path, rows: Mapping[Path, Row], found: Mapping[Path, Path]) -> Iterator[BadRow]:
    wanted = {path: (str(found.get(path, row.of)), row.layer) for path, row in rows.items() if row.of}
    count = Counter(wanted.values())
    for path, layer in wanted.items():
        if count[layer] > 1:
            lines = ", ".join(str(rows[other].line) for other, same in wanted.items() if same == layer)
            what = f"lines {lines} name the layer {layer[1]} of one recording, so none counts"
            yield _bad(path, sheet, rows[path], "layer-twice", "layer", what)


_MENDS = {
    "layer-of": "name the recording's own file, from the sheet's folder on, or its id if it is in the archive",
    "layer-differs": "leave it empty, or write what stands there",
    "layer-twice": "keep one of them",
}


def _bad(path: Path, sheet: Path, row: Row, code: str, column: str, what: str) -> BadRow:
    place = f"line {row.line} column {column}"
    return BadRow(path, place, Finding(code, f"{shown(sheet)} {place}", f"{shown(row.file)}: {what}", _MENDS[code]))
