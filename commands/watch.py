"""Watch a folder, and take in what arrives once it stopped growing.

It goes on until it is stopped; what is in the folder already is taken in first.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from archive.errors import NotFound, UsageError
from archive.store import Archive
from commands import crews
from commands.ingest import settings_arguments, settings_of
from commands.terminal import json_text, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    from ingest.watch import EVERY_S

    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder")
    parser.add_argument(
        "--every", type=float, default=EVERY_S, metavar="SECONDS", help=f"between two looks (default: {EVERY_S:g})"
    )
    settings_arguments(parser)
    crews.arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Look, take in, wait, until interrupted."""
    from commands.ingest_report import as_json, summary
    from commands.ingest_view import view_for
    from ingest.pipeline import ingest
    from ingest.progress import Event, Outcome, Planned
    from ingest.stopping import stops_cleanly
    from ingest.watch import Watch

    if not options.folder.is_dir():
        raise NotFound("there is no such folder", where=str(options.folder), mend="check its name")
    if not options.every > 0:
        raise UsageError(f"--every {options.every:g}", mend="give a number of seconds above 0")
    crew, settings = crews.crew_of(options), settings_of(options)
    archive = Archive.open(options.archive, create=True)
    watch = Watch(options.folder.absolute(), options.sheet.absolute() if options.sheet else None)
    said: set[str] = set()
    with stops_cleanly(), view_for(sys.stderr, quiet=options.quiet) as view:

        def on_event(event: Event) -> None:
            if isinstance(event, Planned):  # what is wrong with the sheet is said once
                new = tuple(finding for finding in event.findings if str(finding) not in said)
                said.update(map(str, new))
                event = Planned(event.files, new)
            view.on_event(event)

        while True:
            if fresh := watch.look():
                report = ingest(
                    archive,
                    [watch.folder],
                    watch.sheet,
                    settings,
                    index=crews.indexer(archive),
                    on_event=on_event,
                    crew=crew,
                    ready=lambda item, fresh=fresh: watch.is_ready(item, fresh),  # type: ignore[misc]
                )
                again = {result.path for result in report.results if result.outcome is Outcome.WAITING}
                watch.taken(fresh - again)
                if options.json:
                    say(json_text(as_json(report)))
                elif not options.quiet and report.results:
                    say(summary(report))
                sys.stdout.flush()
            time.sleep(options.every)
