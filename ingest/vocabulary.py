"""Names that Whisper is told before it listens: those of the sheet, then those of the register.

Off unless asked for: on clear speech it costs about as many words as it saves (docs/decisions/0010).
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence

from archive.models import Maker, Recording
from archive.people import People

SETTING = "vocabulary"

LONGEST = 600  # characters of all names and the commas between them; the engines take no more
LONGEST_NAME = 60  # more is a sentence, and would be taken for what was said before
_KEPT = frozenset(" '’-.\u200c")


def is_wanted() -> bool:
    """Whether names are told on this machine: ONRECORD_VOCABULARY is 1."""
    return os.environ.get("ONRECORD_VOCABULARY") == "1"


def vocabulary(recording: Recording, people: People) -> tuple[str, ...]:
    """Names to expect in a recording, the likeliest first, as many as fit: its speakers, event, place and title, then
    everybody else of the register.

    Nothing but letters, digits and what stands inside names is left of them: Whisper takes `<|...|>` for a command.
    """
    chosen: list[str] = []
    room = LONGEST
    for name in map(_plain, _candidates(recording, people)):
        if not name or len(name) > LONGEST_NAME or name in chosen:
            continue
        room -= len(name) + 2
        if room < 0:
            break
        chosen.append(name)
    return tuple(chosen)


def told(maker: Maker, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The settings of a maker that was told names: the words depend on them, so they stand with it."""
    return (*maker.settings, (SETTING, ", ".join(names))) if names else maker.settings


def _candidates(recording: Recording, people: People) -> Iterator[str]:
    ids = [people.current(speaker) for speaker in recording.speakers]
    register = {speaker.id: [name.text for name in speaker.names] for speaker in people.all()}
    for speaker in ids:
        yield from register.pop(speaker, [])
    if recording.event:
        yield from (recording.event.name, recording.event.place)
    yield from (recording.place, recording.title)
    for speaker in sorted(register):
        yield from register[speaker][:1]


def _plain(text: str) -> str:
    kept = "".join(letter if letter.isalnum() or letter in _KEPT or _is_mark(letter) else " " for letter in text)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M")
