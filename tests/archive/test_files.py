"""Bytes on their way to disk."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from archive.errors import MachineError, MediaError
from archive.files import atomic_write, copy_hashed, disk_errors, is_stale_temp, sha256_of
from archive.store import Archive


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "نام.json"
    atomic_write(path, b"old")
    atomic_write(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    atomic_write(path, b"old")

    def fail(*_: object) -> None:
        raise OSError(5, "injected")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="injected"):
        atomic_write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this machine")
def test_a_full_disk_is_an_error_of_the_machine() -> None:
    with (
        pytest.raises(MachineError, match="no space left"),
        disk_errors(Path("talk.mp3")),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")


def test_a_name_of_255_bytes_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    atomic_write(path, b"x")
    assert path.read_bytes() == b"x"


def test_a_temp_file_in_use_is_not_tidied(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.replace

    def tidy_before(source: Path, target: Path) -> None:
        assert archive.tidy() == ()
        assert source.exists()
        real(source, target)

    monkeypatch.setattr(os, "replace", tidy_before)
    atomic_write(archive.root / "archive.json", (archive.root / "archive.json").read_bytes())


@pytest.mark.parametrize("name", ["media.mp3", ".hidden.tmp", ".a.host-12-0123abcd.txt"])
def test_what_is_not_ours_is_no_stale_temp(tmp_path: Path, name: str) -> None:
    assert not is_stale_temp(tmp_path / name)


def test_a_copy_has_the_digest_of_what_was_written(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(3_000_001))
    digest, size = copy_hashed(source, target)
    assert (digest, size) == (sha256_of(target), 3_000_001)


def test_a_copy_never_overwrites(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"new")
    target.write_bytes(b"old")
    for how in ("copy", "link", "reflink"):
        with pytest.raises(FileExistsError):
            copy_hashed(source, target, how)
        assert target.read_bytes() == b"old"


def test_a_reflink_shares_blocks_or_says_that_it_cannot(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("reflink")  # on the disk: a file system in memory never can
    source, target = folder / "source", folder / "target"
    source.write_bytes(b"x" * 8192)
    mend = ""
    try:
        copy_hashed(source, target, "reflink")
    except MachineError as error:
        mend = error.mend
    assert target.exists() != bool(mend)
    assert mend in ("", "take it in with --how copy")


def test_a_hard_link_to_another_file_system_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    (tmp_path / "source").write_bytes(b"x")
    monkeypatch.setattr(os, "link", fail)
    with pytest.raises(MachineError, match="--how copy"):
        copy_hashed(tmp_path / "source", tmp_path / "target", "link")


def test_a_symlink_is_not_hashed(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "source")
    with pytest.raises(MediaError, match="not a regular file"):
        sha256_of(tmp_path / "link")
