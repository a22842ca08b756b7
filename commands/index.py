"""Build the search index anew from the archive; the old one answers until the new one is whole."""

from __future__ import annotations

import argparse

from archive.catalog import Catalog
from archive.errors import OnrecordError
from archive.store import Archive
from commands.terminal import clean, complain, many, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--catch-up",
        action="store_true",
        help="index only what is not in the index as it is in the archive, after a cluster was away",
    )


def run(options: argparse.Namespace) -> int:
    """Rebuild the catalog and the index: both are derived. What cannot be read is named and left out."""
    from search.indexer import catch_up, rebuild

    archive = Archive.open(options.archive)
    skipped: list[str] = []

    def on_skipped(recording: str, error: OnrecordError) -> None:
        skipped.append(recording)
        complain(f"{recording}: left out: {clean(error)}")

    Catalog(archive).rebuild()
    count = (catch_up if options.catch_up else rebuild)(archive, on_skipped=on_skipped)
    current = options.catch_up and not count and not skipped
    say("The index is as the archive is." if current else f"{many(count, 'recording')} indexed.")
    return 1 if skipped else 0
