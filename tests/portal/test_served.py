"""The portal as it is really served: a process of its own, sockets, slow readers, and a browser."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from archive.catalog import Catalog
from archive.models import Recording
from archive.store import Archive
from ingest.probe import probe

ROOT = Path(__file__).resolve().parents[2]
BIG_BYTES = 300_000_000
READERS = 3
GROWTH_MB = 30
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A running portal."""

    port: int
    process: psutil.Process

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def get(self, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        """One request with the path exactly as given."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=30)
        try:
            connection.putrequest("GET", path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def megabytes(self) -> float:
        """Memory of its own that the process holds."""
        return float(self.process.memory_info().rss) / 1e6


@pytest.fixture(scope="module")
def server(standing: tuple[Path, Recording]) -> Iterator[Server]:
    """The standing archive, served as people serve it."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    environment = {**os.environ, "ONRECORD_ARCHIVE": str(standing[0])}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    running = Server(port, psutil.Process(process.pid))
    try:
        _wait_for(running, process)
        yield running
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + START_SECONDS
    while time.monotonic() < patience:
        assert process.poll() is None, "the portal ended while it started"
        try:
            if server.get("/_stcore/health")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the portal did not answer within {START_SECONDS} s")


@pytest.mark.parametrize(
    "path",
    [
        "/av/..",
        "/av/../../../../etc/passwd",
        "/av/./../archive.json",
        "/av//etc/passwd",
        "/av/\\..\\..",
        "/api/../app.py",
    ],
)
def test_paths_that_no_client_library_would_send_lead_nowhere(server: Server, path: str) -> None:
    status, headers, body = server.get(path)
    assert (status, headers["content-type"]) == (404, "application/problem+json")
    assert b"root:" not in body


def test_media_plays_by_ranges_over_a_socket(server: Server, standing: tuple[Path, Recording]) -> None:
    kept = standing[1]
    status, headers, body = server.get(f"/av/{kept.id}", Range="bytes=0-3")
    assert (status, headers["content-range"], body) == (206, f"bytes 0-3/{kept.media.bytes}", b"RIFF")
    assert server.get(f"/av/{kept.id}", If_None_Match=headers["etag"])[0] == 304


@pytest.mark.slow
def test_slow_readers_of_a_large_file_cost_no_memory(server: Server, standing: tuple[Path, Recording]) -> None:
    big = _register_silence(standing[0], standing[0].with_name("long.wav"))
    server.get(f"/av/{big.id}", Range="bytes=0-1000000")  # what the first request loads is not counted
    before = server.megabytes()
    readers = [_Reader(server, f"/av/{big.id}") for _ in range(READERS)]
    most = before
    slowest = 0.0
    try:
        for _ in range(60):
            for reader in readers:
                reader.read(1 << 20)
            most = max(most, server.megabytes())
            started = time.monotonic()
            assert server.get("/_stcore/health")[0] == 200
            slowest = max(slowest, time.monotonic() - started)
    finally:
        for reader in readers:
            reader.close()
    assert sum(reader.taken for reader in readers) > 50_000_000
    assert most - before < GROWTH_MB, f"{before:.0f} MB grew to {most:.0f}"
    assert slowest < 2, f"a health check took {slowest:.1f} s"


class _Reader:
    """Somebody who takes a file more slowly than it comes."""

    def __init__(self, server: Server, path: str) -> None:
        self._connection = http.client.HTTPConnection("localhost", server.port, timeout=30)
        self._connection.request("GET", path)
        self._answer = self._connection.getresponse()
        self.taken = 0

    def read(self, size: int) -> None:
        """Takes that many bytes."""
        self.taken += len(self._answer.read(size))

    def close(self) -> None:
        """Leaves before the end, as listeners do."""
        self._connection.close()


def _register_silence(root: Path, path: Path) -> Recording:
    """A long silent WAV file; its zeros take no room in a file system that knows holes."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(b"\0\0")
    os.truncate(path, BIG_BYTES)
    with path.open("r+b") as file:
        file.seek(4)
        file.write((BIG_BYTES - 8).to_bytes(4, "little"))
        file.seek(40)
        file.write((BIG_BYTES - 44).to_bytes(4, "little"))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    archive = Archive.open(root)
    media = replace(probe(path), sha256=digest)
    kept = archive.register(path, Recording(id=digest[:16], title="Silence", media=media), how="link")
    Catalog(archive).put(kept.id)
    return kept


@pytest.mark.browser
def test_every_view_works_under_the_policy_and_asks_nobody_else(
    server: Server, standing: tuple[Path, Recording]
) -> None:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine")
    kept = standing[1]
    told: list[str] = []
    asked: set[str] = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: told.append(f"error: {error}"))
        page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
        for path in ("/", "/?q=country", f"/?recording={kept.id}&t=2.5,3.4"):
            page.goto(server.url + path)
            page.locator("#root").get_by_text("country").first.wait_for(timeout=30_000)
        played = page.evaluate(
            """async (url) => {
                const sound = new Audio(url);
                sound.muted = true;
                await sound.play();
                await new Promise((done) => setTimeout(done, 500));
                return sound.currentTime;
            }""",
            f"/av/{kept.id}",
        )
        injected = page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.ran = true";
                document.body.append(script);
                return window.ran === true;
            }"""
        )
        browser.close()
    refusals = [line for line in told if "Content Security Policy" in line]
    assert [line for line in refusals if "inline script" not in line] == []
    assert [line for line in told if line.startswith("error")] == refusals
    assert asked - {""} == {f"localhost:{server.port}"}
    assert played > 0
    assert injected is False
