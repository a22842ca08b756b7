"""Who works, as the command line says it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from archive.errors import UsageError
from archive.store import Archive

if TYPE_CHECKING:
    from ingest.pipeline import Crew

MOST_WORKERS = 1000


def arguments(parser: argparse.ArgumentParser) -> None:
    """What every command takes that works."""
    parser.add_argument(
        "--workers", type=int, default=0, metavar="N", help="work with so many processes, which share the cores"
    )
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="work on the workers of a dask scheduler, as tcp://host:8786, or local for a cluster on this machine",
    )
    parser.add_argument(
        "--threads", type=int, default=0, metavar="N", help="threads of the engine, for all workers here (default: all)"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress, only what went wrong")


def crew_of(options: argparse.Namespace) -> Crew:
    """The crew that was asked for."""
    from ingest.pipeline import alone

    if options.threads < 0:
        raise UsageError("--threads counts from 0, which means all cores")
    if not 0 <= options.workers <= MOST_WORKERS:
        raise UsageError(f"--workers {options.workers}", mend=f"give a number from 1 to {MOST_WORKERS}")
    if options.dask is not None:
        from ingest.dask_crew import on_dask

        return on_dask(options.dask, options.workers)
    if options.workers > 1:
        from ingest.crew import local

        return local(options.workers)
    return alone


def indexer(archive: Archive) -> Callable[[str], None]:
    """What a kept recording is told to."""
    from search.indexer import index_recordings

    def index(recording: str) -> None:
        index_recordings(archive, (recording,), lambda _done: None)

    return index
