"""Naming voices: a person's voice is entered from a recording, likely matches are proposed, a person accepts them.

Nothing is asserted here. A match is a likeness of sounds, and a voice that was cloned passes as well as its owner.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from archive.errors import InputError, NotFound
from archive.models import (
    UNKNOWN,
    HeardVoice,
    HeardVoices,
    Recording,
    Transcript,
    VoicePrint,
    VoiceSample,
)
from archive.people import People
from archive.revision import revised
from archive.store import Archive
from archive.voices import Voices, likeness
from ingest.media import SAMPLE_RATE, PcmStream
from ingest.speech import as_float
from ingest.texts import layer_of
from ingest.voices.activity import stretches, windows_of
from ingest.voices.campplus import NET
from ingest.voices.clustering import unit
from ingest.voices.embeddings import VoiceNets

PROPOSED = 0.50  # likeness; below it a voice is nobody's that we know
LEAST_SPEECH_S = 3.0  # a print of less speech says more about its words than about the voice
LONGEST_S = 120.0  # more than enough, and a mistyped end would otherwise read the whole recording

Times = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A voice of a recording that may be a person's; `confidence` is the likeness, 0.50 to 1.

    The voice has so many `seconds` of speech; `at` is when it begins its longest passage, in seconds too.
    """

    recording: str
    layer: str
    voice: str
    speaker: str
    confidence: float
    seconds: float
    at: float = 0.0


def sample_of(archive: Archive, nets: VoiceNets, recording: str, layer: str, times: Times) -> VoiceSample:
    """How a voice sounds in stretches (start, end) of a recording in which nobody else speaks."""
    known = archive.recording(recording)
    vector, seconds = _vector(archive, nets, known, layer, times)
    if seconds < LEAST_SPEECH_S:
        raise InputError(
            f"{seconds:.1f} s of speech at these times",
            where=recording,
            mend=f"name stretches with at least {LEAST_SPEECH_S:.0f} s in which only this person speaks",
        )
    return VoiceSample(recording, layer, tuple(times), NET, nets.sha256, tuple(map(float, vector)))


def proposals(archive: Archive, people: People) -> Iterator[Proposal]:
    """For each unnamed voice of the archive the known person whose voice is likest, where it is like enough.

    Where the sheet names speakers, only they are proposed, and none that already has a voice there. A voice that says
    nothing any more in the newest version, which may be a given text or corrected, is nobody's.
    """
    voices = Voices(archive.root)
    prints = [(people.current(known.speaker), known) for known in voices.prints()]
    for heard in voices.everywhere():
        if heard.recording not in archive:
            continue
        sheet = [people.current(speaker) for speaker in archive.recording(heard.recording).speakers]
        taken = {voice.id for voice in heard.voices}
        allowed = [
            (speaker, known) for speaker, known in prints if speaker not in taken and (not sheet or speaker in sheet)
        ]
        found = tuple(_likest(heard, allowed))
        if not found:
            continue
        newest = archive.transcript(heard.recording, layer=heard.layer)
        for proposal in found:
            said = [segment for segment in newest.segments if segment.speaker == proposal.voice]
            if said:
                yield replace(proposal, at=max(said, key=lambda segment: segment.end - segment.start).start)


def with_voice(archive: Archive, recording: str, layer: str, voice: str) -> Transcript:
    """The newest transcript of the layer. NotFound, with the voices that it has, where this one is not in it."""
    newest = archive.transcript(recording, layer=layer_of(archive.recording(recording), layer).id)
    voices = dict.fromkeys(segment.speaker for segment in newest.segments if segment.speaker)
    if voice not in voices:
        mend = f"it has {', '.join(voices)}" if voices else "it has none: run: onrecord people listen"
        raise NotFound(f"no voice {voice} in version {newest.version}", where=recording, mend=mend)
    return newest


def accept(archive: Archive, recording: str, layer: str, voice: str, speaker: str, *, agent: str) -> Transcript:
    """A new version of the layer's newest transcript in which the voice is the speaker's; a person says so."""
    former = with_voice(archive, recording, layer, voice)
    segments = tuple(
        replace(segment, speaker=speaker) if segment.speaker == voice else segment for segment in former.segments
    )
    known = layer_of(archive.recording(recording), layer)
    maker = revised(former, getpass.getuser(), known, (("voice", voice), ("speaker", speaker)))
    made = archive.add_transcript(replace(former, segments=segments, maker=maker), agent=agent)
    voices = Voices(archive.root)
    if heard := voices.heard(recording, layer):
        renamed = (replace(each, id=speaker) if each.id == voice else each for each in heard.voices)
        voices.keep(replace(heard, voices=_joined(renamed)))
    return made


def _likest(heard: HeardVoices, prints: Sequence[tuple[str, VoicePrint]]) -> Iterator[Proposal]:
    """Pairs of a voice and a person, likest first, so that one person is not proposed for two voices."""
    pairs = sorted(
        (
            (_likeness(heard, voice, known), voice.id, speaker, voice.seconds)
            for voice in heard.voices
            if voice.id.startswith(UNKNOWN)
            for speaker, known in prints
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    voices, speakers = set(), set()
    for found, voice, speaker, seconds in pairs:
        if found < PROPOSED or voice in voices or speaker in speakers:
            continue
        voices.add(voice)
        speakers.add(speaker)
        yield Proposal(heard.recording, heard.layer, voice, speaker, round(found, 2), seconds)


def _likeness(heard: HeardVoices, voice: HeardVoice, known: VoicePrint) -> float:
    """To the likest sample that the same net made, for one voice sounds different in another room."""
    same = (sample for sample in known.samples if sample.model_sha256 == heard.model_sha256)
    return max((likeness(voice.vector, sample.vector) for sample in same), default=0.0)


def _vector(
    archive: Archive, nets: VoiceNets, recording: Recording, layer: str, times: Times
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float32]], float]:
    """The mean unit vector of the speech in the stretches, and how many seconds of it there are."""
    heard = layer_of(recording, layer)
    vectors, speech = [], 0
    for start, end in sorted(times):
        if not 0 <= start < end <= start + LONGEST_S:
            raise InputError(f"{start:g} to {end:g} is no stretch", mend=f"START,END in seconds, up to {LONGEST_S:g} s")
        with PcmStream(archive.sound_path(recording, heard), heard.stream, heard.offset) as sound:
            sound.skip(round(start * SAMPLE_RATE))
            pcm = as_float(sound.read(round((end - start) * SAMPLE_RATE)))
        if not pcm.size:
            what = f"{start:g} to {end:g} is no stretch of the recording"
            raise InputError(what, where=recording.id, mend=f"it ends at {recording.duration:.1f} s")
        spans = stretches(pcm, nets.segmented(pcm))
        vectors.append(nets.vectors(pcm, windows_of(spans)))
        speech += int((spans[:, 1] - spans[:, 0]).sum())
    return unit(np.concatenate(vectors).sum(axis=0)), speech / SAMPLE_RATE


def _joined(voices: Iterator[HeardVoice]) -> tuple[HeardVoice, ...]:
    """One entry for each id: two voices that turned out to be one person's are one."""
    made: dict[str, HeardVoice] = {}
    for voice in voices:
        if before := made.get(voice.id):
            sums = np.array(before.vector) * before.seconds + np.array(voice.vector) * voice.seconds
            vector = tuple(map(float, unit(sums.astype(np.float32))))
            made[voice.id] = HeardVoice(voice.id, before.seconds + voice.seconds, vector)
        else:
            made[voice.id] = voice
    return tuple(made.values())
