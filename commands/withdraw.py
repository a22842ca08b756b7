"""Take a recording out of the archive, whole, so that it can be put back.

Its folder moves to withdrawn/, and whoever asks for it is told when and why.
"""

from __future__ import annotations

import argparse
import getpass

from archive.catalog import Catalog
from archive.errors import UsageError
from archive.store import Archive
from archive.withdraw import is_unfinished, put_back, withdraw
from archive.withdrawal import Withdrawal
from commands.anew import show_anew
from commands.terminal import isolated, say
from ingest.failpoint import failpoint


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("recording", metavar="RECORDING", help="its id, as `onrecord status` lists it")
    parser.add_argument("--by", default="", metavar="NAME", help="who takes it out, or puts it back")
    parser.add_argument("--why", default="", metavar="TEXT", help="the reason; everybody who asks for it is told")
    parser.add_argument("--undo", action="store_true", help="put a withdrawn recording back as it was")


def run(options: argparse.Namespace) -> int:
    """Withdraw or put back; the catalog, the index and the ledger are told. What a killed run left is finished."""
    archive = Archive.open(options.archive)
    if options.undo:
        _put_back(archive, options)
    else:
        _withdraw(archive, options)
    return 0


def _withdraw(archive: Archive, options: argparse.Namespace) -> None:
    from ingest.forget import forget_work
    from search.indexer import remove
    from search.unindexed import remember

    standing = archive.withdrawal(options.recording)
    already = standing is not None and not is_unfinished(archive, standing)
    if standing is None or not already:
        if not options.by or not options.why:
            raise UsageError("a withdrawal needs --by NAME and --why TEXT", mend="both stay with the recording")
        remember(archive, [archive.recording(options.recording).id])  # whoever indexes next takes it out, if we cannot
        standing = withdraw(archive, options.recording, by=options.by, why=options.why)
        failpoint("withdrawn")
    Catalog(archive)  # drops the card as it opens
    forget_work(archive, standing.id)
    failpoint("withdrawn-forgotten")
    if not remove(archive, standing.id):
        say(f"Put back meanwhile, and so in the archive: {isolated(standing.title)} ({standing.id})")
        return
    say(f"{'Was already withdrawn' if already else 'Withdrawn'}: {told(standing)}")
    say(f"Its files are in {archive.withdrawn / standing.id}; onrecord withdraw --undo {standing.id} puts it back.")


def _put_back(archive: Archive, options: argparse.Namespace) -> None:
    from ingest.forget import forget_refusals

    recording = options.recording
    if recording not in archive or archive.withdrawal(recording):
        put_back(archive, recording, by=options.by or getpass.getuser(), why=options.why)
        failpoint("put-back")
    forget_refusals(archive, recording)
    show_anew(archive, [recording])
    say(f"In the archive: {isolated(archive.recording(recording).title)} ({recording})")


def told(standing: Withdrawal) -> str:
    """A withdrawal on a line."""
    about = f"{isolated(standing.title)} ({standing.id})"
    return f"{about}, on {standing.at[:10]} by {isolated(standing.by)}: {isolated(standing.why)}"
