"""Read every file of the archive again and name what is not as it was kept."""

from __future__ import annotations

import argparse

from archive.store import Archive
from archive.verify import verify
from commands.findings import finding_json, finding_line
from commands.terminal import json_text, many, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("recordings", nargs="*", metavar="RECORDING", help="only these (default: all)")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(options: argparse.Namespace) -> int:
    """Verify; findings are told as they are found."""
    archive = Archive.open(options.archive)
    named = tuple(options.recordings) or None
    found = []
    for finding in verify(archive, named):
        found.append(finding)
        if not options.json:
            say(finding_line(finding))
    count = len((*archive.ids(), *archive.out.ids()) if named is None else named)
    if options.json:
        say(json_text({"recordings": count, "findings": [finding_json(finding) for finding in found]}))
    elif not found:
        say(f"{many(count, 'recording')} {'is as it was' if count == 1 else 'are as they were'} kept.")
    return 1 if found else 0
