"""Take recordings in: register, hear, keep and index them.

A second run does what is left, so an interrupted one is simply started again.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from archive.store import Archive
from commands import crews
from commands.languages import codes_of
from commands.terminal import json_text, say

if TYPE_CHECKING:
    from ingest.pipeline import IngestSettings

STDIN = "-"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="files and folders; - reads paths from stdin, one a line"
    )
    settings_arguments(parser)
    parser.add_argument("--retry", action="store_true", help="try again what was set aside after three starts")
    parser.add_argument("--queue", action="store_true", help="only register, and leave the hearing to `onrecord work`")
    crews.arguments(parser)


def settings_arguments(parser: argparse.ArgumentParser) -> None:
    """How recordings are taken in."""
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
        "--translate",
        action="store_true",
        help="also keep a machine's English translation of what is said in other languages",
    )
    parser.add_argument(
        "--how",
        default="copy",
        choices=("copy", "reflink", "link"),
        help="how the original bytes are kept (default: copy)",
    )


def settings_of(options: argparse.Namespace, *, retry: bool = False) -> IngestSettings:
    """The settings that were asked for."""
    from ingest.pipeline import IngestSettings

    return IngestSettings(
        engine=options.engine,
        model=options.model,
        languages=codes_of(options.language),
        threads=options.threads,
        how=options.how,
        retry=retry,
        translate=options.translate,
    )


def run(options: argparse.Namespace) -> int:
    """Ingest, with progress on stderr and the report on stdout."""
    from commands.ingest_report import as_json, exit_code, summary
    from commands.ingest_view import view_for
    from ingest.pipeline import ingest, nobody
    from ingest.stopping import stops_cleanly

    crew = nobody if options.queue else crews.crew_of(options)
    settings = settings_of(options, retry=options.retry)
    archive = Archive.open(options.archive, create=True)
    with stops_cleanly(), view_for(sys.stderr, quiet=options.quiet) as view:
        report = ingest(
            archive,
            _paths(options.paths),
            options.sheet,
            settings,
            index=crews.indexer(archive),
            on_event=view.on_event,
            crew=crew,
        )
    if options.json:
        say(json_text(as_json(report)))
    elif not options.quiet:
        say(summary(report))
    return exit_code(report)


def _paths(given: list[str]) -> list[Path]:
    lines = sys.stdin.read().splitlines() if STDIN in given else []
    return [Path(path) for path in [*(path for path in given if path != STDIN), *filter(None, lines)]]
