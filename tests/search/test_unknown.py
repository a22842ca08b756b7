"""What a question names and nobody here is called: found out before anybody wonders why there is no hit."""

from __future__ import annotations

import pytest

from archive.models import Card, Name, Speaker
from search.models import Filters
from search.syntax import FieldName
from search.unknown import UnknownName, unknown_names

PEOPLE = (
    Speaker("john-f-kennedy", (Name("John F. Kennedy", "Latn"), Name("جان اف. کندی", "Arab"))),
    Speaker("shirin-ebadi", (Name("شیرین عبادی", "Arab"),)),
)


def card(event: str, name: str, language: str) -> Card:
    return Card(
        id=event,
        title=name,
        event=event,
        event_name=name,
        date="",
        year=0,
        place="",
        speakers=(),
        languages=(language,),
        duration=1.0,
        video=False,
        public_from=0,
        version=1,
        words=1,
        suspect=0,
    )


CARDS = (card("nobel-2003", "Nobel 2003", "fa"), card("inauguration-1961", "Inauguration 1961", "en"))


def unknown(text: str, **filters: tuple[str, ...]) -> tuple[UnknownName, ...]:
    return unknown_names(text, Filters(**filters), PEOPLE, CARDS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "peace",
        "speaker:kennedy",
        'speaker:"kennedy, john"',
        "speaker:کندی",
        "speaker:عبادی NOT event:nobel",
        "language:فارسی OR language:persian",
        "speaker:john-f-kennedy event:inauguration-1961",
        "speaker:unknown-2",
    ],
)
def test_what_fits_a_name_in_part_or_any_spelling_is_known(text: str) -> None:
    assert unknown(text) == ()


@pytest.mark.parametrize(
    ("text", "field", "typed", "near"),
    [
        ("peace speaker:kenedy", FieldName.SPEAKER, "kenedy", ("John F. Kennedy",)),
        ("speaker:عبادى۲", FieldName.SPEAKER, "عبادى۲", ("شیرین عبادی",)),
        ("(peace OR (war NOT speaker:xerxes))", FieldName.SPEAKER, "xerxes", ()),
        ("event:nobell", FieldName.EVENT, "nobell", ("Nobel 2003",)),
        ("language:farsi", FieldName.LANGUAGE, "farsi", ("English", "Persian")),
    ],
)
def test_what_fits_nothing_is_named_with_what_is_near(
    text: str, field: FieldName, typed: str, near: tuple[str, ...]
) -> None:
    assert unknown(text) == (UnknownName(field, typed, near),)


def test_filters_are_read_like_the_fields_of_a_query() -> None:
    assert unknown("", speakers=("kennedy", "کندی"), events=("nobel",), languages=("english",)) == ()
    assert [name.typed for name in unknown("", speakers=("kenedy",), events=("no bell",), languages=("xx",))] == [
        "kenedy",
        "no bell",
        "xx",
    ]
