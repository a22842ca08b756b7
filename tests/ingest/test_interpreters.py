"""Interpreters in files of their own: rows of the sheet, bytes in the archive, words and sound on the floor's clock."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from archive.files import sha256_of
from archive.models import FLOOR
from archive.store import Archive
from archive.verify import verify
from archive.withdraw import put_back, withdraw
from ingest.desk import desk
from ingest.pipeline import IngestSettings, ingest
from ingest.progress import Outcome, Report
from ingest.register import plan
from ingest.sheet import read_sheet
from search.indexer import index_recordings
from search.models import Filters
from search.searcher import Searcher
from tests.ingest import programs
from tests.ingest.films import beeps
from tests.ingest.programs import OLD, ingesting, kept
from tests.ingest.sounds import write_bursts

BOOTH_S = 4.0
HEADER = "file,title,access,languages,layer,of,offset"
HALL, BOOTH = "سالن.wav", "مترجم.wav"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The sound of a hall and of the Persian booth, which began later."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name, bursts in ((HALL, 12), (BOOTH, 8)):
        os.utime(write_bursts(folder / name, bursts), (OLD, OLD))
    return folder


def sheet(inbox: Path, *rows: str) -> Path:
    path = inbox / "sheet.csv"
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return path


def take(archive: Archive, inbox: Path, rows: Path) -> Report:
    def index(recording: str) -> None:
        index_recordings(archive, (recording,))

    return ingest(
        archive,
        [inbox],
        rows,
        IngestSettings(engine="toy", languages=("en",)),
        index=index,
        on_event=lambda _: None,
    )


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.open(tmp_path / "archive", create=True)


def bursts(offset: float) -> list[float]:
    """Where the booth's bursts sound on the clock of the hall."""
    return [offset + at / 2 for at in range(8)]


def starts(archive: Archive, recording: str, layer: str) -> list[float]:
    heard = archive.transcript(recording, layer=layer)
    return [word.start for segment in heard.segments for word in segment.words]


ROWS = (f"{HALL},Assembly,,en,,,", f"{BOOTH},,,,fa,{HALL},۲٫۲۵")


def test_an_interpreters_file_is_heard_searched_and_played_on_the_clock_of_the_floor(
    archive: Archive, inbox: Path
) -> None:
    report = take(archive, inbox, sheet(inbox, *ROWS))
    assert ([result.outcome for result in report.results], report.findings) == ([Outcome.DONE] * 2, ())
    (recording,) = archive.ids()
    known = archive.recording(recording)
    assert [layer.id for layer in known.layers] == [FLOOR, "fa"]
    assert starts(archive, recording, "fa") == pytest.approx(bursts(2.25), abs=0.05)
    assert starts(archive, recording, FLOOR)[0] == pytest.approx(0, abs=0.05)
    copy = archive.layer_path(recording, "fa")
    assert copy is not None
    assert beeps(copy)[0] == pytest.approx(2.25, abs=0.03)
    with Searcher.open(archive) as searcher:
        (found,) = searcher.search("word", Filters(languages=("fa",))).hits
    assert {(moment.track, moment.version) for moment in found.moments} == {("fa", 2)}
    assert list(verify(archive)) == []


def test_the_interpreters_bytes_are_kept_with_their_digest_and_where_they_came_from(
    archive: Archive, inbox: Path
) -> None:
    take(archive, inbox, sheet(inbox, *ROWS))
    (recording,) = archive.ids()
    layer = archive.recording(recording).layer("fa")
    assert layer is not None
    assert layer.file is not None
    assert (layer.file.media.name, layer.file.offset) == (BOOTH, 2.25)
    path = archive.sound_path(archive.recording(recording), layer)
    assert path.read_bytes() == (inbox / BOOTH).read_bytes()
    assert layer.file.media.sha256 == sha256_of(inbox / BOOTH)
    told = [event.detail for event in archive.history(recording) if event.event == "ingestion"]
    assert [detail["name"] for detail in told] == [HALL, BOOTH]


def test_the_same_again_changes_no_byte(archive: Archive, inbox: Path) -> None:
    rows = sheet(inbox, *ROWS)
    take(archive, inbox, rows)
    before = kept(archive.root)
    shutil.rmtree(archive.work)  # with what the ledger remembers
    report = take(archive, inbox, rows)
    assert {result.outcome for result in report.results} <= {Outcome.DONE, Outcome.UNCHANGED}
    assert report.seconds == 0
    assert kept(archive.root) == before


@pytest.mark.parametrize("damage", ["flipped", "gone"])
def test_verify_names_an_interpreters_file_that_is_no_longer_as_it_was(
    archive: Archive, inbox: Path, damage: str
) -> None:
    take(archive, inbox, sheet(inbox, *ROWS))
    path = next((archive.recordings / archive.ids()[0]).glob("media-fa.*"))
    if damage == "gone":
        path.unlink()
    else:
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
    (finding,) = verify(archive)
    assert (finding.code, Path(finding.path).name) == ({"gone": "missing", "flipped": "changed"}[damage], path.name)


@pytest.mark.parametrize(
    ("rows", "code", "says"),
    [
        ((f"{HALL},,,,,,", f"{BOOTH},,,,fa,lost.wav,"), "layer-of", "lost.wav: there is no such file"),
        ((f"{HALL},,,,,,", f"{BOOTH},,,,fa,{BOOTH},"), "layer-of", "is the file itself"),
        ((f"{HALL},,,,ar,{BOOTH},", f"{BOOTH},,,,fa,{HALL},"), "layer-of", "is itself a layer"),
        ((f"{HALL},,,,,,", f"{BOOTH},,restricted,,fa,{HALL},"), "layer-differs", "access is another"),
        ((f"{HALL},,,,,,", f"{BOOTH},,,,fa,,"), "sheet-of", "of which recording"),
        ((f"{HALL},,,,,,", f"{BOOTH},,,,,{HALL},"), "sheet-layer", "which language"),
        ((f"{HALL},,,,,,", f"{BOOTH},,,,fa;ar,{HALL},"), "sheet-layer", "one language"),
        ((f"{HALL},,,,,,", f"{BOOTH},,,,booth,{HALL},"), "sheet-layer", "no language code"),
        ((f"{HALL},,,,,,", f"{BOOTH},,,,fa,{HALL},-1"), "sheet-offset", "before the recording"),
        ((f"{HALL},,,,,,", f"{BOOTH},,,,fa,{HALL},soon"), "sheet-offset", "no time in seconds"),
        ((f"{HALL},,,,,,", f"{BOOTH},,,,fa,{HALL},NaN"), "sheet-offset", "no time in seconds"),
        ((f"{HALL},,,,,,", f"{BOOTH},,,,fa,{HALL},99999999"), "sheet-offset", "more than 48 hours"),
        ((f"{HALL},,,,,,3", f"{BOOTH},,,,fa,{HALL},"), "sheet-offset", "only an interpreter's file"),
    ],
)
def test_a_bad_row_of_an_interpreter_says_what_to_mend_and_its_file_waits(
    inbox: Path, rows: tuple[str, ...], code: str, says: str
) -> None:
    planned = plan([inbox], read_sheet(sheet(inbox, *rows)))
    finding = next(found for found in planned.findings if found.code == code)
    assert says in finding.what
    assert "sheet.csv line " in finding.where
    assert finding.mend
    assert inbox / BOOTH not in [item.path for item in planned.items], "it must not become a recording of its own"
    assert any(path.name == BOOTH for path in planned.held)


def test_two_files_for_one_layer_both_wait(archive: Archive, inbox: Path) -> None:
    shutil.copy2(inbox / BOOTH, inbox / "another.wav")
    report = take(archive, inbox, sheet(inbox, *ROWS, f"another.wav,,,,fa,{HALL},"))
    twice = [found.what for found in report.findings if found.code == "layer-twice"]
    assert len(twice) == 2
    assert all("lines 3, 4 name the layer fa" in what for what in twice)
    (recording,) = archive.ids()
    assert archive.recording(recording).layer("fa") is None


def test_a_layer_waits_with_the_recording_it_belongs_to(archive: Archive, inbox: Path) -> None:
    report = take(archive, inbox, sheet(inbox, f"{HALL},,closed to all,en,,,", ROWS[1]))
    held = [found.what for found in report.findings if found.code == "file-held"]
    assert any("to which it belongs, waits too" in what for what in held)
    assert archive.ids() == ()


@pytest.mark.parametrize(("offset", "heard"), [("6", 0), ("5.9", 1)])
def test_an_offset_behind_the_recordings_end_is_refused(archive: Archive, inbox: Path, offset: str, heard: int) -> None:
    report = take(archive, inbox, sheet(inbox, ROWS[0], f"{BOOTH},,,,fa,{HALL},{offset}"))
    (recording,) = archive.ids()
    assert len(archive.recording(recording).layers) - 1 == heard
    failed = [result.reason for result in report.results if result.outcome is Outcome.FAILED]
    assert len(failed) == 1 - heard
    assert all("it would begin at 6.000 s, and" in reason for reason in failed)


@pytest.mark.parametrize("by", ["file", "id"])
def test_an_interpreters_file_may_come_later(archive: Archive, inbox: Path, tmp_path: Path, by: str) -> None:
    shutil.move(inbox / BOOTH, tmp_path / BOOTH)
    take(archive, inbox, sheet(inbox, ROWS[0]))
    (recording,) = archive.ids()
    before = archive.media_path(recording).read_bytes()
    shutil.move(tmp_path / BOOTH, inbox / BOOTH)
    if by == "id":
        (inbox / HALL).unlink()
    rows = (ROWS[0],) if by == "file" else ()
    report = take(archive, inbox, sheet(inbox, *rows, f"{BOOTH},,,,fa,{HALL if by == 'file' else recording},2"))
    assert report.findings == ()
    assert archive.ids() == (recording,)
    assert archive.versions(recording, "fa") == (2,)
    assert archive.versions(recording, FLOOR) == (1,), "the floor is not heard again"
    assert archive.media_path(recording).read_bytes() == before


def test_nothing_is_to_mend_once_the_floor_was_put_back_and_the_same_is_taken_in_again(
    archive: Archive, inbox: Path
) -> None:
    rows = sheet(inbox, *ROWS)
    take(archive, inbox, rows)
    (known,) = archive.ids()
    withdraw(archive, known, by="me", why="a test")
    take(archive, inbox, rows)
    assert len(desk(archive).refused) == 2
    put_back(archive, known, by="me", why="")
    take(archive, inbox, rows)
    assert desk(archive).refused == ()


def test_a_corrected_offset_moves_words_and_sound_and_keeps_what_was(archive: Archive, inbox: Path) -> None:
    take(archive, inbox, sheet(inbox, *ROWS))
    (recording,) = archive.ids()
    take(archive, inbox, sheet(inbox, ROWS[0], f"{BOOTH},,,,fa,{HALL},0:04.5"))
    assert starts(archive, recording, "fa") == pytest.approx(bursts(4.5), abs=0.05)
    copy = archive.layer_path(recording, "fa")
    assert copy is not None
    assert beeps(copy)[0] == pytest.approx(4.5, abs=0.03)
    assert archive.versions(recording, "fa") == (2, 3)
    assert archive.recording(recording).duration == pytest.approx(4.5 + BOOTH_S), "which is after the floor's end"
    assert any("former fa" in event.detail for event in archive.history(recording))
    assert list(verify(archive)) == []


def test_a_layers_bytes_are_never_replaced(archive: Archive, inbox: Path) -> None:
    take(archive, inbox, sheet(inbox, *ROWS))
    before = kept(archive.root)
    os.utime(write_bursts(inbox / BOOTH, 5), (OLD, OLD))
    report = take(archive, inbox, sheet(inbox, *ROWS))
    (failed,) = [result for result in report.results if result.outcome is Outcome.FAILED]
    assert f"has the layer fa already, the file {BOOTH}" in failed.reason
    assert kept(archive.root) == before


def test_a_file_that_was_a_recording_before_is_said_to_be_both(archive: Archive, inbox: Path) -> None:
    take(archive, inbox, sheet(inbox, ROWS[0]))
    assert len(archive.ids()) == 2
    rows = sheet(inbox, *ROWS)
    assert [found.code for found in take(archive, inbox, rows).findings] == ["layer-is-recording"]
    assert take(archive, inbox, rows).findings == (), "it is said once"


def test_captions_of_the_interpreters_file_count_from_its_own_start(archive: Archive, inbox: Path) -> None:
    (inbox / "fa.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:03.000\nبپرسید چه می‌توانید\n", encoding="utf-8")
    path = inbox / "sheet.csv"
    path.write_text(
        f"file,languages,layer,of,offset,transcript\n{HALL},en,,,,\n{BOOTH},,fa,{HALL},2,fa.vtt\n", encoding="utf-8"
    )
    assert take(archive, inbox, path).findings == ()
    (recording,) = archive.ids()
    first, *_ = archive.versions(recording, "fa")
    words = archive.transcript(recording, first).segments[0].words  # before anything was heard
    assert words[0].text == "بپرسید"
    assert 3.0 <= words[0].start < words[-1].end <= 5.0


def test_an_ingest_of_layers_that_is_killed_twice_ends_with_the_same_bytes(inbox: Path, tmp_path: Path) -> None:
    rows = sheet(inbox, *ROWS)
    for failpoint in ("registered-layer", "kept"):
        killed = programs.run(ingesting(tmp_path / "killed", inbox, "--sheet", rows), ONRECORD_FAILPOINT=failpoint)
        assert killed.returncode == -signal.SIGKILL
    for name in ("killed", "undisturbed"):
        done = programs.run(ingesting(tmp_path / name, inbox, "--sheet", rows))
        assert done.returncode == 0, done.stderr
    assert kept(tmp_path / "killed") == kept(tmp_path / "undisturbed")
    assert list(verify(Archive.open(tmp_path / "killed"))) == []
