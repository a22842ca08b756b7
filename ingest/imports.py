"""A text that came with a recording becomes a transcript version of its own, beside what was heard.

Its words are the file's, its times those of what was heard where the two agree. Where they do not, the segment says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from archive.errors import InputError
from archive.models import (
    UNDETERMINED,
    UNSPACED_LANGUAGES,
    Layer,
    Maker,
    MakerKind,
    Quality,
    Recording,
    Segment,
    Transcript,
)
from archive.store import GivenFile
from ingest.align import folded
from ingest.differences import differences
from ingest.given import Cue, read_given
from ingest.given.base import MAX_WORD_CHARACTERS, MAX_WORDS
from ingest.language import fits_script, of_text
from ingest.names import shown
from ingest.segments import sized
from ingest.timing import Timed, Times, Timing, timed
from ingest.transcribers.base import HeardSegment
from ingest.unspaced import apart

DIFFERS = "differs from what was heard"
ESTIMATED = "times are estimated"
LATE_S = 5.0  # that a cue may begin after the recording's end: the two lengths are rounded differently

# shares of a segment's letters that were heard; Whisper base on clear English comes to 0.97
AGREES = 0.75
DISAGREES = 0.4
LETTERS_TO_SUSPECT = 12  # one short word that Whisper missed is nothing to suspect


@dataclass(frozen=True, slots=True)
class Told:
    """What whoever gives the file says of it: where it is from, what language it is in ("" to find out)."""

    source: str = ""
    language: str = ""


NOTHING_TOLD = Told()


def imported(
    recording: Recording,
    given: GivenFile,
    heard: Transcript | None,
    *,
    layer: Layer,
    speaker: Callable[[str], str],
    told: Told = NOTHING_TOLD,
) -> Transcript:
    """The transcript in a given file, without a version yet (0).

    `heard` is what an engine made of the layer, if any did; `speaker` gives the id of a name, "" where it is unknown.
    InputError for a file that cannot be taken.
    """
    text = read_given(given.name, given.data)
    duration = heard.duration if heard else recording.media.duration
    cues = tuple(cue.shifted(layer.offset) for cue in text.cues)
    length = max(duration, recording.duration)  # of a file that was cut short less is heard than it declares
    if (late := next((cue for cue in cues if (cue.start or 0.0) > length + LATE_S), None)) is not None:
        what = f"a cue begins at {late.start:.1f} s, after the recording's end at {length:.1f} s"
        where = f"{shown(given.name)} line {late.line}" if late.line else shown(given.name)
        raise InputError(what, where=where, mend="is it of this recording? its times count from the start")
    language = told.language or _language(cues, recording, layer)
    split = _words(cues, language, given.name)
    listened = [word for segment in heard.segments for word in segment.words] if heard else []
    timing = timed(cues, split, listened, duration)
    segments = tuple(_segments(timing, cues, language, recording, speaker, paragraphs=not text.timed))
    made = Transcript(
        recording=recording.id,
        version=0,
        maker=Maker(MakerKind.IMPORT, shown(given.name)),
        segments=segments,
        layer=layer.id,
        language=language,
        duration=duration,
    )
    return replace(
        made, maker=replace(made.maker, settings=tuple(_settings(text.format, given, made, heard, timing, told)))
    )


def names_in(given: GivenFile) -> tuple[str, ...]:
    """The names of speakers that the file gives, each once."""
    return tuple(dict.fromkeys(cue.speaker for cue in read_given(given.name, given.data).cues if cue.speaker))


def _settings(
    form: str, given: GivenFile, made: Transcript, heard: Transcript | None, timing: Timing, told: Told
) -> Iterator[tuple[str, str]]:
    yield "format", form
    yield "file", given.path
    yield "sha256", given.sha256
    if told.source:
        yield "source", shown(told.source)
    if told.language:
        yield "language", told.language
    yield "times", timing.times.value
    if timing.off:
        yield "clock off by", f"{timing.off:.1f} s"
    if heard:
        yield "compared", str(heard.version)
        yield "differences", str(len(differences(made, heard)))


def _words(cues: Sequence[Cue], language: str, name: str) -> list[list[str]]:
    """The words of each cue."""
    split = [
        [word.text for word in cue.words] or (apart(cue.text) if language in UNSPACED_LANGUAGES else cue.text.split())
        for cue in cues
    ]
    if sum(map(len, split)) > MAX_WORDS:
        mend = "cut it into parts, as the recording is"
        raise InputError(f"more than {MAX_WORDS:,} words", where=shown(name), mend=mend)
    for cue, words in zip(cues, split, strict=True):
        if any(len(word) > MAX_WORD_CHARACTERS for word in words):
            what = f"a word of more than {MAX_WORD_CHARACTERS:,} characters"
            raise InputError(what, where=f"{shown(name)} line {cue.line}", mend="is this a text?")
    return split


def _language(cues: Sequence[Cue], recording: Recording, layer: Layer) -> str:
    """The one that most of the text is in: the layer's, the sheet's only one, or what langdetect says."""
    candidates = (layer.language,) if layer.language else tuple(recording.languages)
    text = "\n".join(cue.text for cue in cues)
    if len(candidates) == 1 and candidates[0] != UNDETERMINED and fits_script(text, candidates[0]):
        return candidates[0]
    return of_text(text, tuple(code for code in candidates if code != UNDETERMINED))


def _segments(
    timing: Timing,
    cues: Sequence[Cue],
    language: str,
    recording: Recording,
    speaker: Callable[[str], str],
    *,
    paragraphs: bool,
) -> Iterator[Segment]:
    """The words in segments of a good size, parted where another speaks or a paragraph ends."""

    def turn(one: Timed) -> tuple[str, int]:
        return cues[one.cue].speaker, one.cue if paragraphs else 0

    for (name, _), run in groupby(timing.words, key=turn):
        left = list(run)
        for part in sized(HeardSegment(tuple(one.word for one in left))):
            here, left = left[: len(part.words)], left[len(part.words) :]
            quality, reasons = _quality(here, timing.times)
            text = " ".join(word.text for word in part.words)
            spoken = language if fits_script(text, language) else of_text(text, tuple(recording.languages))
            yield Segment(
                part.words[0].start,
                part.words[-1].end,
                part.words,
                speaker(name) if name else "",
                spoken,
                quality,
                reasons,
            )


def _quality(words: Sequence[Timed], times: Times) -> tuple[Quality, tuple[str, ...]]:
    if times is Times.ESTIMATED:
        return Quality.LOW, (ESTIMATED,)
    if times is Times.CUES:
        return Quality.OK, ()
    letters = [len(folded(one.word.text)) for one in words]
    agreement = sum(one.likeness * count for one, count in zip(words, letters, strict=True)) / max(sum(letters), 1)
    unplaced = not any(one.placed for one in words)
    if not sum(letters) or (agreement >= AGREES and not unplaced):
        return Quality.OK, ()
    reasons = (DIFFERS, ESTIMATED) if unplaced else (DIFFERS,)
    suspect = agreement < DISAGREES and sum(letters) >= LETTERS_TO_SUSPECT
    return Quality.SUSPECT if suspect else Quality.LOW, reasons
