"""How an ingest is watched, where several recordings are heard at once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from commands import ingest_view
from commands.ingest_view import BarView, LineView
from ingest.progress import Event, Heard, Outcome, Queued, Registered, Result, Stage, Working

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
