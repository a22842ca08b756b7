"""Explore: counts by year and speaker that lead to their moments, and the lines of a concordance."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from starlette.testclient import TestClient

from archive.catalog import Catalog
from archive.errors import Busy, QueryError
from archive.models import Access, AccessLevel
from portal import room, state
from portal.address import Address
from portal.asked import MOST, several
from portal.places import box
from portal.views import explore
from portal.views.concordance import lines_data
from portal.views.explore import figures_data
from tests.portal.test_moments import ARABIC, PERSIAN

if TYPE_CHECKING:
    from tests.portal.conftest import Shelf


@pytest.mark.parametrize(
    ("line", "queries"),
    [
        ("", []),
        (" , ,", []),
        ("peace", ["peace"]),
        ("war, peace ,treaty", ["war", "peace", "treaty"]),
        ("آزادی، صلح", ["آزادی", "صلح"]),
        ('"war, and peace", (one OR two, three)', ['"war, and peace"', "(one OR two, three)"]),
        ("«صلح، آزادی»، جنگ", ["«صلح، آزادی»", "جنگ"]),
        ("1,000 men, peace", ["1,000 men", "peace"]),
        ("۱۳۵۷،۱۳۵۸", ["۱۳۵۷", "۱۳۵۸"]),
        ("peace, peace", ["peace"]),
        ('peace, "war', ["peace", '"war']),
    ],
)
def test_queries_stand_between_commas(line: str, queries: list[str]) -> None:
    found = several(line)
    assert [one.query for one in found] == queries
    assert all(line[one.at :].startswith(one.query) for one in found)


@pytest.fixture
def tongues(shelf: Shelf) -> Shelf:
    """Speeches in English, Persian and Arabic, one of them nobody may see."""
    shelf.add("Inaugural address")
    shelf.add("A second address", "my country and your country", date="1963-06-10")
    shelf.add("اعلامیهٔ جهانی", PERSIAN, speaker="یک گوینده", language="fa", date="1948-12-10")
    shelf.add("الإعلان العالمي", ARABIC, speaker="متحدث", language="ar", date="1949-12-10")
    shelf.add("Behind closed doors", "country country", speaker="Nobody Here", access=Access(AccessLevel.RESTRICTED))
    shelf.index()
    figures_data.clear()
    lines_data.clear()
    return shelf


def figures(address: Address) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(figures_data(address.href, state.today()))
    return found


def lines(address: Address) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(lines_data(address.href, state.today()))
    return found


def rows(table: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    return {row["label"]: [(cell["rate"], cell["moments"]) for cell in row["cells"]] for row in table["rows"]}


def test_queries_stand_side_by_side_by_year_and_speaker(tongues: Shelf) -> None:
    page = figures(Address(view="explore", q="country, آزاد"))
    years, speakers = page["tables"]
    assert years["heads"] == ["Year", "“country”", "«آزاد»", "Words"]
    assert rows(years)["1963"] == [("4,000.0", "2"), ("0", "0")]
    assert rows(speakers)["یک گوینده"] == [("0", "0"), (f"{10_000 / 7:,.1f}", "1")]
    assert "Nobody Here" not in rows(speakers)
    assert [row["words"] for row in years["rows"]] == ["7", "5", "9", "5"]
    assert all(row["few"] for row in years["rows"]), "so few words are marked"
    assert "fewer than 2,000 words" in page["about"]
    assert page["terms"][0]["said"].startswith("3 moments in 26 words:")


def test_every_figure_leads_to_its_moments(client: TestClient, tongues: Shelf) -> None:
    page = figures(Address(view="explore", q="country, آزاد", languages=("en", "fa")))
    cells = [cell for table in page["tables"] for row in table["rows"] for cell in row["cells"]]
    for cell in cells:
        assert bool(cell["href"]) is (cell["moments"] != "0")
        if cell["href"]:
            found = client.get(f"/api/search?{cell['href'].removeprefix('/?')}").json()
            assert str(found["total"]) == cell["moments"]
    bars = [bar for term in page["terms"] for bar in term["bars"] if bar["href"]]
    assert bars
    assert max(bar["heights"][1] for bar in page["terms"][1]["bars"]) == 100
    assert all("view=" not in bar["href"] for bar in bars)
    table = client.get(page["terms"][0]["csv"])
    assert "1963,john-f-kennedy,John F. Kennedy,2,5,4000.0,true" in table.text


def test_one_query_is_also_told_by_speaker_and_year_together(tongues: Shelf) -> None:
    grid = figures(Address(view="explore", q="country"))["tables"][2]
    assert grid["heads"][0] == "Speaker"
    kennedy = next(row for row in grid["rows"] if row["label"] == "John F. Kennedy")
    assert [cell["rate"] for cell in kennedy["cells"] if cell["words"]] == [f"{10_000 / 9:,.1f}", "4,000.0"]
    assert grid["heads"] == ["Speaker", "1948", "1949", "1961", "1963"]


def test_years_too_many_to_tell_apart_are_told_by_decade_and_open_year_by_year(shelf: Shelf) -> None:
    for year in (1790, 1799, 1961, 2020):
        shelf.add(f"Address of {year}", date=f"{year}-01-08")
    shelf.index()
    figures_data.clear()
    first = figures(Address(view="explore", q="country"))["tables"][0]["rows"][0]
    assert (first["label"], first["cells"][0]["moments"]) == ("1790–1799", "2")
    assert Address.parse(first["cells"][0]["href"]).years == (1790, 1799)
    assert Address.parse(first["href"]) == Address(view="explore", q="country", years=(1790, 1799))
    narrowed = figures(Address(view="explore", q="country", years=(1795, 2020)))["tables"][0]["rows"][0]
    assert Address.parse(narrowed["cells"][0]["href"]).years == (1795, 1799)


def test_without_a_query_the_words_are_counted(tongues: Shelf) -> None:
    page = figures(Address(view="explore"))
    assert [(row["label"], row["words"], row["cells"]) for row in page["tables"][0]["rows"]] == [
        ("1948", "7", []),
        ("1949", "5", []),
        ("1961", "9", []),
        ("1963", "5", []),
    ]
    assert page["terms"][0]["said"] == "26 words"
    assert lines(Address(view="explore"))["rows"] == []


def test_a_query_that_names_no_word_has_words_and_no_moments(tongues: Shelf) -> None:
    page = figures(Address(view="explore", q="speaker:kennedy, country"))
    spoken, counted = page["terms"]
    assert spoken["said"] == "14 words; no word is asked for, so nothing is counted among them"
    assert (spoken["tops"], counted["tops"][1]) == (["9", "9"], "4,000.0"), "words have a scale of their own"
    years, speakers = page["tables"]
    assert [row["cells"][0]["rate"] for row in years["rows"]] == ["0", "0", "9", "5"]
    assert speakers["rows"][0]["label"] == "John F. Kennedy"
    alone = figures(Address(view="explore", q="speaker:kennedy"))
    assert (alone["title"], alone["about"]) == ("What was said, by year and speaker", "")
    assert [table["title"] for table in alone["tables"]] == ["By year", "By speaker"]


def test_whoever_said_it_stands_before_whoever_did_not(tongues: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.views.sums.FEW_WORDS", 8)
    speakers = list(rows(figures(Address(view="explore", q="آزاد"))["tables"][1]))
    assert speakers == ["یک گوینده", "John F. Kennedy", "متحدث"]


def test_what_a_floor_is_stands_beside_it(tongues: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "≥" not in figures(Address(view="explore", q="country"))["about"]
    figures_data.clear()
    monkeypatch.setattr("search.hits.MAX_TALLIED", 1)
    page = figures(Address(view="explore", q="country, الناس"))
    assert "Where ≥ stands, there is more" in page["about"]
    assert [term["said"].startswith("at least ") for term in page["terms"]] == [True, False]


def test_pages_wait_for_others_who_count_and_then_say_so(tongues: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "COUNTS", threading.BoundedSemaphore(1))
    monkeypatch.setattr("portal.views.explore.WAIT_S", 0.01)
    monkeypatch.setattr("portal.views.concordance.WAIT_S", 0.01)
    for drawn in (figures, lines):
        with room.counting(), pytest.raises(Busy):
            drawn(Address(view="explore", q="country"))
        assert drawn(Address(view="explore", q="country")), "what ended makes room"


def test_a_query_without_a_line_leaves_the_others_to_choose(tongues: Shelf) -> None:
    found = lines(Address(view="explore", q="unsaid, country"))
    assert (found["rows"], found["note"]) == ([], "Not found in the words that were searched.")
    assert [term["label"] for term in found["terms"]] == ["“unsaid”", "“country”"]


def test_an_empty_archive_is_drawn(shelf: Shelf) -> None:
    figures_data.clear()
    page = figures(Address(view="explore", q="country"))
    assert (page["tables"], page["ends"]) == ([], [])


def test_more_queries_than_are_compared_are_said_to_be_left_out(tongues: Shelf) -> None:
    page = figures(Address(view="explore", q="a, b, c, d, e, f, g"))
    assert len(page["terms"]) == MOST
    assert "Of 7 queries the first 5 are compared." in page["cover"]


def test_a_fault_is_pointed_at_in_the_line(tongues: Shelf) -> None:
    with pytest.raises(QueryError) as caught:
        figures(Address(view="explore", q='country, "war'))
    assert caught.value.at == 9


def words(row: dict[str, Any]) -> tuple[list[str], list[str], list[str]]:
    first, last = row["marks"][0]
    texts = [text for text, _start in row["words"]]
    return texts[:first], texts[first : last + 1], texts[last + 1 :]


def test_lines_have_the_hit_in_the_middle_and_play(tongues: Shelf) -> None:
    asked = Address(view="explore", q="country")
    found = lines(asked)["rows"]
    assert [words(row)[1] for row in found] == [["country"]] * 3, "in order of time, and none of what nobody may see"
    assert words(found[0])[0][-2:] == ["what", "your"]
    assert (found[0]["of"], found[0]["year"]) == ("John F. Kennedy", "1961")
    assert found[0]["media"].startswith("/av/")
    assert found[0]["open"].startswith(found[0]["link"])


def test_a_line_of_a_voice_without_a_name_says_of_which_recording_it_is(shelf: Shelf) -> None:
    kept = shelf.add("نشست شورا", "")
    made = shelf.say(kept, "صلح و آزادی", "fa")
    spoken = replace(made, version=0, segments=(replace(made.segments[0], speaker="unknown-1"),))
    shelf.archive.add_transcript(spoken, agent="test")
    Catalog(shelf.archive).put(kept.id)
    shelf.index()
    lines_data.clear()
    assert [row["of"] for row in lines(Address(view="explore", q="صلح"))["rows"]] == ["نشست شورا"]


def test_lines_are_put_in_order_by_the_word_before_or_after(tongues: Shelf) -> None:
    asked = Address(view="explore", q="country")
    before = [words(row)[0][-1] for row in lines(replace(asked, order="before"))["rows"]]
    after = [words(row)[2][:1] for row in lines(replace(asked, order="after"))["rows"]]
    assert before == ["my", "your", "your"]
    assert after == [[], ["and"], ["can"]]


def test_lines_of_another_query_and_a_later_page(tongues: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.views.concordance.LINES_PER_PAGE", 2)
    asked = Address(view="explore", q="country، الناس، آزاد", term=2)
    arabic = lines(asked)
    assert [words(row)[1] for row in arabic["rows"]] == [["الناس"]]
    assert [term["on"] for term in arabic["terms"]] == [False, True, False]
    first = lines(replace(asked, term=1))
    second = lines(Address.parse(first["pages"]["later"]))
    assert (len(first["rows"]), len(second["rows"])) == (2, 1)
    assert second["pages"]["page"] == "Lines 3 to 3 of 3"
    assert Address.parse(second["pages"]["earlier"]).page == 1


def test_of_too_many_lines_the_oldest_are_shown_and_said_to_be(tongues: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.views.concordance.MOST_LINES", 2)
    found = lines(Address(view="explore", q="country"))
    assert found["note"].startswith("The first 2, the oldest first")
    assert [row["year"] for row in found["rows"]] == ["1961", "1963"]


def test_explore_has_an_address_a_title_and_a_preview(client: TestClient, tongues: Shelf) -> None:
    asked = Address(view="explore", q="war, peace", term=2, order="after", page=3)
    assert Address.parse(asked.href) == asked
    assert explore.title(asked) == "war, peace · Explore · Onrecord"
    page = client.get(asked.href).text
    assert '<input type="hidden" name="view" value="explore">' in page, "the box asks here again before any script runs"
    assert "How often “war, peace” was said" in page
    assert 'value="explore"' not in client.get("/?q=war").text


def test_another_query_is_asked_under_the_same_filters(client: TestClient, tongues: Shelf) -> None:
    asked = Address(view="explore", q="{kept}", years=(1900, 1950), speakers=("a", '"b>'), languages=("fa",), term=2)
    kept = dict(box(asked).keeps)
    assert (kept["view"], kept["year"], kept["language"]) == ("explore", "1900-1950", "fa")
    assert [value for name, value in box(asked).keeps if name == "speaker"] == ["a", '"b>']
    assert {"q", "term"}.isdisjoint(kept)
    page = client.get(asked.href).text
    assert '<input type="hidden" name="speaker" value="&quot;b&gt;">' in page
    assert 'value="{kept}"' in page, "what is asked is no place of the bar"
    assert box(Address(q="war", years=(1900, 1950))).keeps == ()
