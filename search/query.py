"""The query language: from what people type to a tree of `search.syntax`. docs/reference/query.md describes it.

A parser of our own, since those of the engines differ from each other and can be made to fail or to hang.
It never runs longer than its limits allow, and every refusal points at a character.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from archive.errors import QueryError
from search.syntax import CLOSED, And, Field, FieldName, Fuzzy, Node, Not, Or, Phrase, Wild, only_fields, seeks
from search.terms import fold, joins

MAX_CHARS = 1_000
MAX_DEPTH = 20
MAX_WORDS = 64
MAX_EXPANSIONS = 8  # wildcards and fuzzy words, each of which may stand for hundreds of words
MAX_EDITS = 2
MAX_SLOP = 50
MIN_WILD_LETTERS = 2  # before the first *, or a query would read the whole vocabulary
MIN_FUZZY_LETTERS = 3
YEARS = (1, 9999)


QUOTES = '"“”„‟«»‹›＂〝〞「」'
QUOTED = re.compile(rf"=?[{QUOTES}](~\d*)?")  # a mark, with what may stand before and after a phrase
# invisible: directions, joiners at the start of a word, soft hyphen; ZWNJ (U+200C) is a letter's business
_MARKS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u00ad\u200b")
_STOPS = frozenset("()" + QUOTES)
_FIELD = re.compile(rf"({'|'.join(FieldName)}):", re.IGNORECASE)
_FUZZY = re.compile(r"~(\d*)$")
_SLOP = re.compile(r"~(\d*)")
_YEARS = re.compile(r"(\d{1,4})(?:\s*[-–—]\s*(\d{1,4}))?")


def parse(text: str) -> Node:
    """The query as a tree; `And(())` when it asks for nothing. Raises QueryError at the first fault."""
    if len(text) > MAX_CHARS:
        raise QueryError(
            f"a query of {len(text):,} characters is too long",
            at=MAX_CHARS,
            mend=f"ask with at most {MAX_CHARS:,} characters",
        )
    return _Parser(text).whole()


class _Parser:
    """Recursive descent over the text without its invisible marks; `place` maps back to what was typed."""

    def __init__(self, text: str) -> None:
        kept = [(char, at) for at, char in enumerate(text) if char not in _MARKS]
        self.text = "".join(char for char, _ in kept)
        self.place = [at for _, at in kept] + [len(text)]
        self.at = 0
        self.depth = 0
        self.words = 0
        self.expansions = 0

    def whole(self) -> Node:
        node = self.either()
        if self.at < len(self.text):
            self.fail("there is no opening bracket for this one", self.at, "leave it out, or open one before it")
        if isinstance(node, And) and not node.parts:
            return node
        if not seeks(node) and not only_fields(node):
            self.fail("this only says what must be absent", 0, "name a word to look for")
        return node

    def either(self) -> Node:
        """Alternatives with OR between them."""
        start = self.at
        parts = [self.both()]
        while self.operator("OR"):
            self.advance(2)
            parts.append(self.both())
        if len(parts) == 1:
            return parts[0]
        if any(isinstance(part, And) and not part.parts for part in parts):
            self.fail("OR needs something on both sides", start, 'write OR between two words, or quote it: "or"')
        if not (all(seeks(part) for part in parts) or all(only_fields(part) for part in parts)):
            self.fail(
                "every side of an OR must be of one kind",
                start,
                "name a word to look for on each side, or only fields such as year:1960",
            )
        return Or(tuple(parts))

    def both(self) -> Node:
        """What must hold together, with AND or nothing between."""
        parts: list[Node] = []
        before = -1  # where the former part ended, if it was a plain word
        while (node := self.part(bool(parts))) is not None:
            plain = isinstance(node, Phrase) and len(node.words) == 1 and not node.exact and self.plain
            former = parts[-1] if parts else None
            # Persian affixes written apart belong to their word
            if plain and before >= 0 and isinstance(former, Phrase) and isinstance(node, Phrase):
                if joins(former.words[-1], node.words[0]):
                    parts[-1] = Phrase(former.words + node.words)
                else:
                    parts.append(node)
            elif not (isinstance(node, And) and not node.parts):
                parts.append(node)
            before = self.at if plain else -1
        if len(parts) == 1:
            return parts[0]
        return And(tuple(parts))

    def part(self, after: bool) -> Node | None:
        """The next part, or None before OR, a closing bracket or the end."""
        self.skip()
        self.plain = False
        if self.at >= len(self.text) or self.text[self.at] == ")" or self.operator("OR"):
            return None
        start = self.at
        if self.operator("AND"):
            self.advance(3)
            self.skip()
            missing = self.at >= len(self.text) or self.text[self.at] == ")"
            if not after or missing or self.operator("OR") or self.operator("AND"):
                self.fail("AND needs something on both sides", start, 'write it between two words, or quote it: "and"')
            return self.part(after)
        if self.operator("NOT") or self.minus():
            self.advance(3 if self.operator("NOT") else 1)
            return self.inside(start, lambda: self.negated(start))
        if self.text[self.at] == "(":
            self.advance(1)
            return self.inside(start, lambda: self.bracketed(start))
        return self.atom()

    def negated(self, start: int) -> Node:
        node = self.part(after=False)
        if node is None or (isinstance(node, And) and not node.parts):
            self.fail("there is nothing to leave out here", start, "write the unwanted word right behind it")
        self.plain = False
        return Not(node)

    def bracketed(self, start: int) -> Node:
        node = self.either()
        if self.at >= len(self.text):
            self.fail("this bracket is never closed", start, "close it with )")
        self.advance(1)
        self.plain = False
        return node

    def atom(self) -> Node:
        start = self.at
        exact = self.text[start] == "=" and start + 1 < len(self.text) and not self.text[start + 1].isspace()
        if exact:
            self.advance(1)
        if self.text[self.at] in QUOTES:
            return self.quoted(exact)
        if (found := _FIELD.match(self.text, self.at)) and not exact:
            return self.field(FieldName(found[1].lower()), found.end())
        return self.word(self.bare(), start, exact)

    def quoted(self, exact: bool) -> Node:
        start = self.at
        words = tuple(word for word in self.quotation().split() if fold(word))
        self.count(len(words), start)
        found = _SLOP.match(self.text, self.at)
        if not found:
            return Phrase(words, exact=exact) if words else And()
        if not found[1]:
            self.fail("how near is missing", self.at, 'write a number behind it, as in "war peace"~5')
        slop = self.number(found[1], MAX_SLOP, "words apart")
        self.advance(found.end() - self.at)
        return Phrase(words, slop if len(words) > 1 else 0, exact) if words else And()

    def field(self, name: FieldName, end: int) -> Node:
        start, self.at = self.at, end
        quoted = self.at < len(self.text) and self.text[self.at] in QUOTES
        value = (self.quotation() if quoted else self.bare()).strip()
        if not fold(value):
            self.fail(f"{name}: has no value", start, f"write it right behind, as in {_EXAMPLES[name]}")
        if name is FieldName.YEAR:
            return Field(name, self.years(value, end))
        if name in CLOSED:
            if value.casefold() not in CLOSED[name]:
                self.fail(f"{name}: has no such value", end, f"write one of {', '.join(CLOSED[name])}")
            return Field(name, value.casefold())
        return Field(name, value)

    def years(self, value: str, at: int) -> str:
        """`first-last` with ASCII digits, in order."""
        found = _YEARS.fullmatch(value)
        if not found:
            self.fail("that is no year", at, "write year:1960 or year:1960-1970")
        first = int(found[1])
        last = int(found[2]) if found[2] else first
        if not YEARS[0] <= first <= last <= YEARS[1]:
            self.fail("these years are not in order", at, "write the earlier year first, as in year:1960-1970")
        return f"{first}-{last}"

    def word(self, typed: str, start: int, exact: bool) -> Node:
        fuzzy = _FUZZY.search(typed)
        if fuzzy and fold(typed[: fuzzy.start()]):
            word = fold(typed[: fuzzy.start()])
            if len(word) < MIN_FUZZY_LETTERS:
                self.fail("too short to allow for other spellings", start, f"~ needs {MIN_FUZZY_LETTERS} letters")
            self.expand(start)
            return Fuzzy(word, self.number(fuzzy[1] or "1", MAX_EDITS, "letters changed"))
        if not fold(typed):
            if "*" in typed and typed.strip("*") == "":
                self.fail("* alone stands for every word", start, "write some letters before it, as in govern*")
            return And()
        if "*" in typed:
            pieces = tuple(fold(piece) for piece in re.split(r"\*+", typed))
            if len(pieces[0]) < MIN_WILD_LETTERS:
                self.fail(
                    "too few letters before *",
                    start,
                    f"write at least {MIN_WILD_LETTERS} letters before it, as in govern*",
                )
            self.expand(start)
            return Wild(pieces)
        self.count(1, start)
        self.plain = not exact
        return Phrase((typed,), exact=exact)

    def bare(self) -> str:
        """Text up to the next white space, bracket or quotation mark."""
        start = self.at
        while self.at < len(self.text) and not self.text[self.at].isspace() and self.text[self.at] not in _STOPS:
            self.at += 1
        return self.text[start : self.at]

    def quotation(self) -> str:
        """What stands between this quotation mark and the next, whichever they are."""
        start = self.at
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] not in QUOTES:
            self.at += 1
        if self.at >= len(self.text):
            self.fail("this quotation is never closed", start, 'close it with "')
        self.at += 1
        return self.text[start + 1 : self.at - 1]

    def operator(self, name: str) -> bool:
        """Whether this operator, in capitals and on its own, stands here (white space before it skipped)."""
        self.skip()
        end = self.at + len(name)
        after = self.text[end : end + 1]
        return self.text.startswith(name, self.at) and (not after or after.isspace() or after in _STOPS)

    def minus(self) -> bool:
        """Whether a word, quotation or bracket to leave out begins here: a hyphen right before it."""
        after = self.text[self.at + 1 : self.at + 2]
        return self.text[self.at] in "-−" and bool(after) and not after.isspace() and after not in "-−)"

    def inside(self, start: int, read: Callable[[], Node]) -> Node:
        """Read one level deeper."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail("brackets and negations are nested too deep", start, f"at most {MAX_DEPTH} levels")
        node = read()
        self.depth -= 1
        return node

    def number(self, digits: str, most: int, what: str) -> int:
        value = int(digits) if len(digits) < 4 else most + 1
        if value > most:
            self.fail(f"that allows for too much: ~{digits}", self.at, f"at most ~{most} {what}")
        return value

    def count(self, words: int, start: int) -> None:
        self.words += words
        if self.words > MAX_WORDS:
            self.fail("too many words", start, f"ask with at most {MAX_WORDS} words")

    def expand(self, start: int) -> None:
        self.count(1, start)
        self.expansions += 1
        if self.expansions > MAX_EXPANSIONS:
            self.fail("too many words with * or ~", start, f"use at most {MAX_EXPANSIONS} of them")

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def advance(self, characters: int) -> None:
        self.at += characters

    def fail(self, what: str, at: int, mend: str) -> NoReturn:
        raise QueryError(what, at=self.place[min(at, len(self.text))], mend=mend)


_EXAMPLES = {
    FieldName.SPEAKER: "speaker:kennedy",
    FieldName.YEAR: "year:1960-1970",
    FieldName.LANGUAGE: "language:en",
    FieldName.EVENT: 'event:"inauguration 1961"',
    FieldName.QUALITY: "quality:ok",
    FieldName.LAYER: "layer:floor",
}
