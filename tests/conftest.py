"""What every test may ask for: the shared sample recordings and a model that runs here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real recordings for tests and benchmarks, which lies beside the checkout."""
    folder = Path(os.environ.get("ONRECORD_SAMPLES", ROOT.parent / "shared" / "samples"))
    if not (folder / "metadata.json").is_file():
        pytest.skip(f"no sample recordings at {folder}; set ONRECORD_SAMPLES to their folder")
    return folder
