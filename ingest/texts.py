"""Given texts on their way into the archive: read, laid beside what was heard, kept as a version with their file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from archive.errors import InputError, MediaError, NotFound
from archive.files import open_regular
from archive.layout import safe_suffix
from archive.models import Layer, MakerKind, Recording, Transcript
from archive.people import People
from archive.revision import FROM_VERSION, WORDS, above
from archive.store import Archive, GivenFile
from ingest.given.base import MAX_BYTES
from ingest.imports import NOTHING_TOLD, Told, imported, names_in
from ingest.names import shown

MOST_NAMES = 10  # that are listed of those whom the register does not know


def read_text(path: Path) -> GivenFile:
    """A file to import. InputError where it cannot be read, or is no regular file."""
    try:
        with open_regular(path) as descriptor:
            data = _read(descriptor)
    except (MediaError, OSError) as error:
        raise InputError(getattr(error, "what", str(error)), where=shown(path), mend="give the file itself") from error
    return GivenFile(shown(path.name), safe_suffix(path.suffix), data)


def import_text(
    archive: Archive, recording: str, given: GivenFile, *, layer: str, told: Told = NOTHING_TOLD, agent: str
) -> Transcript:
    """Keep a given text as the newest version of a layer; the same file again changes nothing, unless the register
    knows by now who is named in it.

    Nor is it laid beside a later hearing once a person corrected it.
    """
    known = archive.recording(recording)
    former = _newest(archive, recording, layer, MakerKind.IMPORT)
    heard = _newest(archive, recording, layer, MakerKind.ENGINE)
    people = People.load(archive.root)
    same = former if former and _same(former, given, told) else None

    def speaker(name: str) -> str:
        person = people.find(name)
        return person.id if person else ""

    if same:
        person = _newest(archive, recording, layer, MakerKind.PERSON)
        laid = _compared(same) == (heard.version if heard else 0)
        named = {*map(speaker, names_in(given)), ""} <= {*_speakers(same, people), ""}
        if (person and person.version > same.version) or (laid and named):
            return same
    made = imported(known, given, heard, layer=layer_of(known, layer), speaker=speaker, told=told)
    if same and laid and _speakers(same, people) == _speakers(made, people):
        return same  # whoever else is named in it says no word
    return archive.add_transcript(made, agent=agent, given=given)


def put_above(archive: Archive, recording: str, layer: str, *, agent: str) -> Transcript | None:
    """Put what people gave of a layer above what was heard since; None where there is none, or nothing to do.

    A given text is laid beside the new hearing. A person's correction stays as it is, at the times of its words.
    """
    for version in reversed(archive.versions(recording, layer)):
        former = archive.transcript(recording, version)
        if former.maker.kind is MakerKind.PERSON:
            return _person_above(archive, former, agent)
        if former.maker.kind is MakerKind.IMPORT:
            return _import_again(archive, former, agent)
    return None


def _person_above(archive: Archive, former: Transcript, agent: str) -> Transcript | None:
    """A person's version again, unless it is the newest, or only says whose the voices in an engine's words are."""
    newest = max(archive.versions(former.recording, former.layer))
    if former.version == newest or not _is_peoples(archive, former):
        return None
    layer = layer_of(archive.recording(former.recording), former.layer)
    reason = "a person's version stands above what an engine heard later"
    return archive.add_transcript(above(former, newest, layer), agent=agent, after=newest, reason=reason)


def _is_peoples(archive: Archive, transcript: Transcript) -> bool:
    """Whether a version, or one that it was made from, was corrected or given, and not only heard."""
    version, maker = transcript.version, transcript.maker
    while maker.kind is MakerKind.PERSON:
        settings = dict(maker.settings)
        before = int(settings.get(FROM_VERSION, "0"))
        if WORDS in settings or not 0 < before < version:
            return True
        version, maker = before, archive.heading(transcript.recording, before).maker
    return maker.kind is MakerKind.IMPORT


def _import_again(archive: Archive, former: Transcript, agent: str) -> Transcript | None:
    settings = dict(former.maker.settings)
    path = settings["file"]
    given = GivenFile(former.maker.name, path.rpartition(".")[2], archive.given(former.recording, path))
    told = Told(settings.get("source", ""), settings.get("language", ""))
    made = import_text(archive, former.recording, given, layer=former.layer, told=told, agent=agent)
    return made if made.version != former.version else None


def unknown_names(archive: Archive, given: GivenFile) -> tuple[str, ...]:
    """Names of speakers in a given text that the register does not know; nobody is entered from such a file."""
    people = People.load(archive.root)
    return tuple(name for name in names_in(given) if people.find(name) is None)


def said_of_unknown(names: Sequence[str], safe: Callable[[str], str]) -> str:
    """That these speakers are not named; `safe` makes a name from outside such as may be shown."""
    listed = ", ".join(map(safe, names[:MOST_NAMES]))
    return f"speakers that the register does not know, so they are not named: {listed}"


def layer_of(recording: Recording, layer: str) -> Layer:
    """The layer of that id."""
    for known in recording.layers:
        if known.id == layer:
            return known
    ids = ", ".join(known.id for known in recording.layers)
    raise NotFound(f"no layer {shown(layer)!r}", where=recording.id, mend=f"it has {ids}")


def _newest(archive: Archive, recording: str, layer: str, kind: MakerKind) -> Transcript | None:
    return next((one for one in _versions(archive, recording, layer) if one.maker.kind is kind), None)


def _versions(archive: Archive, recording: str, layer: str) -> Iterator[Transcript]:
    """The versions of a layer, the newest first."""
    for version in reversed(archive.versions(recording, layer)):
        yield archive.transcript(recording, version)


def _same(former: Transcript, given: GivenFile, told: Told) -> bool:
    settings = dict(former.maker.settings)
    before = Told(settings.get("source", ""), settings.get("language", ""))
    return settings.get("sha256") == given.sha256 and before == told


def _speakers(transcript: Transcript, people: People) -> set[str]:
    return {people.current(segment.speaker) for segment in transcript.segments}


def _compared(transcript: Transcript) -> int:
    return int(dict(transcript.maker.settings).get("compared", "0"))


def _read(descriptor: int) -> bytes:
    """At most a little more than may be, for the reader to refuse."""
    data = bytearray()
    while len(data) <= MAX_BYTES and (block := os.read(descriptor, 1 << 20)):
        data += block
    return bytes(data)
