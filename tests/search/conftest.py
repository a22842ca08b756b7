"""Speeches to search: real texts cut into segments with synthetic times, and archives that hold them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from archive.catalog import Catalog
from archive.files import sha256_of
from archive.models import Event, Maker, MakerKind, Media, Quality, Recording, Segment, Transcript, Word
from archive.people import People
from archive.store import Archive

WORD_SECONDS = 0.4
DOUBT = "many words are uncertain"
MAKER = Maker(MakerKind.IMPORT, "tests")
LANGUAGES = ("en", "fa", "ar", "fr", "de", "es")


def words_of(text: str, start: float = 0.0) -> tuple[Word, ...]:
    """The text's words, one every 0.4 s, each 0.3 s long."""
    return tuple(
        Word(word, round(start + at * WORD_SECONDS, 3), round(start + at * WORD_SECONDS + 0.3, 3))
        for at, word in enumerate(text.split())
    )


def transcript_of(
    passages: Sequence[str],
    language: str = "en",
    speakers: Sequence[str] = (),
    recording: str = "0" * 16,
    qualities: Sequence[Quality] = (Quality.OK,),
) -> Transcript:
    """A transcript with one segment a passage; `speakers` and `qualities` in turn."""
    segments = []
    start = 0.0
    for number, passage in enumerate(passages):
        words = words_of(passage, start)
        start = words[-1].end + 0.5 if words else start + 1.0
        speaker = speakers[number % len(speakers)] if speakers else ""
        end = words[-1].end if words else start
        quality = qualities[number % len(qualities)]
        reasons = () if quality is Quality.OK else (DOUBT,)
        began = words[0].start if words else start
        segments.append(Segment(began, end, words, speaker, language, quality, reasons))
    return Transcript(recording, 1, MAKER, tuple(segments), language=language, duration=start)


def recording_of(recording: str = "0" * 16, date: str = "1961-01-20", event: str = "Inauguration") -> Recording:
    """A recording of nothing but its description."""
    media = Media("speech.wav", ".wav", recording * 4, 0, 0.0, "wav", "pcm_s16le", "", "audio/wav", playable=True)
    return Recording(recording, f"Speech {recording[:4]}", media, Event(event.lower(), event, "", date), date)


def sentences(text: str) -> list[str]:
    """The text cut behind its stops, as a listener cuts it."""
    return [part.strip() for part in re.split(r"(?<=[.!?؟:;؛])\s+|\n+", text) if part.strip()]


@pytest.fixture(scope="session")
def declarations(samples: Path) -> dict[str, list[str]]:
    """The Universal Declaration of Human Rights by language, in sentences."""
    folder = samples / "text" / "udhr"
    return {code: sentences((folder / f"udhr_{code}.txt").read_text(encoding="utf-8")) for code in LANGUAGES}


@pytest.fixture(name="transcript_of", scope="session")
def _transcript_of() -> Callable[..., Transcript]:
    return transcript_of


@pytest.fixture(name="recording_of", scope="session")
def _recording_of() -> Callable[..., Recording]:
    return recording_of


class Shelf:
    """An archive under construction: speeches go in, whole recordings with catalog and register come out."""

    def __init__(self, root: Path) -> None:
        self.archive = Archive.open(root / "archive", create=True)
        self._inbox = root / "inbox"
        self._inbox.mkdir()

    def add(
        self, passages: Sequence[str], *, language: str = "en", speaker: str = "", date: str = "1961-01-20",
        event: str = "", title: str = "A speech", qualities: Sequence[Quality] = (Quality.OK,), **changes: object,
    ) -> str:  # fmt: skip
        """Keep a speech of these passages; gives the recording's id."""
        source = self._inbox / f"{len(self.archive.ids())}.wav"
        source.write_bytes(f"{title}{date}{len(self.archive.ids())}".encode())
        digest = sha256_of(source)
        media = Media(source.name, ".wav", digest, source.stat().st_size, 60.0, "wav", "pcm", "", "audio/wav", True)
        speakers = (People.load(self.archive.root).ensure(speaker).id,) if speaker else ()
        known = Event(event.lower().replace(" ", "-"), event, "", date) if event else None
        recording = Recording(
            digest[:16],
            title,
            media,
            known,
            date,
            speakers=speakers,
            languages=(language,),
            **changes,  # type: ignore[arg-type]
        )
        self.archive.register(source, recording)
        self.keep(digest[:16], transcript_of(passages, language, recording=digest[:16], qualities=qualities))
        return digest[:16]

    def keep(self, recording: str, transcript: Transcript) -> None:
        """Add a transcript version."""
        self.archive.add_transcript(transcript, agent="tests")
        Catalog(self.archive).put(recording)


@pytest.fixture(scope="session")
def new_shelf() -> type[Shelf]:
    """Makes archives to fill, for fixtures that live longer than a test."""
    return Shelf


@pytest.fixture
def tmp_path(in_memory: Path) -> Path:
    """Archives are small here."""
    return in_memory


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty archive to fill."""
    return Shelf(tmp_path)
