"""The real voice nets, where they were fetched."""

from __future__ import annotations

import pytest

from ingest.voices.embeddings import VoiceNets
from ingest.voices.weights import AGAIN, is_here, open_nets


@pytest.fixture(scope="session")
def nets() -> VoiceNets:
    if not is_here():
        pytest.skip(f"the voice nets are not here; fetch them with: {AGAIN}")
    return open_nets()
