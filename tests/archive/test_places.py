"""Where things are unless told otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.places import cache_dir, default_archive


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ONRECORD_ARCHIVE", "ONRECORD_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_the_archive_is_under_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_archive() == tmp_path / "data" / "archive"
    monkeypatch.setenv("ONRECORD_ARCHIVE", "~/my archive")
    assert default_archive() == tmp_path / "my archive"


def test_the_cache_is_where_xdg_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_dir() == tmp_path / ".cache" / "onrecord"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_dir() == tmp_path / ".cache" / "onrecord"
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/me")
    assert cache_dir() == Path("/var/cache/me/onrecord")
    monkeypatch.setenv("ONRECORD_CACHE", "weights")
    assert cache_dir() == tmp_path / "weights"
