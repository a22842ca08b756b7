"""Weights: fetch a size of Whisper or the nets for voices, or list which are known and which are here."""

from __future__ import annotations

import argparse
import functools
import sys

from archive.errors import UsageError
from commands.terminal import clean, json_text, megabytes, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("action", choices=("get", "list"), help="fetch one, or list all")
    parser.add_argument("model", nargs="?", metavar="NAME", help="a size of Whisper such as base, or voices")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def run(options: argparse.Namespace) -> int:
    """Get or list."""
    return _get(options) if options.action == "get" else _list(options)


def _get(options: argparse.Namespace) -> int:
    from commands.ingest_view import view_for
    from ingest.voices import weights as voices
    from ingest.weights import resolve

    if not options.model:
        raise UsageError("which size?", mend="for example: onrecord models get base")
    with view_for(sys.stderr, quiet=options.quiet) as view:
        get = voices.resolve if options.model == voices.NAME else functools.partial(resolve, options.model)
        folder = get(on_fetch=view.on_event)
    found = {"model": options.model, "folder": str(folder)}
    say(json_text(found) if options.json else f"{clean(options.model)}: {clean(folder)}")
    return 0


def _list(options: argparse.Namespace) -> int:
    from ingest.model_cache import cached
    from ingest.sizes import SIZES
    from ingest.voices.weights import SOURCE

    sizes = {**SIZES, SOURCE.name: SOURCE}
    if options.json:
        listed = [{"model": name, "bytes": size.bytes, "here": cached(name).is_dir()} for name, size in sizes.items()]
        say(json_text(listed))
        return 0
    for name, size in sizes.items():
        here = "here" if cached(name).is_dir() else ""
        say(f"{name:<10} {megabytes(size.bytes) if size.bytes else '':>8}  {here}".rstrip())
    return 0
