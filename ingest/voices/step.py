"""The step of ingest that tells voices apart, where the nets were fetched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from archive.models import FLOOR, HeardVoice, HeardVoices, Layer, Recording, Transcript
from archive.store import Archive
from archive.voices import Voices
from ingest.voices.attribute import attributed
from ingest.voices.campplus import NET
from ingest.voices.embeddings import VoiceNets
from ingest.voices.naming import named
from ingest.voices.turns import Heard, hear_voices
from ingest.voices.weights import is_here


def is_wanted() -> bool:
    """Whether voices are told apart on this machine: the nets were fetched, and ONRECORD_VOICES is not 0."""
    return os.environ.get("ONRECORD_VOICES") != "0" and is_here()


def with_voices(
    archive: Archive,
    recording: Recording,
    layer: Layer,
    transcript: Transcript,
    nets: VoiceNets,
    checkpoints: Path,
    *,
    on_progress: Callable[[float], None] = lambda _seconds: None,
) -> Transcript:
    """The transcript of a layer with who speaks on its segments; what was heard is kept in the archive's voices.

    The sheet names who speaks on the floor. Who interprets it does not say.
    """
    speakers = recording.speakers if layer.id == FLOOR else ()
    heard = hear_voices(
        archive.sound_path(recording, layer),
        nets,
        checkpoints,
        stream=layer.stream,
        offset=layer.offset,
        wanted=len(speakers),
        on_progress=on_progress,
    )
    ids = named(heard.seconds, speakers)
    Voices(archive.root).keep(HeardVoices(recording.id, layer.id, NET, nets.sha256, _voices(heard, ids)))
    return attributed(transcript, heard, ids, nets.sha256)


def _voices(heard: Heard, ids: tuple[str, ...]) -> tuple[HeardVoice, ...]:
    return tuple(
        HeardVoice(name, float(seconds), tuple(map(float, vector)))
        for name, seconds, vector in zip(ids, heard.seconds, heard.vectors, strict=True)
    )
