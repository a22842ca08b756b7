"""Words as they are compared: without case, punctuation and spelling of numbers that nobody hears."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from ingest.loops import fold


def split(text: str) -> list[str]:
    """The words of a text, folded; what has no letters or digits is none."""
    return fold(text).split()


def found_in(said: Sequence[str], heard: Sequence[str]) -> int:
    """How many of the words that were said were heard, in order."""
    same = [step for step in Levenshtein.opcodes(said, heard) if step.tag == "equal"]
    return sum(step.src_end - step.src_start for step in same)
