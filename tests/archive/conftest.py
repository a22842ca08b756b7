"""An archive with one Persian and English recording in it, and the parts to make more."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.events import event_of
from archive.models import Maker, MakerKind, Media, Recording, Segment, Transcript, Word
from archive.store import Archive

MakeRecording = Callable[..., Recording]
MakeTranscript = Callable[..., Transcript]


@pytest.fixture
def tmp_path(in_memory: Path) -> Path:
    """Archives are small here."""
    return in_memory


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty archive, in a folder with a space in its name."""
    return Archive.open(tmp_path / "my archive", create=True)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file to take in: two megabytes, so that it is copied in more than one block."""
    path = tmp_path / "سخنرانی.mp3"
    path.write_bytes(bytes(range(256)) * 8192)
    return path


@pytest.fixture
def describe() -> MakeRecording:
    """Makes what is known of a file before it is taken in."""

    def make(path: Path, title: str = "سخنرانی نوروزی", **more: object) -> Recording:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        media = Media(path.name, ".mp3", "", 0, 12.5, "mp3", "mp3", "", "audio/mpeg", True)
        event = event_of("کنفرانس تهران", "2015-03-21", "تهران")
        return Recording(digest[:16], title, media, event=event, **more)  # type: ignore[arg-type]

    return make


@pytest.fixture
def kept(archive: Archive, source: Path, describe: MakeRecording) -> Recording:
    """A recording that is in the archive."""
    return archive.register(source, describe(source))


@pytest.fixture
def transcript(kept: Recording) -> MakeTranscript:
    """Makes transcripts of that recording from texts; a word is half a second long."""

    def make(*texts: str, model: str = "base", layer: str = "floor", speaker: str = "") -> Transcript:
        clock, segments = 0.0, []
        for text in texts or ("سلام دنیا", "ask not what"):
            words = tuple(
                Word(word, clock + number / 2, clock + number / 2 + 0.5, 0.98)
                for number, word in enumerate(text.split(" "))
            )
            segments.append(Segment(words[0].start, words[-1].end, words, speaker=speaker, language="fa"))
            clock = words[-1].end + 1.0
        return Transcript(kept.id, 0, Maker(MakerKind.ENGINE, "toy", model=model), tuple(segments), layer, "fa", clock)

    return make
