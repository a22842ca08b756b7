"""Intake: which files of what was handed in are taken, and which row of the sheet belongs to each.

Nothing is followed out of the folders handed in. Where a row that would close a recording cannot be matched,
files without a row wait: a typing error must not make public what was meant to be closed.
"""

from __future__ import annotations

import os
import stat
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archive.models import AccessLevel, Finding
from ingest.interpreters import recordings_of
from ingest.names import same_name, shown
from ingest.sheet import Row, Sheet

SETTLE_S = 2.0  # a copy that still runs writes more often than this

# Lies beside recordings and is none; passed over in folders unless a row names it. All else is judged by content.
_SUFFIXES = (
    ".txt .md .rst .csv .tsv .xlsx .ods .yaml .yml .json .jsonl .xml .html .htm .srt .vtt .ttml .rttm .textgrid .pdf "
    ".doc .docx .odt .rtf .xls .ppt .pptx .jpg .jpeg .png .gif .webp .svg .tif .tiff "
    ".zip .gz .py .sha256 .md5 .mhl .log .db .sfk .ini"
)
BESIDE_RECORDINGS = frozenset(_SUFFIXES.split())


@dataclass(frozen=True, slots=True)
class Item:
    """A file to register, by its absolute path, with its row where the sheet has one, and the text the row names.

    `of` is the file of the recording that an interpreter's file belongs to, where it is handed in beside it.
    """

    path: Path
    row: Row | None = None
    transcript: Path | None = None
    of: Path | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to register, in order, and what was left and why; `held` are files that wait until the sheet is mended."""

    items: tuple[Item, ...]
    findings: tuple[Finding, ...] = ()
    held: Mapping[Path, Finding] = field(default_factory=dict)


def plan(paths: Sequence[Path], sheet: Sheet | None = None) -> Plan:
    """The files in `paths` with their rows; folders are walked in the order of names. Waits 2 s where files are new."""
    findings = list(sheet.findings) if sheet else []
    found = _Found()
    for path in paths:
        findings += found.take(_absolute(path))
    if sheet:
        found.files.pop(_absolute(sheet.path), None)
    findings += _twins(found.files)
    matched = _Match(found, sheet)
    findings += matched.findings
    chosen: list[Path] = []
    held: dict[Path, Finding] = {}
    for path in found.files:
        if path in matched.rows:
            chosen.append(path)
        elif path in matched.texts.values():
            continue
        elif path in found.named or path.suffix.lower() not in BESIDE_RECORDINGS:
            if reason := matched.why_held(path):
                held[path] = Finding("file-held", shown(path), reason, "mend the sheet")
            else:
                chosen.append(path)
    growing = _growing(chosen, found.files)
    taken = [path for path in chosen if path not in growing]
    for path in taken:
        if (of := matched.recordings.get(path, path)) not in taken:
            held[path] = Finding(
                "file-held", shown(path), f"{shown(of)}, to which it belongs, waits too", "mend the sheet"
            )
    findings += (*held.values(), *growing.values())
    items = [
        Item(path, matched.rows.get(path), matched.texts.get(path), matched.recordings.get(path))
        for path in taken
        if path not in held
    ]
    items.sort(key=_is_of_another)  # which is there by then
    return Plan(tuple(items), tuple(findings), held)


def _is_of_another(item: Item) -> bool:
    return bool(item.row and item.row.of)


class _Found:
    """Regular files by absolute path, with their state when they were found."""

    def __init__(self) -> None:
        self.files: dict[Path, os.stat_result] = {}
        self.named: set[Path] = set()  # handed in as files
        self.folders: list[Path] = []  # handed in as folders

    def take(self, path: Path) -> Iterator[Finding]:
        """Take a path that was handed in. A folder may be a link: whoever names it means it."""
        if path.is_dir():
            self.folders.append(path)
            yield from self._walk(path)
            return
        kept = len(self.files)
        yield from self._file(path)
        if len(self.files) > kept or path in self.files:
            self.named.add(path)

    def holds(self, path: Path) -> bool:
        """Whether a path lies within what was handed in."""
        return path in self.files or any(path.is_relative_to(folder) for folder in self.folders)

    def _walk(self, top: Path) -> Iterator[Finding]:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
            except OSError as error:
                yield _unreadable(folder, error)
                continue
            if (folder / "archive.json").is_file() and (folder / "recordings").is_dir():
                continue  # an archive of ours: what it holds is in already
            folders = {path for path in inside if path.is_dir() and not path.is_symlink()}
            for path in inside:
                if path not in folders:
                    yield from self._file(path)
            waiting += sorted(folders, reverse=True)

    def _file(self, path: Path) -> Iterator[Finding]:
        try:
            state = path.lstat()
        except FileNotFoundError:
            yield Finding("file-missing", shown(path), "there is no such file or folder", "check its name")
            return
        except OSError as error:
            yield _unreadable(path, error)
            return
        if stat.S_ISREG(state.st_mode):
            self.files[path] = state
        elif stat.S_ISLNK(state.st_mode):
            yield Finding("file-link", shown(path), "a symbolic link, which is not followed", "give the file it means")
        else:
            yield Finding("file-special", shown(path), "no regular file but a device, pipe or socket", "take it away")


class _Match:
    """Which row belongs to which file."""

    def __init__(self, found: _Found, sheet: Sheet | None) -> None:
        self.rows: dict[Path, Row] = {}
        self.texts: dict[Path, Path] = {}  # the transcript that came with a recording, where its row names one
        self.recordings: dict[Path, Path] = {}  # of interpreters' files, the file of the recording
        self.findings: list[Finding] = []
        self._refused: dict[Path, str] = {}  # and the place of the mistake in the sheet
        self._why_wait = ""
        if sheet is None:
            return
        self._found, self._sheet = found, sheet
        self._by_path: dict[str, list[Path]] = defaultdict(list)
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        for path in found.files:
            self._by_path[same_name(str(path))].append(path)
            self._by_name[same_name(path.name)].append(path)
        if not sheet.whole:
            self._why_wait = "the sheet could not be read to its end, and may have a row for it"
        for name, place in sorted(sheet.refused.items()):
            self._refuse(name, place)
        for row in sheet.rows:
            self._place(row)
        self.recordings, bad = recordings_of(self.rows, self._candidates, sheet.path)
        for each in bad:
            self.rows.pop(each.path, None)
            self._refused[each.path] = each.place
            self.findings.append(each.finding)

    def why_held(self, path: Path) -> str:
        """Why a file without a row must wait, else ""."""
        return f"its row in the sheet is bad: {self._refused[path]}" if path in self._refused else self._why_wait

    def _refuse(self, name: str, place: str) -> None:
        paths = self._candidates(name)
        self._refused.update(dict.fromkeys(paths, place))
        if not paths and name:
            self._why_wait = self._why_wait or f"a bad row of the sheet, for {shown(name)}, may be meant for it"

    def _place(self, row: Row) -> None:
        paths = self._candidates(row.file)
        exact = [path for path in paths if path.name == Path(row.file).name]
        if len(paths) > 1 and len(exact) != 1:
            self._refused.update(dict.fromkeys(paths, f"line {row.line} column file"))
            self._find(row, "file-ambiguous", f"{len(paths)} files are called so", "write its path from the sheet on")
        elif paths and (path := (exact or paths)[0]) in self.rows:
            self._find(row, "file-ambiguous", f"it is the file of line {self.rows[path].line} too", "keep one row")
        elif paths:
            self.rows[path] = row
            if row.transcript:
                self._place_text(path, row)
        else:
            self._lost(row)

    def _place_text(self, path: Path, row: Row) -> None:
        """A recording is taken without its transcript where that cannot be found: words can be given later too."""
        named = Path(row.transcript).name
        paths = self._candidates(row.transcript)
        paths = [one for one in paths if one.name == named] or paths
        if len(paths) == 1:
            self.texts[path] = paths[0]
            return
        where = f"{shown(self._sheet.path)} line {row.line} column transcript"
        what = f"{shown(row.transcript)}: " + (
            f"{len(paths)} files are called so" if paths else "there is no such file in what was handed in"
        )
        self.findings.append(Finding("transcript-missing", where, what, "write its path from the sheet's folder on"))

    def _lost(self, row: Row) -> None:
        target = _absolute(self._sheet.path.parent / row.file)
        held = self._found.holds(target)
        if not held and (".." in Path(row.file).parts or Path(row.file).is_absolute()):
            self._find(row, "file-outside", "it lies outside what was handed in", "hand in its folder too")
            return
        if not held and os.path.lexists(target):
            return  # a row of a file that was not handed in this time
        if held or self._found.folders:
            self._find(row, "file-missing", "there is no such file", "check its name, or take the row out")
        if row.access and row.access.level is not AccessLevel.PUBLIC:
            self._why_wait = self._why_wait or f"{shown(row.file)}, which is not public, was not found: it may be it"

    def _candidates(self, name: str) -> list[Path]:
        """Files that a row may mean: from the sheet's folder on, else from a folder handed in, else by name alone."""
        for base in (self._sheet.path.parent, *self._found.folders):
            if paths := self._by_path.get(same_name(str(_absolute(base / name)))):
                return paths
        return self._by_name.get(same_name(name), []) if "/" not in name else []

    def _find(self, row: Row, code: str, what: str, mend: str) -> None:
        where = f"{shown(self._sheet.path)} line {row.line} column file"
        self.findings.append(Finding(code, where, f"{shown(row.file)}: {what}", mend))


def _twins(files: Iterable[Path]) -> Iterator[Finding]:
    by_name: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        by_name[same_name(str(path))].append(path)
    for paths in by_name.values():
        if len(paths) > 1:
            what = f"{len(paths)} files whose names look alike and differ in how letters are composed (NFC, NFD)"
            yield Finding("file-names-alike", shown(paths[0]), what, "rename one; both are taken")


def _growing(paths: Iterable[Path], states: dict[Path, os.stat_result]) -> dict[Path, Finding]:
    """Files that somebody still writes. Young ones are looked at again when they would have changed."""
    now = time.time()
    young = [path for path in paths if states[path].st_mtime > now - SETTLE_S]
    if young:
        time.sleep(SETTLE_S)
    growing = {}
    for path in young:
        try:
            state = path.lstat()
        except OSError as error:
            growing[path] = _unreadable(path, error)
            continue
        if (state.st_size, state.st_mtime_ns) != (states[path].st_size, states[path].st_mtime_ns):
            growing[path] = Finding(
                "file-growing", shown(path), "it is still written to", "run again when it is complete"
            )
    return growing


def _absolute(path: Path) -> Path:
    """Without `..`, and links left as they are: a link is refused, not followed."""
    return Path(os.path.normpath(path.absolute()))


def _unreadable(path: Path, error: OSError) -> Finding:
    return Finding("file-unreadable", shown(path), error.strerror or str(error), "check who may read it")
