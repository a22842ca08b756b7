"""`onrecord withdraw`: out of the archive, the catalog, the index and the ledger at once, and back again."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

import cli
from archive.store import Archive
from archive.verify import verify
from ingest.tasks import State
from search.searcher import Searcher
from tests.ingest import programs
from tests.ingest.programs import Before, fill, ingesting, program, tasks

WHY = "اعتراض به حق نشر"
RECORDINGS = {"stays": 3, "goes": 4}


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Before:
    """An archive with two short recordings."""
    folder = tmp_path_factory.mktemp("withdraw")
    inbox = fill(folder / "inbox", **RECORDINGS)
    assert run("ingest", folder / "archive", inbox, "--engine", "toy", "--quiet") == 0
    return Before(folder / "archive")


@pytest.fixture
def archive(taken_in: Before) -> Path:
    """That archive."""
    return taken_in.again()


@pytest.fixture
def inbox(archive: Path) -> Path:
    """Where the two were taken in from, and nothing else."""
    folder = archive.with_name("inbox")
    for path in folder.iterdir():
        if path.stem not in RECORDINGS:
            path.unlink()
    return folder


def run(verb: str, archive: Path, *arguments: object) -> int:
    return cli.main([verb, *map(str, arguments), "--archive", str(archive)])


def named(archive: Path, title: str) -> str:
    """The id of the recording with a title."""
    opened = Archive.open(archive)
    (found,) = (one for one in opened.ids() if opened.recording(one).title == title)
    return found


def status(archive: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert run("status", archive, "--json") == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def found(archive: Path) -> list[str]:
    """The recordings that a search gives."""
    with Searcher.open(Archive.open(archive)) as searcher:
        answer = searcher.search("one")
        assert answer.total == sum(hits.total for hits in answer.hits), "no count of what is gone"
        return [hits.card.id for hits in answer.hits]


def test_a_withdrawn_recording_is_in_no_list_no_answer_and_no_queue(
    archive: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, kept = named(archive, "goes"), named(archive, "stays")
    assert sorted(found(archive)) == sorted([gone, kept])
    assert run("withdraw", archive, gone, "--by", "مینا", "--why", WHY) == 0
    said = capsys.readouterr().out
    assert WHY in said
    assert f"onrecord withdraw --undo {gone}" in said
    assert found(archive) == [kept]
    assert [task.recording for task in tasks(archive).values()] == [kept]
    told = status(archive, capsys)
    assert [card["recording"] for card in told["recordings"]] == [kept]
    assert [(one["recording"], one["by"], one["why"]) for one in told["withdrawn"]] == [(gone, "مینا", WHY)]
    assert run("status", archive) == 0
    assert f"by \u2068مینا\u2069: \u2068{WHY}\u2069" in capsys.readouterr().out


def test_its_file_is_refused_with_the_reason_until_it_is_put_back(
    archive: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = named(archive, "goes")
    run("withdraw", archive, gone, "--by", "Mina", "--why", WHY)
    for _ in range(2):  # the second time the ledger knows the file
        capsys.readouterr()
        assert run("ingest", archive, inbox, "--engine", "toy", "--json") == 1
        (refused,) = [one for one in json.loads(capsys.readouterr().out)["recordings"] if one["outcome"] == "failed"]
        (finding,) = refused["findings"]
        assert finding["code"] == "Withdrawn"
        assert f"by Mina: {WHY}" in finding["what"]
        assert f"--undo {gone}" in finding["mend"]
    assert run("withdraw", archive, "--undo", gone, "--by", "Sara", "--why", "the claim was dropped") == 0
    assert len(found(archive)) == 2
    told = status(archive, capsys)
    assert (told["withdrawn"], told["refused"]) == ([], [])
    assert run("ingest", archive, inbox, "--engine", "toy", "--quiet") == 0
    assert list(verify(Archive.open(archive))) == []


def test_an_interpreters_file_taken_in_by_mistake_becomes_a_layer(
    archive: Path, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    booth = named(archive, "goes")
    assert run("withdraw", archive, booth, "--by", "Mina", "--why", "it is the booth's file") == 0
    sheet = inbox / "sheet.csv"
    sheet.write_text("file,languages,layer,of\nstays.wav,en,,\ngoes.wav,,fa,stays.wav\n", "utf-8")
    assert run("ingest", archive, inbox, "--sheet", sheet, "--engine", "toy", "--quiet") == 0
    opened = Archive.open(archive)
    layer = opened.recording(named(archive, "stays")).layer("fa")
    assert layer is not None
    assert layer.file is not None
    assert layer.file.media.sha256.startswith(booth)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["{id}"], 2, "needs --by NAME and --why TEXT"),
        (["{id}", "--by", "Mina", "--why", " "], 1, "--why: says nothing"),
        (["0123456789abcdef", "--by", "Mina", "--why", "x"], 1, "no recording"),
        (["../../etc", "--by", "Mina", "--why", "x"], 1, "no recording"),
        (["--undo", "0123456789abcdef"], 1, "was not withdrawn"),
    ],
)
def test_what_cannot_be_done_says_why(
    archive: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    known = named(archive, "goes")
    assert run("withdraw", archive, *(part.format(id=known) for part in arguments)) == code
    assert said in capsys.readouterr().err
    assert len(Archive.open(archive).ids()) == 2


def test_done_again_both_say_that_it_is_so(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = named(archive, "goes")
    for _ in range(2):
        assert run("withdraw", archive, gone, "--by", "Mina", "--why", WHY) == 0
    assert "already withdrawn" in capsys.readouterr().out
    for _ in range(2):
        assert run("withdraw", archive, "--undo", gone) == 0
    events = [event.event for event in Archive.open(archive).history(gone)]
    assert (events.count("deaccession"), events.count("accession")) == (1, 1)


@pytest.mark.parametrize(
    ("point", "after"), [("withdrawn", "withdraw"), ("withdrawn-forgotten", "withdraw"), ("withdrawn", "ingest")]
)
def test_killed_half_way_the_next_run_tells_the_index(archive: Path, inbox: Path, point: str, after: str) -> None:
    gone = named(archive, "goes")
    command = program("withdraw", archive, gone, "--by", "Mina", "--why", WHY)
    assert programs.run(command, ONRECORD_FAILPOINT=point).returncode == -signal.SIGKILL
    if after == "withdraw":
        assert programs.run(command).returncode == 0
    else:
        fill(inbox, comes=5)
        programs.run(ingesting(archive, inbox))
        assert len(Archive.open(archive).ids()) == 2
    assert gone not in found(archive)
    assert [task.recording for task in tasks(archive).values() if task.state is not State.DONE] == []


def test_what_was_queued_is_not_taken_up_where_the_ledger_was_not_told(tmp_path: Path) -> None:
    inbox, root = fill(tmp_path / "inbox", stays=3, goes=4), tmp_path / "archive"
    assert run("ingest", root, inbox, "--engine", "toy", "--queue", "--quiet") == 0
    gone = named(root, "goes")
    command = program("withdraw", root, gone, "--by", "Mina", "--why", WHY)
    assert programs.run(command, ONRECORD_FAILPOINT="withdrawn").returncode == -signal.SIGKILL
    assert run("work", root, "--quiet") == 0
    assert [(task.recording, task.state) for task in tasks(root).values()] == [(named(root, "stays"), State.DONE)]


def test_put_back_and_killed_the_next_run_indexes_it(archive: Path) -> None:
    gone = named(archive, "goes")
    assert run("withdraw", archive, gone, "--by", "Mina", "--why", WHY) == 0
    command = program("withdraw", archive, "--undo", gone)
    assert programs.run(command, ONRECORD_FAILPOINT="put-back").returncode == -signal.SIGKILL
    assert programs.run(command).returncode == 0
    assert gone in found(archive)


def test_who_is_at_it_lets_go_of_it(tmp_path: Path) -> None:
    inbox, root = fill(tmp_path / "inbox", long=programs.LONG), tmp_path / "archive"
    worker = programs.start(ingesting(root, inbox))
    programs.until(lambda: bool(list((root / "work" / "windows").rglob("*.json"))))
    (gone,) = Archive.open(root).ids()
    assert run("withdraw", root, gone, "--by", "Mina", "--why", WHY) == 0
    _, err = worker.communicate(timeout=programs.PATIENCE_S)
    assert worker.returncode == 1
    assert WHY in err
    assert "Traceback" not in err
    assert not (root / "work" / "windows" / gone).exists(), "what was heard of it goes too"
    assert Archive.open(root).ids() == ()
    assert tasks(root) == {}
