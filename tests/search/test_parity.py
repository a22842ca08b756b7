"""Both engines answer alike: hundreds of generated queries of every kind over real speeches in six languages."""

from __future__ import annotations

import dataclasses
import gzip
import json
import random
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from archive.models import Quality
from archive.store import Archive
from search.engines.elastic.cluster import Cluster
from search.engines.elastic.settings import ALIAS, SHARDS, URL, Settings
from search.indexer import rebuild
from search.models import Answer, By, Filters, Sort
from search.searcher import Searcher
from tests.search.conftest import sentences
from tests.search.making import clear

pytestmark = pytest.mark.elastic

ADDRESSES = 12  # of 240
SITTING_TURNS = 300  # of 17,503
QUERIES = {"one shard": 600, "three shards": 150}
SCORE_TOLERANCE = 2e-4

Engines = tuple[Searcher, Searcher, int]


@pytest.fixture(scope="module")
def library(
    tmp_path_factory: pytest.TempPathFactory, new_shelf: Any, declarations: dict[str, list[str]], samples: Path
) -> tuple[Archive, list[list[str]]]:
    """The declaration in six languages, addresses of presidents, a sitting in Madrid; with their passages."""
    shelf = new_shelf(tmp_path_factory.mktemp("parity"))
    spoken: list[list[str]] = []

    def add(passages: Sequence[str], **described: Any) -> None:
        shelf.add(list(passages), **described)
        spoken.append(list(passages))

    for number, (language, passages) in enumerate(declarations.items()):
        add(
            passages,
            language=language,
            date=f"{1948 + number % 3}-12-10",
            event="Declaration",
            speaker=f"Reader {language}",
            qualities=tuple(Quality),
        )
    for row in rows(samples / "text" / "sotu_1790_2020.jsonl.gz", 240)[:: 240 // ADDRESSES]:
        add(sentences(row["text"])[:150], speaker=row["speaker"], date=str(row["year"]), event="State of the Union")
    turns = rows(samples / "text" / "parlamint_es_2015_2023_sample.jsonl.gz", SITTING_TURNS)
    for number in range(0, SITTING_TURNS, 30):
        passages = [passage for row in turns[number : number + 30] for passage in sentences(row["text"])]
        speaker = turns[number + 1]["speaker"] or "Presidencia"
        add(passages, language="es", speaker=speaker, date=turns[number]["date"], event="Congreso")
    return shelf.archive, spoken


def rows(path: Path, count: int) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for _, line in zip(range(count), lines, strict=False)]


@pytest.fixture(scope="module", params=QUERIES)
def engines(
    request: pytest.FixtureRequest, library: tuple[Archive, list[list[str]]], elastic_url: str
) -> Iterator[Engines]:
    """The same archive, asked through the embedded engine and through Elasticsearch; and how many questions."""
    archive, _ = library
    shards = {"one shard": "1", "three shards": "3"}[request.param]
    setting = {URL: elastic_url, ALIAS: f"test-{uuid.uuid4().hex}", SHARDS: shards}
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv(URL, raising=False)
        rebuild(archive)
        embedded = Searcher.open(archive)
        embedded.search("")  # opens its index while nothing is set
        for name, value in setting.items():
            environment.setenv(name, value)
        rebuild(archive)
        elastic = Searcher.open(archive)
        yield embedded, elastic, QUERIES[request.param]
        embedded.close()
        elastic.close()
    clear(Cluster(Settings.read(setting)))


def test_the_same_hits_in_the_same_order_with_the_same_counts(
    engines: Engines, library: tuple[Archive, list[list[str]]]
) -> None:
    embedded, elastic, queries = engines
    answered = 0
    chance = random.Random(4)  # noqa: S311 - the same each time
    for text, filters, sort in generated(library[1], chance, queries):
        expected, found = (one.search(text, filters, sort=sort, limit=20, moments=2_000) for one in (embedded, elastic))
        assert unscored(found) == unscored(expected), (text, filters, sort)
        assert scores(found) == pytest.approx(scores(expected), abs=SCORE_TOLERANCE), (text, filters, sort)
        answered += bool(found.total)
    assert answered > queries / 2, "queries that find nothing compare little"


def test_the_same_moments_among_the_same_words(engines: Engines, library: tuple[Archive, list[list[str]]]) -> None:
    embedded, elastic, queries = engines
    chance = random.Random(5)  # noqa: S311 - the same each time
    for text, filters, _ in generated(library[1], chance, queries // 6):
        by = tuple(chance.sample(list(By), 2))
        expected, found = (one.counts(text, filters, by=by) for one in (embedded, elastic))
        assert found == expected, (text, filters, by)
        answer = embedded.search(text, filters)
        assert found.moments == answer.total or not answer.exact, (text, filters)


def unscored(answer: Answer) -> Answer:
    """The answer with all of its words, times and counts, but without what is only alike to some digits."""
    hits = tuple(
        dataclasses.replace(hits, moments=tuple(dataclasses.replace(moment, score=0.0) for moment in hits.moments))
        for hits in answer.hits
    )
    return dataclasses.replace(answer, hits=hits)


def scores(answer: Answer) -> list[float]:
    return [moment.score for hits in answer.hits for moment in hits.moments]


def generated(spoken: list[list[str]], chance: random.Random, count: int) -> Iterator[tuple[str, Filters, Sort]]:
    """Queries of every kind, made of what was said, each with filters and an order."""
    kinds = (word, exact, phrase, long_quote, all_of, any_of, without, beginning, middle, misspelt, near, field, mixed)
    for number in range(count):
        text = kinds[number % len(kinds)](spoken, chance)
        yield text, chance.choice(FILTERS), chance.choice(list(Sort))


FILTERS = (
    Filters(),
    Filters(),
    Filters(years=(1900, 2000)),
    Filters(languages=("en", "fa")),
    Filters(events=("declaration", "congreso")),
    Filters(public_on=20300101),
    Filters(qualities=(Quality.LOW, Quality.SUSPECT)),
)


FIELDS = (
    "year:1948-1950",
    "year:1790-1850",
    "language:es",
    "language:English",
    "speaker:Reader",
    "event:Declaration",
    "quality:suspect",
    "layer:floor",
)


def said(spoken: list[list[str]], chance: random.Random, count: int = 1) -> list[str]:
    """Words that follow each other in a speech, often over the border of two passages."""
    words = [word for passage in chance.choice(spoken) for word in passage.split() if word.isalpha()]
    at = chance.randrange(len(words) - count)
    return words[at : at + count]


def word(spoken: list[list[str]], chance: random.Random) -> str:
    return said(spoken, chance)[0]


def exact(spoken: list[list[str]], chance: random.Random) -> str:
    return "=" + word(spoken, chance)


def phrase(spoken: list[list[str]], chance: random.Random) -> str:
    return quoted(spoken, chance, chance.randint(2, 6))


def long_quote(spoken: list[list[str]], chance: random.Random) -> str:
    return quoted(spoken, chance, chance.randint(9, 15))


def quoted(spoken: list[list[str]], chance: random.Random, count: int) -> str:
    text = " ".join(chance.choice(spoken)).replace('"', " ").split()
    at = chance.randrange(len(text) - count)
    return f'"{" ".join(text[at : at + count])}"'


def all_of(spoken: list[list[str]], chance: random.Random) -> str:
    return " ".join(map(plain, said(spoken, chance, chance.randint(2, 3))))


def any_of(spoken: list[list[str]], chance: random.Random) -> str:
    return " OR ".join(plain(word(spoken, chance)) for _ in range(chance.randint(2, 4)))


def without(spoken: list[list[str]], chance: random.Random) -> str:
    return f"{plain(word(spoken, chance))} NOT {plain(word(spoken, chance))}"


def beginning(spoken: list[list[str]], chance: random.Random) -> str:
    return long_word(spoken, chance)[: chance.randint(2, 4)] + "*"


def middle(spoken: list[list[str]], chance: random.Random) -> str:
    found = long_word(spoken, chance)
    return f"{found[:2]}*{found[-1]}"


def misspelt(spoken: list[list[str]], chance: random.Random) -> str:
    found = long_word(spoken, chance)
    at = chance.randrange(1, len(found))
    return f"{found[:at]}{found[at + 1 :]}~{chance.randint(1, 2)}"


def near(spoken: list[list[str]], chance: random.Random) -> str:
    first, *_, last = said(spoken, chance, chance.randint(2, 6))
    return f'"{first} {last}"~{chance.randint(1, 8)}'


def field(spoken: list[list[str]], chance: random.Random) -> str:
    return chance.choice((f"{plain(word(spoken, chance))} ", "")) + chance.choice(FIELDS)


def mixed(spoken: list[list[str]], chance: random.Random) -> str:
    left, right = phrase(spoken, chance), any_of(spoken, chance)
    return f"({left} OR ({right})) NOT {plain(word(spoken, chance))}"


def long_word(spoken: list[list[str]], chance: random.Random) -> str:
    return next(found for found in iter(lambda: word(spoken, chance), "") if len(found) > 4)


def plain(text: str) -> str:
    """A word that is no operator."""
    return text.lower()
