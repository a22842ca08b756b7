"""What a command does with recordings that it changed: the catalog and the index show them as they are now."""

from __future__ import annotations

from collections.abc import Sequence

from archive.catalog import Catalog
from archive.store import Archive


def show_anew(archive: Archive, recordings: Sequence[str]) -> None:
    """Catalogue and index the recordings again. Raises IndexUnready where the index cannot be written."""
    from search.indexer import index_recordings

    catalog = Catalog(archive)
    for recording in recordings:
        catalog.put(recording)
    index_recordings(archive, recordings)
