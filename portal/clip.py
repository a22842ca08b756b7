"""A clip: the words of a link as sound, with the quote that says what they are and where they are from.

The terminal and the page cut the same way; `ingest.access_copy.make_clip` does the cutting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.models import FLOOR, Quality, Recording, Segment, Transcript, Word, join_words
from archive.store import Archive
from portal import phrases
from portal.citation import cite
from portal.links import recording_url

SUFFIX = ".m4a"
LONGEST_S = 180.0  # of a clip that the portal cuts: a quote, not the recording in pieces
EDGE_S = 0.005  # links are rounded to a millisecond, so words that only touch the range are not in it


@dataclass(frozen=True, slots=True)
class Quote:
    """Words and where they are from; `start` and `end` in seconds, `sure` unless a passage is doubted."""

    text: str
    speakers: tuple[str, ...]
    about: tuple[str, ...]
    start: float
    end: float
    url: str
    proof: str
    sure: bool


def quote_of(
    archive: Archive,
    recording: Recording,
    transcript: Transcript,
    start: float,
    end: float,
    *,
    names: dict[str, str],
    server: str,
) -> Quote:
    """What is said from `start` to `end`; `names` are the shown names of speakers by their ids.

    The link is on the `server`, such as `https://archive.example`, and names the version of the words where
    without it others would be shown.
    """
    version = None if transcript.version == archive.newest(recording.id) else transcript.version
    heard = [(segment, words) for segment in transcript.segments if (words := _within(segment, start, end))]
    citation = cite(recording, transcript)
    return Quote(
        text=" ".join(join_words(words, segment.language) for segment, words in heard),
        speakers=tuple(
            dict.fromkeys(phrases.speaker(s.speaker, names.get(s.speaker, "")) for s, _ in heard if s.speaker)
        ),
        about=citation.about,
        start=start,
        end=end,
        url=server + recording_url(recording.id, start, end, version),
        proof=citation.proof,
        sure=all(segment.quality is Quality.OK for segment, _ in heard),
    )


def sound_path(archive: Archive, recording: Recording, transcript: Transcript) -> Path | None:
    """The file in which the words of a transcript sound; None where a layer's was not made yet."""
    layer = recording.sound_of(transcript.layer)
    return archive.media_path(recording.id) if layer == FLOOR else archive.layer_path(recording.id, layer)


def proof_lines(quote: Quote, clip_sha256: str, shown: Callable[[str], str]) -> Iterator[str]:
    """The quote and what proves it and its clip, for people; `shown` makes text from outside safe to stand there."""
    yield shown(phrases.quotation(quote.text))
    times = phrases.span(quote.start, quote.end)
    yield ", ".join([*map(shown, (*quote.speakers, *quote.about)), times])
    yield quote.url
    yield quote.proof
    if not quote.sure:
        yield "Heard with low certainty: listen before you quote."
    yield f"SHA-256 of the clip: {clip_sha256}"


def _within(segment: Segment, start: float, end: float) -> tuple[Word, ...]:
    return tuple(word for word in segment.words if word.start < end - EDGE_S and word.end > start + EDGE_S)
