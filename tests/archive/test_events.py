"""Events: one for each edition of a gathering."""

from __future__ import annotations

import pytest

from archive.errors import InputError
from archive.events import SLUG_CHARACTERS, event_of, slug
from archive.models import Event


@pytest.mark.parametrize(
    ("name", "date", "expected"),
    [
        ("UN General Assembly", "2015-09-28", ("un-general-assembly-2015", "UN General Assembly", "2015")),
        ("UN General Assembly 2015", "", ("un-general-assembly-2015", "UN General Assembly", "2015")),
        ("UN General Assembly (2015)", "2015", ("un-general-assembly-2015", "UN General Assembly", "2015")),
        ("2015 UN General Assembly", "2015-10", ("un-general-assembly-2015", "UN General Assembly", "2015")),
        ("Vision 2030 Summit", "2019-05-01", ("vision-2030-summit-2019", "Vision 2030 Summit", "2019")),
        ("Congress 2019", "2020-01-02", ("congress-2019", "Congress", "2019")),
        ("همایش نوروز ۱۳۹۸", "2019-03-25", ("همایش-نوروز-1398", "همایش نوروز", "۱۳۹۸")),
        ("مؤتمر القاهرة ١٤٤١", "2019-12-01", ("مؤتمر-القاهرة-1441", "مؤتمر القاهرة", "١٤٤١")),
        ("Inauguration", "", ("inauguration", "Inauguration", "")),
        ("2015", "2015", ("2015-2015", "2015", "2015")),
        ("۱۳۹۸", "2019-03-25", ("1398-1398", "۱۳۹۸", "۱۳۹۸")),
    ],
)
def test_a_gathering_has_an_event_for_each_edition(name: str, date: str, expected: tuple[str, str, str]) -> None:
    event = event_of(name, date, "تهران")
    assert (event.id, event.name, event.edition) == expected
    assert event == Event(*expected, date=date, place="تهران")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("همایش نوروز ۱۳۹۸", "همایش نوروز ۱۳۹۸"),
        ("همایش (۱۳۹۸)", "همایش ۱۳۹۸"),
        ("مؤتمر ١٤٤١", "مؤتمر ١٤٤١"),
        ("۱۳۹۸", "۱۳۹۸"),
        ("Forum 2019", "Forum 2019"),
    ],
)
def test_an_edition_is_shown_in_the_digits_of_its_name(name: str, label: str) -> None:
    assert event_of(name, "2019-12-01").label == label


def test_one_event_may_be_written_in_any_digits() -> None:
    assert event_of("همایش ۱۳۹۸", "2019").id == event_of("همایش 1398", "2019").id


def test_a_convention_has_one_event_a_year() -> None:
    assert {event_of("Convention", f"{year}-01-01").id for year in (1960, 1961, 1961)} == {
        "convention-1960", "convention-1961",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Ask Not, What!  ", "ask-not-what"),
        ("دولت‌آبادی", "دولت-آبادی"),
        ("كتابِ ۱۲", "كتابِ-12"),
        ("سعـــید", "سعید"),
        ("हिन्दी", "हिन्दी"),
        ("../../etc", "etc"),
        ("<b>&", "b"),
        ("--", ""),
    ],
)
def test_a_slug_keeps_the_letters_of_every_script_and_nothing_else(text: str, expected: str) -> None:
    assert slug(text) == expected
    assert slug(expected) == expected


def test_long_names_are_cut_and_still_told_apart() -> None:
    one, other = (slug("word " * 40 + end) for end in ("a", "b"))
    assert one != other
    assert max(len(one), len(other)) <= SLUG_CHARACTERS
    assert slug(one) == one
    assert event_of("word " * 40, "2015").id.endswith("-2015")


def test_an_event_needs_a_name() -> None:
    with pytest.raises(InputError, match="name"):
        event_of("!!!")
