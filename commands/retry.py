"""Take up again what was set aside, or give it up.

The starts that were charged are forgiven, and it is worked on at once.
"""

from __future__ import annotations

import argparse
import sys
import time

from archive.errors import NotFound, UsageError
from archive.store import Archive
from commands import crews
from commands.terminal import clean, json_text, say
from ingest.ledger import Ledger
from ingest.progress import Report
from ingest.tasks import State


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("recordings", nargs="*", metavar="RECORDING", help="only these (default: all)")
    parser.add_argument(
        "--drop", action="store_true", help="give up instead what is not done of these; what they have is kept"
    )
    crews.arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Reopen and work, or drop."""
    return _drop(options) if options.drop else _retry(options)


def _drop(options: argparse.Namespace) -> int:
    if not options.recordings:
        raise UsageError("which recordings?", mend="onrecord status lists what is not done")
    archive = Archive.open(options.archive)
    with Ledger(archive.work) as ledger:
        tasks = [task for task in ledger.tasks() if task.state is not State.DONE and not task.running]
        dropped = [task for task in tasks if task.recording in options.recordings]
        if unknown := set(options.recordings) - {task.recording for task in dropped}:
            raise NotFound(f"nothing to give up: {', '.join(sorted(unknown))}", mend="onrecord status lists what is")
        ledger.give_up(dropped)
    if options.json:
        say(json_text([{"recording": task.recording, "recipe": task.recipe} for task in dropped]))
    elif not options.quiet:
        for task in dropped:
            say(f"{task.recording}: given up: {clean(task.recipe)}")
    return 0


def _retry(options: argparse.Namespace) -> int:
    from commands.ingest_report import as_json, exit_code, summary
    from commands.ingest_view import view_for
    from ingest.pipeline import work
    from ingest.stopping import stops_cleanly

    crew = crews.crew_of(options)
    archive = Archive.open(options.archive)
    started = time.monotonic()
    with Ledger(archive.work) as ledger:
        aside = [task for task in ledger.tasks() if task.state is State.QUARANTINED]
        unknown = set(options.recordings) - {task.recording for task in aside}
        if unknown:
            raise NotFound(f"not set aside: {', '.join(sorted(unknown))}", mend="onrecord status lists what is")
        wanted = [task for task in aside if not options.recordings or task.recording in options.recordings]
        for task in wanted:
            ledger.reopen(*task.key)
    only = {task.key for task in wanted}
    with stops_cleanly(), view_for(sys.stderr, quiet=options.quiet) as view:
        results = work(archive, only, options.threads, index=crews.indexer(archive), on_event=view.on_event, crew=crew)
    report = Report(tuple(results), (), time.monotonic() - started)
    if options.json:
        say(json_text(as_json(report)))
    elif not options.quiet:
        say(summary(report, nothing="Nothing is set aside."))
    return exit_code(report)
