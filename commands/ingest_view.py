"""How an ingest is watched: bars in a terminal, plain lines elsewhere. All of it goes to stderr."""

from __future__ import annotations

import time
from typing import Protocol, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from commands.findings import finding_line
from commands.terminal import clean, clock, isolated, many, megabytes
from ingest.fetch import Fetch
from ingest.progress import Event, Heard, Outcome, Planned, Queued, Registered, Result, Working

LINE_EVERY_S = 15.0  # between two plain lines about the same recording
TITLE_CHARACTERS = 28  # with bar and note a line of 80


class View(Protocol):
    """A context that is told of events."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def on_event(self, event: Event) -> None: ...


def view_for(stream: TextIO, *, quiet: bool) -> View:
    """Bars where `stream` is a terminal, else lines; `quiet` leaves only what went wrong."""
    if quiet:
        return LineView(stream, only_faults=True)
    return BarView(stream) if stream.isatty() else LineView(stream)


class LineView:
    """A line for each thing that happens, and one now and then while recordings are heard."""

    def __init__(self, stream: TextIO, *, only_faults: bool = False) -> None:
        self._stream, self._only_faults = stream, only_faults
        self._last = 0.0
        self._fetched = ""
        self._titles: dict[str, str] = {}
        self._speed = Speed()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None: ...

    def on_event(self, event: Event) -> None:
        """Say it, if it is worth a line."""
        match event:
            case Planned(findings=findings):
                for finding in findings:
                    self._line(finding_line(finding), fault=True)
            case Registered(findings=findings):
                for finding in findings:
                    self._line(finding_line(finding), fault=True)
            case Fetch():
                if event.what != self._fetched or self._due():
                    self._fetched, self._last = event.what, time.monotonic()
                    self._line(fetch_line(event))
            case Queued() if event.recordings:
                self._line(f"{many(event.recordings, 'recording')}, {clock(event.seconds)} of audio")
            case Working():
                self._titles[event.recording] = isolated(event.title)
                self._line(f"{self._titles[event.recording]}: {event.stage.value}")
                self._last = time.monotonic()
            case Heard():
                self._speed.heard(event)
                if self._due():
                    title = self._titles.get(event.recording, event.recording)
                    self._line(f"{title}: {heard_line(event)}; {self._speed.line()}")
            case Result():
                for line in result_lines(event):
                    self._line(line, fault=bool(event.findings) or event.outcome is Outcome.WAITING)

    def _due(self) -> bool:
        due = time.monotonic() - self._last >= LINE_EVERY_S
        if due:
            self._last = time.monotonic()
        return due

    def _line(self, line: str, *, fault: bool = False) -> None:
        if fault or not self._only_faults:
            print(line, file=self._stream, flush=True)


class BarView:
    """A bar for each recording that is heard, one for all of them."""

    def __init__(self, stream: TextIO) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16),
            TextColumn("{task.fields[note]}", markup=False),
            console=Console(file=stream),
            transient=True,
        )
        self._all: TaskID | None = None
        self._each: dict[str, TaskID] = {}
        self._at: dict[str, float] = {}
        self._fetch: TaskID | None = None
        self._finished = 0.0
        self._seconds = 0.0
        self._durations: dict[str, float] = {}
        self._speed = Speed()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def on_event(self, event: Event) -> None:
        """Move the bars; what is over becomes a line above them."""
        match event:
            case Planned(findings=findings):
                for finding in findings:
                    self._above(finding_line(finding))
            case Fetch():
                self._fetch = self._bar(
                    self._fetch, clean(f"fetching {event.what}"), event.bytes_done, event.bytes_total, fetch_note(event)
                )
            case Registered():
                self._durations[event.recording] = event.duration
                for finding in event.findings:
                    self._above(finding_line(finding))
            case Queued():
                self._seconds = event.seconds
                self._all = self._bar(
                    None, "all", 0, event.seconds, f"{many(event.recordings, 'recording')}, {clock(event.seconds)}"
                )
            case Working():
                self._drop_fetch()
                at = self._at.setdefault(event.recording, 0.0)
                bar = self._each.get(event.recording)
                self._each[event.recording] = self._bar(bar, short(event.title), at, event.duration, event.stage.value)
            case Heard():
                self._speed.heard(event)
                self._at[event.recording] = event.seconds
                if (bar := self._each.get(event.recording)) is not None:
                    self._bar(bar, None, event.seconds, event.duration, heard_line(event))
                self._move_all()
            case Result():
                if (bar := self._each.pop(event.recording, None)) is not None:
                    self._progress.remove_task(bar)
                self._at.pop(event.recording, None)
                self._finished += self._durations.pop(event.recording, 0.0)
                self._move_all()
                for line in result_lines(event):
                    self._above(line)

    def _move_all(self) -> None:
        if self._all is not None:
            done = self._finished + sum(self._at.values())
            left = self._speed.line(self._seconds - done)
            self._progress.update(self._all, completed=done, note=f"{clock(done)} of {clock(self._seconds)}, {left}")

    def _bar(self, bar: TaskID | None, title: str | None, done: float, total: float, note: str) -> TaskID:
        if bar is None:
            return self._progress.add_task(title or "", total=total or None, completed=int(done), note=note)
        self._progress.update(bar, completed=done, total=total or None, note=note)
        if title is not None:
            self._progress.update(bar, description=title)
        return bar

    def _drop_fetch(self) -> None:
        if self._fetch is not None:
            self._progress.remove_task(self._fetch)
            self._fetch = None

    def _above(self, line: str) -> None:
        self._progress.console.print(Text(line), soft_wrap=True)


class Speed:
    """Seconds of audio heard for seconds of the clock, over this run; what an earlier run heard does not count."""

    def __init__(self) -> None:
        self._started = 0.0
        self._audio = 0.0
        self._at: dict[str, float] = {}

    def heard(self, event: Heard) -> None:
        """Take note of progress."""
        before = self._at.get(event.recording)
        if before is None:
            self._started = self._started or time.monotonic()
        else:
            self._audio += max(0.0, event.seconds - before)
        self._at[event.recording] = event.seconds

    def line(self, left: float = 0.0) -> str:
        """The real-time factor, and how long `left` seconds of audio will take."""
        spent = time.monotonic() - self._started
        if not self._audio or not spent:
            return "RTF not known yet"
        factor = spent / self._audio
        return f"RTF {factor:.2f}" + (f", {clock(left * factor)} left" if left > 0 else "")


def fetch_line(event: Fetch) -> str:
    """What is fetched, from where, and how far it is."""
    size = f", {megabytes(event.bytes_total)}" if event.bytes_total else ""
    far = f": {fetch_note(event)}" if event.bytes_done else size
    return clean(f"fetching {event.what} from the {event.source}{far}")


def fetch_note(event: Fetch) -> str:
    """How far a download is."""
    return (
        f"{megabytes(event.bytes_done)} of {megabytes(event.bytes_total)}"
        if event.bytes_total
        else megabytes(event.bytes_done)
    )


def heard_line(event: Heard) -> str:
    """How much of a recording is heard."""
    return f"{clock(event.seconds)} of {clock(event.duration)}"


def result_lines(result: Result) -> list[str]:
    """What came of a file."""
    name = isolated(result.title or result.path)
    if result.findings:
        return [finding_line(finding) for finding in result.findings]
    match result.outcome:
        case Outcome.DONE:
            if not result.seconds:
                return [f"{name}: catalogued and indexed again, {many(result.words, 'word')}"]
            heard = f"{clock(result.seconds)} of audio heard in {clock(result.wall)}"
            return [f"{name}: done, {many(result.words, 'word')}; {heard}"]
        case Outcome.UNCHANGED:  # told only where something is to be known of it
            return [f"{isolated(result.path)}: {isolated(result.reason)}"] if result.reason else []
        case _:
            return [f"{name}: {clean(result.reason or result.outcome.value)}"]


def short(title: str) -> str:
    """A title that fits beside a bar."""
    cut = title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1] + "…"
    return isolated(cut)
