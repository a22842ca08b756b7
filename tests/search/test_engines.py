"""The conformance suite of search engines: what each must do, and that all give the same."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from archive.errors import IndexUnready
from archive.models import Layer, LayerKind, Quality, Recording, Transcript
from search.clauses import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Between,
    Clause,
    Keyword,
    NoneOf,
    Number,
    Run,
    TermField,
    Wanted,
    Where,
    conditions,
)
from search.documents import Document, documents_of
from search.engines import stream
from search.engines.base import Found, Held, Tally
from search.engines.embedded import EmbeddedWriter
from search.facets import disjunctive
from search.hits import Finder
from search.models import Filters, Sort
from tests.search.making import ENGINES, Making, make


@pytest.fixture(params=ENGINES)
def making(request: pytest.FixtureRequest, tmp_path: Path) -> Making:
    """An empty index of each engine in turn."""
    return make(request.param, request, tmp_path / "index")


Described = Callable[..., Recording]
Said = Callable[..., Transcript]


def put(making: Making, *documents: Sequence[Document]) -> None:
    writer = making.writer()
    for of_recording in documents:
        writer.replace(of_recording[0].recording, of_recording)
    writer.commit()
    writer.close()


def word(term: str) -> Wanted:
    return Wanted((Run(TermField.STEM, (term,)),))


def phrase(*terms: str) -> Wanted:
    return Wanted((Run(TermField.STEM, terms),))


def places(found: Found) -> list[tuple[str, int]]:
    return [(scored.document.recording[:1], scored.document.segment) for scored in found.documents]


def documents_in(found: Found) -> list[Document]:
    return [scored.document for scored in found.documents]


def scores_in(found: Found) -> list[float]:
    return [scored.score for scored in found.documents]


@pytest.fixture
def speeches(recording_of: Described, transcript_of: Said) -> list[list[Document]]:
    """Two short speeches in English, of 1961 and 1963."""
    first = transcript_of(["ask not what your country", "can do for you", "ask again"])
    second = transcript_of(["we ask for peace", "peace and country"])
    return [
        list(documents_of(recording_of("a" * 16, "1961-01-20"), first)),
        list(documents_of(recording_of("b" * 16, "1963-06-10", "Commencement"), second)),
    ]


def test_a_word_is_found_in_every_passage_that_has_it(making: Making, speeches: list[list[Document]]) -> None:
    put(making, *speeches)
    found = making.reader().search(word("en:ask"), Sort.RELEVANCE, 10)
    assert sorted(places(found)) == [("a", 0), ("a", 2), ("b", 0)]
    assert found.total == 3


def test_a_ghost_word_is_no_hit(making: Making, speeches: list[list[Document]]) -> None:
    put(making, *speeches)
    found = making.reader().search(word("en:can"), Sort.RELEVANCE, 10)
    assert places(found) == [("a", 1)], "the passage before holds `can` only as a ghost"


def test_a_phrase_is_found_once_where_it_starts(making: Making, speeches: list[list[Document]]) -> None:
    put(making, *speeches)
    reader = making.reader()
    assert places(reader.search(phrase("en:countri", "en:can", "en:do"), Sort.RELEVANCE, 10)) == [("a", 0)]
    assert places(reader.search(phrase("en:do", "en:for", "en:you"), Sort.RELEVANCE, 10)) == [("a", 1)]
    assert reader.search(phrase("en:can", "en:countri"), Sort.RELEVANCE, 10).total == 0


def test_parts_are_combined(making: Making, speeches: list[list[Document]]) -> None:
    put(making, *speeches)
    reader = making.reader()

    def found(clause: Clause) -> list[tuple[str, int]]:
        return sorted(places(reader.search(clause, Sort.RELEVANCE, 10)))

    assert found(AllOf((word("en:ask"), word("en:peac")))) == [("b", 0)]
    assert found(AnyOf((word("en:again"), word("en:peac")))) == [("a", 2), ("b", 0), ("b", 1)]
    assert found(AllOf((word("en:ask"), NoneOf(word("en:peac"))))) == [("a", 0), ("a", 2)]
    assert found(NoneOf(word("en:ask"))) == [("a", 1), ("b", 1)]
    assert found(AllOf((NoneOf(NoneOf(word("en:again"))),))) == [("a", 2)]
    assert found(AnyOf()) == []
    assert len(found(EVERYTHING)) == 5


def test_fields_narrow_without_changing_the_score(making: Making, speeches: list[list[Document]]) -> None:
    put(making, *speeches)
    reader = making.reader()
    alone = {scored.document: scored.score for scored in reader.search(word("en:ask"), Sort.RELEVANCE, 10).documents}
    narrowed = reader.search(
        AllOf((word("en:ask"), Between(Number.YEAR, 1961, 1962), Where(Keyword.EVENT, ("inauguration", "other")))),
        Sort.RELEVANCE,
        10,
    )
    assert sorted(places(narrowed)) == [("a", 0), ("a", 2)]
    assert all(scored.score == alone[scored.document] for scored in narrowed.documents)


def test_order_is_by_date_where_asked(making: Making, speeches: list[list[Document]]) -> None:
    undated = [dataclasses.replace(document, recording="c" * 16, day=0) for document in speeches[0]]
    put(making, *speeches, undated)
    reader = making.reader()
    ask = word("en:ask")
    assert places(reader.search(ask, Sort.NEWEST, 9)) == [("b", 0), ("a", 0), ("a", 2), ("c", 0), ("c", 2)]
    assert places(reader.search(ask, Sort.OLDEST, 9)) == [("a", 0), ("a", 2), ("b", 0), ("c", 0), ("c", 2)]
    assert places(reader.search(ask, Sort.NEWEST, 1)) == [("b", 0)]


def test_equal_scores_are_ordered_by_date_then_by_id(making: Making, speeches: list[list[Document]]) -> None:
    one = speeches[0][2]
    days = {"d": 3, "c": 9, "b": 9, "a": 1}
    twins = [dataclasses.replace(one, recording=letter * 16, day=day) for letter, day in days.items()]
    put(making, *([twin] for twin in twins))
    found = making.reader().search(word("en:ask"), Sort.RELEVANCE, 10)
    assert [place[0] for place in places(found)] == ["b", "c", "d", "a"]


def test_the_limit_cuts_equal_scores_in_their_order_too(making: Making, speeches: list[list[Document]]) -> None:
    twins = [
        dataclasses.replace(speeches[0][2], recording=f"{number:016x}", day=20000101 + number % 28)
        for number in range(200)
    ]
    put(making, *([twin] for twin in twins))
    reader = making.reader()
    whole = documents_in(reader.search(word("en:ask"), Sort.RELEVANCE, 500))
    assert [document.day for document in whole] == sorted((twin.day for twin in twins), reverse=True)
    for limit in (1, 7, 100):
        assert documents_in(reader.search(word("en:ask"), Sort.RELEVANCE, limit)) == whole[:limit]
    assert reader.search(word("en:ask"), Sort.RELEVANCE, 0) == Found(200, ())


@pytest.mark.parametrize("sort", Sort)
def test_a_stream_has_every_document_in_the_same_order(
    sort: Sort, making: Making, speeches: list[list[Document]]
) -> None:
    put(making, *speeches, [dataclasses.replace(one, recording="c" * 16, day=0) for one in speeches[0]])
    reader = making.reader()
    for clause in (EVERYTHING, word("en:ask"), word("nothing")):
        found = reader.search(clause, sort, 100).documents
        assert tuple(reader.each(clause, sort)) == found
        as_they_lie = Counter((scored.document, scored.score) for scored in reader.each(clause, None))
        assert as_they_lie == Counter((scored.document, 0.0) for scored in found)


def test_equals_beyond_a_run_are_put_in_order_on_disk(
    making: Making, recording_of: Described, transcript_of: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "RUN", 2)
    library = [
        list(documents_of(recording_of(letter * 16, date), transcript_of(["آزادی ask", "حرية ask"] * 3)))
        for letter, date in (("c", "1961-01-20"), ("a", "1963-06-10"), ("b", "1961-01-20"))
    ]
    put(making, *library)
    reader = making.reader()
    for sort in Sort:
        streamed = tuple(reader.each(word("en:ask"), sort))
        assert streamed == reader.search(word("en:ask"), sort, 100).documents
        assert len(streamed) == 18
    half = reader.each(word("en:ask"), Sort.OLDEST)
    assert next(half).document.recording[0] == "b"
    half.close()  # type: ignore[attr-defined]  # warns of what is left open


def test_counts_are_of_all_that_answers(making: Making, speeches: list[list[Document]]) -> None:
    put(making, *speeches)
    years, events = making.reader().counts(word("en:ask"), (Number.YEAR, Keyword.EVENT))
    assert dict(years) == {"1961": 2, "1963": 1}
    assert dict(events) == {"inauguration": 2, "commencement": 1}


def test_a_tally_has_the_documents_and_their_words_by_all_values_together(
    making: Making, recording_of: Described, transcript_of: Said
) -> None:
    english = transcript_of(["ask not", "ask me now", "peace"], speakers=("ann", "", "ann"))
    persian = transcript_of(["می روم", "صلح"], "fa", speakers=("سارا",))
    put(
        making,
        list(documents_of(recording_of("a" * 16, "1961-01-20"), english)),
        list(documents_of(recording_of("b" * 16, "1963-06-10"), persian)),
        list(documents_of(recording_of("c" * 16, ""), transcript_of(["ask"]))),
    )
    reader = making.reader()
    assert dict(reader.tally(EVERYTHING, (Number.YEAR, Keyword.SPEAKER))) == {
        ("1961", "ann"): Tally(2, 3),
        ("1961", ""): Tally(1, 3),
        ("1963", "سارا"): Tally(2, 3),  # two of the words are one term
        ("0", ""): Tally(1, 1),
    }
    assert dict(reader.tally(word("en:ask"), (Keyword.LANGUAGE,))) == {("en",): Tally(3, 6)}
    assert dict(reader.tally(word("nothing"), (Number.YEAR,))) == {}


def test_the_vocabulary_is_by_frequency_and_without_ghosts(making: Making, speeches: list[list[Document]]) -> None:
    put(making, *speeches)
    assert making.reader().vocabulary("a") == ("ask", "again", "and"), "`ask` also stands among the ghosts"


def test_a_recording_is_replaced_as_a_whole(
    making: Making, speeches: list[list[Document]], recording_of: Described, transcript_of: Said
) -> None:
    put(making, *speeches)
    again = dataclasses.replace(transcript_of(["never ask"]), version=2)
    put(making, list(documents_of(recording_of("a" * 16), again)))
    reader = making.reader()
    assert sorted(places(reader.search(word("en:ask"), Sort.RELEVANCE, 10))) == [("a", 0), ("b", 0)]
    assert reader.search(word("en:countri"), Sort.RELEVANCE, 10).total == 1
    assert dict(reader.held()) == {"a" * 16: Held(2, 0), "b" * 16: Held(1, 0)}


def test_a_recording_is_taken_out(making: Making, speeches: list[list[Document]]) -> None:
    put(making, *speeches)
    writer = making.writer()
    writer.replace("a" * 16, ())
    writer.commit()
    writer.close()
    assert places(making.reader().search(EVERYTHING, Sort.OLDEST, 10)) == [("b", 0), ("b", 1)]


def test_a_reader_sees_a_commit_after_refresh(making: Making, speeches: list[list[Document]]) -> None:
    put(making, speeches[0])
    reader = making.reader()
    writer = making.writer()
    writer.replace(speeches[1][0].recording, speeches[1])
    reader.refresh()
    assert reader.search(EVERYTHING, Sort.OLDEST, 10).total == 3, "nothing is seen before the commit"
    writer.commit()
    writer.close()
    assert reader.search(EVERYTHING, Sort.OLDEST, 10).total == 3, "the view is steady"
    assert reader.refresh()
    assert reader.search(EVERYTHING, Sort.OLDEST, 10).total == 5
    reader.close()


def test_what_was_not_committed_is_dropped(making: Making, speeches: list[list[Document]]) -> None:
    put(making, speeches[0])
    writer = making.writer()
    writer.replace(speeches[1][0].recording, speeches[1])
    writer.close()
    assert making.reader().search(EVERYTHING, Sort.OLDEST, 10).total == 3


def clauses() -> Iterator[Clause]:
    """Some of every kind, in several languages, among them what has no answer."""
    for term in ("en:right", "en:the", "fr:droit", "de:und", "es:persona", "fa:حق", "ar:حق", "nothing"):
        yield word(term)
    yield phrase("en:the", "en:right", "en:to")
    yield phrase("en:everyon", "en:has", "en:the", "en:right")
    yield phrase("fr:tout", "fr:individu", "fr:a", "fr:droit")
    yield phrase("fa:هر", "fa:کس", "fa:حق", "fa:دار")
    yield Wanted((Run(TermField.STEM, ("en:right",)), Run(TermField.STEM, ("fr:droit",))))
    yield Wanted((Run(TermField.SURFACE, ("rights",)), Run(TermField.SURFACE, ("freedoms",))))
    yield AllOf((word("en:right"), word("en:freedom")))
    yield AnyOf((word("en:right"), word("en:freedom"), phrase("en:no", "en:one")))
    yield AllOf((word("en:right"), NoneOf(word("en:to")), Between(Number.YEAR, 1900, 1999)))
    yield AllOf((AnyOf((word("de:recht"), word("es:derech"))), Where(Keyword.LANGUAGE, ("de", "es"))))
    yield AllOf((Where(Keyword.SPEAKER, ("ann", "bob")), Between(Number.PUBLIC_FROM, 0, 20000101)))


@pytest.mark.parametrize("other", ENGINES[1:])
def test_every_engine_gives_the_same_as_the_embedded_in_the_same_order(
    other: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    declarations: dict[str, list[str]],
    recording_of: Described,
    transcript_of: Said,
) -> None:
    library = [
        list(
            documents_of(
                recording_of(f"{number:016x}", f"{1948 + number}-12-10", f"Reading {number % 3}"),
                transcript_of(passages, language, ("ann", "bob", "")),
            )
        )
        for number, (language, passages) in enumerate(declarations.items())
    ]
    readers = []
    for name in ("embedded", other):
        made = make(name, request, tmp_path / name)
        put(made, *library)
        readers.append(made.reader())
    fields = (Number.YEAR, Keyword.SPEAKER, Keyword.EVENT, Keyword.LANGUAGE)
    for clause in clauses():
        ours, theirs = [[dict(counts) for counts in reader.counts(clause, fields)] for reader in readers]
        assert theirs == ours, clause
        tally, other_tally = [reader.tally(clause, fields) for reader in readers]
        assert dict(other_tally) == dict(tally), clause
        for sort in Sort:
            embedded, found = [reader.search(clause, sort, 2_000) for reader in readers]
            assert found.total == embedded.total, clause
            assert documents_in(found) == documents_in(embedded), clause
            assert scores_in(found) == pytest.approx(scores_in(embedded), abs=2e-4), clause


def test_quality_and_layer_narrow_alike_in_every_engine(
    making: Making, recording_of: Described, transcript_of: Said
) -> None:
    doubtful = dataclasses.replace(recording_of("a" * 16), layers=(Layer(), Layer("fa", 1, "fa")))
    qualities = (Quality.OK, Quality.SUSPECT, Quality.LOW)
    floor = transcript_of(["ask not", "ask ask ask ask ask", "ask again"], qualities=qualities)
    other = dataclasses.replace(transcript_of(["ask بپرسید"], "fa", qualities=(Quality.LOW,)), version=2, layer="fa")
    put(making, [*documents_of(doubtful, floor), *documents_of(doubtful, other)])
    reader = making.reader()

    def found(**chosen: object) -> list[tuple[int, int]]:
        anywhere = Wanted((Run(TermField.SURFACE, ("ask",)),))
        narrow = AllOf((anywhere, *conditions(Filters(**chosen))))  # type: ignore[arg-type]
        documents = documents_in(reader.search(narrow, Sort.OLDEST, 9))
        return [(document.version, document.segment) for document in documents]

    assert found(qualities=(Quality.SUSPECT,)) == [(1, 1)]
    assert found(qualities=(Quality.LOW, Quality.SUSPECT)) == [(1, 1), (1, 2), (2, 0)]
    assert found(layers=(LayerKind.INTERPRETER,)) == [(2, 0)]
    assert found(layers=(LayerKind.FLOOR,), qualities=(Quality.LOW,)) == [(1, 2)]
    assert reader.counts(EVERYTHING, (Keyword.QUALITY, Keyword.LAYER)) == (
        {"ok": 1, "suspect": 1, "low": 2},
        {"floor": 3, "interpreter": 1},
    )


def test_a_second_writer_of_the_embedded_engine_is_refused(tmp_path: Path) -> None:
    first = EmbeddedWriter(tmp_path)
    with pytest.raises(IndexUnready, match="another process is writing"):
        EmbeddedWriter(tmp_path)
    first.close()
    EmbeddedWriter(tmp_path).close()


def test_many_commits_leave_few_parts_and_no_file_that_is_not_of_one(
    tmp_path: Path, recording_of: Described, transcript_of: Said
) -> None:
    commits = 20
    for number in range(commits):
        writer = EmbeddedWriter(tmp_path)
        writer.replace(f"{number:016x}", documents_of(recording_of(f"{number:016x}"), transcript_of(["ask not"] * 40)))
        writer.commit()
        writer.close()
    parts = {
        part["segment_id"].replace("-", "") for part in json.loads((tmp_path / "meta.json").read_text())["segments"]
    }
    assert len(parts) < commits / 2
    assert {path.name.split(".")[0] for path in tmp_path.glob("[!.]*.*")} - {"meta"} == parts


def test_a_facet_is_counted_without_the_choice_in_its_own_field(making: Making, speeches: list[list[Document]]) -> None:
    put(making, *speeches)
    reader = making.reader()

    def asked(under: Filters) -> Clause:
        return AllOf((word("en:ask"), *conditions(under)))

    chosen = Filters(years=(1961, 1961), events=("inauguration",))
    narrow = Finder(reader, asked(chosen), Sort.RELEVANCE).gather(0, 10).counts
    years, _speakers, events, languages, qualities, layers = disjunctive(reader, asked, chosen, narrow)
    assert dict(years) == {"1961": 2}, "the other event is still left out"
    assert dict(events) == {"inauguration": 2}
    assert dict(languages) == {"en": 2}
    assert (dict(qualities), dict(layers)) == ({"ok": 2}, {"floor": 2})
    years, *_ = disjunctive(reader, asked, Filters(years=(1961, 1961)), narrow)
    assert dict(years) == {"1961": 2, "1963": 1}
