from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.names import same_name, shown, title_of


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("talk.mp3", "talk.mp3"),
        ("two\nlines", "two\\x0alines"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("txt.\u202e3pm", "txt.\\u202e3pm"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("tag\U000e0041", "tag\\U000e0041"),
        (os.fsdecode(b"caf\xe9.mp3"), "caf\\xe9.mp3"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian needs its half space
        ("😀", "😀"),
    ],
)
def test_names_are_shown_so_that_they_deceive_nobody(name: str, safe: str) -> None:
    assert shown(name) == safe
    assert shown(name).encode()  # also what was no UTF-8


def test_composed_and_decomposed_names_are_the_same() -> None:
    assert same_name("caf\u00e9") == same_name("cafe\u0301")


def test_a_title_comes_from_the_name() -> None:
    assert title_of(Path("/a/سخنرانی_اول.mp3")) == "سخنرانی اول"
    assert title_of(Path("/a/_.mp3")) == "untitled"
