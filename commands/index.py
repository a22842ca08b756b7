"""Build the search index anew from the archive; the old one answers until the new one is whole."""

from __future__ import annotations

import argparse

from archive.catalog import Catalog
from archive.store import Archive
from commands.terminal import say


def arguments(parser: argparse.ArgumentParser) -> None:
    """It takes nothing."""


def run(options: argparse.Namespace) -> int:
    """Rebuild the catalog and the index: both are derived."""
    from search.indexer import rebuild

    archive = Archive.open(options.archive)
    Catalog(archive).rebuild()
    count = rebuild(archive, lambda _done: None)
    say(f"{count} recordings indexed.")
    return 0
