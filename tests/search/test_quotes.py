"""Quotes of real texts are found where they begin, to the word, also across the borders of segments."""

from __future__ import annotations

import random
from typing import Any

import pytest

from search.indexer import rebuild
from search.searcher import Searcher
from search.terms import analyse

LENGTHS = (3, 5, 8, 12, 20, 35)
QUOTES = 25  # of each length and language


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, declarations: dict[str, list[str]], new_shelf: Any) -> Any:
    """The Declaration of Human Rights in six languages, each a recording, indexed."""
    shelf = new_shelf(tmp_path_factory.mktemp("library"))
    for language, passages in declarations.items():
        shelf.add(passages, language=language, title=f"Declaration in {language}")
    rebuild(shelf.archive)
    return shelf


@pytest.mark.parametrize("language", ["en", "fa", "ar", "fr", "de", "es"])
def test_every_quote_is_found_at_its_word(language: str, library: Any, declarations: dict[str, list[str]]) -> None:
    chance = random.Random(language)  # noqa: S311
    said = next(
        transcript
        for transcript in map(library.archive.transcript, library.archive.ids())
        if transcript.language == language
    )
    words = [(word, number) for number, segment in enumerate(said.segments) for word in segment.words]
    crossing = 0
    with Searcher.open(library.archive) as searcher:
        for length in LENGTHS:
            for _ in range(QUOTES):
                start = chance.randrange(len(words) - length)
                quoted = words[start : start + length]
                if not all(analyse([word.text], language).stems for word, _ in quoted):
                    continue  # a quote begins and ends with words, not with a dash
                crossing += quoted[0][1] != quoted[-1][1]
                text = " ".join(word.text for word, _ in quoted).translate(dict.fromkeys(map(ord, '"«»“”„')))
                answer = searcher.search(f'"{text}"', moments=1_000)
                found = [(moment.first_word, moment.last_word) for hits in answer.hits for moment in hits.moments]
                assert any(first <= start and last >= start + length - 1 for first, last in found), text
                if length >= 12:
                    assert (start, start + length - 1) in found, text
                    moment = next(m for hits in answer.hits for m in hits.moments if m.first_word == start)
                    assert (moment.start, moment.end) == (quoted[0][0].start, quoted[-1][0].end)
                    assert [w.text for w in moment.words[moment.first : moment.last + 1]] == [w.text for w, _ in quoted]
    print(f"{language}: {crossing} of {len(LENGTHS) * QUOTES} quotes cross a border")
    assert crossing > QUOTES


def test_a_quote_that_differs_in_its_last_word_is_not_found(shelf: Any) -> None:
    shelf.add([f"w{number}" for number in range(40)])
    rebuild(shelf.archive)
    right = " ".join(f"w{number}" for number in range(3, 33))
    with Searcher.open(shelf.archive) as searcher:
        assert searcher.search(f'"{right}"').total == 1
        answer = searcher.search(f'"{right} w99"')
    assert answer.total == 0
    assert answer.facets.years == (), "what was only proposed is not counted"


def test_a_long_quote_may_be_what_must_be_absent(shelf: Any) -> None:
    quote = [f"w{number}" for number in range(30)]
    shelf.add(["start w0", *quote[1:]])
    shelf.add(["start w0", *quote[1:-1], "other"])
    rebuild(shelf.archive)
    with Searcher.open(shelf.archive) as searcher:
        assert searcher.search("start").total == 2
        assert searcher.search(f'start -"{" ".join(quote)}"').total == 1
