"""Take recordings in: register, hear, keep and index them.

A second run does what is left, so an interrupted one is simply started again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from archive.errors import UsageError
from archive.store import Archive
from commands.terminal import json_text, say

STDIN = "-"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="files and folders; - reads paths from stdin, one a line"
    )
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="a metadata sheet, CSV or YAML")
    parser.add_argument(
        "--engine",
        default="auto",
        choices=("auto", "faster", "openai", "toy"),
        help="what listens (default: auto, the fastest installed)",
    )
    parser.add_argument(
        "--model", default="base", metavar="NAME", help="a Whisper size, or a folder with a model (default: base)"
    )
    parser.add_argument(
        "--language",
        action="append",
        default=[],
        metavar="CODE",
        help="a language spoken where the sheet names none; may be repeated",
    )
    parser.add_argument(
        "--threads", type=int, default=0, metavar="N", help="threads of the engine (default: all cores)"
    )
    parser.add_argument(
        "--how",
        default="copy",
        choices=("copy", "reflink", "link"),
        help="how the original bytes are kept (default: copy)",
    )
    parser.add_argument("--retry", action="store_true", help="try again what was set aside after three starts")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress, only what went wrong")


def run(options: argparse.Namespace) -> int:
    """Ingest, with progress on stderr and the report on stdout."""
    from commands.ingest_report import as_json, exit_code, summary
    from commands.ingest_view import view_for
    from ingest.pipeline import IngestSettings, ingest

    if options.threads < 0:
        raise UsageError("--threads counts from 0, which means all cores")
    archive = Archive.open(options.archive, create=True)
    settings = IngestSettings(
        engine=options.engine,
        model=options.model,
        languages=tuple(options.language),
        threads=options.threads,
        how=options.how,
        retry=options.retry,
    )
    with view_for(sys.stderr, quiet=options.quiet) as view:
        report = ingest(
            archive, _paths(options.paths), options.sheet, settings, index=_indexer(archive), on_event=view.on_event
        )
    if options.json:
        say(json_text(as_json(report)))
    elif not options.quiet:
        say(summary(report))
    return exit_code(report)


def _paths(given: list[str]) -> list[Path]:
    lines = sys.stdin.read().splitlines() if STDIN in given else []
    return [Path(path) for path in [*(path for path in given if path != STDIN), *filter(None, lines)]]


def _indexer(archive: Archive) -> Callable[[str], None]:
    from search.indexer import index_recordings

    def index(recording: str) -> None:
        index_recordings(archive, (recording,), lambda _done: None)

    return index
