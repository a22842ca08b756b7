"""Locks: one at a time, also when their files are deleted from under them."""

from __future__ import annotations

import threading
from pathlib import Path

from archive.locks import held


def test_a_held_lock_is_refused_at_once_where_nobody_waits(tmp_path: Path) -> None:
    with held(tmp_path, "one") as mine, held(tmp_path, "one", wait=False) as second:
        assert (mine, second) == (True, False)
    with held(tmp_path, "one", wait=False) as free:
        assert free


def test_a_waiting_lock_whose_file_was_deleted_is_taken_anew(tmp_path: Path) -> None:
    order: list[str] = []

    def wait() -> None:
        with held(tmp_path, "one"):
            order.append("second")
            assert (tmp_path / "one.lock").exists()

    with held(tmp_path, "one"):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(0.1)
        (tmp_path / "one.lock").unlink()
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
