"""The embedded engine: tantivy, an index in a folder, for one machine and many readers.

Clauses become tantivy's query objects; its own query parser is never used, since deep brackets end the process there.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import tantivy
from tantivy import FieldType, Occur, Order, Query

from archive.errors import IndexUnready
from search.clauses import AllOf, AnyOf, Between, Clause, Keyword, NoneOf, Number, TermField, Wanted, Where, placings
from search.documents import Document, from_bytes, to_bytes
from search.engines.base import (
    MEND,
    NO_DAY,
    SCORE_DIGITS,
    Counts,
    Found,
    Held,
    Refused,
    Scored,
    Tally,
    Values,
    in_order,
    terms_of,
)
from search.engines.stream import each_in_order
from search.models import Sort

# More than an index has values of a field. A smaller size makes the counts inexact when the index has several parts.
_ALL_VALUES = 1_000_000
# Which of so many equally good documents come first is decided by date; beyond, by where they happen to lie.
_MOST_TIED = 10_000
_PAGE = 50_000  # addresses of a stream; each page is searched for anew, which takes far less than reading its documents
_LARGEST = 2**63 - 1
_HEAP_BYTES = 128_000_000
_THREADS = 2  # more make more parts, and every part costs each query
# a sort field holds one number: the day above, the place of the document below
_PLACE_BITS = 36
_SEGMENT_BITS = 20
_RECORDING_DIGITS = 4  # hex digits of the recording id, 16 bits


def schema() -> tantivy.Schema:
    """The fields of the index. Numbers are integers, since deleting by an unsigned one silently deletes nothing."""
    builder = tantivy.SchemaBuilder()
    for field in TermField:
        builder.add_text_field(field.value, tokenizer_name="whitespace", index_option="position")
    for keyword in Keyword:
        builder.add_text_field(keyword.value, tokenizer_name="raw", index_option="basic", fast=True)
    for number in Number:
        builder.add_integer_field(number.value, indexed=True, fast=True)
    for sort in (Sort.NEWEST, Sort.OLDEST):
        builder.add_integer_field(sort.value, fast=True)
    builder.add_bytes_field("document", stored=True)
    return builder.build()


class EmbeddedReader:
    """Reads the index in a folder; safe beside the writer, in this process or another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _sound(folder):
            self._index = tantivy.Index.open(str(folder))
            self._index.config_reader("manual")
        self._schema = self._index.schema
        self._seen = -1
        self.refresh()

    def search(self, clause: Clause, sort: Sort, limit: int) -> Found:
        """The documents that answer the clause, in order."""
        with _sound(self._folder):
            searcher = self._searcher  # the addresses are those of this one
            result = self._first(searcher, self._query(clause), sort, limit)
            # read in the order in which they lie, for the store unpacks many neighbours at a time
            hits = sorted(result.hits if limit else (), key=lambda hit: (hit[1].segment_ord, hit[1].doc))
            found = in_order([_scored(searcher, hit, sort) for hit in hits], sort)
        return Found(result.count, found[:limit])

    def each(self, clause: Clause, sort: Sort | None) -> Iterator[Scored]:
        """Every document that answers, in order; in memory are the addresses of a page of them."""
        searcher = self._searcher
        order: dict[str, Any] = {}
        with _sound(self._folder):
            query = self._query(clause)
        if sort is None:  # of equally good ones those that lie first come first
            query = Query.const_score_query(query, 0.0)
        elif sort is not Sort.RELEVANCE:
            order = {"order_by_field": sort.value, "order": Order.Asc if sort is Sort.OLDEST else Order.Desc}

        def documents() -> Iterator[Scored]:
            for offset in itertools.count(0, _PAGE):
                with _sound(self._folder):
                    hits: list[Any] = searcher.search(query, limit=_PAGE, offset=offset, count=False, **order).hits
                for hit in hits:
                    with _sound(self._folder):
                        scored = _scored(searcher, hit, sort)
                    yield scored
                if len(hits) < _PAGE:
                    return

        return documents() if sort is None else each_in_order(documents(), sort)

    def _first(self, searcher: tantivy.Searcher, query: Query, sort: Sort, limit: int) -> Any:
        """The first documents by field; or by score, with all that are as good as the last of them."""
        size = max(limit, 1)
        if sort is not Sort.RELEVANCE:
            order = Order.Asc if sort is Sort.OLDEST else Order.Desc
            return searcher.search(query, limit=size, count=True, order_by_field=sort.value, order=order)
        while True:
            result: Any = searcher.search(query, limit=size, count=True)
            whole = len(result.hits) < size or size >= limit + _MOST_TIED
            if (
                whole
                or not limit
                or round(result.hits[-1][0], SCORE_DIGITS) < round(result.hits[limit - 1][0], SCORE_DIGITS)
            ):
                return result
            size = min(2 * size + 1, limit + _MOST_TIED)

    def counts(self, clause: Clause, fields: Sequence[Keyword | Number]) -> tuple[Counts, ...]:
        """For each field, its values with how many documents have them."""
        wanted = {field.value: {"terms": {"field": field.value, "size": _ALL_VALUES}} for field in fields}
        with _sound(self._folder):
            got = self._searcher.aggregate(self._query(clause), wanted)
        return tuple(
            {_value(field, bucket): bucket["doc_count"] for bucket in got[field.value]["buckets"]} for field in fields
        )

    def tally(self, clause: Clause, fields: Sequence[Keyword | Number]) -> Mapping[Values, Tally]:
        """The documents that answer by their values of the fields: those of the first, of each those of the second."""
        within: dict[str, Any] = {Number.WORDS.value: {"sum": {"field": Number.WORDS.value}}}
        for field in reversed(fields):
            within = {"by": {"terms": {"field": field.value, "size": _ALL_VALUES}, "aggs": within}}
        with _sound(self._folder):
            got = self._searcher.aggregate(self._query(clause), within)
        return dict(_tallies(got, fields, ()))

    def vocabulary(self, prefix: str) -> tuple[str, ...]:
        """Surfaces with this beginning, the most frequent first."""
        with _sound(self._folder):
            return tuple(term for term, _ in self._searcher.terms_with_prefix(TermField.SURFACE.value, prefix))

    def held(self) -> Mapping[str, Held]:
        """The recordings in the index."""
        newest = {number.value: {"max": {"field": number.value}} for number in (Number.VERSION, Number.PUBLIC_FROM)}
        by_recording = {"terms": {"field": Keyword.RECORDING.value, "size": _ALL_VALUES}, "aggs": newest}
        with _sound(self._folder):
            got = self._searcher.aggregate(Query.all_query(), {"recordings": by_recording})
        return {
            bucket["key"]: Held(
                int(bucket[Number.VERSION.value]["value"]), int(bucket[Number.PUBLIC_FROM.value]["value"])
            )
            for bucket in got["recordings"]["buckets"]
        }

    def refresh(self) -> bool:
        """See what was committed since."""
        with _sound(self._folder):
            seen = (self._folder / "meta.json").stat().st_mtime_ns
            if seen == self._seen:
                return False
            self._index.reload()
            self._searcher = self._index.searcher()
            self._seen = seen
        return True

    def close(self) -> None:
        """Let go of the files."""
        del self._searcher, self._index

    def _query(self, clause: Clause) -> Query:
        match clause:
            case Wanted():
                return self._wanted(clause)
            case Where(field, values):
                # half a character is no text that could be in the index, and tantivy would refuse it
                texts = [value.encode(errors="replace").decode() for value in values]
                return Query.const_score_query(Query.term_set_query(self._schema, field.value, texts), 0.0)
            case Between(field, low, high):
                low, high = max(low, 0), min(high, _LARGEST)
                within = Query.range_query(self._schema, field.value, FieldType.Integer, low, high)
                return Query.const_score_query(within, 0.0)
            case AllOf(parts):
                return self._all_of(parts)
            case AnyOf(parts):
                if not parts:
                    return Query.empty_query()
                return Query.boolean_query([(Occur.Should, self._query(part)) for part in parts])
            case NoneOf():
                return self._all_of((clause,))

    def _all_of(self, parts: Sequence[Clause]) -> Query:
        must = [(Occur.Must, self._query(part)) for part in parts if not isinstance(part, NoneOf)]
        must_not = [(Occur.MustNot, self._query(part.part)) for part in parts if isinstance(part, NoneOf)]
        # tantivy gives nothing for a query that only excludes
        everything = (Occur.Must, Query.const_score_query(Query.all_query(), 0.0))
        return Query.boolean_query((must or [everything]) + must_not)

    def _wanted(self, wanted: Wanted) -> Query:
        """The best of all runs and all places of the border, without those that have a term the index has not."""
        in_index = functools.cache(self._searcher.doc_freq)
        alternatives = []
        for run in wanted.runs:
            field = run.field.value
            for terms in placings(run):
                if not all(in_index(field, term) for term in terms):
                    continue
                if len(terms) == 1:  # a phrase of one word panics
                    alternatives.append(Query.term_query(self._schema, field, terms[0]))
                else:
                    alternatives.append(Query.phrase_query(self._schema, field, list(terms)))
        if not alternatives:
            return Query.empty_query()
        return alternatives[0] if len(alternatives) == 1 else Query.disjunction_max_query(alternatives)


class EmbeddedWriter:
    """Writes the index in a folder, which is made where it is missing. A second writer is refused at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with _sound(folder):
            self._schema = schema()
            self._index = tantivy.Index(self._schema, path=str(folder))
            self._writer = self._index.writer(_HEAP_BYTES, _THREADS)

    def replace(self, recording: str, documents: Iterable[Document]) -> int:
        """Put these in the place of all the recording's documents."""
        count = 0
        with _sound(self._folder):
            self._writer.delete_documents_by_term(Keyword.RECORDING.value, recording)
            for document in documents:
                self._writer.add_document(_as_tantivy(document))
                count += 1
        return count

    def commit(self) -> tuple[Refused, ...]:
        """Make everything since the last commit durable and seen."""
        with _sound(self._folder):
            self._writer.commit()
        return ()

    def close(self) -> None:
        """Drop what was not committed, finish merging, and let the index go."""
        with _sound(self._folder):
            # no rollback before it: that kills the merges that a commit began, and leaves their files and all the parts
            self._writer.wait_merging_threads()


def _value(field: Keyword | Number, bucket: Mapping[str, Any]) -> str:
    return str(int(bucket["key"]) if isinstance(field, Number) else bucket["key"])


def _tallies(
    found: Mapping[str, Any], fields: Sequence[Keyword | Number], before: Values
) -> Iterator[tuple[Values, Tally]]:
    field, *others = fields
    for bucket in found["by"]["buckets"]:
        values = (*before, _value(field, bucket))
        if others:
            yield from _tallies(bucket, others, values)
        else:
            yield values, Tally(bucket["doc_count"], int(bucket[Number.WORDS.value]["value"]))


def _scored(searcher: tantivy.Searcher, hit: tuple[float, tantivy.DocAddress], sort: Sort | None) -> Scored:
    score, address = hit
    return Scored(round(score, SCORE_DIGITS) if sort is Sort.RELEVANCE else 0.0, _document(searcher, address))


def _document(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Document:
    return from_bytes(bytes(searcher.doc(address).get_first("document") or b""))


def _as_tantivy(document: Document) -> tantivy.Document:
    out = tantivy.Document()
    for field in TermField:
        out.add_text(field.value, terms_of(document, field))
    for keyword in Keyword:
        out.add_text(keyword.value, getattr(document, keyword.value))
    for number in Number:
        out.add_integer(number.value, getattr(document, number.value))
    place = _place(document)
    out.add_integer(Sort.NEWEST.value, (document.day << _PLACE_BITS) + (1 << _PLACE_BITS) - 1 - place)
    out.add_integer(Sort.OLDEST.value, ((document.day or NO_DAY) << _PLACE_BITS) + place)
    out.add_bytes("document", to_bytes(document))
    return out


def _place(document: Document) -> int:
    """Recording and segment as a number below 2**36, in the order of ids."""
    recording = int(document.recording[:_RECORDING_DIGITS], 16)
    return (recording << _SEGMENT_BITS) + min(document.segment, (1 << _SEGMENT_BITS) - 1)


@contextlib.contextmanager
def _sound(folder: Path) -> Iterator[None]:
    """Turn what tantivy and the file system say of a missing, busy or damaged index into IndexUnready."""
    try:
        yield
    except (ValueError, OSError, msgspec.MsgspecError) as error:
        raise _unready(error, folder) from error
    except BaseException as error:
        # a panic in Rust arrives as a BaseException of a class that cannot be imported
        if type(error).__name__ != "PanicException":
            raise
        raise _unready(error, folder) from error


def _unready(error: BaseException, folder: Path) -> IndexUnready:
    if "LockBusy" in str(error):
        return IndexUnready(
            "another process is writing the search index", where=str(folder), mend="wait until it is done"
        )
    if not folder.is_dir() or not any(folder.iterdir()):
        return IndexUnready("there is no search index", where=str(folder), mend=MEND)
    return IndexUnready(f"the search index does not answer: {error}", where=str(folder), mend=MEND)
