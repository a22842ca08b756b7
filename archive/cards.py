"""Cards: what a list shows of a recording, read from its files."""

from __future__ import annotations

import calendar

from archive.models import FLOOR, UNDETERMINED, Access, AccessLevel, Card, Quality, Recording, Transcript
from archive.store import Archive

NEVER = 99999999  # `public_from` of what is public on no day


def card_of(archive: Archive, recording: str) -> Card:
    """What a list shows of a recording, read from its files; the speakers' names are their ids."""
    known = archive.recording(recording)
    newest = newest_of(archive, known)
    said = [transcript for transcript in newest if not transcript.translated]
    segments = [segment for transcript in said for segment in transcript.segments]
    floor = next((transcript for transcript in newest if transcript.layer == FLOOR), None)
    event = known.event
    return Card(
        id=recording,
        title=known.title,
        event=event.id if event else "",
        event_name=event.label if event else "",
        date=known.date or (event.date if event else ""),
        year=known.year,
        place=known.place or (event.place if event else ""),
        speakers=tuple((speaker, speaker) for speaker in known.speakers),
        languages=known.languages or tuple(dict.fromkeys(code for one in said for code in _heard(one))),
        duration=known.duration,
        video=bool(known.media.video_codec),
        public_from=public_from(known.access),
        version=max((transcript.version for transcript in newest), default=0),
        words=sum(len(segment.words) for segment in segments),
        suspect=sum(segment.quality is Quality.SUSPECT for segment in segments),
        warnings=known.media.warnings,
        others=tuple(transcript.version for transcript in newest if transcript is not floor),
    )


def newest_of(archive: Archive, recording: Recording) -> tuple[Transcript, ...]:
    """The newest transcript of each layer that has one, the floor's first: what is searched and shown."""
    if len(recording.layers) == 1:  # then every version is of it, and need not be read to be told apart
        versions = archive.versions(recording.id)[-1:]
        return tuple(archive.transcript(recording.id, version) for version in versions)
    newest = [archive.versions(recording.id, layer.id)[-1:] for layer in recording.layers]
    return tuple(archive.transcript(recording.id, version) for versions in newest for version in versions)


def public_from(access: Access) -> int:
    """The first day (yyyymmdd) on which all may see it; 0 for always, NEVER for what is restricted.

    An embargo until a mere year or month ends with its last day, and one that ends on no day we can read, never.
    """
    if access.level is AccessLevel.PUBLIC:
        return 0
    parts = access.until.split("-")
    if access.level is AccessLevel.RESTRICTED or not all(part.isascii() and part.isdecimal() for part in parts):
        return NEVER
    year, month, day = (*map(int, parts), 0, 0, 0)[:3]
    month = month or 12
    if not (1 <= year <= 9999 and month <= 12 and len(parts) <= 3):
        return NEVER
    last = calendar.monthrange(year, month)[1]
    return year * 10000 + month * 100 + min(day or last, last)


def _heard(transcript: Transcript) -> tuple[str, ...]:
    return (transcript.language,) if transcript.language != UNDETERMINED else ()
