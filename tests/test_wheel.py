"""An installed copy, built as a wheel, is whole: it serves the portal without the checkout beside it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest
import streamlit.config

from commands.serve import settings

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("archive", "ingest", "search", "portal", "commands", ".streamlit")
FILES = ("app.py", "cli.py", "pyproject.toml", "README.md", "LICENSE")
START_SECONDS = 60


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources by what is installed: nothing is fetched."""
    source = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, source / name)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", str(source / "out"), str(source)], check=True, capture_output=True)
    [made] = (source / "out").glob("*.whl")
    return made


def test_the_wheel_holds_every_file_of_every_room(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    rooms = [ROOT / name for name in SOURCES if not name.startswith(".")]
    files = [path for room in rooms for path in room.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert [path for path in files if path.relative_to(ROOT).as_posix() not in held] == []
    assert {"app.py", "cli.py"} < held


def test_an_installed_copy_serves_the_portal(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")  # our own, just built
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    command = [sys.executable, "-m", "cli", "serve", "--port", str(port), "--create"]
    command += ["--archive", str(tmp_path / "archive")]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            page = _answer(url, process)
            assert "color-scheme:light dark" in page
            assert _answer(f"{url}/assets/icon.svg", process).startswith("<svg")
            served = Path(f"/proc/{process.pid}/cwd")
            assert not served.exists() or served.resolve() == (tmp_path / "installed").resolve()
        finally:
            process.terminate()
            process.wait(20)


def _answer(url: str, process: subprocess.Popen[bytes]) -> str:
    patience = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "the portal ended while it started"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
                return str(answer.read().decode())
        except OSError:
            assert time.monotonic() < patience, f"no answer within {START_SECONDS} s"
            time.sleep(0.2)


def test_every_setting_has_the_name_by_which_streamlit_takes_it() -> None:
    known = {option.env_var for option in streamlit.config.get_config_options().values()}
    given = settings(ROOT / "portal" / "streamlit.toml")
    assert set(given) <= known
    assert given["STREAMLIT_SERVER_ENABLE_STATIC_SERVING"] == "False"
    assert given["STREAMLIT_THEME_DARK_TEXT_COLOR"] == "#ecebe6"
