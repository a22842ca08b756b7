"""Several queries in one line, with commas between them."""

from __future__ import annotations

from dataclasses import dataclass

from search.query import QUOTES

COMMAS = ",،、，"
MOST = 5  # that can be told apart side by side


@dataclass(frozen=True, slots=True)
class Asked:
    """One query of a line, and where it begins in it, in characters from 0."""

    query: str
    at: int


def several(line: str) -> tuple[Asked, ...]:
    """The queries of a line, each once. A comma within a quotation, brackets or a number belongs to its query."""
    found: dict[str, Asked] = {}
    start = depth = 0
    quoted = False
    for at, char in enumerate(line + COMMAS[0]):
        end = at == len(line)
        if char in QUOTES:
            quoted = not quoted
        elif char in "()" and not quoted:
            depth += 1 if char == "(" else -1
        elif char in COMMAS and (end or not (quoted or depth > 0 or _in_number(line, at))):
            query = line[start:at].strip()
            if query:
                found.setdefault(query, Asked(query, start + line[start:at].index(query)))
            start = at + 1
    return tuple(found.values())


def _in_number(line: str, at: int) -> bool:
    """Only the Latin comma parts thousands; Persian and Arabic numbers have a mark of their own for it."""
    return line[at] == COMMAS[0] and line[at - 1 : at].isdigit() and line[at + 1 : at + 2].isdigit()
