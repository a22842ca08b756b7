"""Work on what the ledger holds, until nothing is left.

Any number of these may run at once, here or on other machines: each takes what no other has.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from archive.errors import UsageError
from archive.store import Archive
from commands import crews
from commands.terminal import json_text, say
from ingest.progress import Event, Report, Result

IDLE_S = 5.0  # between two looks for new work
TRY_AGAIN_S = 600.0  # what failed, or waits for space, is not tried again at once


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--forever", action="store_true", help="wait for new work instead of ending")
    machines = parser.add_mutually_exclusive_group()
    machines.add_argument(
        "--serve",
        nargs="?",
        const="0.0.0.0",  # noqa: S104  other machines are whom it is for; see ingest/service.py
        metavar="ADDRESS",
        help="keep the ledger for other machines too, on this address of this machine (default: all of them)",
    )
    machines.add_argument(
        "--join", action="store_true", help="work for the machine that serves the ledger of this archive"
    )
    crews.arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Work, with progress on stderr and the report on stdout."""
    from commands.ingest_report import as_json, exit_code, summary
    from commands.ingest_view import view_for
    from ingest.stopping import stops_cleanly

    if (options.serve or options.join) and (options.workers or options.dask):
        raise UsageError("--serve and --join are for one worker", mend="start the command several times, or take dask")
    started = time.monotonic()
    archive = Archive.open(options.archive)
    results: list[Result] = []
    with stops_cleanly(), view_for(sys.stderr, quiet=options.quiet) as view:

        def on_event(event: Event) -> None:
            if isinstance(event, Result):
                results.append(event)
            view.on_event(event)

        (_joined if options.join else _worked)(archive, options, on_event)
    report = Report(tuple(results), (), time.monotonic() - started)
    if options.json:
        say(json_text(as_json(report)))
    elif not options.quiet:
        say(summary(report, nothing="Nothing to do."))
    return exit_code(report)


def _worked(archive: Archive, options: argparse.Namespace, on_event: Callable[[Event], None]) -> None:
    from ingest.host import serving
    from ingest.pipeline import work
    from ingest.roster import Roster, Shift

    crew = serving(options.serve) if options.serve else crews.crew_of(options)
    if not options.forever:
        work(archive, None, options.threads, index=crews.indexer(archive), on_event=on_event, crew=crew)
        return
    while True:
        shift, until = Shift(), time.monotonic() + TRY_AGAIN_S
        while time.monotonic() < until:
            roster = Roster(archive, crews.indexer(archive), on_event, shift)
            if roster.left().open:
                crew(archive, roster, options.threads)
            time.sleep(IDLE_S)


def _joined(archive: Archive, options: argparse.Namespace, on_event: Callable[[Event], None]) -> None:
    from ingest.host import place_of
    from ingest.joined import join

    while True:
        if place := place_of(archive):
            join(place, str(archive.root.absolute()), options.threads, on_event)
        if not options.forever:
            return
        time.sleep(IDLE_S)
