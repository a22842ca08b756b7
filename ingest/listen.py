"""Listen: a recording's sound to a transcript, window by window, each kept as soon as it is heard.

A killed run goes on after its last whole window and ends with the same bytes, because what a window gives
depends on its samples, the settings, and the windows before it, all of which are kept.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from archive.files import atomic_write
from archive.models import OFFSET, TRANSLATED, UNDETERMINED, Layer, Maker, Quality, Recording, Segment, Transcript, Word
from ingest.failpoint import failpoint
from ingest.guard import judge, said
from ingest.language import letters, settle
from ingest.media import SAMPLE_RATE, PcmStream
from ingest.onset import tighten
from ingest.segments import sized
from ingest.transcribers.base import HeardSegment, Hints, Transcriber, Votes, no_progress
from ingest.vocabulary import told
from ingest.windows import Window, windows

VERSION = "4"  # of what this module makes of the same words; a change starts recordings anew that lie half done

WINDOW_S = 600  # holds the sound of ten minutes in memory, some 40 MB as float32
SLACK_S = 60

STRETCH_LETTERS = 400  # of text are judged together when its language is settled


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A window as it was heard: its place on the recording's clock in samples, and its words on that clock."""

    index: int
    start: int
    end: int
    segments: tuple[HeardSegment, ...]
    votes: Votes


def listen(
    recording: Recording,
    media: Path,
    transcriber: Transcriber,
    checkpoints: Path,
    *,
    layer: Layer,
    vocabulary: Sequence[str] = (),
    on_progress: Callable[[float], None] = no_progress,
) -> Transcript:
    """What is said in a layer of a recording, as a transcript without a version yet (0).

    `checkpoints` is a folder for this recording's finished windows; it may be deleted afterwards, and other
    settings never read each other's. `vocabulary` are names to expect, which stand with the maker of the words.
    `on_progress` is told how many seconds of the recording are done.
    """
    maker = made_of(transcriber.maker, layer)
    maker = replace(maker, settings=told(maker, vocabulary))
    spoken = (recording.layer(layer.sound) or layer).language
    languages = (spoken,) if spoken else recording.languages
    languages = tuple(language for language in languages if language != UNDETERMINED)
    folder = checkpoints / _key(recording, layer, maker, languages, vocabulary)
    folder.mkdir(parents=True, exist_ok=True)

    done = list(_finished(folder))
    position = done[-1].end if done else 0
    on_progress(position / SAMPLE_RATE)
    with PcmStream(media, layer.stream, layer.offset) as stream:
        for window in windows(stream, start_sample=position, first_index=len(done), target_s=WINDOW_S, slack_s=SLACK_S):
            hints = Hints(languages, tuple(vocabulary), _together(done), bool(layer.translates))
            checkpoint = _hear(window, transcriber, hints, on_progress)
            failpoint("listen-before-checkpoint")
            atomic_write(_path(folder, window.index), msgspec.json.encode(checkpoint))
            failpoint("listen-after-checkpoint")
            done.append(checkpoint)
            position = window.end
            on_progress(position / SAMPLE_RATE)
    return _transcript(recording, layer, maker, languages, done, position / SAMPLE_RATE)


def made_of(maker: Maker, layer: Layer) -> Maker:
    """The maker of a layer's transcript: what the layer is, and where its file lies on the clock, change its words."""
    offset = ((OFFSET, f"{layer.offset:.3f}"),) if layer.offset else ()
    task = (TRANSLATED,) if layer.translates else ()
    return replace(maker, settings=(*maker.settings, *offset, *task))


def is_placed(maker: Maker, layer: Layer) -> bool:
    """Whether a transcript was made while the layer's file lay where it lies now."""
    return float(dict(maker.settings).get(OFFSET, "0")) == layer.offset


def _hear(window: Window, transcriber: Transcriber, hints: Hints, on_progress: Callable[[float], None]) -> Checkpoint:
    """One window: heard, freed of what nobody said, its words put where they sound, on the recording's clock."""
    offset = window.start / SAMPLE_RATE
    speech = transcriber.speech(window.pcm)
    heard = transcriber.hear(window.pcm, speech, hints, lambda seconds: on_progress(offset + seconds))
    kept = said(heard.segments, speech)
    words = iter(tighten([word for segment in kept for word in segment.words], window.pcm, speech))
    segments = tuple(
        replace(segment, words=tuple(_shifted(next(words), offset) for _ in segment.words)) for segment in kept
    )
    return Checkpoint(window.index, window.start, window.end, segments, heard.votes)


def _shifted(word: Word, offset: float) -> Word:
    return replace(word, start=round(word.start + offset, 3), end=round(word.end + offset, 3))


def _transcript(
    recording: Recording,
    layer: Layer,
    maker: Maker,
    languages: Sequence[str],
    done: Sequence[Checkpoint],
    decoded: float,
) -> Transcript:
    """The windows as one transcript: times that never go back, segments of a good size, languages settled."""
    duration = round(decoded, 3)
    heard = [part for checkpoint in done for segment in checkpoint.segments for part in sized(segment)]
    segments: list[Segment] = []
    clock = 0.0
    judged = judge(heard)
    trusted = [quality != Quality.SUSPECT for quality, _ in judged]
    settled = iter([layer.language] * len(heard)) if layer.translates else _languages(heard, trusted, languages)
    for segment, (quality, reasons), language in zip(heard, judged, settled, strict=True):
        words = []
        for word in segment.words:
            start = min(max(word.start, clock), duration)
            clock = min(max(word.end, start), duration)
            words.append(replace(word, start=start, end=clock))
        segments.append(Segment(words[0].start, words[-1].end, tuple(words), "", language, quality, reasons))
    spoken: Counter[str] = Counter()
    for part in [part for part in segments if part.quality != Quality.SUSPECT] or segments:
        spoken[part.language] += len(part.words)
    most = max(spoken, key=lambda language: (spoken[language], language), default=UNDETERMINED)
    return Transcript(
        recording=recording.id,
        version=0,
        maker=maker,
        segments=tuple(segments),
        layer=layer.id,
        language=most,
        duration=duration,
    )


def _languages(heard: Sequence[HeardSegment], trusted: Sequence[bool], candidates: Sequence[str]) -> Iterator[str]:
    """Each segment's language, judged over stretches that were heard in the same one and hold enough text.

    The text of segments that are not trusted says nothing about the language.
    """
    text, stretch = "", []
    for index, segment in enumerate(heard):
        stretch.append(segment)
        if trusted[index]:
            text += " ".join(word.text for word in segment.words) + " "
        following = heard[index + 1] if index + 1 < len(heard) else None
        if following and following.language == segment.language and letters(text) < STRETCH_LETTERS:
            continue
        vote = sum(part.certainty for part in stretch) / len(stretch)
        yield from [settle(text, segment.language, vote, candidates)] * len(stretch)
        text, stretch = "", []


def _finished(folder: Path) -> Iterator[Checkpoint]:
    """The windows that are whole and follow on each other; from the first gap or damage on, all is heard anew."""
    end = 0
    for index in range(len(list(folder.glob("*.json")))):
        try:
            checkpoint = msgspec.json.decode(_path(folder, index).read_bytes(), type=Checkpoint)
        except (OSError, msgspec.DecodeError):
            return
        if (checkpoint.index, checkpoint.start) != (index, end):
            return
        end = checkpoint.end
        yield checkpoint


def _together(done: Sequence[Checkpoint]) -> Votes:
    votes: Counter[str] = Counter()
    for checkpoint in done:
        votes.update(dict(checkpoint.votes))
    return tuple(sorted((language, round(count, 4)) for language, count in votes.items()))


def _key(recording: Recording, layer: Layer, maker: Maker, languages: Sequence[str], vocabulary: Sequence[str]) -> str:
    """A name for everything that the words depend on."""
    media = recording.media_of(layer)
    settings = (VERSION, WINDOW_S, SLACK_S, media.sha256 or recording.id, layer.stream, maker)
    data = msgspec.json.encode((settings, tuple(languages), tuple(vocabulary)))
    return hashlib.sha256(data).hexdigest()[:16]


def _path(folder: Path, index: int) -> Path:
    return folder / f"{index:05d}.json"
