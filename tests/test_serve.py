"""The portal's command: what it refuses before it says that the portal is there, and what it says then."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from archive.store import Archive
from tests.ingest.programs import ROOT, until

PATIENCE_S = 60  # a portal that started all the same would stay


def serve(archive: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "cli.py"), "serve", "--archive", str(archive), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)


def test_a_folder_without_an_archive_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    done = serve(tmp_path / "بایگانی")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no archive here" in done.stderr
    assert "The portal is at" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_said_before_anything_else_and_another_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("localhost", 0))
        other.listen()
        port = other.getsockname()[1]
        done = serve(tmp_path, "--create", "--port", str(port))
    assert done.returncode == 3
    assert done.stderr.startswith(f"onrecord: port {port} is in use")
    assert f"onrecord serve --port {port + 1 if port >= 8501 else 8501}" in done.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_this_machine_has_not_is_said_in_a_line(host: str, tmp_path: Path) -> None:
    done = serve(tmp_path, "--create", "--host", host)
    assert done.returncode == 3
    assert done.stderr.startswith(f"onrecord: {host}: ")
    assert len(done.stderr.splitlines()) == 1


def test_where_the_portal_is_is_said_once(tmp_path: Path) -> None:
    Archive.open(tmp_path, create=True)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "cli.py"), "serve", "--archive", str(tmp_path), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        until(lambda: _answers(port))
    finally:
        process.send_signal(signal.SIGINT)
        said = "".join(process.communicate(timeout=PATIENCE_S))
    assert said.count(f"localhost:{port}") == 1
    assert "Streamlit app" not in said


def _answers(port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex(("localhost", port)) == 0
