"""Telling voices apart as a step of ingest, beside the engine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archive.store import Archive
from archive.voices import Voices
from ingest.pipeline import IngestSettings, ingest
from ingest.voices.embeddings import VoiceNets
from ingest.voices.weights import open_nets

pytestmark = [pytest.mark.model, pytest.mark.slow]


def test_a_worker_opens_the_nets_once_and_with_its_threads(
    nets: VoiceNets, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []

    def counted(threads: int) -> VoiceNets:
        opened.append(threads)
        return open_nets(threads)

    monkeypatch.setattr("ingest.worker.open_nets", counted)
    monkeypatch.setenv("ONRECORD_VOICES", "1")
    for name in ("en_reagan_berlin_1987.mp3", "en_jfk_rice_moon_1962.mp3"):
        shutil.copyfile(samples / "audio/en" / name, tmp_path / name)
    archive = Archive.open(tmp_path / "archive", create=True)
    files = sorted(tmp_path.glob("*.mp3"))
    settings = IngestSettings(engine="toy", threads=1)
    report = ingest(archive, files, None, settings, index=lambda _recording: None, on_event=lambda _event: None)
    assert not report.findings
    heard = [Voices(archive.root).heard(recording, "floor") for recording in archive.ids()]
    assert [len(known.voices) for known in heard if known] == [1, 1]
    assert opened == [1]
