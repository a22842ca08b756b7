"""The pages without a browser: addresses, how figures are said, passages, bars, and what reaches HTML."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from archive.catalog import Catalog
from archive.models import FLOOR, Access, AccessLevel, LayerKind, MakerKind, Quality, Word
from portal import phrases, render, state
from portal.address import Address
from portal.views import events, passages, recording, search, start, years
from portal.views.tips import dated, tips
from search.models import Coverage, Moment, Sort
from search.titles import titled
from tests.portal.conftest import Shelf

HOSTILE = '"><img src=x onerror=alert(1)>'


class TestAddress:
    def test_an_address_written_is_the_address_read(self) -> None:
        there = Address(
            q='"حقوق بشر" & more',
            years=(1960, 1969),
            speakers=("john-f-kennedy", "دکتر"),
            languages=("fa",),
            qualities=("low", "suspect"),
            layers=("interpreter",),
            sort=Sort.OLDEST,
            page=3,
        )
        assert Address.parse(there.href.removeprefix("/")) == there

    def test_what_cannot_be_meant_is_left_out(self) -> None:
        params = {
            "q": ["x"],
            "sort": ["up"],
            "page": ["0"],
            "year": ["soon"],
            "view": ["admin"],
            "quality": ["good"],
            "layer": ["fa"],
        }
        assert Address.of(params) == Address(q="x")

    def test_a_span_of_years_is_put_in_order(self) -> None:
        assert Address.parse("year=1970-1960").years == (1960, 1970)

    def test_a_filter_set_twice_is_taken_away(self) -> None:
        once = Address(q="x", page=4).toggled("speakers", "a")
        assert once == Address(q="x", speakers=("a",))
        assert once.toggled("speakers", "a") == Address(q="x")

    def test_the_empty_address_is_the_start_page(self) -> None:
        assert Address().href == "/"


class TestPhrases:
    @pytest.mark.parametrize(
        ("iso", "said"),
        [("1961-01-20", "20 January 1961"), ("1961-01", "January 1961"), ("1961", "1961"), ("1961-13", "1961-13")],
    )
    def test_dates_are_said_as_exactly_as_they_are_known(self, iso: str, said: str) -> None:
        assert phrases.date(iso) == said

    @pytest.mark.parametrize(("seconds", "said"), [(11.2, "11 s"), (822, "13 min 42 s"), (3900, "1 h 05 min")])
    def test_lengths_do_not_break_over_lines(self, seconds: float, said: str) -> None:
        assert phrases.length(seconds) == said.replace(" ", "\u00a0")

    @pytest.mark.parametrize(("seconds", "said"), [(0, "0:00"), (760.9, "12:40"), (3723, "1:02:03")])
    def test_times_are_said_as_clocks(self, seconds: float, said: str) -> None:
        assert phrases.clock(seconds) == said

    def test_a_length_ends_in_the_second_in_which_its_clock_does(self) -> None:
        assert (phrases.length(732.8), phrases.clock(732.8)) == ("12\u00a0min\u00a012\u00a0s", "12:12")

    def test_words_within_a_second_have_one_time(self) -> None:
        assert [phrases.span(1.136, 1.716), phrases.span(59.2, 62)] == ["0:01", "0:59 to 1:02"]

    def test_a_phrase_is_quoted_once(self) -> None:
        assert phrases.quoted('"your country"') == phrases.quoted("your country") == "“your country”"
        assert phrases.quoted('"a b" OR c') == '"a b" OR c'

    def test_right_to_left_a_query_is_quoted_as_its_readers_quote(self) -> None:
        assert {phrases.quoted(query) for query in ("حقوق بشر", '"حقوق بشر"', "«حقوق بشر»")} == {"«حقوق بشر»"}
        assert phrases.quoted("«حقوق بشر» OR صلح") == "«حقوق بشر» OR صلح"
        assert phrases.quotation("۱۳ آبان") == "«۱۳ آبان»"
        assert phrases.quotation("السلام") == "«السلام»"
        assert phrases.quotation("peace صلح") == "“peace صلح”"
        assert [phrases.quoted(query) for query in ("1961", "۱۳۵۷", "((", "")] == ["“1961”", "“۱۳۵۷”", "“((”", "“”"]

    def test_a_voice_without_a_name_is_called_so(self) -> None:
        assert phrases.speaker("unknown-2", "") == "unnamed voice 2"
        assert phrases.speaker("john", "John F. Kennedy") == "John F. Kennedy"


class TestRender:
    def test_text_is_escaped_in_content_and_attributes(self) -> None:
        made = render.tag("a", HOSTILE, href="/x", title=HOSTILE)
        assert "<img" not in made
        assert "&lt;img src=x onerror=alert(1)&gt;" in made

    def test_only_links_of_ours_and_of_the_web_pass(self) -> None:
        for href in ("javascript:alert(1)", "//example.org", "data:text/html,x"):
            assert render.tag("a", "x", href=href) == "<a>x</a>"

    def test_handlers_and_scripts_cannot_be_made(self) -> None:
        with pytest.raises(ValueError, match="onclick"):
            render.tag("a", onclick="x")
        with pytest.raises(ValueError, match="script"):
            render.tag("script", "x")

    def test_bidi_controls_are_shown_and_joiners_kept(self) -> None:
        assert render.escape("a\u202eb") == "a␣U+202Eb"
        assert render.escape("می\u200cآیند") == "می\u200cآیند"

    def test_a_query_is_pointed_into_at_the_character(self) -> None:
        assert "<mark>&quot;</mark>not" in render.query_with_pointer('ask "not', 4)
        assert render.query_with_pointer("ask", 99).count("<mark>") == 1


class TestYears:
    def test_years_have_a_bar_each_gaps_included(self) -> None:
        drawn = years.bars({1961: 2, 1963: 1, 0: 9})
        assert [(bar.label, bar.count, bar.height) for bar in drawn] == [
            ("1961", 2, 100),
            ("1962", 0, 0),
            ("1963", 1, 50),
        ]

    def test_many_years_are_told_by_decade(self) -> None:
        drawn = years.bars({1933: 1, 2019: 3})
        assert (drawn[0].label, drawn[-1].label, len(drawn)) == ("1930–1939", "2010–2019", 9)


def hit(words: str, first: int, last: int, offset: float = 0.0) -> Moment:
    """A moment in words half a second apart."""
    spoken = tuple(Word(text, offset + i / 2, offset + i / 2 + 0.4) for i, text in enumerate(words.split()))
    return Moment(
        "r",
        1,
        first,
        last,
        spoken,
        first,
        last,
        "s",
        "S",
        "en",
        Quality.OK,
        (),
        LayerKind.FLOOR,
        FLOOR,
        MakerKind.ENGINE,
        1.0,
    )


class TestPassages:
    def test_hits_in_the_same_words_share_a_passage(self) -> None:
        text = "ask not what your country can do for your country"
        (row,) = passages.passages((hit(text, 3, 4), hit(text, 8, 9)))
        assert row.marks == [(3, 4), (8, 9)]
        assert (row.start, row.end) == (1.5, 4.9)

    def test_a_passage_grows_by_the_words_of_its_last_hit(self) -> None:
        one, two = hit("a b c", 1, 1), hit("c d e", 0, 0, offset=1.0)
        (row,) = passages.passages((one, two))
        assert [word.text for word in row.words] == ["a", "b", "c", "d", "e"]

    def test_hits_far_apart_stand_apart(self) -> None:
        assert len(passages.passages((hit("a b c", 1, 1), hit("d e f", 1, 1, offset=60)))) == 2

    def test_a_passage_does_not_grow_without_end(self) -> None:
        hits = tuple(hit("x y", 0, 0, offset=i / 2) for i in range(200))
        assert max(len(row.words) for row in passages.passages(hits)) <= passages.LONGEST_PASSAGE


def answered(address: Address) -> Any:
    """What the answer component is given."""
    search.answer_data.clear()
    return msgspec.json.decode(search.answer_data(address.href, state.today()))


@pytest.mark.parametrize(
    ("quality", "made", "said"),
    [
        (Quality.OK, MakerKind.ENGINE, ("machine transcript", "")),
        (Quality.OK, MakerKind.IMPORT, ("imported transcript", "")),
        (Quality.OK, MakerKind.PERSON, ("corrected by a person", "ok")),
        (Quality.LOW, MakerKind.PERSON, ("low certainty", "warn")),
        (Quality.SUSPECT, MakerKind.ENGINE, ("to check", "warn")),
    ],
)
def test_a_passage_says_who_heard_it_unless_it_is_doubtful(
    quality: Quality, made: MakerKind, said: tuple[str, str]
) -> None:
    assert passages.badge(quality, made) == said


class TestViews:
    def test_an_answer_holds_words_times_and_links(self, shelf: Shelf) -> None:
        kept = shelf.add("Inaugural address")
        shelf.index()
        answer = answered(Address(q='"your country"'))
        assert answer["total"] == "1 moment in 1 recording"
        assert answer["cover"] == "Searched 1 of 1 recording."
        (row,) = answer["recordings"][0]["rows"]
        assert row["start"] == 2.5
        assert (row["badge"], row["kind"]) == ("corrected by a person", "ok")
        assert row["link"] == f"/?recording={kept.id}&t=2.5,3.4"
        assert [facet["name"] for facet in answer["facets"]] == ["Year", "Speaker", "Event", "Language"]

    def test_a_doubtful_hit_says_why_and_its_doubt_can_be_chosen(self, shelf: Shelf) -> None:
        shelf.add("اعلامیه", "تمام افراد بشر", language="fa", doubt=(Quality.SUSPECT, "repeats itself"))
        shelf.add("Inaugural address", "ask not بشر")
        shelf.index()
        answer = answered(Address(q="بشر"))
        badges = {row["badge"]: (row["kind"], row["why"]) for rec in answer["recordings"] for row in rec["rows"]}
        assert badges == {"to check": ("warn", "repeats itself"), "corrected by a person": ("ok", "")}
        (certainty,) = [facet for facet in answer["facets"] if facet["name"] == "Certainty"]
        assert [(value["label"], value["count"]) for value in certainty["values"]] == [
            ("no doubt noted", "1"),
            ("to check", "1"),
        ]
        chosen = answered(Address.parse(certainty["values"][1]["href"]))
        assert [rec["title"] for rec in chosen["recordings"]] == ["اعلامیه"]
        assert [chip["label"] for chip in chosen["chips"]] == ["to check"]

    def test_a_doubted_hit_is_not_shown_within_a_passage_that_is_not(self) -> None:
        trusted, doubted = hit("ask not what", 0, 0), replace(hit("ask not what", 1, 1), quality=Quality.SUSPECT)
        assert len(passages.passages((trusted, hit("ask not what", 1, 1)))) == 1
        assert [one.moment.quality for one in passages.passages((trusted, doubted))] == [Quality.OK, Quality.SUSPECT]

    def test_the_page_of_a_recording_counts_its_doubts_with_their_reasons(self, shelf: Shelf) -> None:
        kept = shelf.add("Inaugural address", doubt=(Quality.LOW, "many words are uncertain"))
        recording.recording_data.clear()
        data = msgspec.json.decode(recording.recording_data(Address(recording=kept.id).href, state.today()))
        certainty = data["side"][0]
        assert [badge["label"] for badge in certainty["badges"]] == [
            "corrected by a person",
            "1 passage of low certainty",
        ]
        assert certainty["rows"] == [{"label": "many words are uncertain", "value": "1"}]

    def test_what_is_not_found_is_not_said_to_be_unsaid(self, shelf: Shelf) -> None:
        shelf.add("Inaugural address")
        shelf.index()
        answer = answered(Address(q='"their country"~3', speakers=("john-f-kennedy",)))
        assert answer["empty"] == "Not found in the words that were searched."
        wider = [Address.parse(tip["href"]) for tip in answer["tips"] if tip["href"]]
        assert wider == [Address(q='"their country"~3'), Address(q="their country", speakers=("john-f-kennedy",))]
        assert [tip["href"] for tip in tips(Address(q="their country"))] == [Address(q="their OR country").href, ""]

    def test_the_start_page_shows_what_was_heard_most_surely_first_and_no_guess(self, shelf: Shelf) -> None:
        for title, said, sure in (
            ("Guessed", "ثلاثة اربعة خمسة سيكتة", 0.6),
            ("Heard", "two years of negotiations", 0.85),
            ("Surely heard", "تمام افراد بشر آزاد", 0.97),
        ):
            words = tuple(Word(text, float(at), at + 0.5, sure) for at, text in enumerate(said.split(), 1))
            kept = shelf.add(title, "")
            made = shelf.say(kept, said)
            segments = (replace(made.segments[0], words=words),)
            shelf.archive.add_transcript(replace(made, version=0, segments=segments), agent="test")
            Catalog(shelf.archive).put(kept.id)
        page = start.start_html(state.today())
        assert page.index("تمام افراد بشر آزاد") < page.index("two years of negotiations")
        assert "سيكتة" not in page

    def test_what_is_only_in_a_title_is_shown_there(self, shelf: Shelf) -> None:
        persian = shelf.add("سخنرانی دربارهٔ محیط کار", language="fa")
        arabic = shelf.add("نشرة الطقس", language="ar")
        shelf.add("Closed weather talks", access=Access(AccessLevel.RESTRICTED))
        english = shelf.add("Talks on the weather", seconds=7.0)
        shelf.index()
        for asked, kept in {"محيط": persian, "طقس": arabic, '"weather talk"': english}.items():
            answer = msgspec.json.decode(search.answer_data(Address(q=asked).href, state.today()))
            shown = [tip for tip in answer["tips"] if tip["label"].startswith("A recording is called")]
            assert shown == [
                {"label": f"A recording is called {phrases.quotation(kept.title)}", "href": f"/?recording={kept.id}"}
            ]
        assert titled("unsaid", state.catalog().cards()) == ()
        assert titled("weather -talks", state.catalog().cards()) == ()

    def test_a_field_that_is_none_and_a_year_that_is_no_word_lead_on(self, shelf: Shelf) -> None:
        shelf.add("Inaugural address")
        cards = state.catalog().cards()
        assert next(tip["label"] for tip in tips(Address(q="lang:fa صلح"))) == (
            "lang: is searched as a word; what narrows is speaker: year: language: event: quality: layer:"
        )
        assert all("narrows" not in tip["label"] for tip in tips(Address(q="Speaker:kennedy at 10:30")))
        there = {"label": "See 1 recording of 1961", "href": "/?view=events&year=1961"}
        assert dated("1961", cards) == dated(" ۱۹۶۱", cards) == [there]
        assert dated("1962", cards) == dated("in 1961", cards) == []

    @pytest.mark.parametrize("word", ["negotation", "محیط"])
    def test_a_single_word_is_offered_with_near_spellings_and_not_told_to_be_fewer(self, word: str) -> None:
        offered, said = tips(Address(q=word))
        assert offered["href"] == Address(q=f"{word}~").href
        assert "fewer" not in said["label"]
        assert [tip["href"] for tip in tips(Address(q="of"))] == [""]

    def test_who_writes_near_is_told_how_nearness_is_asked_for(self) -> None:
        assert "~5" in tips(Address(q="war NEAR صلح"))[0]["label"]
        assert not any("NEAR" in tip["label"] for tip in tips(Address(q="the near east")))

    def test_an_empty_answer_says_who_is_not_here_and_who_is_but_nobody_who_is_not_public(self, shelf: Shelf) -> None:
        shelf.add("Inaugural address")
        shelf.add("Closed", speaker="Kenneth Secret", access=Access(AccessLevel.RESTRICTED))
        shelf.index()
        for asked, said in {
            Address(q="speaker:kenedy"): "No speaker here is called kenedy; near it: John F. Kennedy",
            Address(q="country", speakers=("Secret",)): "No speaker here is called Secret",
        }.items():
            answer = msgspec.json.decode(search.answer_data(asked.href, state.today()))
            assert said in [tip["label"] for tip in answer["tips"]]

    @pytest.mark.parametrize("asked", [Address(q="year:1961"), Address(speakers=("John F. Kennedy",))])
    def test_a_question_without_a_word_lists_recordings(self, shelf: Shelf, asked: Address) -> None:
        kept = shelf.add("Inaugural address")
        shelf.add("Another address", speaker="Lyndon B. Johnson", date="1965-01-20")
        shelf.index()
        answer = answered(asked)
        assert (answer["total"], answer["empty"]) == ("1 recording", "")
        (card,) = answer["recordings"]
        assert (card["title"], card["href"], card["rows"]) == ("Inaugural address", f"/?recording={kept.id}", [])

    def test_coverage_says_what_was_not_searched(self) -> None:
        assert search.coverage(Coverage(43, 40, ("a", "b"), ("c",))) == (
            "Searched 40 of 43 recordings; 2 have no transcript yet; 1 is not indexed yet."
        )

    def test_a_recording_is_described_with_its_source_and_digest(self, shelf: Shelf) -> None:
        kept = shelf.add("Inaugural address")
        recording.recording_data.clear()
        data = msgspec.json.decode(recording.recording_data(Address(recording=kept.id, t="1.5,2").href, state.today()))
        assert data["range"] == [1.5, 2.0]
        assert data["transcript"] == f"/api/recordings/{kept.id}/transcript.json?version=1"
        said = {row["label"]: row["value"] for part in data["side"] for row in part.get("rows", ())}
        assert said["SHA-256"] == kept.media.sha256
        assert said["Rights"] == "public domain"

    @pytest.mark.usefixtures("shelf")
    def test_an_empty_archive_says_what_to_do(self) -> None:
        start.start_html.clear()
        assert "onrecord ingest" in start.start_html(state.today())

    def test_the_start_page_counts_what_is_here(self, shelf: Shelf) -> None:
        shelf.add("Inaugural address")
        shelf.add(HOSTILE, speaker=HOSTILE, date="1963")
        start.start_html.clear()
        page = start.start_html(state.today())
        assert "<b>2</b> recordings" in page
        assert page.count('class="chip"><b>196') == 2
        assert "<img" not in page

    def test_the_start_page_counts_the_events_that_the_list_of_events_counts(self, shelf: Shelf) -> None:
        for at in range(start.EVENTS_SHOWN + 1):
            shelf.add(f"Talk {at}", date=f"{1961 + at}-01-20")
        shelf.add("A note", event="")
        for page in (start.start_html, events.events_html):
            page.clear()
        assert "All 7 events" in start.start_html(state.today())
        assert "8 recordings at 7 events" in events.events_html(Address(view="events").href, state.today())

    def test_events_list_their_recordings_and_escape_them(self, shelf: Shelf) -> None:
        kept = shelf.add(HOSTILE)
        events.events_html.clear()
        page = events.events_html(Address(view="events").href, state.today())
        assert f'href="/?recording={kept.id}"' in page
        assert "<img" not in page
