"""The engine that most tests of listening hear with."""

from __future__ import annotations

import pytest

from ingest.transcribers import Transcriber, open_transcriber


@pytest.fixture(scope="package")
def faster() -> Transcriber:
    """The default engine, opened once: it keeps nothing of what it heard."""
    return open_transcriber("faster")
