"""What to think of the words that were heard: kept as they are, flagged with the reason, or never said.

Whisper invents text over noise, music and murmur, and falls into loops. Text where nobody speaks is dropped;
everything else is kept, for a wrong flag can be seen and a deleted sentence cannot.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from archive.models import Quality
from ingest.language import fits_script
from ingest.speech import Speech
from ingest.stock_phrases import NEVER_SAID, SAID_TOO
from ingest.transcribers.base import HeardSegment

VOICE_NEEDED = 0.35  # silero's probability below which nobody speaks

REPEATS_ABOVE = 2.4  # compression; Whisper's own limit
MOST_REPEATS = 4  # of one run of words; "Never, never, never, never" is a speech, five times is a loop
LONGEST_REPEATED = 12  # words

SILENT_ABOVE = 0.6  # Whisper's own probability that nobody speaks
SILENT_LOGPROB = -0.7
HOPELESS_LOGPROB = -1.1
HOPELESS_WORDS = 0.25  # mean probability of the words
UNSURE_LOGPROB = -0.8
UNSURE_WORDS = 0.5

LOOP = "repeats itself"
STOCK = "stock phrase of the model"
SILENT = "probably nobody speaks"
HOPELESS = "hardly any word is certain"
UNSURE = "many words are uncertain"
SCRIPT = "not in the script of its language"


def was_said(segment: HeardSegment, speech: Speech) -> bool:
    """Whether somebody speaks anywhere under the words, by voice activity."""
    return speech.likelihood(segment.words[0].start, segment.words[-1].end) >= VOICE_NEEDED


def judge(segment: HeardSegment) -> tuple[Quality, tuple[str, ...]]:
    """How far the words can be trusted, and why not."""
    words = [word.text for word in segment.words]
    text = " ".join(words)
    certainty = sum(word.probability for word in segment.words) / len(segment.words)
    grave = {
        LOOP: segment.compression > REPEATS_ABOVE or is_loop(words),
        STOCK: is_stock_phrase(text, doubtful=segment.no_speech > SILENT_ABOVE / 2 or certainty < UNSURE_WORDS),
        SILENT: segment.no_speech > SILENT_ABOVE and segment.logprob < SILENT_LOGPROB,
        HOPELESS: segment.logprob < HOPELESS_LOGPROB or certainty < HOPELESS_WORDS,
        SCRIPT: not fits_script(text, segment.language),
    }
    if reasons := tuple(reason for reason, holds in grave.items() if holds):
        return Quality.SUSPECT, reasons
    if segment.logprob < UNSURE_LOGPROB or certainty < UNSURE_WORDS:
        return Quality.LOW, (UNSURE,)
    return Quality.OK, ()


def is_loop(words: Sequence[str]) -> bool:
    """Whether a run of words comes more than four times in a row; in text without spaces, of characters."""
    folded = [_fold(word) for word in words]
    if sum(len(word) for word in folded) > 8 * max(1, len(folded)):
        folded = list("".join(folded))
    for length in range(1, min(LONGEST_REPEATED, len(folded) // (MOST_REPEATS + 1)) + 1):
        same = 0
        for index in range(length, len(folded)):
            same = same + 1 if folded[index] == folded[index - length] else 0
            if same >= length * MOST_REPEATS:
                return True
    return False


def is_stock_phrase(text: str, *, doubtful: bool = False) -> bool:
    """Whether a text holds what Whisper learned from subtitles and says when it hears nothing.

    A plain "Thank you." is that only where the segment is `doubtful` for another reason.
    """
    folded = _fold(text)
    return bool(NEVER_SAID.search(folded)) or (doubtful and bool(SAID_TOO.fullmatch(folded)))


def _fold(text: str) -> str:
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()
