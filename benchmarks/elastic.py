"""Elasticsearch through our engine, by hand with the official client, and tantivy beside them, on real speeches.

    python benchmarks/elastic.py [--samples DIR] [--segments 100000] [--rounds 5]

All hold the same documents; beyond the segments of the corpus it is taken again under other names. "by hand" sends
the requests that our engine sends, and reads what the client gives. Wall time, since most of it is spent in the
cluster: one node on this machine, or the one that ONRECORD_TEST_SEARCH_URL names. Each round asks both in turn.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from archive.models import Event, Media, Recording  # noqa: E402
from archive.store import Archive  # noqa: E402
from benchmarks.report import Value, report  # noqa: E402
from benchmarks.search import QUERIES, corpus, transcript_of  # noqa: E402
from search.clauses import AllOf, Clause, Keyword, conditions, proposal  # noqa: E402
from search.documents import Document, documents_of  # noqa: E402
from search.engines.base import Reader  # noqa: E402
from search.engines.elastic import bulk, queries  # noqa: E402
from search.engines.elastic.cluster import Cluster  # noqa: E402
from search.engines.elastic.life import ElasticIndex  # noqa: E402
from search.engines.elastic.mapping import DOCUMENT, build_settings, mappings  # noqa: E402
from search.engines.elastic.settings import ALIAS, URL, Settings  # noqa: E402
from search.engines.embedded import EmbeddedReader, EmbeddedWriter  # noqa: E402
from search.hits import FACETS  # noqa: E402
from search.models import Sort  # noqa: E402
from search.planner import plan  # noqa: E402
from search.query import parse  # noqa: E402

CORPUS_SEGMENTS = 100_000
TOP = 10
HEAP = "2g"
BY_HAND = "benchmark-by-hand"

Row = dict[str, Value]
Recordings = Sequence[Sequence[Document]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--samples", type=Path, default=os.environ.get("ONRECORD_SAMPLES", ROOT.parent / "shared/samples")
    )
    parser.add_argument("--segments", type=int, default=CORPUS_SEGMENTS)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    if not (args.samples / "text").is_dir():
        raise SystemExit(f"no speeches at {args.samples}; set ONRECORD_SAMPLES to the samples' folder")
    recordings = list(documents(args.samples / "text", min(args.segments, CORPUS_SEGMENTS)))
    with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as folder, node(Path(folder)) as url:
        measure(Path(folder), url, recordings, args.segments, args.rounds)


@contextlib.contextmanager
def node(folder: Path) -> Iterator[str]:
    """The address of a cluster."""
    if told := os.environ.get("ONRECORD_TEST_SEARCH_URL"):
        yield told
        return
    from tests.elastic.node import Node

    started = Node(folder, heap=HEAP).start()
    yield started.url
    started.stop()


def documents(folder: Path, segments: int) -> Iterator[list[Document]]:
    """What an index holds of each speech of the corpus."""
    for number, speech in enumerate(corpus(folder, segments)):
        name = f"{number:016x}"
        media = Media("speech.wav", ".wav", name * 4, 0, 1.0, "wav", "pcm", "", "audio/wav", playable=True)
        event = Event(speech.event.lower().replace(" ", "-"), speech.event)
        recording = Recording(name, speech.title, media, event, speech.date)
        yield list(documents_of(recording, transcript_of(name, speech)))


def again(recordings: Recordings, segments: int) -> Iterator[list[Document]]:
    """The recordings, under other names once they run out, until there are so many segments."""
    have = 0
    for time_round in itertools.count():
        for documents in recordings:
            if have >= segments:
                return
            have += len(documents)
            name = f"{time_round:04x}{documents[0].recording[4:]}"
            yield [dataclasses.replace(document, recording=name) for document in documents]


def measure(folder: Path, url: str, recordings: Recordings, segments: int, rounds: int) -> None:
    """Fill all three, ask all three, report."""
    cluster = Cluster(Settings.read({URL: url, ALIAS: "benchmark"}))
    client = Elasticsearch(url, request_timeout=300)
    index = ElasticIndex(Archive.open(folder / "archive", create=True), cluster)
    client.indices.delete(index=BY_HAND, ignore_unavailable=True)
    by_hand = taken(lambda: fill_by_hand(client, cluster, again(recordings, segments)))
    ours = taken(lambda: fill(index, again(recordings, segments)))
    tantivy = taken(lambda: fill_embedded(folder / "tantivy", again(recordings, segments)))
    count = client.count(index=BY_HAND)["count"]
    used = index.in_use()
    if used is None or client.count(index=used.name)["count"] != count:
        raise SystemExit("the indexes do not hold the same")
    stored = {
        name: client.indices.stats(index=name, metric="store")["_all"]["primaries"]["store"]["size_in_bytes"]
        for name in (used.name, BY_HAND)
    }
    words = sum(document.own for recording in again(recordings, segments) for document in recording)
    rows: list[Row] = [
        indexing("Elasticsearch, ours", count, ours, stored[used.name], words),
        indexing("Elasticsearch, by hand", count, by_hand, stored[BY_HAND], words),
        indexing("tantivy, ours", count, tantivy, size_of(folder / "tantivy"), words),
    ]
    rows[0]["ours / by hand"] = ours / by_hand
    with contextlib.closing(index.reader(used)) as reader:
        rows += query_rows(reader, client, EmbeddedReader(folder / "tantivy"), rounds)
    for name in (used.name, BY_HAND, f"{cluster.settings.alias}-lock"):
        client.indices.delete(index=name, ignore_unavailable=True)
    report(
        "elastic",
        rows,
        [
            f"{count:,} segments, {words:,} words; the {TOP} best documents of a query and how many answer, or the "
            "counts of four fields; wall milliseconds, p50 / p95.",
            "indexing: documents that are analysed already, to the moment at which they can be searched.",
        ],
    )


def indexing(what: str, count: int, seconds: float, size: int, words: int) -> Row:
    return {"what": what, "segments / s": round(count / seconds), "MB": round(size / 1e6), "bytes / word": size / words}


def fill(index: ElasticIndex, recordings: Iterator[list[Document]]) -> None:
    """As `onrecord index` does."""
    with index.only_writer(60), contextlib.closing(index.build()) as build:
        for documents in recordings:
            build.replace(documents[0].recording, documents)
        build.publish()


def fill_by_hand(client: Elasticsearch, cluster: Cluster, recordings: Iterator[list[Document]]) -> None:
    """The same documents into an index of the same fields."""
    client.indices.create(index=BY_HAND, mappings=mappings(languages=False), settings=build_settings(cluster.settings))
    actions = (bulk.putting(BY_HAND, document, "create") for documents in recordings for document in documents)
    for _ in streaming_bulk(client, actions, chunk_size=bulk.DOCUMENTS, yield_ok=False):
        pass
    client.indices.refresh(index=BY_HAND)


def fill_embedded(folder: Path, recordings: Iterator[list[Document]]) -> None:
    with contextlib.closing(EmbeddedWriter(folder)) as writer:
        for documents in recordings:
            writer.replace(documents[0].recording, documents)
        writer.commit()


def query_rows(ours: Reader, client: Elasticsearch, tantivy: EmbeddedReader, rounds: int) -> Iterator[Row]:
    """One row for each kind of query, and one for counts."""
    (languages,) = tantivy.counts(AllOf(), (Keyword.ANALYSED,))
    for kind, asked in QUERIES.items():
        clauses = [
            proposal(
                AllOf(
                    (
                        plan(parse(text), tuple(languages), tantivy, lambda _name, _typed: ()).clause,
                        *conditions(filters),
                    )
                )
            )
            for text, filters in asked
        ]
        yield compared(
            kind,
            clauses,
            rounds,
            lambda clause: ours.search(clause, Sort.RELEVANCE, TOP),
            lambda clause: search_by_hand(client, clause),
            lambda clause: tantivy.search(clause, Sort.RELEVANCE, TOP),
        )
        if kind == "term":
            yield compared(
                "counts of a term",
                clauses,
                rounds,
                lambda clause: ours.counts(clause, FACETS),
                lambda clause: count_by_hand(client, clause),
                lambda clause: tantivy.counts(clause, FACETS),
            )


def search_by_hand(client: Elasticsearch, clause: Clause) -> Any:
    return client.search(
        index=BY_HAND,
        query=queries.query_of(clause),
        sort=queries.ORDERS[Sort.RELEVANCE],
        size=TOP,
        track_total_hits=True,
        source=False,
        stored_fields=[DOCUMENT],
    )


def count_by_hand(client: Elasticsearch, clause: Clause) -> Any:
    return client.search(
        index=BY_HAND,
        query=queries.unscored(queries.query_of(clause)),
        aggs={field.value: {"terms": {"field": field.value, "size": 10_000}} for field in FACETS},
        size=0,
        track_total_hits=False,
        request_cache=False,
    )


def compared(what: str, clauses: Sequence[Clause], rounds: int, *asks: Callable[[Clause], Any]) -> Row:
    """Each question to each in turn, so that what slows the machine slows all."""
    for ask in asks:
        ask(clauses[0])
    took: list[list[float]] = [[] for _ in asks]
    for clause in [clause for _ in range(rounds) for clause in clauses]:
        for times, ask in zip(took, asks, strict=True):
            times.append(taken(lambda: ask(clause)) * 1000)  # noqa: B023 - asked at once
    ours, by_hand, tantivy = took
    return {
        "what": what,
        "ours": shown(ours),
        "by hand": shown(by_hand),
        "tantivy": shown(tantivy),
        "ours / by hand": statistics.median(ours) / statistics.median(by_hand),
    }


def shown(times: Sequence[float]) -> str:
    ordered = sorted(times)
    return f"{statistics.median(ordered):.2f} / {ordered[int(len(ordered) * 0.95)]:.2f}"


def taken(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
