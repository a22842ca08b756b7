"""The vocabulary of the house as frozen dataclasses: the only things that pass between rooms.

Times are seconds from the start of the recording, rounded to a millisecond. Dates are ISO 8601 and may be
as coarse as a year (`1961`, `1961-01`, `1961-01-20`). Languages are ISO 639-1 codes, or `und`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

UNDETERMINED = "und"
FLOOR = "floor"
UNKNOWN = "unknown-"  # how ids of voices that nobody named begin; a number follows
TRANSLATION = "translation"  # the id of the layer that holds the floor's words in English
TRANSLATED = ("task", "translate")  # the setting of a maker that translates
OFFSET = "offset"  # the setting of a maker that says where a layer's file begins
WORDS_BY = "words by"  # the setting of a person's version that says which kind of maker its other words are from
LAYER_MIME = "audio/mp4"  # of the sound of another layer, which is derived as M4A

# written without spaces between words, so their words are joined without one
UNSPACED_LANGUAGES = frozenset({"zh", "ja", "th", "lo", "my", "km", "yue"})


class Quality(enum.StrEnum):
    """How far a segment's words can be trusted: as heard, with low certainty, or probably invented."""

    OK = "ok"
    LOW = "low"
    SUSPECT = "suspect"


class AccessLevel(enum.StrEnum):
    """Who may see a recording."""

    PUBLIC = "public"
    RESTRICTED = "restricted"
    EMBARGOED = "embargoed"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see a recording; `until` is the ISO date on which an embargo ends."""

    level: AccessLevel = AccessLevel.PUBLIC
    until: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A gathering; a yearly convention has one event per edition. `id` is a slug of name and edition."""

    id: str
    name: str
    edition: str = ""
    date: str = ""
    place: str = ""

    @property
    def label(self) -> str:
        """The name shown: with the edition, unless the name says it."""
        return self.name if not self.edition or self.edition in self.name else f"{self.name} {self.edition}"


class LayerKind(enum.StrEnum):
    """Whose words a layer holds."""

    FLOOR = "floor"
    INTERPRETER = "interpreter"
    TRANSLATION = "translation"


@dataclass(frozen=True, slots=True)
class LayerFile:
    """A file of its own that a layer sounds in. It begins `offset` seconds after the recording's clock.

    `source` and `rights` are the file's, where they were told.
    """

    media: Media
    offset: float = 0.0
    source: str = ""
    rights: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One audio track of a recording: the floor, or an interpreter. `stream` counts audio streams from 0.

    It is a track of the recording's file, unless it has a `file` of its own; or it is a machine's translation of what
    the layer `translates` says, and sounds as that does.
    """

    id: str = FLOOR
    stream: int = 0
    language: str = ""
    file: LayerFile | None = None
    translates: str = ""

    @property
    def sound(self) -> str:
        """The id of the layer that is heard with its words."""
        return self.translates or self.id

    @property
    def offset(self) -> float:
        """Where its file begins on the recording's clock, in seconds."""
        return self.file.offset if self.file else 0.0

    @property
    def kind(self) -> LayerKind:
        """Whose words it holds."""
        if self.translates:
            return LayerKind.TRANSLATION
        return LayerKind.FLOOR if self.id == FLOOR else LayerKind.INTERPRETER


@dataclass(frozen=True, slots=True)
class Media:
    """What the bytes of a recording are, as probed. `name` is the file's name when it came in, for show only.

    `duration` is in seconds and `bytes` the size; `container`, `audio_codec` and `video_codec` ("" without
    video) are ffprobe's names; `mime` is what a browser is told; `playable` says whether a browser plays the
    original, and `access_suffix` is that of the derived access copy where it does not ("" without one).
    """

    name: str
    suffix: str
    sha256: str
    bytes: int
    duration: float
    container: str
    audio_codec: str
    video_codec: str
    mime: str
    playable: bool
    access_suffix: str = ""
    access_mime: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """One media file made at an event. `id` is the first 16 hex digits of the SHA-256 of its bytes.

    `speakers` are ids of the register `people`, in the order of the sheet; `aliases` are other names under
    which the same bytes came in.
    """

    id: str
    title: str
    media: Media
    event: Event | None = None
    date: str = ""
    place: str = ""
    speakers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    source: str = ""
    rights: str = ""
    access: Access = Access()
    layers: tuple[Layer, ...] = (Layer(),)
    aliases: tuple[str, ...] = ()

    @property
    def year(self) -> int:
        """The year of the recording's date, else of its event's; 0 where neither is known."""
        date = self.date or (self.event.date if self.event else "")
        return int(date[:4]) if date[:4].isdigit() else 0

    @property
    def duration(self) -> float:
        """Until the last of its layers ends, in seconds: an interpreter may end after the floor."""
        ends = (layer.offset + layer.file.media.duration for layer in self.layers if layer.file)
        return max(self.media.duration, *ends, 0.0)

    def layer(self, layer: str) -> Layer | None:
        """The layer of that id; None where it has none."""
        return next((known for known in self.layers if known.id == layer), None)

    def media_of(self, layer: Layer) -> Media:
        """The media that a layer sounds in: a file of its own, or the recording's."""
        return layer.file.media if layer.file else self.media

    def sound_of(self, layer: str) -> str:
        """The id of the layer that is heard with the words of a layer."""
        known = self.layer(layer)
        return known.sound if known else layer


@dataclass(frozen=True, slots=True)
class Word:
    """A word as spoken and written, without surrounding white space; `probability` is 0 to 1."""

    text: str
    start: float
    end: float
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a transcript by one speaker, about a sentence to half a minute.

    `speaker` is an id of the register, `unknown-1` for a voice without a name, or "" where nobody judged.
    `reasons` say why the quality is not `ok`. `corrected` says that a person changed words of it.
    """

    start: float
    end: float
    words: tuple[Word, ...]
    speaker: str = ""
    language: str = UNDETERMINED
    quality: Quality = Quality.OK
    reasons: tuple[str, ...] = ()
    corrected: bool = False

    @property
    def text(self) -> str:
        """The segment's words as one text."""
        return join_words(self.words, self.language)


class MakerKind(enum.StrEnum):
    """What made a transcript version."""

    ENGINE = "engine"
    PERSON = "person"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Maker:
    """Who or what made a transcript version: an engine with its weights and settings, a person, a file."""

    kind: MakerKind
    name: str
    version: str = ""
    model: str = ""
    model_sha256: str = ""
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def words_by(self) -> MakerKind:
        """What made the words that it did not change itself: of a person's version what that was made from."""
        told = dict(self.settings).get(WORDS_BY)
        return next((kind for kind in MakerKind if kind == told), self.kind)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in one layer of a recording. `version` counts from 1 and is never reused or changed.

    It holds no clock time, so that the same audio, weights and settings give the same bytes; when it was
    made stands in the recording's history. `language` is the one most of its words are in.
    """

    recording: str
    version: int
    maker: Maker
    segments: tuple[Segment, ...]
    layer: str = FLOOR
    language: str = UNDETERMINED
    duration: float = 0.0

    @property
    def translated(self) -> bool:
        """Whether its words are a machine's translation, and not what was said."""
        return TRANSLATED in self.maker.settings

    def made(self, segment: Segment) -> MakerKind:
        """What made the words of one of its segments: a person only where a person changed them."""
        return self.maker.kind if segment.corrected else self.maker.words_by


@dataclass(frozen=True, slots=True)
class Name:
    """One spelling of a speaker's name; `script` is an ISO 15924 code such as `Latn` or `Arab`."""

    text: str
    script: str = ""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person in the register: one id, names in every script and spelling (the first is shown), roles.

    `former` are the ids of entries that were joined into this one; transcripts go on naming them.
    """

    id: str
    names: tuple[Name, ...]
    roles: tuple[str, ...] = ()
    former: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name shown."""
        return self.names[0].text if self.names else self.id


@dataclass(frozen=True, slots=True)
class VoiceSample:
    """A person's voice as it sounds in one recording: the net's mean unit `vector` over stretches of it.

    `times` are (start, end) of the stretches; `model` and `model_sha256` are the net, for vectors of different
    nets have nothing to do with each other.
    """

    recording: str
    layer: str
    times: tuple[tuple[float, float], ...]
    model: str
    model_sha256: str
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class VoicePrint:
    """What a person's voice was entered from; derived, for its samples can be heard again at their times."""

    speaker: str
    samples: tuple[VoiceSample, ...]


@dataclass(frozen=True, slots=True)
class HeardVoice:
    """One voice of a transcript: the id that its segments have, its seconds of speech, its mean unit vector."""

    id: str
    seconds: float
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class HeardVoices:
    """The voices of one layer of a recording, as the net `model` heard them; derived from its sound."""

    recording: str
    layer: str
    model: str
    model_sha256: str
    voices: tuple[HeardVoice, ...]


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One thing done to a recording. `event` is a PREMIS 3 event type; `at` is ISO 8601 in UTC."""

    at: str
    event: str
    agent: str
    outcome: str = "success"
    detail: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """What a list shows of a recording, from the catalog; `version` is its newest transcript, 0 without one.

    `words` and `suspect` count over the newest of each layer, translations left out, and `others` are the newest of
    the layers beside the floor.

    `speakers` are (id, shown name) pairs. `public_from` is 0 for public, yyyymmdd for an embargo's end,
    and 99999999 for restricted: `public_from <= today` is the one test of who may see it.
    """

    id: str
    title: str
    event: str
    event_name: str
    date: str
    year: int
    place: str
    speakers: tuple[tuple[str, str], ...]
    languages: tuple[str, ...]
    duration: float
    video: bool
    public_from: int
    version: int
    words: int
    suspect: int
    warnings: tuple[str, ...] = ()
    others: tuple[int, ...] = ()


def join_words(words: tuple[Word, ...], language: str) -> str:
    """The words as running text, with spaces where the language writes them."""
    return ("" if language in UNSPACED_LANGUAGES else " ").join(word.text for word in words)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found wrong with an input or an artefact: `where` names file, row, field or path."""

    code: str
    where: str
    what: str
    mend: str = ""
