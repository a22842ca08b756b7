"""Who said it, where nobody listened for voices: the recording's only speaker, if it has just one."""

from __future__ import annotations

import dataclasses

from archive.models import LayerKind, Recording, Transcript


def attributed(recording: Recording, transcript: Transcript) -> Transcript:
    """The transcript with the recording's only speaker on every segment that names none.

    What is kept on disk stays as it was judged; this is how it is shown, searched and exported. With several
    speakers, or none, nothing is guessed; who interprets, nobody has said.
    """
    layer = recording.layer(transcript.layer)
    if len(recording.speakers) != 1 or (layer and layer.kind is LayerKind.INTERPRETER):
        return transcript
    [only] = recording.speakers
    segments = tuple(
        segment if segment.speaker else dataclasses.replace(segment, speaker=only) for segment in transcript.segments
    )
    return dataclasses.replace(transcript, segments=segments)
