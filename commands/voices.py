"""Changes of `onrecord people` that are about voices: who sounds how, who may be who, and a person's yes to it."""

from __future__ import annotations

import argparse
import dataclasses
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import MachineError, NotFound, OnrecordError, UsageError
from archive.models import FLOOR, UNKNOWN, Layer, Recording
from archive.people import People
from archive.store import Archive
from archive.voices import Voices
from commands.anew import show_anew
from commands.findings import finding_line
from commands.terminal import clock, complain, isolated, json_text, say
from portal.phrases import count

if TYPE_CHECKING:  # onnxruntime is not for a command that only lists
    from ingest.voices.embeddings import VoiceNets

AGENT = "onrecord people"
_FORESEEN = (OnrecordError, OSError)


def arguments(change: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """What the changes take; `change` makes a parser of a name and what it is about."""
    enrol = change("enrol", "enter how a person sounds, from a recording")
    enrol.add_argument("name", metavar="NAME", help="the person, who is entered if unknown")
    enrol.add_argument("--from", dest="recording", required=True, metavar="RECORDING", help="where the person speaks")
    enrol.add_argument(
        "--t",
        dest="times",
        action="append",
        required=True,
        type=times,
        metavar="START,END",
        help="seconds in which nobody else speaks; may be repeated",
    )
    _layer(enrol)
    enrol.set_defaults(change=_enrol)
    listen = change("listen", "tell voices apart in recordings that were taken in without")
    listen.add_argument("recordings", nargs="*", metavar="RECORDING", help="which (default: all)")
    listen.set_defaults(change=_listen)
    proposals = change("proposals", "list unnamed voices that sound like an enrolled person")
    proposals.add_argument("--json", action="store_true", help="print it as JSON")
    proposals.set_defaults(change=_proposals)
    accept = change("accept", "say whose a voice is, as a new version of the transcript")
    accept.add_argument("recording", metavar="RECORDING", help="the recording")
    accept.add_argument("voice", metavar="VOICE", help="the voice, such as unknown-1")
    accept.add_argument("--as", dest="name", default="", metavar="NAME", help="the person (default: who is proposed)")
    _layer(accept)
    accept.set_defaults(change=_accept)


def _layer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--layer", default=FLOOR, metavar="LAYER", help="the audio track (default: floor)")


def times(text: str) -> tuple[float, float]:
    """Two seconds, as in `10,40`."""
    try:
        start, end = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not START,END in seconds, as in 10,40") from None
    return start, end


def _enrol(archive: Archive, people: People, options: argparse.Namespace) -> None:
    from ingest.voices.enrolment import sample_of
    from ingest.voices.weights import open_nets

    sample = sample_of(archive, open_nets(), options.recording, options.layer, options.times)
    person = people.ensure(options.name)  # now: a name is not entered for times that hold no speech
    made = Voices(archive.root).enrol(person.id, sample)
    say(f"{isolated(person.name)}: enrolled from {count(len(made.samples), 'recording')}")


def _listen(archive: Archive, _people: People, options: argparse.Namespace) -> int:
    """All that are asked for, one that fails not keeping the rest from being heard; 1 where one did."""
    from ingest.outcomes import finding_of, is_full, unexpected
    from ingest.voices.weights import open_nets

    nets = open_nets()
    heard = failed = 0
    for recording in options.recordings or archive.ids():
        try:
            heard += _heard(archive, archive.recording(recording), nets)
        except Exception as error:
            if isinstance(error, MachineError | sqlite3.Error) or is_full(error):
                raise  # the next one would fail of it too
            path = Path(recording)
            finding = finding_of(error, path) if isinstance(error, _FORESEEN) else unexpected(error, path)
            complain(finding_line(finding))
            failed += 1
    say(f"listened for voices in {count(heard, 'recording')}")
    if failed:
        complain(f"{count(failed, 'recording')} could not be listened to")
    return 1 if failed else 0


def _heard(archive: Archive, recording: Recording, nets: VoiceNets) -> bool:
    """Whether there was something to tell apart in a recording; what was is shown, also where a later layer fails."""
    voices = 0
    try:
        for layer in recording.layers:
            voices += _told_apart(archive, recording, layer, nets)
    finally:
        if voices:
            show_anew(archive, [recording.id])
            say(f"{recording.id} {isolated(recording.title)}: {count(voices, 'voice')}")
    return voices > 0


def _told_apart(archive: Archive, recording: Recording, layer: Layer, nets: VoiceNets) -> int:
    """How many voices were put on the newest transcript of a layer; 0 where it has none or has them already.

    A translation has no sound of its own, so no voices.
    """
    from ingest.steps import layer_folder
    from ingest.voices.step import with_voices

    if layer.translates or not archive.versions(recording.id, layer.id):
        return 0
    newest = archive.transcript(recording.id, layer=layer.id)
    if any(segment.speaker for segment in newest.segments):
        return 0
    folder = layer_folder(archive, recording.id, layer)
    made = with_voices(archive, recording, layer, newest, nets, folder)
    archive.add_transcript(made, agent=f"{AGENT} listen")
    return len({segment.speaker for segment in made.segments if segment.speaker})


def _proposals(archive: Archive, people: People, options: argparse.Namespace) -> None:
    from ingest.voices.enrolment import proposals

    found = sorted(proposals(archive, people), key=lambda proposal: -proposal.confidence)
    if options.json:
        say(json_text([dataclasses.asdict(proposal) for proposal in found]))
        return
    names = people.shown()
    for proposal in found:
        layer = "" if proposal.layer == FLOOR else f" --layer {isolated(proposal.layer)}"
        title = isolated(archive.recording(proposal.recording).title)
        name = isolated(names.get(proposal.speaker, proposal.speaker))
        speech, at = clock(proposal.seconds), clock(proposal.at)
        say(f"{proposal.confidence:.2f}  {name}?  {speech} of speech in {title}; listen at {at}")
        say(f"      onrecord people accept {proposal.recording} {proposal.voice}{layer}")
    if not found:
        say("no unnamed voice sounds like an enrolled person")


def _accept(archive: Archive, people: People, options: argparse.Namespace) -> None:
    from ingest.voices.enrolment import accept, with_voice

    with_voice(archive, options.recording, options.layer, options.voice)  # or nobody is entered
    speaker = people.ensure(options.name).id if options.name else _proposed(archive, people, options)
    recording = archive.recording(options.recording).id
    made = accept(archive, recording, options.layer, options.voice, speaker, agent=f"{AGENT} accept")
    show_anew(archive, [recording])
    name = isolated(people.shown().get(speaker, speaker))
    say(f"{isolated(options.voice)} is {name} in version {made.version} of {recording}")


def _proposed(archive: Archive, people: People, options: argparse.Namespace) -> str:
    from ingest.voices.enrolment import proposals

    if not options.voice.startswith(UNKNOWN):
        raise UsageError(f"{options.voice} is no unnamed voice", mend="give the person with --as NAME")
    place = (options.recording, options.layer, options.voice)
    for proposal in proposals(archive, people):
        if (proposal.recording, proposal.layer, proposal.voice) == place:
            return proposal.speaker
    raise NotFound("nobody is proposed for this voice", where=options.recording, mend="give the person with --as NAME")
