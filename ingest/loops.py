"""Text that goes round in circles, as Whisper's does when it loses the thread."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

REPEATS_ABOVE = 2.4  # compression by zlib; Whisper's own limit
MOST_REPEATS = 4  # "Never, never, never, never" is a speech, five times in a row is a loop
LONGEST_REPEATED = 12  # words
LEAST_TWICE = 4  # words; who stammers says fewer twice in one breath
FASTEST = 25  # letters a second; an auctioneer's English has some 20
LONG_WORD = 8  # letters; words that are longer on the average are sentences of a script without spaces


def fold(text: str) -> str:
    """Lower case, no punctuation, single spaces."""
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def is_twice(words: Sequence[str], seconds: float) -> bool:
    """Whether a run of words comes again right after itself, in a time in which nobody can say so much.

    Whisper does so where a short sound is followed by less silence than it learned with. "I have a dream", said
    twice, takes its time.
    """
    folded = [fold(word) for word in words]
    if sum(map(len, folded)) <= FASTEST * seconds:
        return False
    return any(
        folded[index : index + length] == folded[index + length : index + 2 * length]
        for length in range(LEAST_TWICE, len(folded) // 2 + 1)
        for index in range(len(folded) - 2 * length + 1)
    )


def is_loop(words: Sequence[str], compression: float = 1.0) -> bool:
    """Whether a run of words comes more than four times in a row; without spaces, a run of characters."""
    if compression > REPEATS_ABOVE:
        return True
    folded = [fold(word) for word in words]
    if sum(len(word) for word in folded) > LONG_WORD * len(folded):
        folded = list("".join(folded))
    for length in range(1, min(LONGEST_REPEATED, len(folded) // (MOST_REPEATS + 1)) + 1):
        same = 0
        for index in range(length, len(folded)):
            same = same + 1 if folded[index] == folded[index - length] else 0
            if same >= length * MOST_REPEATS:
                return True
    return False
