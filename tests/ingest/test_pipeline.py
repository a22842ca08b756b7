"""The pipeline in one process, with the toy engine: what each file comes to, and what a second run does."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.errors import IndexUnready, MachineError
from archive.models import AccessLevel
from archive.store import Archive
from archive.verify import verify
from archive.withdraw import withdraw
from ingest import listen as listening
from ingest import steps
from ingest.desk import desk
from ingest.ledger import MAX_STARTS, Ledger
from ingest.pipeline import IngestSettings, ingest
from ingest.progress import Event, Heard, Outcome, Queued, Report, Result, Stage, Working
from ingest.tasks import State
from tests.ingest.sounds import write_bursts

ROOT = Path(__file__).resolve().parents[2]
OLD = 1_000_000_000  # so that nobody waits whether a file still grows


@dataclass
class Bench:
    """An archive, a folder of files, and what was told of them."""

    archive: Archive
    inbox: Path
    indexed: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def run(
        self, *paths: Path, sheet: str = "", index: Callable[[str], None] | None = None, retry: bool = False
    ) -> Report:
        """Ingest the paths, else the whole folder."""
        file = self.inbox.parent / "sheet.csv"
        if sheet:
            file = self.inbox / "sheet.csv"
            file.write_text(sheet, "utf-8")
        for path in self.inbox.iterdir():
            os.utime(path, (OLD, OLD))
        self.events.clear()
        return ingest(
            self.archive,
            paths or (self.inbox,),
            file if sheet else None,
            IngestSettings(engine="toy", languages=("en",), retry=retry),
            index=index or self.indexed.append,
            on_event=self.events.append,
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "inbox").mkdir()
    return Bench(Archive.open(tmp_path / "archive", create=True), tmp_path / "inbox")


def outcomes(report: Report) -> list[str]:
    return [result.outcome.value for result in report.results]


def test_a_file_is_registered_heard_kept_catalogued_and_indexed(bench: Bench) -> None:
    write_bursts(bench.inbox / "talk.wav", 4)
    (result,) = bench.run().results
    assert (result.outcome, result.version, result.words) == (Outcome.DONE, 1, 4)
    card = Catalog(bench.archive).card(result.recording)
    assert card is not None
    assert card.words == 4
    assert bench.indexed == [result.recording]
    assert list(verify(bench.archive)) == []


def test_progress_tells_stages_and_seconds(bench: Bench) -> None:
    write_bursts(bench.inbox / "talk.wav", 4)
    bench.run()
    stages = [event.stage for event in bench.events if isinstance(event, Working)]
    assert stages == [Stage.LISTENING, Stage.KEEPING, Stage.CATALOGUING, Stage.INDEXING]
    assert Queued(1, 2.0) in bench.events
    assert max(event.seconds for event in bench.events if isinstance(event, Heard)) == 2.0


def test_a_second_run_does_nothing(bench: Bench) -> None:
    write_bursts(bench.inbox / "talk.wav", 4)
    bench.run()
    bench.indexed.clear()
    assert outcomes(bench.run()) == ["unchanged"]
    assert bench.indexed == []
    assert not any(isinstance(event, Working) for event in bench.events)


def test_without_its_ledger_the_archive_tells_what_is_done(bench: Bench) -> None:
    write_bursts(bench.inbox / "talk.wav", 4)
    (result,) = bench.run().results
    shutil.rmtree(bench.archive.work)
    (again,) = bench.run().results
    assert again.seconds == 0
    assert bench.archive.versions(result.recording) == (1,)


def test_a_transcript_that_was_lost_is_made_again(bench: Bench) -> None:
    write_bursts(bench.inbox / "talk.wav", 4)
    (result,) = bench.run().results
    shutil.rmtree(bench.archive.folder(result.recording) / "transcripts")
    (again,) = bench.run().results
    assert (again.outcome, again.words) == (Outcome.DONE, 4)


def test_the_same_bytes_twice_are_heard_once(bench: Bench) -> None:
    first = write_bursts(bench.inbox / "a.wav", 4)
    shutil.copy(first, bench.inbox / "b.wav")
    report = bench.run()
    assert outcomes(report) == ["done", "unchanged"]
    assert bench.archive.recording(report.results[0].recording).aliases == ("b.wav",)


def test_who_brings_the_same_bytes_again_is_told_whose_row_counts(bench: Bench) -> None:
    first = write_bursts(bench.inbox / "نوار.wav", 4)
    bench.run()
    shutil.copy(first, bench.inbox / "b.wav")
    shutil.copy(first, bench.inbox / "c.wav")
    report = bench.run()
    said = {result.path.name: result.reason for result in report.results}
    same = "the same bytes as نوار.wav, kept once and described by its row"
    assert said == {"نوار.wav": "", "b.wav": same, "c.wav": same}
    assert [event.reason for event in bench.events if isinstance(event, Result) and event.reason] == [same, same]


def test_a_copy_is_no_other_name_for_what_is_on_the_desk(bench: Bench) -> None:
    first = write_bursts(bench.inbox / "نوار.wav", 4)
    bench.run()
    shutil.copy(first, bench.inbox / "a copy.wav")
    bench.run()
    (task,) = desk(bench.archive).finished
    assert task.source == str(first)


def test_a_copy_whose_row_would_close_what_is_public_is_named(bench: Bench) -> None:
    first = write_bursts(bench.inbox / "a.wav", 4)
    shutil.copy(first, bench.inbox / "رونوشت.wav")
    sheet = "file,access\na.wav,{}\nرونوشت.wav,{}\n"
    (finding,) = bench.run(sheet=sheet.format("public", "restricted")).findings
    assert (finding.code, finding.where) == ("copy-differs", str(bench.inbox / "رونوشت.wav"))
    assert "its row says restricted, but the row of a.wav counts" in finding.what
    assert bench.run(sheet=sheet.format("restricted", "embargoed until 2099-01-01")).findings == ()
    assert bench.run(sheet=sheet.format("restricted", "public")).findings == ()


def test_a_copy_of_the_same_name_in_another_folder_opens_nothing(bench: Bench) -> None:
    first = write_bursts(_folder(bench, "یک") / "talk.wav", 4)
    rows = "file,title,access\nیک/talk.wav,بسته,restricted\nدو/talk.wav,Open,{}\n"
    bench.run(sheet=rows.format("public"))
    shutil.copy(first, _folder(bench, "دو") / "talk.wav")
    for access in ("public", ""):  # looked at first, and again when its row is another
        report = bench.run(sheet=rows.format(access))
        said = {result.path.parent.name: result.reason for result in report.results}
        assert said == {"یک": "", "دو": f"the same bytes as {first}, kept once and described by its row"}
        (kept,) = map(bench.archive.recording, bench.archive.ids())
        assert (kept.title, kept.access.level) == ("بسته", AccessLevel.RESTRICTED)


def test_a_file_that_was_moved_is_described_by_its_row_there(bench: Bench) -> None:
    first = write_bursts(_folder(bench, "یک") / "talk.wav", 4)
    bench.run(sheet="file,title\nیک/talk.wav,Talk\n")
    first.rename(_folder(bench, "دو") / "talk.wav")
    bench.run(sheet="file,title\nدو/talk.wav,سخنرانی\n")
    (kept,) = map(bench.archive.recording, bench.archive.ids())
    assert kept.title == "سخنرانی"


def _folder(bench: Bench, name: str) -> Path:
    (bench.inbox / name).mkdir(exist_ok=True)
    return bench.inbox / name


def test_a_file_that_waits_for_its_row_stands_on_the_desk_until_the_row_is_mended(bench: Bench) -> None:
    write_bursts(bench.inbox / "سخنرانی.wav", 4)
    write_bursts(bench.inbox / "good.wav", 6)
    bench.run(sheet="file,access\nسخنرانی.wav,secret\ngood.wav,public\n")
    (held,) = desk(bench.archive).refused
    assert held.name.endswith("سخنرانی.wav")
    assert (held.what, held.mend, held.recording) == (
        "its row in the sheet is bad: line 2 column access",
        "mend the sheet",
        "",
    )
    bench.run(sheet="file,access\nسخنرانی.wav,restricted\ngood.wav,public\n")
    assert desk(bench.archive).refused == ()


def test_a_file_whose_row_was_spoilt_later_is_in_the_archive_until_it_is_withdrawn(bench: Bench) -> None:
    write_bursts(bench.inbox / "سخنرانی.wav", 4)
    bench.run(sheet="file,access\nسخنرانی.wav,public\n")
    (known,) = bench.archive.ids()
    bench.run(sheet="file,access\nسخنرانی.wav,secret\n")
    assert [file.recording for file in desk(bench.archive).refused] == [known]
    withdraw(bench.archive, known, by="me", why="a test")
    assert [file.recording for file in desk(bench.archive).refused] == [""]


def test_a_row_spoilt_and_mended_again_leaves_nothing_to_mend(bench: Bench) -> None:
    write_bursts(bench.inbox / "a.wav", 4)
    good = "file,title\na.wav,One\n"
    for sheet in (good, good + "a.wav,Two\n", good):
        bench.run(sheet=sheet)
    assert desk(bench.archive).refused == ()


def test_an_empty_sheet_takes_nothing_in(bench: Bench) -> None:
    write_bursts(bench.inbox / "closed.wav", 4)
    report = bench.run(sheet="\n")
    assert report.findings[0].what == "the sheet is empty"
    assert bench.archive.ids() == ()


def test_a_bad_file_is_named_and_the_rest_goes_on(bench: Bench) -> None:
    (bench.inbox / "bad.wav").write_bytes(b"RIFF nothing of the kind")
    write_bursts(bench.inbox / "good.wav", 4)
    bad, good = bench.run().results
    assert bad.outcome is Outcome.FAILED
    assert "bad.wav" in bad.findings[0].where
    assert good.outcome is Outcome.DONE


def test_a_changed_row_is_catalogued_and_indexed_again_but_not_heard(bench: Bench) -> None:
    write_bursts(bench.inbox / "talk.wav", 4)
    bench.run(sheet="file,title\ntalk.wav,Before\n")
    bench.indexed.clear()
    (result,) = bench.run(sheet="file,title,access\ntalk.wav,After,restricted\n").results
    assert result.seconds == 0
    assert bench.indexed == [result.recording]
    assert bench.archive.recording(result.recording).access.level is AccessLevel.RESTRICTED
    card = Catalog(bench.archive).card(result.recording)
    assert card is not None
    assert card.title == "After"


def test_a_language_is_told_only_where_the_sheet_tells_none(bench: Bench) -> None:
    write_bursts(bench.inbox / "one.wav", 4)
    write_bursts(bench.inbox / "two.wav", 5)
    one, two = bench.run(sheet="file,languages\none.wav,fa\n").results
    assert bench.archive.recording(one.recording).languages == ("fa",)
    assert bench.archive.recording(two.recording).languages == ("en",)


def test_what_fails_three_times_is_set_aside_until_it_is_asked_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bursts(bench.inbox / "poison.wav", 4)
    write_bursts(bench.inbox / "talk.wav", 5)

    def listen(recording, *arguments, **options):  # type: ignore[no-untyped-def]
        if "poison" in recording.title:
            raise ValueError("no sense in it")
        return listening.listen(recording, *arguments, **options)

    monkeypatch.setattr(steps, "listen", listen)
    runs = [outcomes(bench.run()) for _ in range(MAX_STARTS + 1)]
    assert [poison for poison, _ in runs] == ["failed", "failed", "set aside", "set aside"]
    assert [talk for _, talk in runs] == ["done", "unchanged", "unchanged", "unchanged"]
    with Ledger(bench.archive.work) as ledger:
        aside = next(task for task in ledger.tasks() if task.state is State.QUARANTINED)
    assert "no sense in it" in aside.reason
    monkeypatch.setattr(steps, "listen", listening.listen)
    assert outcomes(bench.run(retry=True))[0] == "done"


def test_a_full_disk_waits_and_charges_nobody(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bursts(bench.inbox / "talk.wav", 4)

    def add_transcript(*_arguments: object, **_options: object) -> None:
        raise MachineError("no space left") from OSError(errno.ENOSPC, "No space left on device")

    for _ in range(MAX_STARTS + 1):
        with monkeypatch.context() as full:
            full.setattr(Archive, "add_transcript", add_transcript)
            (result,) = bench.run().results
        assert (result.outcome, result.reason) == (Outcome.WAITING, "no space")
    assert outcomes(bench.run()) == ["done"]


def test_too_little_space_is_seen_before_a_file_is_taken_in_and_stands_on_the_desk(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = write_bursts(bench.inbox / "سخنرانی.wav", 4)
    with monkeypatch.context() as full:
        full.setattr(steps, "RESERVE_BYTES", 1 << 62)
        assert outcomes(bench.run()) == ["waiting"]
    assert bench.archive.ids() == ()
    assert [(file.name, file.mend) for file in desk(bench.archive).refused] == [(str(talk), "make room")]
    assert outcomes(bench.run()) == ["done"]
    assert desk(bench.archive).refused == ()


def test_a_busy_index_waits_and_what_was_heard_is_kept(bench: Bench) -> None:
    write_bursts(bench.inbox / "talk.wav", 4)

    def busy(_recording: str) -> None:
        raise IndexUnready("another process writes to the index")

    (result,) = bench.run(index=busy).results
    assert result.outcome is Outcome.WAITING
    assert bench.archive.versions(result.recording) == (1,)
    (again,) = bench.run().results
    assert (again.outcome, again.seconds) == (Outcome.DONE, 0)
    assert bench.indexed == [result.recording]


def test_an_interrupted_run_is_not_charged_and_goes_on(bench: Bench) -> None:
    write_bursts(bench.inbox / "talk.wav", 4)

    def interrupt(_recording: str) -> None:
        raise KeyboardInterrupt

    for _ in range(MAX_STARTS + 1):
        with pytest.raises(KeyboardInterrupt):
            bench.run(index=interrupt)
    assert outcomes(bench.run()) == ["done"]


def test_a_recording_at_which_another_process_works_is_left_to_it(bench: Bench) -> None:
    write_bursts(bench.inbox / "talk.wav", 4)
    inner: list[Report] = []
    bench.run(index=lambda _recording: inner.append(bench.run()))
    (result,) = inner[0].results
    assert result.outcome is Outcome.BUSY
    assert result.reason.startswith("being done by process ")


def test_a_file_that_ends_early_says_so_in_the_archive(bench: Bench) -> None:
    whole = (ROOT / "data" / "samples" / "kennedy-inaugural-1961.mp3").read_bytes()
    (bench.inbox / "cut.mp3").write_bytes(whole[: len(whole) // 2])
    (result,) = bench.run().results
    assert any("truncated" in warning for warning in bench.archive.recording(result.recording).media.warnings)


def test_what_browsers_do_not_play_gets_a_copy_that_they_do(bench: Bench) -> None:
    sound = write_bursts(bench.inbox / "talk.wav", 4)
    odd = ["ffmpeg", "-v", "error", "-i", str(sound), str(bench.inbox / "talk.aiff")]
    subprocess.run(odd, check=True)
    sound.unlink()
    (result,) = bench.run().results
    media = bench.archive.recording(result.recording).media
    assert not media.playable
    assert media.access_suffix
    assert bench.archive.playable_path(result.recording).stat().st_size > 0
    assert not (bench.archive.work / "copies" / result.recording).exists()
