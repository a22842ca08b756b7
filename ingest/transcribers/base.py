"""What every transcriber takes and gives: a window is minutes of 16 kHz mono sound, times count from its start."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from typing import Protocol

from archive.models import UNDETERMINED, Maker, Word
from ingest.speech import Pcm, Speech

ENGLISH = "en"  # the only language that Whisper translates into

Votes = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known beforehand.

    `languages` are the only ones that may be heard (none given: any); `vocabulary` are names and terms to
    expect; `votes` is how much the earlier windows of the recording spoke for each language. With `translate` the
    words are wanted in English, whatever is spoken.
    """

    languages: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    votes: Votes = ()
    translate: bool = False

    def within(self, learned: Container[str]) -> Hints:
        """The same without the languages that an engine never learned, Kurdish for one."""
        return replace(self, languages=tuple(name for name in self.languages if name in learned))


@dataclass(frozen=True, slots=True)
class HeardSegment:
    """A stretch that the engine gave as one, with what it says about it.

    `language` is the one of its words and `certainty` (0 to 1) the engine's vote for it; `no_speech` is
    its probability that nobody speaks, `logprob` the mean log probability of its tokens, `compression` how
    many times smaller zlib makes the text (above about 2.4 it repeats itself).
    """

    words: tuple[Word, ...]
    language: str = UNDETERMINED
    certainty: float = 0.0
    no_speech: float = 0.0
    logprob: float = 0.0
    compression: float = 1.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard in a window; `votes` adds up, over its stretches of 30 s, the vote for each language."""

    segments: tuple[HeardSegment, ...] = ()
    votes: Votes = ()


def no_progress(_seconds: float) -> None:
    """Progress that nobody asked for."""


class Transcriber(Protocol):
    """An engine with its weights. It is used by one thread at a time."""

    @property
    def maker(self) -> Maker:
        """Engine, weights and every setting that the words depend on."""

    def speech(self, pcm: Pcm) -> Speech:
        """Where somebody speaks in the window."""

    def hear(self, pcm: Pcm, speech: Speech, hints: Hints, on_progress: Callable[[float], None] = no_progress) -> Heard:
        """The words of the window, in order of time, none of them outside of it.

        The same samples, as int16 or as float32 from -1 to 1, give the same words.
        """
