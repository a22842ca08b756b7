"""Elasticsearch through our engine, by hand with the official client, and tantivy beside them, on real speeches.

    python benchmarks/elastic.py [--samples DIR] [--segments 100000] [--rounds 5] [--seconds 10]

All hold the same documents; beyond the segments of the corpus it is taken again under other names. "by hand" sends
the requests that our engine sends, to the same index, and only receives the answers. Wall time, since most of it is
spent in the cluster: one node on this machine, or the one that ONRECORD_TEST_SEARCH_URL names.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import itertools
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from elasticsearch import Elasticsearch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from archive.models import Event, Media, Recording  # noqa: E402
from archive.store import Archive  # noqa: E402
from benchmarks import by_hand, pairs  # noqa: E402
from benchmarks.by_hand import ByHand  # noqa: E402
from benchmarks.report import Value, report  # noqa: E402
from benchmarks.search import QUERIES, corpus, transcript_of  # noqa: E402
from search.clauses import AllOf, Keyword, conditions, proposal  # noqa: E402
from search.documents import Document, documents_of  # noqa: E402
from search.engines.base import Reader  # noqa: E402
from search.engines.elastic.cluster import Cluster  # noqa: E402
from search.engines.elastic.life import ElasticIndex  # noqa: E402
from search.engines.elastic.settings import ALIAS, URL, Settings  # noqa: E402
from search.engines.embedded import EmbeddedReader, EmbeddedWriter  # noqa: E402
from search.hits import FACETS  # noqa: E402
from search.models import Sort  # noqa: E402
from search.planner import plan  # noqa: E402
from search.query import parse  # noqa: E402

CORPUS_SEGMENTS = 100_000
TOP = 10
HEAP = "2g"
NAME = "benchmark"
BY_HAND = "benchmark-filled-by-hand"
FILLED_SEGMENTS = 20_000  # in turn, by hand and by us
FILLED_ROUNDS = 2

Row = dict[str, Value]
Recordings = Sequence[Sequence[Document]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--samples", type=Path, default=os.environ.get("ONRECORD_SAMPLES", ROOT.parent / "shared/samples")
    )
    parser.add_argument("--segments", type=int, default=CORPUS_SEGMENTS)
    parser.add_argument("--rounds", type=int, default=5, help="of each query at least")
    parser.add_argument("--seconds", type=float, default=10, help="for each kind of query at least")
    args = parser.parse_args()
    if not (args.samples / "text").is_dir():
        raise SystemExit(f"no speeches at {args.samples}; set ONRECORD_SAMPLES to the samples' folder")
    recordings = list(documents(args.samples / "text", min(args.segments, CORPUS_SEGMENTS)))
    with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as folder, node(Path(folder)) as url:
        measure(Path(folder), url, recordings, args.segments, args.rounds, args.seconds)


@contextlib.contextmanager
def node(folder: Path) -> Iterator[str]:
    """The address of a cluster."""
    if told := os.environ.get("ONRECORD_TEST_SEARCH_URL"):
        yield told
        return
    from tests.elastic.node import Node

    started = Node(folder, heap=HEAP, java=()).start()
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


def measure(folder: Path, url: str, recordings: Recordings, segments: int, rounds: int, seconds: float) -> None:
    """Fill both engines, ask all three ways, report."""
    client = Elasticsearch(url, request_timeout=by_hand.PATIENT_SECONDS)
    index = ElasticIndex(Archive.open(folder / "archive", create=True), Cluster(Settings.read({URL: url, ALIAS: NAME})))
    rows: list[Row] = [filling(url, client, index, recordings, min(segments, FILLED_SEGMENTS))]
    words = sum(document.own for recording in again(recordings, segments) for document in recording)
    ours = once(lambda: fill(index, again(recordings, segments)))
    used = index.in_use()
    if used is None:
        raise SystemExit("nothing was indexed")
    count, stored = held(client, used.name)
    rows.append(indexing("Elasticsearch", count, ours, stored, words))
    tantivy = once(lambda: fill_embedded(folder / "tantivy", again(recordings, segments)))
    rows.append(indexing("tantivy", count, tantivy, size_of(folder / "tantivy"), words))
    # an answer that the cluster remembers would measure nothing
    client.indices.put_settings(index=used.name, settings={"index.requests.cache.enable": False})
    with contextlib.closing(index.reader(used)) as reader:
        rows += query_rows(reader, ByHand(url, used.name), EmbeddedReader(folder / "tantivy"), rounds, seconds)
    for name in (used.name, f"{NAME}-lock"):
        client.indices.delete(index=name, ignore_unavailable=True)
    report(
        "elastic",
        rows,
        [
            f"{count:,} segments, {words:,} words; the {TOP} best documents of a query and how many answer, or the "
            "counts of four fields; wall milliseconds, p50 / p95.",
            "ours / by hand: the median of the pairs' ratios, asked in the order ours, by hand, by hand, ours; of the "
            "slow: the ratio of the 95th percentiles. no view: by hand, of the index instead of a view.",
            "indexing: documents that are analysed already, to the moment at which they can be searched.",
        ],
    )


def filling(url: str, client: Elasticsearch, index: ElasticIndex, recordings: Recordings, segments: int) -> Row:
    """The same documents in turn by hand and by us."""

    def ours(count: int) -> None:
        fill(index, again(recordings, count))

    def theirs(count: int) -> None:
        by_hand.fill(url, BY_HAND, again(recordings, count))

    timed, _ = pairs.paired([segments], ours, theirs, rounds=FILLED_ROUNDS, seconds=0)
    client.indices.delete(index=list(client.indices.get(index=f"{BY_HAND}-*").body))
    return {
        "what": f"indexing {segments:,} segments, ms",
        "ours": pairs.shown(timed.ours),
        "by hand": pairs.shown(timed.theirs),
        "ours / by hand": timed.ratio(),
        "pairs": len(timed.ours),
    }


def indexing(what: str, count: int, seconds: float, size: int, words: int) -> Row:
    """One way of keeping all documents."""
    return {
        "what": f"all into {what}",
        "segments / s": round(count / seconds),
        "MB": round(size / 1e6),
        "bytes / word": size / words,
    }


def held(client: Elasticsearch, name: str) -> tuple[int, int]:
    """Documents and bytes of an index."""
    stored = client.indices.stats(index=name, metric="store")["_all"]["primaries"]["store"]["size_in_bytes"]
    return client.count(index=name)["count"], stored


def fill(index: ElasticIndex, recordings: Iterator[list[Document]]) -> None:
    """As `onrecord index` does."""
    with index.only_writer(60), contextlib.closing(index.build()) as build:
        for documents in recordings:
            build.replace(documents[0].recording, documents)
        build.publish()


def fill_embedded(folder: Path, recordings: Iterator[list[Document]]) -> None:
    with contextlib.closing(EmbeddedWriter(folder)) as writer:
        for documents in recordings:
            writer.replace(documents[0].recording, documents)
        writer.commit()


def query_rows(ours: Reader, hand: ByHand, tantivy: EmbeddedReader, rounds: int, seconds: float) -> Iterator[Row]:
    """One row for each kind of query, and one for counts."""
    (languages,) = tantivy.counts(AllOf(), (Keyword.ANALYSED,))
    for kind, asked in QUERIES.items():
        clauses = [
            proposal(AllOf((plan(parse(text), tuple(languages), tantivy, _unknown).clause, *conditions(filters))))
            for text, filters in asked
        ]
        timed, (plain, embedded) = pairs.paired(
            clauses,
            lambda clause: ours.search(clause, Sort.RELEVANCE, TOP),
            lambda clause: hand.search(clause, TOP),
            (
                lambda clause: hand.search_without_a_view(clause, TOP),
                lambda clause: tantivy.search(clause, Sort.RELEVANCE, TOP),
            ),
            rounds=rounds,
            seconds=seconds,
        )
        yield compared(kind, timed, embedded) | {"no view": pairs.shown(plain)}
        if kind == "term":
            timed, (embedded,) = pairs.paired(
                clauses,
                lambda clause: ours.counts(clause, FACETS),
                hand.counts,
                (lambda clause: tantivy.counts(clause, FACETS),),
                rounds=rounds,
                seconds=seconds,
            )
            yield compared("counts of a term", timed, embedded)


def _unknown(_name: object, _typed: str) -> tuple[str, ...]:
    """No query names a speaker or an event."""
    return ()


def compared(what: str, timed: pairs.Pairs, tantivy: Sequence[float]) -> Row:
    return {
        "what": what,
        "ours": pairs.shown(timed.ours),
        "by hand": pairs.shown(timed.theirs),
        "ours / by hand": timed.ratio(),
        "of the slow": timed.ratio_of_slow(),
        "pairs": len(timed.ours),
        "tantivy": pairs.shown(tantivy),
    }


def once(work: Callable[[], object]) -> float:
    """Seconds."""
    return pairs.taken(lambda _: work(), None) / 1000


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
