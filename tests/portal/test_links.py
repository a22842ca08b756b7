"""Addresses are written in one place and read without ever raising."""

from __future__ import annotations

import math

import pytest

from portal.links import (
    asset_url,
    media_url,
    parse_range,
    recording_url,
    search_url,
    seconds,
    transcript_url,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("12.4,18.9", (12.4, 18.9)),
        ("12.4", (12.4, None)),
        ("0", (0.0, None)),
        (" 3 , 4 ", (3.0, 4.0)),
        ("1e1", (10.0, None)),
    ],
)
def test_a_time_and_a_range_are_read_as_written(text: str, meant: tuple[float, float | None]) -> None:
    assert parse_range(text, 60.0) == meant


@pytest.mark.parametrize(
    ("text", "clamped"),
    [
        ("-1", (0.0, None)),
        ("-5,3", (0.0, 3.0)),
        ("70", (60.0, None)),
        ("10,70", (10.0, 60.0)),
        ("1e309", (60.0, None)),
        ("70,80", (60.0, None)),
    ],
)
def test_times_outside_the_recording_are_clamped_into_it(text: str, clamped: tuple[float, float | None]) -> None:
    assert parse_range(text, 60.0) == clamped


@pytest.mark.parametrize(
    "text",
    ["", ",", "NaN", "nan,inf", "inf", "-inf", "twelve", "1_0", "0x1", "9" * 5000, "\0", "\ud800", "<b>", "12.4;18.9"],
)
def test_what_is_no_time_is_the_start(text: str) -> None:
    assert parse_range(text, 60.0) == (0.0, None)


def test_an_end_that_is_not_after_the_start_is_left_out() -> None:
    assert parse_range("5,5", 60.0) == (5.0, None)
    assert parse_range("5,2", 60.0) == (5.0, None)


def test_without_a_known_length_huge_times_are_left_out() -> None:
    assert parse_range("1e309,1e308") == (0.0, 1e308)
    assert parse_range("3", math.nan)[1] is None


def test_digits_of_other_scripts_are_no_times_of_ours() -> None:
    assert parse_range("۱۲", 60.0) == (0.0, None)


def test_times_are_written_to_the_millisecond_without_trailing_zeros() -> None:
    assert [seconds(value) for value in (12.4, 12.0, 0.0005, 8.170000001, 0.0, -0.0)] == [
        "12.4", "12", "0.001", "8.17", "0", "0",
    ]  # fmt: skip


def test_a_link_that_was_written_is_read_back() -> None:
    url = recording_url("0123456789abcdef", 7.92, 9.3)
    assert url == "/?recording=0123456789abcdef&t=7.92,9.3"
    assert parse_range(url.partition("&t=")[2], 60.0) == (7.92, 9.3)


def test_hostile_parts_stay_inside_their_place() -> None:
    assert recording_url("a&b=c#d") == "/?recording=a%26b%3Dc%23d"
    assert media_url("../etc") == "/av/..%2Fetc"
    assert transcript_url("x", "vtt", 2) == "/api/recordings/x/transcript.vtt?version=2"
    assert asset_url("a/b") == "/assets/a%2Fb"


def test_a_query_in_any_script_survives_its_link() -> None:
    assert search_url("حقوق بشر", speaker="") == "/?q=%D8%AD%D9%82%D9%88%D9%82+%D8%A8%D8%B4%D8%B1"
    assert search_url("a & b", year="1961") == "/?q=a+%26+b&year=1961"
