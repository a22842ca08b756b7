"""What a quote says of where it is from, and what lets anybody check it."""

from __future__ import annotations

from dataclasses import dataclass

from archive.models import Recording, Transcript
from portal import phrases


@dataclass(frozen=True, slots=True)
class Citation:
    """`about` are the title, event, date and place; `proof` the transcript's maker and version, and the digest."""

    about: tuple[str, ...]
    proof: str


def cite(recording: Recording, transcript: Transcript | None) -> Citation:
    """The citation of any words of a transcript version."""
    event = recording.event
    told = (event.label if event else "", phrases.date(recording.date or (event.date if event else "")))
    about = dict.fromkeys(part for part in (recording.title, *told, recording.place) if part)
    made = f"{phrases.made(transcript.maker.kind)}, version {transcript.version}; " if transcript else ""
    proof = f"{made}SHA-256 of the recording: {recording.media.sha256}"
    return Citation(tuple(about), proof[0].upper() + proof[1:])
