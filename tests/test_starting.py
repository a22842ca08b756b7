"""A command loads what it needs and no more: people wait for it to start, and programs call it again and again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from archive.store import Archive
from search.indexer import rebuild
from tests.ingest.programs import ROOT

LISTENING = ("numpy", "faster_whisper", "ctranslate2", "onnxruntime", "httpx")
SERVING = ("streamlit", "elasticsearch")
LOADED = """
import sys
import cli
try:
    cli.main(sys.argv[1:])
finally:
    print(*sorted(name for name in sys.modules if "." not in name))
"""


@pytest.mark.parametrize(
    "command", [("--help",), ("search", "فارسی"), ("status",), ("verify",), ("people",), ("index",)], ids=" ".join
)
def test_what_only_reads_the_archive_loads_no_engine_and_no_server(command: tuple[str, ...], tmp_path: Path) -> None:
    rebuild(Archive.open(tmp_path / "archive", create=True))
    told = {"ONRECORD_ARCHIVE": str(tmp_path / "archive"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *command], env=told, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "archive" in loaded
    assert loaded.isdisjoint((*LISTENING, *SERVING))
