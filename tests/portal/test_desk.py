"""The desk as the portal shows it: what it says, and what it must not say."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from archive.models import Access, AccessLevel, Finding
from ingest.ledger import MAX_STARTS, Ledger
from portal import state
from portal.views import desk
from tests.portal.conftest import Shelf

CLOSED = Access(AccessLevel.RESTRICTED)


@pytest.fixture
def ledger(shelf: Shelf) -> Iterator[Ledger]:
    with Ledger(shelf.archive.work) as opened:
        yield opened


def page() -> str:
    desk.desk_html.clear()
    return desk.desk_html(state.today())


def set_aside(ledger: Ledger, recording: str, reason: str) -> None:
    ledger.queue(recording, "toy", source="/home/someone/my talks/talk.wav", duration=6.0)
    for _ in range(MAX_STARTS):
        task = ledger.next()
        assert task
        ledger.fail(task, reason)


@pytest.mark.usefixtures("shelf")
def test_an_archive_without_a_ledger_has_an_empty_desk() -> None:
    assert "<b>0</b> at work" in page()


def test_what_is_at_work_is_shown_with_its_progress(shelf: Shelf, ledger: Ledger) -> None:
    known = shelf.add("Inaugural address", text="")
    ledger.queue(known.id, "toy", duration=6.0)
    task = ledger.next()
    assert task
    ledger.enter(task, "listening")
    ledger.progress(task, 3.0)
    shown = page()
    assert f'href="/?recording={known.id}"' in shown
    assert "listening · 0:03 of 0:06" in shown
    assert "width:50.0%" in shown


def test_what_failed_is_shown_with_its_reason_and_the_command_that_mends_it(shelf: Shelf, ledger: Ledger) -> None:
    known = shelf.add("Inaugural address", text="")
    set_aside(ledger, known.id, "no sense in it")
    shown = page()
    assert "set aside" in shown
    assert "no sense in it" in shown
    assert f"onrecord retry {known.id}" in shown


def test_what_is_not_public_is_counted_and_never_named(shelf: Shelf, ledger: Ledger) -> None:
    aside = shelf.add("A secret", text="", access=CLOSED)
    set_aside(ledger, aside.id, "it has no sense")
    working = shelf.add("Another secret", text="", access=CLOSED)
    ledger.queue(working.id, "toy", duration=6.0)
    assert ledger.next()
    shown = page()
    assert "1 recording more being worked on, not public" in shown
    assert "1 recording more not done, not public" in shown
    assert "2 recordings kept here are not public" in shown
    for hidden in ("secret", aside.id, working.id, "it has no sense"):
        assert hidden not in shown


def test_neither_folders_nor_machines_nor_files_that_nobody_knows_are_shown(shelf: Shelf, ledger: Ledger) -> None:
    known = shelf.add("Inaugural address", text="")
    reasons = f"/home/someone/my talks/talk.wav: bad, see {shelf.archive.root}/work/x and '/var/tmp/y'"
    set_aside(ledger, known.id, reasons)
    bad = shelf.archive.root / "bad.wav"
    bad.touch()
    ledger.refuse(bad, Finding("MediaError", "", f"{bad} holds no sound", "give another"))
    shown = page()
    assert "talk.wav: bad" in shown
    assert "it holds no sound" in shown
    for hidden in ("bad.wav", "/home", "my talks", str(shelf.archive.root.parent), "/var", socket.gethostname()):
        assert hidden not in shown


def test_a_file_that_is_in_from_before_is_not_said_to_be_missing(shelf: Shelf, ledger: Ledger) -> None:
    known, sound = shelf.add("سخنرانی", text=""), shelf.archive.root / "bad.wav"
    sound.touch()
    ledger.remember_source(sound, "as it was", known.id)
    ledger.refuse(sound, Finding("file-held", "", "its row in the sheet is bad", "mend the sheet"))
    shown = page()
    assert "In the archive as before, not taken anew" in shown
    assert "Not taken in" not in shown


def test_neither_a_closed_file_nor_who_withdrew_one_is_named(shelf: Shelf, ledger: Ledger) -> None:
    secrets = {
        "file-held": "محرمانه.mp3, which is not public, was not found: it may be it",
        "Withdrawn": "it was withdrawn on 2026-05-03 by مینا رحیمی: a secret",
        "InputError": "the recording that it belongs to, محرمانه.mp3, is not in the archive",
        "Unexpected": "KeyError: 'محرمانه.mp3'",
    }
    for code, what in secrets.items():
        bad = shelf.archive.root / f"{code}.wav"
        bad.touch()
        ledger.refuse(bad, Finding(code, "", what, "`onrecord withdraw --undo 0123456789abcdef` puts it back"))
    shown = page()
    assert "it waits for its row in the sheet" in shown
    assert "onrecord status says why" in shown
    for hidden in ("محرمانه", "مینا", "secret", "0123456789abcdef"):
        assert hidden not in shown


def test_hostile_reasons_stay_text(shelf: Shelf, ledger: Ledger) -> None:
    known = shelf.add("<img src=x>", text="")
    set_aside(ledger, known.id, "<script>alert(1)</script>")
    shown = page()
    assert "<img" not in shown
    assert "<script" not in shown
