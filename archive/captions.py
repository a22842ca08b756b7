"""Captions and plain text of a transcript: WebVTT, SubRip, text. No word can forge a cue, a tag or a speaker."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from archive.models import UNSPACED_LANGUAGES, Segment, Transcript, Word, join_words

LINE_CHARACTERS = 42  # two lines of it are what people read in a cue's time
CUE_SECONDS = 7.0
CUE_MIN_SECONDS = 0.7  # shorter ones flash; extended where the next cue leaves room
PAUSE_SECONDS = 0.8  # a silence that long ends a cue
SENTENCE_CHARACTERS = 20  # a shorter sentence is not worth a cue of its own
NAME_CHARACTERS = 40
NOT_SAID = "machine translation, not what was said"  # SubRip has no notes, so there it stands in the first cue

_SENTENCE_END = re.compile(r"[.!?…؟۔。!?]['\"”’»)\]]*$")
_OVERRIDES = "\u202d\u202e"  # the direction overrides: with them a reader sees other text than is there
_MARK = re.compile(r"(?:WEBVTT |\[)version ([1-9][0-9]{0,8}) of ([0-9a-f]{16})(?![0-9a-f])\]?", re.ASCII)
_JOINER = "\u2060"  # word joiner: no width, no break; SubRip knows no escape, so tags are taken apart with it


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: seconds from the start of the recording, one or two lines, the speaker's shown name or ""."""

    start: float
    end: float
    lines: tuple[str, ...]
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """Which transcript version a file holds, as its first line says."""

    recording: str
    version: int


def marked(text: str, transcript: Transcript) -> str:
    """WebVTT, or plain text, that says in its first line which version it is."""
    mark = f"version {transcript.version} of {transcript.recording}"
    if text.startswith("WEBVTT"):
        return f"WEBVTT {mark}{text.removeprefix('WEBVTT')}"
    return f"[{mark}]\n\n{text}"


def unmarked(text: str) -> tuple[str, Export | None]:
    """The text with that line empty, so that its lines keep their numbers, and what it said; None where it did not."""
    bare = text.lstrip()  # an editor may have put an empty line above it
    found = _MARK.match(bare)
    if found is None:
        return text, None
    above = text[: len(text) - len(bare)] + ("WEBVTT" if bare.startswith("WEBVTT") else "")
    return above + bare[found.end() :], Export(found[2], int(found[1]))


def cues(transcript: Transcript, names: Mapping[str, str]) -> tuple[Cue, ...]:
    """Cues at readable sizes, in order of time; `names` gives the shown name of a speaker id."""
    found: list[Cue] = []
    for segment in transcript.segments:
        speaker = one_line(names.get(segment.speaker, segment.speaker))[:NAME_CHARACTERS].strip()
        for words in _runs(segment):
            found.append(Cue(max(words[0].start, 0.0), words[-1].end, _lines(words, segment.language), speaker))
    found.sort(key=lambda cue: cue.start)
    following = [cue.start for cue in found[1:]] + [None]
    return tuple(map(_timed, found, following))


def to_vtt(transcript: Transcript, names: Mapping[str, str]) -> str:
    """WebVTT, with the speaker as the cue's voice."""
    blocks = ["WEBVTT", *([f"NOTE {NOT_SAID}"] if transcript.translated else [])]
    for number, cue in enumerate(cues(transcript, names), 1):
        # players strip the space; without it a name that ends in hyphens would close with an arrow
        voice = f"<v {_escaped(cue.speaker)}{' ' * cue.speaker.endswith('-')}>" if cue.speaker else ""
        text = "\n".join(map(_escaped, cue.lines))
        blocks.append(f"{number}\n{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{voice}{text}")
    return "\n\n".join(blocks) + "\n"


def to_srt(transcript: Transcript, names: Mapping[str, str]) -> str:
    """SubRip; the speaker is named on a line of its own where another one begins to speak."""
    blocks = []
    before = ""
    for number, cue in enumerate(cues(transcript, names), 1):
        head = (f"[{NOT_SAID}]",) if transcript.translated and number == 1 else ()
        lines = ((f"{cue.speaker}:",) if cue.speaker and cue.speaker != before else ()) + cue.lines
        before = cue.speaker
        text = "\n".join(map(_untagged, head + lines))
        blocks.append(f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{text}\n")
    return "\n".join(blocks)


def to_txt(transcript: Transcript, names: Mapping[str, str]) -> str:
    """Plain text: a paragraph for each turn, headed by its time and speaker."""
    paragraphs = [f"[{NOT_SAID}]"] if transcript.translated else []
    before: str | None = None
    for segment in transcript.segments:
        text = one_line(segment.text)
        if not text:
            continue
        if segment.speaker == before and segment.speaker:
            paragraphs[-1] += f" {text}"
            continue
        before = segment.speaker
        speaker = one_line(names.get(before, before))
        head = f"[{_clock(segment.start, '.')[:-4]}]" + (f" {speaker}:" if speaker else "")
        paragraphs.append(f"{head} {text}")
    return "\n\n".join(paragraphs) + ("\n" if paragraphs else "")


def _runs(segment: Segment) -> Iterator[tuple[Word, ...]]:
    """The words of a segment in runs that fit a cue."""
    run: list[Word] = []
    for word in _pieces(segment.words):
        if run and _ends_before(word, run, segment.language):
            yield tuple(run)
            run = []
        run.append(word)
    if run:
        yield tuple(run)


def _ends_before(word: Word, run: list[Word], language: str) -> bool:
    text = join_words(tuple(run), language)
    return (
        word.start - run[-1].end >= PAUSE_SECONDS
        or word.end - run[0].start > CUE_SECONDS
        or (len(text) >= SENTENCE_CHARACTERS and _SENTENCE_END.search(text) is not None)
        or _break_at((*run, word), language) is None
    )


def _pieces(words: tuple[Word, ...]) -> Iterator[Word]:
    """The words in clean text; one that is longer than a line is cut into pieces that share its time."""
    for word in words:
        text = one_line(word.text)
        count = -(-len(text) // LINE_CHARACTERS)
        step = (word.end - word.start) / max(count, 1)
        for number in range(count):
            piece = text[number * LINE_CHARACTERS : (number + 1) * LINE_CHARACTERS]
            yield Word(piece, word.start + number * step, word.start + (number + 1) * step, word.probability)


def _break_at(words: tuple[Word, ...], language: str) -> int | None:
    """After how many words the second line begins (all of them where one line does); None where two do not do."""
    gap = 0 if language in UNSPACED_LANGUAGES else 1
    whole = sum(len(word.text) + gap for word in words) - gap
    if whole <= LINE_CHARACTERS:
        return len(words)
    best, first = None, -gap
    for at, word in enumerate(words[:-1], 1):
        first += len(word.text) + gap
        second = whole - first - gap
        # of the breaks that fit, the one whose lines are most alike
        if max(first, second) <= LINE_CHARACTERS and (best is None or abs(first - second) < best[0]):
            best = abs(first - second), at
    return best[1] if best else None


def _lines(words: tuple[Word, ...], language: str) -> tuple[str, ...]:
    at = _break_at(words, language)
    return tuple(join_words(part, language) for part in (words[:at], words[at:]) if part)


def _timed(cue: Cue, following: float | None) -> Cue:
    """The cue with an end that lies after its start, and long enough to read where nothing follows at once."""
    wanted = max(cue.end, cue.start + CUE_MIN_SECONDS)
    if following is not None and following > cue.start:
        wanted = min(wanted, max(following, cue.end))
    end = min(wanted, cue.start + CUE_SECONDS)
    return replace(cue, end=max(end, cue.start + 0.001))


def one_line(text: str) -> str:
    """The text on one line: a line break, a control character or an override in it would act, not be read."""
    shown = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text if c not in _OVERRIDES)
    return " ".join(shown.split())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _untagged(text: str) -> str:
    return re.sub(r"(?<=--)(?=>)|(?<=[<{])", _JOINER, text)


def _clock(seconds: float, point: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{thousandths:03}"
