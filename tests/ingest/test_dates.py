from __future__ import annotations

import pytest

from archive.errors import SheetError
from ingest.dates import parse_date


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("1961", "1961"),
        ("1961-01", "1961-01"),
        ("1961-01-20", "1961-01-20"),
        ("1961/1/20", "1961-01-20"),
        ("1961.01.20", "1961-01-20"),
        (" 20 January 1961 ", "1961-01-20"),
        ("20 jan 1961", "1961-01-20"),
        ("January 20, 1961", "1961-01-20"),
        ("January 1961", "1961-01"),
        ("۲۰ ژانویهٔ ۱۹۶۱", "1961-01-20"),
        ("٢٠ يناير ١٩٦١", "1961-01-20"),
        ("أغسطس ١٩٦١", "1961-08"),
    ],
)
def test_gregorian_dates_are_read(written: str, iso: str) -> None:
    assert parse_date(written) == iso


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("1403/05/12", "2024-08-02"),
        ("1403-05-12", "2024-08-02"),
        ("۱۴۰۳/۰۵/۱۲", "2024-08-02"),
        ("١٤٠٣/٠٥/١٢", "2024-08-02"),
        ("۱۲ مرداد ۱۴۰۳", "2024-08-02"),
        ("۱۲ مرداد، ۱۴۰۳", "2024-08-02"),
        ("12 Mordad 1403", "2024-08-02"),
        ("۲۲ بهمن ۱۳۵۷", "1979-02-11"),
        ("۱ فروردین ۱۴۰۰", "2021-03-21"),
        ("۱ فروردين ۱۴۰۰", "2021-03-21"),
        ("1403/12/30", "2025-03-20"),
    ],
)
def test_jalali_days_become_gregorian(written: str, iso: str) -> None:
    assert parse_date(written) == iso


def test_a_jalali_month_or_year_becomes_the_gregorian_one_that_most_of_it_lies_in() -> None:
    assert parse_date("مرداد ۱۴۰۳") == "2024-08"  # 22 July to 21 August
    assert parse_date("1403/05") == "2024-08"
    assert parse_date("1403") == "2024"  # 20 March 2024 to 20 March 2025


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ("12/06/1987", "write 1987-06-12 or 1987-12-06"),
        ("20/01/1961", "write 1961-01-20"),
        ("۱۲/۰۵/۱۴۰۳", "write 1403-05-12 or 1403-12-05"),
    ],
)
def test_a_date_without_its_year_first_is_refused_with_its_readings(written: str, mend: str) -> None:
    with pytest.raises(SheetError) as refused:
        parse_date(written)
    assert refused.value.mend == mend


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "61-01-20",
        "1961-02-30",
        "1961-13",
        "1961-00-10",
        "1403/00",
        "1402/12/30",  # no leap year
        "0999",
        "9999",
        "5 May 1403",
        "12 Mordad 2024",
        "12 رمضان 1445",
        "1961-01/20",
        "1961-01-20T10:00",
        "1" * 1_000_000,
    ],
)
def test_what_is_no_date_is_refused_with_the_forms_that_are(written: str) -> None:
    with pytest.raises(SheetError) as refused:
        parse_date(written)
    assert refused.value.mend
    assert len(str(refused.value)) < 300
