"""A real archive of a few short recordings, and the portal that serves it."""

from __future__ import annotations

import hashlib
import math
import sys
import wave
from array import array
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import app
from archive.catalog import Catalog
from archive.events import event_of
from archive.models import Access, Maker, MakerKind, Media, Quality, Recording, Segment, Transcript, Word
from archive.people import People
from archive.store import Archive
from ingest.probe import probe
from portal import state
from search.indexer import rebuild

SPOKEN = "ask not what your country can do for you"
_PROBED: dict[tuple[str, str], Media] = {}  # by name and digest: most tests take in the same few sounds


class Shelf:
    """Puts recordings into an archive, each a tone of its own with the words it is told were said."""

    def __init__(self, root: Path, inbox: Path) -> None:
        self.archive = Archive.open(root, create=True)
        self.people = People.load(root)
        self._inbox = inbox

    def add(
        self,
        title: str,
        text: str = SPOKEN,
        *,
        speaker: str = "John F. Kennedy",
        language: str = "en",
        date: str = "1961-01-20",
        seconds: float = 6.0,
        event: str = "Inauguration",
        access: Access | None = None,
        edit: Callable[[Media], Media] = lambda media: media,
        doubt: tuple[Quality, str] | None = None,
    ) -> Recording:
        """A recording of `seconds`, its words half a second apart from 1.0 s on; no transcript without a text."""
        source = self._tone(title, seconds)
        media = _probed(source)
        known = Recording(
            id=media.sha256[:16],
            title=title,
            media=edit(media),
            event=event_of(event, date, "Washington, DC") if event else None,
            date=date,
            place="Washington, DC",
            speakers=(self.people.ensure(speaker).id,),
            languages=(language,),
            source="https://example.org/source",
            rights="public domain",
            access=access or Access(),
        )
        kept = self.archive.register(source, known)
        if text:
            self.say(kept, text, language, doubt)
        Catalog(self.archive).put(kept.id)
        return kept

    def say(
        self, recording: Recording, text: str, language: str = "en", doubt: tuple[Quality, str] | None = None
    ) -> Transcript:
        """The next transcript version of a recording; `doubt` is its quality and why."""
        words = tuple(
            Word(word, round(1.0 + 0.5 * place, 3), round(1.4 + 0.5 * place, 3), 0.9)
            for place, word in enumerate(text.split())
        )
        segment = Segment(words[0].start, words[-1].end, words, recording.speakers[0], language)
        if doubt:
            segment = replace(segment, quality=doubt[0], reasons=(doubt[1],))
        return self.archive.add_transcript(
            Transcript(
                recording=recording.id,
                version=0,
                maker=Maker(MakerKind.PERSON, "test"),
                segments=(segment,),
                language=language,
                duration=recording.media.duration,
            ),
            agent="test",
        )

    def index(self) -> None:
        """Makes the search index."""
        rebuild(self.archive, lambda *_: None)

    def _tone(self, name: str, seconds: float) -> Path:
        hertz = 200 + int(hashlib.sha256(name.encode()).hexdigest()[:4], 16) % 600
        tenth = (round(9000 * math.sin(math.tau * hertz * n / 8000)) for n in range(800))
        path = self._inbox / f"{hashlib.sha256(name.encode()).hexdigest()[:12]}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(array("h", tenth).tobytes() * round(seconds * 10))
        return path


def _probed(source: Path) -> Media:
    """What a sound is, with its digest; probed once a run."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    known = (source.name, digest)
    if known not in _PROBED:
        _PROBED[known] = replace(probe(source), sha256=digest)
    return _PROBED[known]


@pytest.fixture(autouse=True)
def main_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's tests leave a page as `__main__`, which processes that are started later would run first."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def tmp_path(in_memory: Path) -> Path:
    """Archives are small here."""
    return in_memory


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """An empty archive that this process serves."""
    monkeypatch.setenv("ONRECORD_ARCHIVE", str(tmp_path / "archive"))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    state.close()
    yield Shelf(tmp_path / "archive", inbox)
    state.close()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recording]:
    """An archive of one recording, indexed, that no test changes."""
    root = tmp_path_factory.mktemp("standing")
    (root / "inbox").mkdir()
    shelf = Shelf(root / "archive", root / "inbox")
    recording = shelf.add("Inaugural address")
    shelf.index()
    return shelf.archive.root, recording


@pytest.fixture
def kept(standing: tuple[Path, Recording], monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """The recording of the standing archive, served: for tests that only read."""
    monkeypatch.setenv("ONRECORD_ARCHIVE", str(standing[0]))
    state.close()
    yield standing[1]
    state.close()


@pytest.fixture(scope="session")
def served() -> Iterator[TestClient]:
    """The whole application, Streamlit's part too; one a process, as Streamlit allows only one."""
    with TestClient(app.app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(served: TestClient) -> TestClient:
    """The application, over the archive of the fixture `shelf` or `kept`."""
    return served
