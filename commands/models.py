"""Whisper's weights: fetch a size, or list which are known and which are here."""

from __future__ import annotations

import argparse
import sys

from archive.errors import UsageError
from commands.ingest_view import view_for
from commands.terminal import clean, json_text, megabytes, say
from ingest.sizes import SIZES
from ingest.weights import cached, resolve


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("action", choices=("get", "list"), help="fetch a size, or list all")
    parser.add_argument("model", nargs="?", metavar="NAME", help="the size to fetch, such as base")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def run(options: argparse.Namespace) -> int:
    """Get or list."""
    if options.action == "get":
        if not options.model:
            raise UsageError("which size?", mend="for example: onrecord models get base")
        with view_for(sys.stderr, quiet=options.quiet) as view:
            folder = resolve(options.model, on_fetch=view.on_event)
        say(
            json_text({"model": options.model, "folder": str(folder)})
            if options.json
            else f"{clean(options.model)}: {clean(folder)}"
        )
        return 0
    listed = [{"model": size.name, "bytes": size.bytes, "here": cached(size.name).is_dir()} for size in SIZES.values()]
    if options.json:
        say(json_text(listed))
        return 0
    for size in SIZES.values():
        here = "here" if cached(size.name).is_dir() else ""
        say(f"{size.name:<10} {megabytes(size.bytes) if size.bytes else '':>8}  {here}".rstrip())
    return 0
