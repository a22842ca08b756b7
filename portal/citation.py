"""What a quote says of where it is from, and what lets anybody check it."""

from __future__ import annotations

from dataclasses import dataclass

from archive.captions import NOT_SAID
from archive.models import Layer, LayerKind, Recording, Transcript
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
    layer = recording.layer(transcript.layer) if transcript else None
    made = f"{_heard_by(transcript, layer)}, version {transcript.version}; " if transcript else ""
    file = f"; of the interpreter's file: {layer.file.media.sha256}" if layer and layer.file else ""
    proof = f"{made}SHA-256 of the recording: {recording.media.sha256}{file}"
    return Citation(tuple(about), proof[0].upper() + proof[1:])


def _heard_by(transcript: Transcript, layer: Layer | None) -> str:
    if transcript.translated:
        return NOT_SAID
    whose = "interpreter's words, " if layer and layer.kind is LayerKind.INTERPRETER else ""
    return whose + phrases.made_all(transcript)
