"""The nets are opened only as they were made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archive.errors import ModelError
from ingest.model_cache import cached
from ingest.voices import weights
from ingest.voices.embeddings import VoiceNets


@pytest.fixture
def cache(nets: VoiceNets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the nets, in a cache of its own."""
    real = cached(weights.NAME)
    monkeypatch.setenv("ONRECORD_CACHE", str(tmp_path))
    return Path(shutil.copytree(real, cached(weights.NAME)))


def test_a_flipped_bit_is_named_and_not_opened(cache: Path) -> None:
    data = bytearray((cache / weights.CAMPPLUS).read_bytes())
    data[1_000_000] ^= 1
    (cache / weights.CAMPPLUS).write_bytes(data)
    with pytest.raises(ModelError, match=r"campplus\.onnx: not the checked file.* models get voices"):
        weights.open_nets()


def test_a_copied_cache_is_read_again_and_taken(cache: Path, nets: VoiceNets) -> None:
    assert weights.open_nets().sha256 == nets.sha256


def test_without_nets_it_says_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_CACHE", str(tmp_path))
    assert not weights.is_here()
    with pytest.raises(ModelError, match="onrecord models get voices"):
        weights.open_nets()


def test_offline_fetches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_CACHE", str(tmp_path))
    monkeypatch.setenv("ONRECORD_OFFLINE", "1")
    with pytest.raises(ModelError, match="unset ONRECORD_OFFLINE"):
        weights.resolve()
