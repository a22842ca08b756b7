"""Several processes at once: nothing is lost, nothing is written twice."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

from archive.models import Recording
from archive.people import People
from archive.store import Archive
from archive.verify import verify

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 4
EACH = 6

HEAD = """
import dataclasses, sys
from pathlib import Path
from archive.store import Archive
from archive.people import People
from archive.catalog import Catalog
from tests.archive.faulted import recording, transcript, ID
archive, me = Archive.open(Path(sys.argv[1]), create=True), sys.argv[2]
"""


def crowd(code: str, archive: Path) -> None:
    """Run the code in several processes at once."""
    command = [sys.executable, "-c", HEAD + code, str(archive)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen([*command, str(number)], env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for number in range(PROCESSES)
    ]
    errors = [process.communicate(timeout=100)[1] for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES, errors


def test_writers_of_one_recording_lose_nothing(archive: Archive, kept: Recording) -> None:
    code = f"""
for number in range({EACH}):
    made = dataclasses.replace(transcript(f"{{me}} {{number}}"), recording="{kept.id}")
    archive.add_transcript(made, agent=me)
    archive.note("{kept.id}", "validation", agent=me, number=str(number))
"""
    crowd(code, archive.root)
    total = PROCESSES * EACH
    assert archive.versions(kept.id) == tuple(range(1, total + 1))
    texts = {archive.transcript(kept.id, version).segments[0].text for version in archive.versions(kept.id)}
    assert len(texts) == total
    notes = [(event.agent, event.detail["number"]) for event in archive.history(kept.id) if event.event == "validation"]
    assert len(set(notes)) == len(notes) == total
    assert list(verify(archive)) == []


def test_the_same_file_taken_in_at_once_is_kept_once(archive: Archive) -> None:
    (archive.root.parent / "source").write_bytes(b"sound" * 200)
    crowd('archive.register(archive.root.parent / "source", recording()); archive.add_alias(ID, me)', archive.root)
    (known,) = archive.ids()
    assert sorted(archive.recording(known).aliases) == ["0", "1", "2", "3"]
    assert sum(event.event == "ingestion" for event in archive.history(known)) == 1
    assert list(verify(archive)) == []


def test_an_archive_made_by_several_at_once_is_one(tmp_path: Path) -> None:
    crowd("", tmp_path / "new")
    assert list(verify(Archive.open(tmp_path / "new"))) == []


def test_no_person_is_lost_and_no_id_given_twice(archive: Archive) -> None:
    code = f"""
people = People.load(archive.root)
for number in range({EACH}):
    people.ensure(f"علی رضایی {{number}}")
    people.ensure(f"Person {{me}} {{number}}")
    people.ensure("Same-Slug" if me in "01" else "Same, Slug!")
"""
    crowd(code, archive.root)
    people = People.load(archive.root).all()
    assert len(people) == EACH + PROCESSES * EACH + 1
    assert len({person.id for person in people}) == len(people)


def test_readers_and_writers_of_the_catalog_do_not_wait_for_each_other_in_vain(
    archive: Archive, kept: Recording
) -> None:
    code = f"""
catalog = Catalog(archive)
for number in range(20):
    if me == "0":
        archive.note("{kept.id}", "validation", agent=me)
        catalog.put("{kept.id}")
    elif me == "1" and number % 5 == 0:
        catalog.rebuild()
    elif me == "2" and number % 7 == 0:
        (archive.root / "catalog.sqlite").unlink(missing_ok=True)
    assert len(catalog.cards()) <= 1
assert len(Catalog(archive).cards()) == 1
"""
    crowd(code, archive.root)


def test_writers_killed_at_any_moment_leave_a_whole_archive(archive: Archive, kept: Recording) -> None:
    code = f"""
number = 0
while True:
    number += 1
    made = dataclasses.replace(transcript(f"{{me}} {{number}}"), recording="{kept.id}")
    archive.add_transcript(made, agent=me)
    People.load(archive.root).ensure(f"Person {{me}} {{number % 5}}")
    renamed = dataclasses.replace(archive.recording("{kept.id}"), title=f"{{me}} {{number}}")
    archive.update(renamed, agent=me, reason="x")
"""
    command = [sys.executable, "-c", HEAD + code, str(archive.root)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for seconds in (0.0, 0.011, 0.037, 0.073, 0.2):
        before = len(archive.versions(kept.id))
        with contextlib.ExitStack() as running:
            writers = [
                running.enter_context(subprocess.Popen([*command, str(me)], cwd=ROOT, env=environment))
                for me in range(3)
            ]
            while len(archive.versions(kept.id)) == before:
                assert any(writer.poll() is None for writer in writers)
                time.sleep(0.001)
            time.sleep(seconds)
            assert [writer.poll() for writer in writers] == [None] * 3
            for writer in writers:
                writer.kill()
        opened = Archive.open(archive.root)
        assert list(verify(opened)) == []
        opened.tidy()
        assert not list((opened.recordings / ".pending").iterdir())
        assert not list(opened.root.rglob("*.tmp"))
    versions = archive.versions(kept.id)
    assert versions == tuple(range(1, len(versions) + 1))
    assert len({event.detail["file"] for event in archive.history(kept.id) if event.event == "creation"}) == len(
        versions
    )
