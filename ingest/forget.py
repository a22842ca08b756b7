"""What the ledger and its folder keep of a recording goes when it was taken out of the archive, or put back."""

from __future__ import annotations

import shutil

from archive.store import Archive
from ingest.ledger import Ledger
from ingest.ledger_file import FILE
from ingest.steps import copies_folder, windows_folder


def forget_work(archive: Archive, recording: str) -> None:
    """Drop its tasks, whoever is at them, its unfinished windows and half-made copies: all of it is derived."""
    if (archive.work / FILE).exists():
        with Ledger(archive.work) as ledger:
            ledger.drop(recording)
    for folder in (windows_folder(archive, recording), copies_folder(archive, recording)):
        shutil.rmtree(folder, ignore_errors=True)


def forget_refusals(archive: Archive, recording: str) -> None:
    """Drop what was said of its files while it was withdrawn."""
    if (archive.work / FILE).exists():
        with Ledger(archive.work) as ledger:
            ledger.readmit(recording)
