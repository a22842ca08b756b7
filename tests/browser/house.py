"""The archive that the browser tests look at, and the portal that serves it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, Playwright, ViewportSize, expect

from archive.files import sha256_of
from archive.models import Layer, LayerFile, Maker, MakerKind, Quality, Recording, Segment, Transcript, Word
from archive.people import People
from archive.store import Archive
from ingest.media import make_layer_copy
from ingest.pipeline import IngestSettings, ingest
from ingest.probe import probe
from search.indexer import rebuild

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "data" / "samples"
START_SECONDS = 60
EXPECT_MS = 30_000
DESK: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}

PERSIAN = "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند"
INTERPRETED = "everyone arrives in this world unfettered"
DOUBT = "times are estimated"
HOSTILE = "<img/src=x/onerror=window.pwned=1>"
HOSTILE_TITLE = "<script>window.pwned=1</script> ![x](https://example.org/x.png) :red[title]"
HOSTILE_SPEAKER = '"><b>Mallory'
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--mute-audio",
)


@dataclass(frozen=True, slots=True)
class Portal:
    """A running portal and the ids of what is in it; `times` are the words of the Kennedy clip: text, start, end."""

    url: str
    kennedy: str
    film: str
    persian: str
    hostile: str
    times: tuple[tuple[str, float, float], ...]

    def start_of(self, word: str, nth: int = 0) -> float:
        """Onset of the nth such word in the Kennedy clip, in seconds."""
        return [start for text, start, _ in self.times if text.strip(".,").lower() == word][nth]


@contextmanager
def standing(folder: Path) -> Iterator[Portal]:
    """The portal over two samples that were really ingested and two transcripts that were put in, one interpreted."""
    archive = Archive.open(folder / "archive", create=True)
    kennedy, film = _ingested(archive, "kennedy-inaugural-1961.mp3", "obama-iran-deal-2015.mp4")
    persian = _put(archive, "arabic-one-to-six.wav", "اعلامیهٔ جهانی حقوق بشر", PERSIAN.split(), "fa")
    words = [HOSTILE, "is", "only", "text", "here"]
    hostile = _put(archive, "german-proverb.wav", HOSTILE_TITLE, words, "en", speaker=HOSTILE_SPEAKER)
    _interpret(archive, persian, "german-proverb.wav", folder)
    rebuild(archive, lambda *_: None)
    spoken = [word for segment in archive.transcript(kennedy).segments for word in segment.words]
    times = tuple((word.text, word.start, word.end) for word in spoken)
    with serving(archive.root) as url:
        yield Portal(url, kennedy, film, persian, hostile, times)


def _ingested(archive: Archive, *names: str) -> list[str]:
    report = ingest(
        archive,
        [SAMPLES / name for name in names],
        SAMPLES / "speeches.csv",
        IngestSettings(),
        index=lambda _id: None,
        on_event=lambda _event: None,
    )
    by_name = {archive.recording(known).media.name: known for known in archive.ids()}
    assert set(by_name) == set(names), report
    return [by_name[name] for name in names]


def _put(archive: Archive, name: str, title: str, words: list[str], language: str, speaker: str = "") -> str:
    digest = sha256_of(SAMPLES / name)
    people = People.load(archive.root)
    speakers = (people.ensure(speaker).id,) if speaker else ()
    people.save()
    media = replace(probe(SAMPLES / name), sha256=digest)
    known = Recording(digest[:16], title, media, date="2018", speakers=speakers, languages=(language,))
    archive.register(SAMPLES / name, known)
    spoken = tuple(Word(word, 0.5 + 0.4 * i, 0.8 + 0.4 * i) for i, word in enumerate(words))
    segment = Segment(0.5, spoken[-1].end, spoken, speakers[0] if speakers else "unknown-1", language, Quality.LOW)
    segment = replace(segment, reasons=(DOUBT,))
    maker = Maker(MakerKind.IMPORT, "test")
    made = Transcript(known.id, 0, maker, (segment,), language=language, duration=media.duration)
    archive.add_transcript(made, agent="test")
    return known.id


def _interpret(archive: Archive, recording: str, name: str, folder: Path) -> None:
    """Put a booth's file beside a recording, with words of its own."""
    source = SAMPLES / name
    media = replace(probe(source), sha256=sha256_of(source))
    layer = Layer("en", 0, "en", LayerFile(media, offset=1.0))
    known = archive.add_layer(recording, layer, source)
    words = tuple(Word(word, 1.5 + at / 2, 1.9 + at / 2) for at, word in enumerate(INTERPRETED.split()))
    segment = Segment(1.5, words[-1].end, words, language="en")
    maker = Maker(MakerKind.IMPORT, "test")
    archive.add_transcript(Transcript(recording, 0, maker, (segment,), "en", "en", known.duration), agent="test")
    copy = make_layer_copy(archive.sound_path(known, layer), media, 0, folder, layer.offset)
    archive.set_layer_copy(recording, "en", copy)


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """Streamlit over an archive, in a process of its own; its address."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    environment = {**os.environ, "ONRECORD_ARCHIVE": str(root)}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
    try:
        _wait_for(f"http://localhost:{port}/_stcore/health", process)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + START_SECONDS
    while time.monotonic() < patience:
        assert process.poll() is None, "the portal ended while it started"
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the portal did not answer within {START_SECONDS} s")


def chromium(playwright: Playwright, autoplay: str) -> Browser:
    """A Chromium with an autoplay policy."""
    expect.set_options(timeout=EXPECT_MS)
    args = [*CHROMIUM, f"--autoplay-policy={autoplay}"]
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=args)
