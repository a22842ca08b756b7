"""The command line where the cluster is away: it says so, keeps what it heard, and catches up."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

import cli
from archive.store import Archive
from search.engines.elastic import reader
from search.engines.elastic.settings import URL
from search.indexer import rebuild
from tests.elastic.node import free_ports
from tests.elastic.proxy import CUT, Answer, Proxy, Request
from tests.ingest.programs import fill
from tests.search.conftest import Shelf

pytestmark = pytest.mark.elastic


def away() -> str:
    """An address at which nobody listens."""
    return f"http://127.0.0.1:{free_ports(1)[0]}"


def test_what_is_ingested_while_the_cluster_is_away_is_kept_and_caught_up_with(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(tmp_path / "archive")
    inbox = fill(tmp_path / "inbox", one=4)
    with monkeypatch.context() as gone:
        gone.setenv(URL, away())
        assert cli.main(["ingest", str(inbox), "--engine", "toy", "--quiet", "--archive", root]) == 3
        said = capsys.readouterr()
        assert "the search cluster cannot be reached" in said.out + said.err
        assert "Traceback" not in said.out + said.err
        archive = Archive.open(Path(root))
        (kept,) = archive.ids()
        words = [word.text for segment in archive.transcript(kept).segments for word in segment.words]
        assert words
        assert cli.main(["index", "--catch-up", "--archive", root]) == 3
        assert cli.main(["search", words[0], "--archive", root]) == 3
        said = capsys.readouterr()
        assert said.err.count("the search cluster cannot be reached") == 2
    assert cli.main(["index", "--catch-up", "--archive", root]) == 0
    capsys.readouterr()
    assert cli.main(["search", words[0], "--json", "--archive", root]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {moment["recording"] for moment in answer["moments"]} == {kept}


def test_there_and_back_is_one_setting_and_one_command(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(tmp_path / "archive")
    inbox = fill(tmp_path / "inbox", one=4, two=6)
    asked = ["search", "toy OR tone OR one OR word*", "--json", "--archive", root]
    answers: list[object] = []
    for url in ("", proxy.url, ""):
        monkeypatch.setenv(URL, url)
        if not answers:
            assert cli.main(["ingest", str(inbox), "--engine", "toy", "--quiet", "--archive", root]) == 0
        assert cli.main(["index", "--archive", root]) == 0
        capsys.readouterr()
        assert cli.main(asked) == 0
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0] == answers[1] == answers[2]


def test_a_stream_in_the_terminal_that_breaks_off_is_no_success(
    shelf: Shelf, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reader, "PAGE", 2)
    monkeypatch.setattr(reader, "PATIENCE_SECONDS", 0.1)
    for year in range(1961, 1967):
        shelf.add(["آزادی", "حرية"], date=f"{year}-01-20")
    rebuild(shelf.archive)
    pages = threading.Semaphore(2)

    def rule(request: Request) -> Answer | None:
        return CUT if b'"stored_fields"' in request.body and not pages.acquire(blocking=False) else None

    proxy.rule = rule
    asked = ["search", "آزادی", "--all", "--sort", "oldest", "--archive", str(shelf.archive.root)]
    assert cli.main(asked) == 3
    said = capsys.readouterr()
    assert [json.loads(line)["year"] for line in said.out.splitlines()] == [1961, 1962, 1963]
    assert "the search cluster cannot be reached" in said.err
