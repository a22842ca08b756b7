"""Hostile queries: an answer or a message that points, at once, whatever is typed."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from archive.errors import QueryError
from search.indexer import rebuild
from search.query import parse
from search.searcher import Searcher

MESSAGE_SECONDS = 0.05
ANSWER_SECONDS = 2.0
PIECES = [
    *"\"“”«»()-~*=:?!.,/\\|&^$[]{}<>'’ \t\n\x00\ud800\udfff\u200c\u200d\u200e\u202e\u2066\ufeff\u0301",
    *("AND", "OR", "NOT", "AND NOT", "a", "ask", "gov*", "x~2", '"a b"~3', "=", "speaker:", "year:1960", "year:1-9999"),
    *("language:fa", "event:«", "می", "ها", "نمی روم", "كتاب‌ها", "ﷺ", "世界", "😀", "ß", "İ", "ﬁ", "٣", "~~~ask"),
]
ABUSES = {
    "a megabyte": "a" * 1_000_000,
    "a megabyte of words": "ask " * 250_000,
    "20,000 brackets": "(" * 20_000,
    "5,000 alternatives": "a OR " * 5_000 + "a",
    "a leading wildcard": "*a",
    "nothing but wildcards": "**** ** *",
    "a regular expression": "/.*/",
    "fuzzy on every word": " ".join(["country~2"] * 60),
    "a field without a value": "speaker:",
    "NUL": "ask\x00not \x00",
    "lone surrogates": "\ud800ask \udc00",
    "right-to-left marks": "\u202e\u2067ask\u200f \u061cOR\u200e می\u200cروم\u2069",
    "nested negation": "-" * 500 + "a",
    "brackets to the limit": "(" * 499 + "a" + ")" * 499,
    "a huge number": '"a b"~' + "9" * 900,
    "letters that grow": "ﷺ" * 999,
    "combining marks": "a" + "\u0301" * 998,
    "many wildcards in a word": "ab" + "*a" * 400,
}


def outcome(typed: str) -> str:
    """What parsing gives; anything but a tree or a pointing message is an exception."""
    try:
        return type(parse(typed)).__name__
    except QueryError as error:
        return "QueryError" if error.mend and 0 <= error.at <= len(typed) else f"points nowhere: {typed!r}"


@pytest.mark.parametrize("typed", ABUSES.values(), ids=ABUSES.keys())
def test_abuse_is_answered_at_once(typed: str) -> None:
    outcome("warm")
    started = time.process_time()
    assert not outcome(typed).startswith("points nowhere")
    assert time.process_time() - started < MESSAGE_SECONDS


def test_no_mixture_of_pieces_fails() -> None:
    chance = random.Random(20)  # noqa: S311
    seen = {outcome("".join(chance.choices(PIECES, k=chance.randint(1, 40)))) for _ in range(5_000)}
    assert seen <= {"QueryError", "And", "Or", "Not", "Phrase", "Wild", "Fuzzy", "Field"}
    assert {"QueryError", "And", "Or", "Phrase"} <= seen


def test_no_text_of_any_characters_fails() -> None:
    chance = random.Random(21)  # noqa: S311
    for _ in range(2_000):
        typed = "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randint(1, 60)))
        assert not outcome(typed).startswith("points nowhere")


def test_an_index_answers_abuse_without_a_trace(shelf: Any) -> None:
    shelf.add(["ask not what your country can do for you", "ask what you can do"])
    rebuild(shelf.archive)
    chance = random.Random(22)  # noqa: S311
    typed = [*ABUSES.values(), *("".join(chance.choices(PIECES, k=chance.randint(1, 12))) for _ in range(600))]
    with Searcher.open(shelf.archive) as searcher:
        for text in typed:
            started = time.process_time()
            try:
                answer = searcher.search(text, offset=chance.choice((0, 10**6)))
                assert answer.total >= 0
            except QueryError:
                pass
            assert time.process_time() - started < ANSWER_SECONDS
