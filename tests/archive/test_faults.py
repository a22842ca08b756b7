"""Whatever breaks at whatever moment: the old state or the new one, never half, and no rubbish left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = ("create", "register", "transcript", "update", "access", "people", "withdraw", "return")
COMMITTED_BEFORE = ("withdraw", "return")  # by their tombstone; the next process that has room does the rest


def broken(operation: str, mode: str, folder: Path) -> dict[str, object]:
    """What `faulted.py` found when it broke an operation at every call."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.archive.faulted", operation, mode, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("operation", OPERATIONS)
def test_kill_9_at_every_call_is_recovered_from(operation: str, tmp_path: Path) -> None:
    result = broken(operation, "kill", tmp_path)
    assert result["wrong"] == []
    assert result["ends"] == [0, 247]
    assert min(int(str(result[state])) for state in ("faults", "old", "new")) > 1  # both sides of the commit were seen


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_error_at_every_call_leaves_the_old_or_the_new_state(operation: str, tmp_path: Path) -> None:
    result = broken(operation, "fail", tmp_path)
    assert result["wrong"] == []
    assert int(str(result["faults"])) > 5


@pytest.mark.parametrize("operation", [operation for operation in OPERATIONS if operation != "create"])
def test_a_full_disk_is_said_to_be_one_and_changes_nothing(operation: str, tmp_path: Path) -> None:
    result = broken(operation, "full", tmp_path)
    assert result["wrong"] == []
    assert result["ends"] == [0, 3]
    assert result["new"] == 1 or operation in COMMITTED_BEFORE  # the one that had room
