"""What a search gives, on an archive with several speeches."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from archive.catalog import Catalog
from archive.errors import QueryError, UsageError
from archive.models import Access, AccessLevel, Name, Quality, Segment
from archive.people import People
from search import hits
from search.indexer import index_recordings, rebuild
from search.models import Answer, Facets, FacetValue, Filters, Sort
from search.searcher import Searcher
from tests.search.conftest import DOUBT

ENGLISH = [
    "And so, my fellow Americans:",
    "ask not what your country can do for you,",
    "ask what you can do for your country.",
]
PERSIAN = ["تمام افراد بشر آزاد به دنیا می آیند", "و از لحاظ حیثیت و حقوق با هم برابرند"]
ARABIC = ["يولد جميع الناس أحرارا", "متساوين في الكرامة والحقوق"]
FRENCH = ["Tous les êtres humains naissent libres", "et égaux en dignité et en droits, c’est l’homme libre"]


def fill(shelf: Any) -> Any:
    """Four speeches in four languages, indexed."""
    shelf.kennedy = shelf.add(ENGLISH, speaker="John F. Kennedy", event="Inauguration 1961", title="Inaugural address")
    shelf.persian = shelf.add(PERSIAN, language="fa", speaker="شیرین عبادی", date="2003-12-10", event="Nobel 2003")
    shelf.arabic = shelf.add(ARABIC, language="ar", date="1948-12-10")
    shelf.french = shelf.add(FRENCH, language="fr", speaker="René Cassin", date="1968-12-10", event="Nobel 1968")
    rebuild(shelf.archive)
    return shelf


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, new_shelf: Any) -> Any:
    """The four speeches, for tests that change nothing."""
    return fill(new_shelf(tmp_path_factory.mktemp("library")))


@pytest.fixture
def own_library(shelf: Any) -> Any:
    """The four speeches, for one test to change."""
    return fill(shelf)


def ask(library: Any, text: str, filters: Filters = Filters(), **options: Any) -> Answer:  # noqa: B008
    with Searcher.open(library.archive) as searcher:
        return searcher.search(text, filters, **options)


def said(answer: Answer) -> list[str]:
    """The words of every hit."""
    return [
        " ".join(word.text for word in moment.words[moment.first : moment.last + 1])
        for found in answer.hits
        for moment in found.moments
    ]


def test_a_moment_has_its_words_times_and_surroundings(library: Any) -> None:
    answer = ask(library, '"ask not what your country"')
    (found,) = answer.hits
    (moment,) = found.moments
    assert (answer.total, answer.exact, answer.recordings, found.total) == (1, True, 1, 1)
    assert found.card.title == "Inaugural address"
    assert (moment.recording, moment.version, moment.first_word, moment.last_word) == (library.kennedy, 1, 5, 9)
    words = [word for segment in library.archive.transcript(library.kennedy).segments for word in segment.words]
    assert moment.words == tuple(words[: 5 + 5 + 4 + 8]), "the segment, what came before, and eight words after"
    assert (moment.start, moment.end) == (words[5].start, words[9].end)
    assert (moment.speaker, moment.speaker_name, moment.language, moment.quality) == (
        "john-f-kennedy", "John F. Kennedy", "en", Quality.OK,
    )  # fmt: skip
    assert moment.score > 0


@pytest.mark.parametrize(
    ("typed", "hits"),
    [
        ("countries", ["country", "country."]),
        ("Americans ask", []),
        ('"Americans ask not"', ["Americans: ask not"]),
        ("می‌آیند", ["می آیند"]),
        ("می آیند", ["می آیند"]),
        ('"می آیند و از لحاظ"', ["می آیند و از لحاظ"]),
        ("«حیثیت و حقوق»", ["حیثیت و حقوق"]),
        ("حقوق", ["حقوق", "والحقوق"]),
        ("أحرار", []),
        ("احرارا", ["أحرارا"]),
        ("homme", ["l’homme"]),
        ("dignite", ["dignité"]),
        ("droit -homme", []),
        ("human*", []),
        ("humai*", ["humains"]),
        ("contry~", ["country", "country."]),
    ],
)
def test_words_of_every_language_are_found(typed: str, hits: list[str], library: Any) -> None:
    assert sorted(said(ask(library, typed))) == sorted(hits)


@pytest.mark.parametrize(
    ("typed", "recordings"),
    [
        ("speaker:kennedy ask", {"kennedy"}),
        ("speaker:KENNEDY ask", {"kennedy"}),
        ('speaker:"kennedy, john" ask', {"kennedy"}),
        ("speaker:cassin ask", set()),
        ("speaker:nobody ask", set()),
        ("speaker:عبادي حقوق", {"persian"}),
        ("event:inauguration ask", {"kennedy"}),
        ("event:nobel libres OR event:nobel حقوق", {"french", "persian"}),
        ("year:1961 ask", {"kennedy"}),
        ("year:1962-2020 ask", set()),
        ("language:persian حقوق", {"persian"}),
        ("language:العربية حقوق", {"arabic"}),
        ("حقوق -language:fa", {"arabic"}),
    ],
)
def test_a_field_narrows_by_any_spelling(typed: str, recordings: set[str], library: Any) -> None:
    found = {hits.card.id for hits in ask(library, typed).hits}
    assert found == {getattr(library, name) for name in recordings}


def test_a_word_is_compared_in_the_language_of_the_passage(shelf: Any) -> None:
    shelf.add(["the police came", "our policies are"])
    shelf.add(["la police et les polices"], language="fr")
    rebuild(shelf.archive)
    assert said(ask(shelf, "policies language:en")) == ["policies"], "though its French stem is that of police"


def test_a_quote_runs_over_a_change_of_language_as_it_is_spelled(shelf: Any) -> None:
    one = shelf.add(["he ended with the words", "vive la République"])
    transcript = shelf.archive.transcript(one)
    first, second = transcript.segments
    mixed = dataclasses.replace(transcript, segments=(first, dataclasses.replace(second, language="fr")))
    shelf.keep(one, mixed)
    rebuild(shelf.archive)
    assert said(ask(shelf, '"the words vive la"')) == ["the words vive la"]
    assert said(ask(shelf, '"the word vive la"')) == []


def test_filters_narrow_like_fields(library: Any) -> None:
    both = "ask OR حقوق"
    assert ask(library, both).recordings == 3
    assert ask(library, both, Filters(languages=("fa", "ar"))).recordings == 2
    assert ask(library, both, Filters(years=(1961, 2000))).recordings == 1
    assert ask(library, both, Filters(years=(2000, 1961))).recordings == 0
    assert ask(library, both, Filters(recordings=(library.arabic,))).recordings == 1
    assert ask(library, both, Filters(speakers=("john-f-kennedy",), events=("inauguration-1961",))).recordings == 1
    assert ask(library, both, Filters(qualities=(Quality.SUSPECT,))).recordings == 0


def test_doubtful_words_are_found_with_their_doubt_and_can_be_left_out(shelf: Any) -> None:
    """In three languages; the facet counts what the other choices leave."""
    doubts = (Quality.OK, Quality.SUSPECT)
    shelf.add(PERSIAN, language="fa", qualities=doubts)
    shelf.add(ARABIC, language="ar", qualities=doubts)
    shelf.add(ENGLISH, qualities=(Quality.LOW,))
    rebuild(shelf.archive)
    asked = "حقوق OR country"
    whole = ask(shelf, asked)
    moments = [moment for found in whole.hits for moment in found.moments]
    assert {(moment.language, moment.quality, moment.reasons) for moment in moments} == {
        ("fa", Quality.SUSPECT, (DOUBT,)),
        ("ar", Quality.SUSPECT, (DOUBT,)),
        ("en", Quality.LOW, (DOUBT,)),
    }
    assert values(whole.facets.qualities) == {"suspect": 2, "low": 2}
    trusted = ask(shelf, f"{asked} OR دنیا", Filters(qualities=(Quality.OK,)))
    assert said(trusted) == ["دنیا"]
    assert values(trusted.facets.qualities) == {"ok": 1, "suspect": 2, "low": 2}
    assert said(ask(shelf, f"({asked}) -quality:suspect -quality:low")) == []
    assert len(said(ask(shelf, "quality:suspect حقوق"))) == 2


def test_facets_count_the_passages_that_answer(library: Any) -> None:
    facets = ask(library, "ask OR حقوق").facets
    assert [(value.value, value.count) for value in facets.years] == [("1948", 1), ("1961", 2), ("2003", 1)]
    assert [(value.label, value.count) for value in facets.speakers] == [("John F. Kennedy", 2), ("شیرین عبادی", 1)]
    assert [value.label for value in facets.languages] == ["English", "Arabic", "Persian"]
    assert (facets.events[0].value, facets.events[0].label) == ("inauguration-1961", "Inauguration 1961")


@pytest.mark.parametrize("typed", ["", "?!", "year:1961", "speaker:kennedy language:en"])
def test_a_query_without_words_lists_the_recordings_it_leaves(typed: str, library: Any) -> None:
    answer = ask(library, typed, Filters(years=(1961, 1961)))
    assert (answer.total, answer.recordings) == (0, 1)
    assert [(found.card.id, found.moments, found.total) for found in answer.hits] == [(library.kennedy, (), 0)]
    assert values(answer.facets.languages) == {"en": 3}


def test_recordings_without_moments_come_by_date_a_page_at_a_time(library: Any) -> None:
    def listed(**options: Any) -> list[int]:
        return [found.card.year for found in ask(library, "-event:x", **options).hits]

    assert listed() == listed(sort=Sort.NEWEST) == [2003, 1968, 1961, 1948]
    assert listed(sort=Sort.OLDEST) == [1948, 1961, 1968, 2003]
    assert listed(limit=1, offset=1) == [1968]


def test_nothing_asked_counts_everything(library: Any) -> None:
    answer = ask(library, "")
    assert sum(value.count for value in answer.facets.languages) == 9
    assert (answer.coverage.recordings, answer.coverage.searched) == (4, 4)
    with Searcher.open(library.archive) as searcher:
        assert searcher.coverage() == answer.coverage


def values(facet: tuple[FacetValue, ...]) -> dict[str, int]:
    return {value.value: value.count for value in facet}


@pytest.mark.parametrize("typed", ["ask OR حقوق OR droits", '"ask what"~5 OR حقوق OR droits', ""])
def test_what_is_chosen_in_a_field_leaves_that_fields_other_counts(typed: str, library: Any) -> None:
    everything, chosen = ask(library, typed).facets, ask(library, typed, Filters(languages=("fa",))).facets
    assert chosen.languages == everything.languages
    assert values(chosen.years) == {"2003": values(everything.years)["2003"]}


def test_choices_in_two_fields_narrow_each_other(library: Any) -> None:
    facets = ask(library, "ask OR حقوق OR droits", Filters(languages=("en", "fr"), years=(1960, 1965))).facets
    assert set(values(facets.languages)) == {"en"}
    assert set(values(facets.years)) == {"1961", "1968"}
    assert set(values(facets.speakers)) == {"john-f-kennedy"}


def test_recordings_come_by_score_or_by_date(library: Any) -> None:
    typed = "ask OR حقوق"
    assert ask(library, typed).hits[0].moments[0].score >= ask(library, typed).hits[-1].moments[0].score
    newest = [hits.card.year for hits in ask(library, typed, sort=Sort.NEWEST).hits]
    oldest = [hits.card.year for hits in ask(library, typed, sort=Sort.OLDEST).hits]
    assert newest == [2003, 1961, 1948]
    assert oldest == [1948, 1961, 2003]


def test_pages_follow_each_other(library: Any) -> None:
    typed = "ask OR حقوق"
    whole = ask(library, typed)
    pages = [ask(library, typed, limit=1, offset=offset) for offset in range(4)]
    assert [page.hits for page in pages] == [(hits,) for hits in whole.hits] + [()]
    assert {page.total for page in pages} == {whole.total}
    assert ask(library, typed, offset=10**6).hits == ()
    with pytest.raises(UsageError):
        ask(library, typed, offset=-1)


def test_moments_come_in_order_of_time_and_may_be_fewer_than_there_are(library: Any) -> None:
    (found,) = ask(library, "ask OR country", moments=2).hits
    assert [moment.first_word for moment in found.moments] == [5, 9]
    assert (found.total, len(found.moments)) == (4, 2)


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("typed", ["country OR ask", "آزاد OR حقوق", "الناس OR والحقوق", "language:fr naissent"])
def test_a_stream_has_the_moments_of_the_answer_in_the_order_of_their_passages(
    typed: str, sort: Sort, library: Any
) -> None:
    with Searcher.open(library.archive) as searcher:
        answer = searcher.search(typed, sort=sort)
        streamed = list(searcher.each(typed, sort=sort))
    grouped = {(found.card.id, moment) for found in answer.hits for moment in found.moments}
    assert {(card.id, moment) for card, moment in streamed} == grouped
    assert len(streamed) == answer.total > 0
    if sort is Sort.RELEVANCE:
        passages = [moment.score for _, moment in streamed]
        assert passages == sorted(passages, reverse=True)
    else:
        days = [card.date for card, _ in streamed]
        assert days == sorted(days, reverse=sort is Sort.NEWEST)


def test_what_comes_in_while_a_search_runs_is_left_out_of_it(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(shelf)
    with Searcher.open(shelf.archive) as searcher:
        before = searcher._present.now()
        later = shelf.add(["ask what comes later"])
        index_recordings(shelf.archive, [later])
        searcher._present.now()  # another thread refreshes the reader that both use
        monkeypatch.setattr(searcher._present, "now", lambda: before)
        assert {hits.card.id for hits in searcher.search("ask").hits} == {shelf.kennedy}
        assert {card.id for card, _ in searcher.each("ask")} == {shelf.kennedy}


def test_a_stream_leaves_out_what_is_not_public(shelf: Any) -> None:
    shelf.add(["ask now"], access=Access(AccessLevel.EMBARGOED, until="2030-01-01"))
    shown = shelf.add(["ask later"])
    rebuild(shelf.archive)
    with Searcher.open(shelf.archive) as searcher:
        assert {card.id for card, _ in searcher.each("ask", Filters(public_on=20261124))} == {shown}
        assert len(list(searcher.each("ask"))) == 2


def test_a_fault_in_the_query_comes_through(library: Any) -> None:
    with pytest.raises(QueryError) as caught:
        ask(library, 'peace "war')
    assert caught.value.at == 6


def test_only_what_is_public_is_shown_on_a_day(shelf: Any) -> None:
    secret = shelf.add(["ask the secret"], access=Access(AccessLevel.RESTRICTED), date="1999")
    later = shelf.add(["ask later"], access=Access(AccessLevel.EMBARGOED, "2030-06-01"))
    public = shelf.add(["ask openly"])
    rebuild(shelf.archive)

    def seen(day: int | None) -> tuple[set[str], int, int]:
        answer = ask(shelf, "ask", Filters(public_on=day))
        return {hits.card.id for hits in answer.hits}, answer.total, answer.coverage.recordings

    assert seen(20300531) == ({public}, 1, 1)
    assert seen(20300601) == ({public, later}, 2, 2)
    assert seen(None) == ({public, later, secret}, 3, 3)


def test_what_was_closed_after_indexing_is_not_even_counted(own_library: Any) -> None:
    known = own_library.archive.recording(own_library.kennedy)
    closed = dataclasses.replace(known, access=Access(AccessLevel.RESTRICTED))
    own_library.archive.update(closed, agent="tests", reason="rights")
    Catalog(own_library.archive).put(own_library.kennedy)
    answer = ask(own_library, "ask", Filters(public_on=20260101))
    assert (answer.total, answer.hits, answer.facets) == (0, (), Facets())
    everything = ask(own_library, "", Filters(public_on=20260101))
    assert "1961" not in values(everything.facets.years)
    assert everything.coverage.recordings == 3
    assert ask(own_library, "ask").coverage.not_indexed == (own_library.kennedy,), "the index is behind"


def test_coverage_says_what_was_not_searched(own_library: Any) -> None:
    silent = own_library.add([], title="Silence")
    waiting = own_library.add(["not indexed yet"])
    coverage = ask(own_library, "ask").coverage
    assert (coverage.recordings, coverage.searched) == (6, 5)
    assert coverage.not_indexed == (waiting,)
    assert coverage.without_transcript == ()
    assert silent not in coverage.not_indexed, "without words there is nothing to index"


def test_a_new_name_is_shown_without_indexing(own_library: Any) -> None:
    with Searcher.open(own_library.archive) as searcher:
        assert searcher.search("ask").hits[0].moments[0].speaker_name == "John F. Kennedy"
        people = People.load(own_library.archive.root)
        speaker = people.get("john-f-kennedy")
        people.put(dataclasses.replace(speaker, names=(Name("JFK"), *speaker.names)))
        people.save()
        answer = searcher.search("speaker:jfk ask")
    assert answer.hits[0].moments[0].speaker_name == "JFK"
    assert answer.facets.speakers[0].label == "JFK"


def test_a_newer_transcript_takes_the_place_of_the_older(own_library: Any) -> None:
    with Searcher.open(own_library.archive) as searcher:
        assert searcher.search("country").total == 2
        transcript = own_library.archive.transcript(own_library.kennedy)
        words = transcript.segments[0].words
        own_library.keep(
            own_library.kennedy, dataclasses.replace(transcript, segments=(Segment(0, 9, words, "", "en"),))
        )
        assert searcher.search("country").coverage.not_indexed == (own_library.kennedy,)
        index_recordings(own_library.archive, [own_library.kennedy])
        answer = searcher.search("country")
        assert (answer.total, answer.coverage.not_indexed) == (0, ())
        assert searcher.search("fellow").hits[0].moments[0].version == 2


def test_beyond_the_cap_the_total_is_a_floor_and_shown_recordings_are_whole(
    own_library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        own_library.add(["peace now"] * 5, date=f"19{70 + number}", title=f"Speech {number}")
    rebuild(own_library.archive)
    whole = ask(own_library, "peace")
    assert (whole.total, whole.exact, whole.recordings) == (30, True, 6)
    monkeypatch.setattr(hits, "MAX_SEGMENTS", 12)
    capped = ask(own_library, "peace", limit=2)
    assert not capped.exact
    assert capped.total == 30
    assert capped.recordings == 6
    assert [found.total for found in capped.hits] == [5, 5]
    assert capped.facets == whole.facets
    near = ask(own_library, '"peace now"~2')
    assert not near.exact
    assert near.total == 12, "only what was looked at is sure"
