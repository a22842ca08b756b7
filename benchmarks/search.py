"""Search against raw tantivy and SQLite FTS5 on real speeches: indexing, size, and CPU time of queries.

    python benchmarks/search.py [--samples DIR] [--segments 120000] [--rounds 3]

All three hold the same segments. "raw" is tantivy used by hand for the same request (the ten best, how many, counts
by field where asked); "engine" is our reader for that request; "answer" is the whole `Searcher.search`, which
besides locates every hit, groups by recording, counts four facets and gives words with times; "counts" is
`Searcher.counts`: all hits and all words, by year and speaker. FTS5 is given the request of "raw". CPU milliseconds of
this process, so another program's load does not count.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import sqlite3
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import tantivy

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from archive.catalog import Catalog  # noqa: E402
from archive.files import sha256_of  # noqa: E402
from archive.models import Event, Maker, MakerKind, Media, Recording, Segment, Transcript, Word  # noqa: E402
from archive.store import Archive  # noqa: E402
from benchmarks.report import report  # noqa: E402
from search.clauses import AllOf, Clause, Keyword, Number, conditions, proposal  # noqa: E402
from search.engines.embedded import EmbeddedReader  # noqa: E402
from search.engines.folders import EmbeddedIndex  # noqa: E402
from search.indexer import rebuild  # noqa: E402
from search.models import By, Filters, Sort  # noqa: E402
from search.planner import plan  # noqa: E402
from search.query import parse  # noqa: E402
from search.searcher import Searcher  # noqa: E402

WORD_SECONDS = 0.4
LONGEST_SEGMENT = 40  # words
TOP = 10
BY = (By.YEAR, By.SPEAKER)
RAW_FACETS = ("year", "speaker", "event")
MAKER = Maker(MakerKind.IMPORT, "benchmark")

T = TypeVar("T")
Query = tuple[str, Filters]
PLAIN = Filters()
WORDS = "war peace freedom government congress people labor treaty economy commerce derechos gobierno"
TERMS = WORDS.split()
PHRASES = "united states/of the/state of the union/my fellow citizens/it is the/derechos humanos"
QUOTES = (
    "ask not what your country can do for you ask what you can do for your country",
    "the only thing we have to fear is fear itself nameless unreasoning unjustified terror",
    "that all men are created equal and that they are endowed by their creator",
)
BEGINNINGS = "govern democra econom treat libert constitu"
QUERIES: dict[str, list[Query]] = {
    "term": [(word, PLAIN) for word in TERMS],
    "phrase": [(f'"{text}"', PLAIN) for text in PHRASES.split("/")],
    "long quote": [(f'"{text}"', PLAIN) for text in QUOTES],
    "two words": [(f"{one} {other}", PLAIN) for one, other in pairwise(TERMS)],
    "prefix": [(f"{start}*", PLAIN) for start in BEGINNINGS.split()],
    "years": [(word, Filters(years=(1900, 1950))) for word in TERMS],
}
FACETED = ("term", "years")


@dataclass(frozen=True, slots=True)
class Speech:
    """A speech of the corpus, cut into segments."""

    title: str
    event: str
    date: str
    language: str
    segments: tuple[tuple[str, str], ...]  # speaker and text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--samples", type=Path, default=os.environ.get("ONRECORD_SAMPLES", ROOT.parent / "shared/samples")
    )
    parser.add_argument("--segments", type=int, default=120_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if not (args.samples / "text").is_dir():
        raise SystemExit(f"no speeches at {args.samples}; set ONRECORD_SAMPLES to the samples' folder")
    speeches = list(corpus(args.samples / "text", args.segments))
    with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as folder:
        measure(Path(folder), speeches, args.rounds)


def measure(folder: Path, speeches: Sequence[Speech], rounds: int) -> None:
    """Build all three, ask all three, report."""
    segments = sum(len(speech.segments) for speech in speeches)
    archive = archive_of(folder / "archive", speeches)
    ours_cpu = cpu(lambda: rebuild(archive))
    raw: list[tantivy.Index] = []
    raw_cpu = cpu(lambda: raw.append(raw_index(folder / "raw", speeches)))
    fts: list[sqlite3.Connection] = []
    fts_cpu = cpu(lambda: fts.append(fts_index(folder / "fts.sqlite", speeches)))
    used = EmbeddedIndex(archive).in_use()
    if used is None:
        raise SystemExit("the archive was not indexed")
    index = archive.index / used.name
    rows: list[dict[str, str | int | float | bool | None]] = [
        size_row("onrecord", segments, ours_cpu, size_of(index)),
        size_row("raw tantivy", segments, raw_cpu, size_of(folder / "raw")),
        size_row("SQLite FTS5", segments, fts_cpu, size_of(folder / "fts.sqlite")),
    ]
    with Searcher.open(archive) as searcher:
        rows += query_rows(searcher, EmbeddedReader(index), raw[0], fts[0], rounds)
    report(
        "search",
        rows,
        [
            f"{segments:,} segments of {len(speeches):,} recordings; queries in CPU ms, p50 / p95.",
            "onrecord's indexing reads transcripts from the archive's JSON, analyses and packs words with times; "
            "the other two are handed strings and keep the text alone.",
        ],
    )


def query_rows(
    searcher: Searcher, reader: EmbeddedReader, raw: tantivy.Index, fts: sqlite3.Connection, rounds: int
) -> list[dict[str, str | int | float | bool | None]]:
    """One row for each kind of query."""
    (languages,) = reader.counts(AllOf(), (Keyword.ANALYSED,))
    out: list[dict[str, str | int | float | bool | None]] = []
    for kind, queries in QUERIES.items():
        for facets in (False, True) if kind in FACETED else (False,):
            clauses = [
                AllOf(
                    (plan(parse(text), tuple(languages), reader, lambda _name, _typed: ()).clause, *conditions(filters))
                )
                for text, filters in queries
            ]
            engine = times(lambda clause: ask_engine(reader, clause, facets), clauses, rounds)  # noqa: B023
            by_hand = times(lambda query: ask_raw(raw, query, facets), queries, rounds)  # noqa: B023
            sqlite = times(lambda query: ask_fts(fts, query, facets), queries, rounds)  # noqa: B023
            answer = times(lambda query: searcher.search(query[0], query[1]), queries, rounds)
            counts = times(lambda query: searcher.counts(query[0], query[1], by=BY), queries, rounds)
            out.append(
                {
                    "what": f"{kind} + facets" if facets else kind,
                    "raw tantivy": shown(by_hand),
                    "FTS5": shown(sqlite),
                    "engine": shown(engine),
                    "answer": shown(answer),
                    "counts": shown(counts),
                    "engine / raw": ratio(engine, by_hand),
                    "engine / FTS5": ratio(engine, sqlite),
                    "answer / FTS5": ratio(answer, sqlite),
                }
            )
    return out


# the corpus


def corpus(folder: Path, segments: int) -> Iterator[Speech]:
    """Speeches in English, then sessions in Spanish, until there are so many segments."""
    have = 0
    for speech in speeches_of(folder):
        yield speech
        have += len(speech.segments)
        if have >= segments:
            return
    raise SystemExit(f"only {have:,} segments in {folder}; ask for fewer with --segments")


def speeches_of(folder: Path) -> Iterator[Speech]:
    with zipfile.ZipFile(folder / "nltk_inaugural.zip") as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".txt") and "README" not in name:
                year, _, speaker = Path(name).stem.partition("-")
                text = archive.read(name).decode("latin-1")
                yield Speech(f"Inaugural {year}", "Inauguration", f"{year}-03-04", "en", spoken(speaker, text))
    with gzip.open(folder / "sotu_1790_2020.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            said = spoken(row["speaker"], row["text"])
            yield Speech(f"{row['title']} {row['year']}", row["title"], f"{row['year']}-01-20", "en", said)
    yield from sessions(folder / "parlamint_es_2015_2023_sample.jsonl.gz")


def sessions(path: Path) -> Iterator[Speech]:
    """Each sitting of the parliament as one recording."""
    sitting: list[tuple[str, str]] = []
    day = event = ""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["date"] != day and sitting:
                yield Speech(f"{event} {day}", event, day, "es", tuple(sitting))
                sitting = []
            day, event = row["date"], row["event"]
            sitting += spoken(row["speaker"] or "Presidencia", row["text"])
    yield Speech(f"{event} {day}", event, day, "es", tuple(sitting))


def spoken(speaker: str, text: str) -> tuple[tuple[str, str], ...]:
    """The text in sentences, long ones cut."""
    out = []
    for sentence in re.split(r"(?<=[.!?;])\s+|\n{2,}", text):
        words = sentence.split()
        out += [(speaker, " ".join(words[at : at + LONGEST_SEGMENT])) for at in range(0, len(words), LONGEST_SEGMENT)]
    return tuple(out)


# what is compared


def archive_of(root: Path, speeches: Sequence[Speech]) -> Archive:
    """An archive with a recording for each speech; the media are a few bytes."""
    archive = Archive.open(root, create=True)
    for number, speech in enumerate(speeches):
        source = root / "media.wav"
        source.write_bytes(f"{number} {speech.title}".encode())
        digest = sha256_of(source)
        media = Media(
            source.name, ".wav", digest, source.stat().st_size, 1.0, "wav", "pcm", "", "audio/wav", playable=True
        )
        event = Event(re.sub(r"\W+", "-", speech.event.lower()), speech.event)
        archive.register(source, Recording(digest[:16], speech.title, media, event, speech.date))
        archive.add_transcript(transcript_of(digest[:16], speech), agent="benchmark")
    Catalog(archive).refresh()
    return archive


def transcript_of(recording: str, speech: Speech) -> Transcript:
    segments = []
    at = 0.0
    for speaker, text in speech.segments:
        words = []
        for word in text.split():
            words.append(Word(word, round(at, 3), round(at + 0.3, 3), 0.9))
            at += WORD_SECONDS
        segments.append(Segment(words[0].start, words[-1].end, tuple(words), speaker, speech.language))
    return Transcript(recording, 1, MAKER, tuple(segments), language=speech.language, duration=at)


def raw_index(folder: Path, speeches: Sequence[Speech]) -> tantivy.Index:
    """tantivy as its guide has it: a stemmed text, fields to filter and count by."""
    folder.mkdir()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=True, tokenizer_name="en_stem", index_option="position")
    builder.add_integer_field("year", indexed=True, fast=True)
    for name in ("speaker", "event"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    index = tantivy.Index(builder.build(), path=str(folder))
    writer = index.writer(128_000_000, 2)
    for speech in speeches:
        for speaker, text in speech.segments:
            fields = {"text": text, "year": int(speech.date[:4]), "speaker": speaker, "event": speech.event}
            writer.add_document(tantivy.Document.from_dict(fields, index.schema))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index


def fts_index(path: Path, speeches: Sequence[Speech]) -> sqlite3.Connection:
    """FTS5 with its Porter stemmer beside a table of the fields."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE VIRTUAL TABLE said USING fts5(text, tokenize='porter unicode61')")
    connection.execute("CREATE TABLE field (id INTEGER PRIMARY KEY, year INTEGER, speaker TEXT, event TEXT)")
    row = 0
    for speech in speeches:
        for speaker, text in speech.segments:
            row += 1
            connection.execute("INSERT INTO said(rowid, text) VALUES (?, ?)", (row, text))
            connection.execute(
                "INSERT INTO field VALUES (?, ?, ?, ?)", (row, int(speech.date[:4]), speaker, speech.event)
            )
    connection.execute("INSERT INTO said(said) VALUES ('optimize')")
    connection.commit()
    return connection


def clause_of(query: Query, languages: Sequence[str], reader: EmbeddedReader) -> Clause:
    text, filters = query
    planned = plan(parse(text), languages, reader, lambda _name, _typed: ())
    return AllOf((planned.clause, *conditions(filters)))


def ask_engine(reader: EmbeddedReader, clause: Clause, facets: bool) -> None:
    reader.search(proposal(clause), Sort.RELEVANCE, TOP)
    if facets:
        reader.counts(proposal(clause), (Number.YEAR, Keyword.SPEAKER, Keyword.EVENT))


def ask_raw(index: tantivy.Index, query: Query, facets: bool) -> None:
    text, filters = query
    searcher = index.searcher()
    if text.endswith("*"):
        asked = tantivy.Query.regex_query(index.schema, "text", text[:-1] + ".*")
    else:
        asked = index.parse_query(text, ["text"], conjunction_by_default=True)
    if filters.years:
        years = tantivy.Query.range_query(index.schema, "year", tantivy.FieldType.Integer, *filters.years)
        asked = tantivy.Query.boolean_query([(tantivy.Occur.Must, asked), (tantivy.Occur.Must, years)])
    result = searcher.search(asked, limit=TOP, count=True)
    for _, address in result.hits:
        searcher.doc(address)
    if facets:
        searcher.aggregate(asked, {name: {"terms": {"field": name, "size": 10_000}} for name in RAW_FACETS})


def ask_fts(connection: sqlite3.Connection, query: Query, facets: bool) -> None:
    text, filters = query
    where = "said MATCH ?"
    values: list[str | int] = [text]
    if filters.years:
        where += " AND year BETWEEN ? AND ?"
        values += filters.years
    tables = "said JOIN field ON field.id = said.rowid" if filters.years or facets else "said"
    # the only texts put into these statements are the constants above
    connection.execute(f"SELECT count(*) FROM {tables} WHERE {where}", values).fetchone()  # noqa: S608
    connection.execute(
        f"SELECT said.rowid, text, bm25(said) FROM {tables} WHERE {where} ORDER BY bm25(said) LIMIT {TOP}",  # noqa: S608
        values,
    ).fetchall()
    for name in RAW_FACETS if facets else ():
        connection.execute(
            f"SELECT {name}, count(*) FROM {tables} WHERE {where} GROUP BY {name}",  # noqa: S608
            values,
        ).fetchall()


# measuring


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process, all threads."""
    started = time.process_time()
    work()
    return time.process_time() - started


def times(ask: Callable[[T], object], queries: Sequence[T], rounds: int) -> list[float]:
    """CPU milliseconds of each query, after one that warms the caches."""
    for query in queries:
        ask(query)
    return [cpu(lambda: ask(query)) * 1000 for _ in range(rounds) for query in queries]  # noqa: B023


def shown(measured: Sequence[float]) -> str:
    return f"{statistics.median(measured):.2f} / {statistics.quantiles(measured, n=20)[-1]:.2f}"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return round(statistics.median(ours) / statistics.median(theirs), 2)


def size_row(name: str, segments: int, seconds: float, size: int) -> dict[str, str | int | float | bool | None]:
    return {
        "what": f"indexing, {name}",
        "CPU s": round(seconds, 1),
        "segments / s": round(segments / seconds),
        "MB": round(size / 1e6, 1),
    }


def size_of(path: Path) -> int:
    """Bytes of a file or of all files in a folder."""
    return (
        path.stat().st_size
        if path.is_file()
        else sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    )


if __name__ == "__main__":
    main()
