"""Nothing leaves the machine: what finds speech keeps no record of its runs to send."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LISTENING = """
import numpy as np
from ingest.speech import find_speech
find_speech(np.zeros(16000, np.int16))
"""


def test_the_runtime_that_finds_speech_writes_down_nothing_to_report(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    told = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", LISTENING], cwd=ROOT, env=told | home, check=True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
