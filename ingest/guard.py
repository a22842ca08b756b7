"""What to think of the words that were heard: kept as they are, flagged with the reason, or never said.

Whisper invents text over noise, music and murmur, and falls into loops. Text where nobody speaks is dropped, and so
is what it makes of a crowd: loops, and words it does not believe in, where it hears nobody itself. Everything else is
kept, for a wrong flag can be seen and a deleted sentence cannot.
"""

from __future__ import annotations

from collections.abc import Sequence

from archive.models import Quality
from ingest.language import fits_script
from ingest.loops import MOST_REPEATS, fold, is_loop
from ingest.speech import Speech
from ingest.stock_phrases import NEVER_SAID, SAID_TOO
from ingest.transcribers.base import HeardSegment

VOICE_NEEDED = 0.35  # silero's probability below which nobody speaks

SILENT_ABOVE = 0.6  # Whisper's own probability that nobody speaks
SILENT_LOGPROB = -0.7
HOPELESS_LOGPROB = -1.1
HOPELESS_WORDS = 0.25  # mean probability of the words
FEW_WORDS = 3  # fewer say little about their probability: a real "Right." may have 0.2
UNSURE_LOGPROB = -0.8
UNSURE_WORDS = 0.5

LOOP = "repeats itself"
STOCK = "stock phrase of the model"
SILENT = "probably nobody speaks"
HOPELESS = "hardly any word is certain"
UNSURE = "many words are uncertain"
SCRIPT = "not in the script of its language"


def said(segments: Sequence[HeardSegment], speech: Speech) -> list[HeardSegment]:
    """Those that hold a letter or a digit, and under which somebody speaks, by voice activity and by Whisper.

    Whisper's word alone is not enough, for it says the same of poor recordings: what it makes of them must be a loop
    or hopeless too.
    """
    return [
        segment
        for segment, looped in zip(segments, _looped(segments), strict=True)
        if speech.likelihood(segment.words[0].start, segment.words[-1].end) >= VOICE_NEEDED
        and fold("".join(word.text for word in segment.words))
        and not (segment.no_speech > SILENT_ABOVE and (looped or _hopeless(segment)))
    ]


def judge(segments: Sequence[HeardSegment]) -> list[tuple[Quality, tuple[str, ...]]]:
    """How far the words of each segment can be trusted, and why not; segments in order of time."""
    return [_judge(segment, looped=looped) for segment, looped in zip(segments, _looped(segments), strict=True)]


def _looped(segments: Sequence[HeardSegment]) -> list[bool]:
    """Which segments go round in circles, by themselves or with their neighbours."""
    words = [[word.text for word in segment.words] for segment in segments]
    texts = [fold(" ".join(each)) for each in words]
    return [
        _run_length(texts, index) > MOST_REPEATS or is_loop(words[index], segment.compression)
        for index, segment in enumerate(segments)
    ]


def _run_length(texts: Sequence[str], index: int) -> int:
    """How many neighbouring texts, itself included, are the same."""
    first = last = index
    while first > 0 and texts[first - 1] == texts[index]:
        first -= 1
    while last + 1 < len(texts) and texts[last + 1] == texts[index]:
        last += 1
    return last - first + 1


def _judge(segment: HeardSegment, *, looped: bool) -> tuple[Quality, tuple[str, ...]]:
    words = [word.text for word in segment.words]
    text = " ".join(words)
    silent = segment.no_speech > SILENT_ABOVE
    unsure = segment.logprob < UNSURE_LOGPROB
    grave = {
        LOOP: looped,
        STOCK: is_stock_phrase(text, doubtful=silent or unsure),
        SILENT: silent and segment.logprob < SILENT_LOGPROB,
        HOPELESS: _hopeless(segment),
        SCRIPT: not fits_script(text, segment.language),
    }
    if reasons := tuple(reason for reason, holds in grave.items() if holds):
        return Quality.SUSPECT, reasons
    light = {SILENT: silent, UNSURE: unsure or _certainty(segment) < UNSURE_WORDS}
    reasons = tuple(reason for reason, holds in light.items() if holds)
    return (Quality.LOW if reasons else Quality.OK), reasons


def _hopeless(segment: HeardSegment) -> bool:
    uncertain = _certainty(segment) < HOPELESS_WORDS and len(segment.words) >= FEW_WORDS
    return segment.logprob < HOPELESS_LOGPROB or uncertain


def _certainty(segment: HeardSegment) -> float:
    """Mean probability of the words."""
    return sum(word.probability for word in segment.words) / len(segment.words)


def is_stock_phrase(text: str, *, doubtful: bool = False) -> bool:
    """Whether a text holds what Whisper learned from subtitles and says when it hears nothing.

    A plain "Thank you." is that only where the segment is `doubtful` for another reason.
    """
    folded = fold(text)
    return bool(NEVER_SAID.search(folded)) or (doubtful and bool(SAID_TOO.fullmatch(folded)))
