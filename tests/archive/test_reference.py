"""The reference page of the archive says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from archive import captions, codec, layout
from archive.changes import PENDING, PREMIS_EVENTS
from archive.verify import Mismatch

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "archive.md").read_text()


def test_every_schema_is_named_and_linked() -> None:
    for kind, (name, version) in codec.SCHEMAS.items():
        assert f"`{codec.marker(kind)}`" in PAGE
        assert f"(../schemas/{name}-{version}.schema.json)" in PAGE
        assert (ROOT / "docs" / "schemas" / f"{name}-{version}.schema.json").is_file()


def test_every_file_of_the_layout_is_named() -> None:
    for name in (layout.RECORDING, layout.HISTORY, layout.MANIFEST, layout.version_name(1), PENDING):
        assert name in PAGE


def test_every_code_of_verify_is_explained() -> None:
    told = set(re.findall(r"`([a-z-]+)`", Mismatch.__doc__ or ""))
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE))
    source = (ROOT / "archive" / "verify.py").read_text()
    used = set(re.findall(r'(?:_finding\(|Mismatch\(|code = )\s*"([a-z-]+)"', source)) | {"missing"}
    assert used == rows == told - {"path"}


def test_the_event_types_named_are_of_premis() -> None:
    (named,) = re.findall(r"PREMIS 3: (.*?) and their like", PAGE, re.DOTALL)
    assert set(re.findall(r"`([^`]+)`", named)) <= PREMIS_EVENTS


def test_the_sizes_of_a_cue_are_those_of_the_code() -> None:
    assert f"{captions.LINE_CHARACTERS} characters and {captions.CUE_SECONDS:.0f} seconds" in " ".join(PAGE.split())
    assert f"pause of {captions.PAUSE_SECONDS} s" in PAGE
    assert f"sentence of {captions.SENTENCE_CHARACTERS} characters" in PAGE
