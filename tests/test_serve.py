"""The portal's command: what it refuses before it says that the portal is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.ingest.programs import ROOT

PATIENCE_S = 60  # a portal that started all the same would stay


def serve(archive: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "cli.py"), "serve", "--archive", str(archive), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)


def test_a_folder_without_an_archive_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    done = serve(tmp_path / "بایگانی")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no archive here" in done.stderr
    assert "The portal is at" not in done.stderr
    assert list(tmp_path.iterdir()) == []
