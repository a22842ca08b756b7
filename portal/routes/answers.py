"""What the API answers, as dataclasses: its JSON and its OpenAPI schemas both come from these.

Times are seconds from the start of the recording, rounded to a millisecond. Addresses are relative to the
server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from archive.models import FLOOR, LAYER_MIME, Card, Event, Layer, Recording, Transcript, join_words
from portal.links import media_url, recording_url, transcript_url
from portal.routes.problems import Problem
from search.models import Answer, Coverage, Facets, Moment


@dataclass(frozen=True, slots=True)
class MomentAnswer:
    """A run of words that answers the query, with the words around it; `url` opens on it and plays.

    `reasons` say why the quality is not `ok`. `layer` says whose words they are, and `media` is
    where it sounds.
    """

    recording: str
    title: str
    event: str
    year: int
    speaker: str
    language: str
    quality: str
    reasons: tuple[str, ...]
    layer: str
    start: float
    end: float
    text: str
    before: str
    after: str
    url: str
    media: str


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """`total` moments in `recordings` recordings; `exact` is false where `total` is a floor.

    `moments` holds those of the recordings from `offset` on, grouped by recording and in order of time.
    """

    total: int
    exact: bool
    recordings: int
    moments: tuple[MomentAnswer, ...]
    coverage: Coverage
    facets: Facets


@dataclass(frozen=True, slots=True)
class MomentsEnd:
    """The last line of a stream of moments: whether those before it are all, and if not, what broke it off."""

    complete: bool
    moments: int
    problem: Problem | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class SpeakerAnswer:
    """A speaker's id in the register and the name shown."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """What a list shows of a recording; `version` is its newest transcript, 0 without one."""

    id: str
    title: str
    event: str
    event_name: str
    date: str
    year: int
    place: str
    speakers: tuple[SpeakerAnswer, ...]
    languages: tuple[str, ...]
    duration: float
    video: bool
    version: int
    words: int
    suspect: int
    warnings: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class RecordingsAnswer:
    """The recordings from `offset` on, at most `limit`, of `total`."""

    total: int
    limit: int
    offset: int
    recordings: tuple[CardAnswer, ...]


@dataclass(frozen=True, slots=True)
class MediaAnswer:
    """Where the sound or picture is, and what it is."""

    url: str
    mime: str
    video: bool


@dataclass(frozen=True, slots=True)
class TranscriptLinks:
    """The newest transcript in every format; append `?version=` for another."""

    json: str
    vtt: str
    srt: str
    txt: str


@dataclass(frozen=True, slots=True)
class LayerAnswer:
    """A layer: whose words it holds, in what language ("" where it is the sheet's to say), and where it sounds.

    `file` and `sha256` are those of the original bytes, and `offset` is where they begin on the recording's clock.
    """

    id: str
    layer: str
    language: str
    file: str
    sha256: str
    offset: float
    media: str


@dataclass(frozen=True, slots=True)
class RecordingAnswer:
    """Everything that the public may know of a recording. `sha256` is the digest of the original's bytes."""

    id: str
    title: str
    event: Event | None
    date: str
    year: int
    place: str
    speakers: tuple[SpeakerAnswer, ...]
    languages: tuple[str, ...]
    source: str
    rights: str
    duration: float
    sha256: str
    warnings: tuple[str, ...]
    versions: tuple[int, ...]
    layers: tuple[LayerAnswer, ...]
    media: MediaAnswer
    transcript: TranscriptLinks | None
    url: str


# text, start, end, probability
WordAnswer = tuple[str, float, float, float]


@dataclass(frozen=True, slots=True)
class SegmentAnswer:
    """A stretch by one speaker; `words` are (text, start, end, probability). `corrected`: a person changed some."""

    start: float
    end: float
    speaker: str
    language: str
    quality: str
    reasons: tuple[str, ...]
    corrected: bool
    words: tuple[WordAnswer, ...]


@dataclass(frozen=True, slots=True)
class TranscriptAnswer:
    """A transcript version as the player takes it; `speakers` gives the shown name of each id in it.

    `translation` says that a machine translated its words, which nobody said.
    """

    recording: str
    title: str
    version: int
    layer: str
    language: str
    duration: float
    translation: bool
    media: MediaAnswer
    speakers: Mapping[str, str]
    segments: tuple[SegmentAnswer, ...]


def of_search(answer: Answer) -> SearchAnswer:
    """What a query gave."""
    return SearchAnswer(
        total=answer.total,
        exact=answer.exact,
        recordings=answer.recordings,
        moments=tuple(of_moment(hits.card, moment) for hits in answer.hits for moment in hits.moments),
        coverage=answer.coverage,
        facets=answer.facets,
    )


def of_card(card: Card) -> CardAnswer:
    """A recording in a list."""
    return CardAnswer(
        id=card.id,
        title=card.title,
        event=card.event,
        event_name=card.event_name,
        date=card.date,
        year=card.year,
        place=card.place,
        speakers=tuple(SpeakerAnswer(identifier, name) for identifier, name in card.speakers),
        languages=card.languages,
        duration=card.duration,
        video=card.video,
        version=card.version,
        words=card.words,
        suspect=card.suspect,
        warnings=card.warnings,
        url=recording_url(card.id),
    )


def of_recording(recording: Recording, names: Mapping[str, str], versions: tuple[int, ...]) -> RecordingAnswer:
    """A recording by itself; `names` are those of its speakers."""
    return RecordingAnswer(
        id=recording.id,
        title=recording.title,
        event=recording.event,
        date=recording.date,
        year=recording.year,
        place=recording.place,
        speakers=tuple(
            SpeakerAnswer(identifier, names.get(identifier, identifier)) for identifier in recording.speakers
        ),
        languages=recording.languages,
        source=recording.source,
        rights=recording.rights,
        duration=recording.duration,
        sha256=recording.media.sha256,
        warnings=recording.media.warnings,
        versions=versions,
        layers=tuple(_layer(recording, layer) for layer in recording.layers),
        media=_media(recording),
        transcript=_links(recording.id) if versions else None,
        url=recording_url(recording.id),
    )


def of_transcript(recording: Recording, transcript: Transcript, names: Mapping[str, str]) -> TranscriptAnswer:
    """A transcript version; `names` are those of every speaker in it."""
    return TranscriptAnswer(
        recording=recording.id,
        title=recording.title,
        version=transcript.version,
        layer=transcript.layer,
        language=transcript.language,
        duration=recording.duration,
        translation=transcript.translated,
        media=_media(recording, recording.sound_of(transcript.layer)),
        speakers=names,
        segments=tuple(
            SegmentAnswer(
                start=segment.start,
                end=segment.end,
                speaker=segment.speaker,
                language=segment.language,
                quality=segment.quality.value,
                reasons=segment.reasons,
                corrected=segment.corrected,
                words=tuple((word.text, word.start, word.end, word.probability) for word in segment.words),
            )
            for segment in transcript.segments
        ),
    )


def of_moment(card: Card, moment: Moment) -> MomentAnswer:
    """A moment of the recording that the card shows."""
    before, said, after = (
        join_words(words, moment.language)
        for words in (
            moment.words[: moment.first],
            moment.words[moment.first : moment.last + 1],
            moment.words[moment.last + 1 :],
        )
    )
    return MomentAnswer(
        recording=moment.recording,
        title=card.title,
        event=card.event_name,
        year=card.year,
        speaker=moment.speaker_name,
        language=moment.language,
        quality=moment.quality.value,
        reasons=moment.reasons,
        layer=moment.layer.value,
        start=moment.start,
        end=moment.end,
        text=said,
        before=before,
        after=after,
        url=recording_url(moment.recording, moment.start, moment.end, version_of(card, moment)),
        media=media_url(moment.recording, moment.track),
    )


def version_of(card: Card, moment: Moment) -> int | None:
    """The version that a link to a moment has to name: that of a layer beside the floor."""
    return moment.version if moment.version in card.others else None


def _layer(recording: Recording, layer: Layer) -> LayerAnswer:
    media = recording.media_of(layer)
    return LayerAnswer(
        id=layer.id,
        layer=layer.kind.value,
        language=layer.language,
        file=media.name,
        sha256=media.sha256,
        offset=layer.offset,
        media=media_url(recording.id, layer.sound),
    )


def _media(recording: Recording, layer: str = FLOOR) -> MediaAnswer:
    media = recording.media
    if layer != FLOOR:
        return MediaAnswer(media_url(recording.id, layer), LAYER_MIME, video=False)
    mime = media.mime if media.playable else media.access_mime
    return MediaAnswer(media_url(recording.id), mime, bool(media.video_codec))


def _links(identifier: str) -> TranscriptLinks:
    return TranscriptLinks(*(transcript_url(identifier, fmt) for fmt in ("json", "vtt", "srt", "txt")))
