"""Cut the words of a link out as a sound file, and say what they are and where they are from."""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from archive.attribution import attributed
from archive.errors import UsageError
from archive.files import sha256_of
from archive.models import FLOOR, Quality, Recording, Segment, Transcript, Word, join_words
from archive.people import People
from archive.store import Archive
from commands.terminal import clean, clock, isolated, json_text, say
from portal.address import Address
from portal.citation import cite
from portal.links import parse_range, recording_url

SUFFIX = ".m4a"
EDGE_S = 0.005  # links are rounded to a millisecond, so words that only touch the range are not in it
MEND = "select the words in the portal and press Copy link"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("link", metavar="LINK", help="as the portal copies it, or the url of `search --json`")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="where to; it ends in .m4a")
    parser.add_argument("--json", action="store_true", help="print the quote as JSON")


def run(options: argparse.Namespace) -> int:
    """Write the clip; print the words with their source and both digests."""
    from ingest.access_copy import make_clip

    target: Path = options.output
    if target.suffix.lower() != SUFFIX:
        raise UsageError(f"{clean(target)} is no name for a clip", mend=f"let it end in {SUFFIX}")
    if target.exists():
        raise UsageError(f"{clean(target)} is there already", mend="give another name")
    archive = Archive.open(options.archive)
    address = Address.parse(urlsplit(options.link).query)
    if not address.recording or not address.t:
        raise UsageError("this link names no words of a recording", mend=MEND)
    recording = archive.recording(address.recording)
    start, end = parse_range(address.t, recording.duration)
    if end is None:
        raise UsageError("this link says where the words begin and not where they end", mend=MEND)
    transcript = attributed(recording, archive.transcript(recording.id, address.version or None))
    sound = recording.sound_of(transcript.layer)
    source = archive.media_path(recording.id) if sound == FLOOR else archive.layer_path(recording.id, sound)
    if source is None:
        raise UsageError("the sound of this layer was not made yet", mend="run: onrecord ingest")
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".clip-") as folder:
        made = make_clip(source, recording.media, start, end, Path(folder))
        made.chmod(0o644)  # the program's own temporary files are for its user only
        shutil.move(made, target)
    quote = _quote(recording, transcript, start, end, People.load(archive.root).shown())
    digest = sha256_of(target)
    if options.json:
        say(json_text({**dataclasses.asdict(quote), "clip": str(target), "clip_sha256": digest}))
    else:
        say("\n".join([*_lines(quote), f"SHA-256 of the clip: {digest}"]))
    return 0


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


def _quote(recording: Recording, transcript: Transcript, start: float, end: float, names: dict[str, str]) -> Quote:
    heard = [(segment, words) for segment in transcript.segments if (words := _within(segment, start, end))]
    citation = cite(recording, transcript)
    return Quote(
        text=" ".join(join_words(words, segment.language) for segment, words in heard),
        speakers=tuple(dict.fromkeys(names.get(s.speaker, s.speaker) for s, _ in heard if s.speaker)),
        about=citation.about,
        start=start,
        end=end,
        url=recording_url(recording.id, start, end, transcript.version if transcript.layer != FLOOR else None),
        proof=citation.proof,
        sure=all(segment.quality is Quality.OK for segment, _ in heard),
    )


def _lines(quote: Quote) -> Iterator[str]:
    yield isolated(f"“{quote.text}”")
    source = [*map(isolated, (*quote.speakers, *quote.about)), f"{clock(quote.start)} to {clock(quote.end)}"]
    yield ", ".join(source)
    yield quote.url
    yield quote.proof
    if not quote.sure:
        yield "Heard with low certainty: listen before you quote."


def _within(segment: Segment, start: float, end: float) -> tuple[Word, ...]:
    return tuple(word for word in segment.words if word.start < end - EDGE_S and word.end > start + EDGE_S)
