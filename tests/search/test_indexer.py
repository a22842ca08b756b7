"""The index is derived: missing, damaged, stale or busy, it says so and is made anew."""

from __future__ import annotations

import contextlib
import multiprocessing
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from archive.catalog import Catalog
from archive.errors import Damaged, IndexUnready
from archive.locks import held
from archive.store import Archive
from archive.withdraw import put_back, withdraw
from search import present, unindexed
from search.engines.folders import CURRENT, EmbeddedIndex
from search.indexer import index_recordings, rebuild, remove
from search.searcher import Searcher
from search.terms import ANALYSIS_VERSION


def total(archive: Archive, text: str = "ask") -> int:
    with Searcher.open(archive) as searcher:
        return searcher.search(text).total


def held_by(archive: Archive) -> set[str]:
    """The recordings that the index holds."""
    index = EmbeddedIndex(archive)
    used = index.writable()
    assert used is not None
    with contextlib.closing(index.reader(used)) as opened:
        return set(opened.held())


def folders(archive: Archive) -> list[str]:
    return sorted(path.name for path in archive.index.iterdir() if path.is_dir())


def test_an_archive_without_transcripts_is_searched_in_vain(shelf: Any) -> None:
    assert total(shelf.archive) == 0


def test_recordings_are_added_and_taken_out(shelf: Any) -> None:
    first = shelf.add(["ask not"])
    seen: list[int] = []
    assert index_recordings(shelf.archive, [first], seen.append) == 1
    second = shelf.add(["ask again and ask"])
    assert index_recordings(shelf.archive, [second, second], seen.append) == 1
    assert seen == [1, 1]
    assert total(shelf.archive) == 3
    withdraw(shelf.archive, second, by="Mina", why="a claim")
    assert remove(shelf.archive, second)
    assert total(shelf.archive) == 1


def test_the_first_indexing_takes_the_whole_archive(shelf: Any) -> None:
    shelf.add(["ask not"])
    second = shelf.add(["ask again"])
    assert index_recordings(shelf.archive, [second]) == 2
    assert total(shelf.archive) == 2


def test_a_rebuild_swaps_and_leaves_one_folder(shelf: Any) -> None:
    shelf.add(["ask not"])
    rebuild(shelf.archive)
    with Searcher.open(shelf.archive) as searcher:
        assert searcher.search("ask").total == 1
        shelf.add(["ask again"])
        (shelf.archive.index / "tantivy-a1-99").mkdir()  # what a killed rebuild leaves
        assert rebuild(shelf.archive) == 2
        assert searcher.search("ask").total == 2, "an open searcher follows"
    used = EmbeddedIndex(shelf.archive).in_use()
    assert used is not None
    assert folders(shelf.archive) == [used.name]


def test_a_recording_that_cannot_be_read_does_not_stop_a_rebuild(shelf: Any) -> None:
    shelf.add(["ask not"])
    broken = shelf.add(["ask again"])
    path = next((shelf.archive.root / "recordings" / broken).glob("transcripts/*.json"))
    path.chmod(0o644)
    path.write_text("{")
    skipped: list[tuple[str, str]] = []
    assert rebuild(shelf.archive, on_skipped=lambda name, error: skipped.append((name, error.code))) == 1
    assert skipped == [(broken, "Damaged")]
    assert total(shelf.archive) == 1
    with pytest.raises(Damaged):
        index_recordings(shelf.archive, [broken])


def test_a_missing_index_says_how_to_make_it(shelf: Any) -> None:
    shelf.add(["ask not"])
    with pytest.raises(IndexUnready, match=r"there is no search index.*onrecord index"):
        total(shelf.archive)
    rebuild(shelf.archive)
    shutil.rmtree(shelf.archive.index)
    with pytest.raises(IndexUnready, match="onrecord index"):
        total(shelf.archive)
    rebuild(shelf.archive)
    assert total(shelf.archive) == 1


def damage_pointer(index: Path) -> None:
    (index / CURRENT).write_text("{")


def damage_pointer_to_outside(index: Path) -> None:
    (index / CURRENT).write_text(
        (index / CURRENT).read_text().replace(f"tantivy-a{ANALYSIS_VERSION}-1", "../../elsewhere")
    )


def delete_folder(index: Path) -> None:
    shutil.rmtree(next(index.glob("tantivy-*")))


def empty_files(index: Path) -> None:
    for path in next(index.glob("tantivy-*")).iterdir():
        if path.name != "meta.json":
            path.write_bytes(b"")


def delete_segments(index: Path) -> None:
    for path in next(index.glob("tantivy-*")).iterdir():
        if path.name not in ("meta.json", ".managed.json"):
            path.unlink()


def garble_meta(index: Path) -> None:
    (next(index.glob("tantivy-*")) / "meta.json").write_text("garbage")


def flip_bytes(index: Path) -> None:
    for path in next(index.glob("tantivy-*")).glob("*.store"):
        data = bytearray(path.read_bytes())
        data[: len(data) // 2] = b"\xff" * (len(data) // 2)
        path.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        damage_pointer,
        damage_pointer_to_outside,
        delete_folder,
        empty_files,
        delete_segments,
        garble_meta,
        flip_bytes,
    ],
)
def test_a_damaged_index_says_how_to_mend_it_and_is_mended(damage: Any, shelf: Any) -> None:
    shelf.add(["ask not"])
    rebuild(shelf.archive)
    damage(shelf.archive.index)
    with pytest.raises(IndexUnready) as caught:
        total(shelf.archive)
    assert "onrecord index" in caught.value.mend
    rebuild(shelf.archive)
    assert total(shelf.archive) == 1


def test_an_index_of_another_analysis_is_not_searched(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one = shelf.add(["ask not"])
    rebuild(shelf.archive)
    path = shelf.archive.index / CURRENT
    path.write_text(path.read_text().replace(f'"analysis_version": {ANALYSIS_VERSION}', '"analysis_version": 0'))
    with pytest.raises(IndexUnready, match=r"another version of the analysis.*onrecord index"):
        total(shelf.archive)
    assert index_recordings(shelf.archive, [one]) == 1, "which makes it anew"
    assert total(shelf.archive) == 1
    monkeypatch.setattr(present, "ANALYSIS_VERSION", ANALYSIS_VERSION + 1)
    with pytest.raises(IndexUnready, match="another version"):
        total(shelf.archive)


def test_a_second_writer_says_busy_or_waits(shelf: Any) -> None:
    one = shelf.add(["ask not"])
    with held(shelf.archive.locks, "index"), pytest.raises(IndexUnready, match="another process is writing"):
        index_recordings(shelf.archive, [one], wait_seconds=0.0)
    done = threading.Event()

    def hold() -> None:
        with held(shelf.archive.locks, "index"):
            done.set()
            threading.Event().wait(0.3)

    other = threading.Thread(target=hold)
    other.start()
    done.wait()
    assert index_recordings(shelf.archive, [one], wait_seconds=20.0) == 1
    other.join()


def test_what_was_withdrawn_while_the_index_was_busy_goes_with_the_next_indexing(shelf: Any) -> None:
    stays, goes = shelf.add(["ask not"]), shelf.add(["ask again"])
    rebuild(shelf.archive)
    withdraw(shelf.archive, goes, by="Mina", why="a claim")
    with held(shelf.archive.locks, "index"), pytest.raises(IndexUnready):
        remove(shelf.archive, goes, wait_seconds=0.0)
    Catalog(shelf.archive)
    assert total(shelf.archive) == 1, "found by nobody meanwhile"
    assert held_by(shelf.archive) == {stays, goes}
    index_recordings(shelf.archive, [stays])
    assert held_by(shelf.archive) == {stays}
    assert unindexed.remembered(shelf.archive) == ()


def test_what_was_put_back_while_the_index_was_busy_stays_in_it(shelf: Any) -> None:
    stays, goes = shelf.add(["ask not"]), shelf.add(["ask again"])
    rebuild(shelf.archive)
    withdraw(shelf.archive, goes, by="Mina", why="a claim")
    put_back(shelf.archive, goes, by="Mina")
    assert not remove(shelf.archive, goes)
    assert held_by(shelf.archive) == {stays, goes}
    index_recordings(shelf.archive, [stays])
    assert held_by(shelf.archive) == {stays, goes}


def _index(root: Path, recording: str) -> None:
    index_recordings(Archive.open(root), [recording])


def test_a_searcher_sees_what_another_process_indexes(shelf: Any) -> None:
    shelf.add(["ask not"])
    rebuild(shelf.archive)
    with Searcher.open(shelf.archive) as searcher:
        assert searcher.search("ask").total == 1
        second = shelf.add(["ask again"])
        child = multiprocessing.get_context("spawn").Process(target=_index, args=(shelf.archive.root, second))
        child.start()
        child.join()
        assert child.exitcode == 0
        assert searcher.search("ask").total == 2


def test_many_threads_search_while_one_indexes(shelf: Any) -> None:
    ids = [shelf.add([f"ask number {number}"]) for number in range(8)]
    rebuild(shelf.archive)
    faults: list[BaseException] = []
    stop = threading.Event()

    with Searcher.open(shelf.archive) as searcher:

        def look() -> None:
            while not stop.is_set():
                try:
                    assert searcher.search("ask").total == len(ids)
                except BaseException as error:
                    faults.append(error)
                    return

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(6):
            if number % 3 == 2:
                rebuild(shelf.archive)
            else:
                index_recordings(shelf.archive, [ids[number]])
        stop.set()
        for thread in threads:
            thread.join()
    assert faults == []
