"""Memory that is kept for the next chunk and given back after a window, in processes where nothing else took any."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from tests.ingest.programs import ROOT

PAGES_ANEW = """
import resource
import numpy as np
from ingest.speech import SAMPLE_RATE
from ingest.transcribers.net import Net
from ingest.weights import resolve

net = Net(resolve("base"), device="cpu", compute="int8", threads=0)
half_a_minute = np.random.default_rng(7).normal(0, 0.1, 30 * SAMPLE_RATE).astype(np.float32)
net.encode([half_a_minute])
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
net.encode([half_a_minute])
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

MB_GIVEN_BACK = """
import resource
from pathlib import Path
import numpy as np
from ingest.transcribers.memory import give_back, keep_freed_memory

def in_use():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6

keep_freed_memory()
blocks = [np.ones(40_000_000 // 8) for _ in range(5)]
kept = np.ones(4_000)  # lies behind them, so that they cannot be given back from the end
blocks.clear()
before = in_use()
give_back()
print(before - in_use())
"""


pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library here cannot be told")


def printed(code: str) -> float:
    """The number that a program of its own prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


@pytest.mark.model
def test_a_chunk_uses_the_memory_of_the_one_before() -> None:
    """Half a minute took 105,000 pages anew, a quarter of the encoder's CPU seconds."""
    assert printed(PAGES_ANEW) < 20_000


def test_what_is_free_after_a_window_is_given_back() -> None:
    assert printed(MB_GIVEN_BACK) > 150
