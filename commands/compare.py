"""List where two versions of a recording's transcript say different words."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from archive.errors import UsageError
from archive.store import Archive
from commands.terminal import clock, isolated, json_text, say
from portal.phrases import count

if TYPE_CHECKING:  # comparing words loads more than listing them needs
    from ingest.differences import Difference


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("recording", metavar="RECORDING", help="the id, as `status` and `search` show it")
    parser.add_argument("first", type=int, metavar="A", help="the number of a version")
    parser.add_argument("second", type=int, metavar="B", help="the number of another")
    parser.add_argument("--json", action="store_true", help="print them as JSON")


def run(options: argparse.Namespace) -> int:
    """Compare. To differ is no error: the code is 0."""
    from ingest.differences import differences

    archive = Archive.open(options.archive)
    first, second = (archive.transcript(options.recording, number) for number in (options.first, options.second))
    if first.layer != second.layer:
        what = f"version {first.version} is of the layer {first.layer}, version {second.version} of {second.layer}"
        raise UsageError(what, mend="compare versions of one layer")
    found = differences(first, second)
    if options.json:
        say(json_text([as_json(one) for one in found]))
        return 0
    for one in found:
        say(line(one))
    say(count(len(found), "difference"))
    return 0


def line(one: Difference) -> str:
    """A difference as one line."""
    return f"{clock(one.start):>8}  {_words(one.first)} → {_words(one.second)}"


def as_json(one: Difference) -> dict[str, object]:
    """A difference as data."""
    return {"start": one.start, "end": one.end, "first": one.first, "second": one.second}


def _words(text: str) -> str:
    return isolated(text) if text else "(nothing)"
