"""The door for the terminal: `onrecord <verb>`. It reads the command line, calls the verb and ends with its code.

Exit codes: 0 done; 1 something that was handed in, or is kept, has faults; 2 a command that cannot be meant;
3 the machine is not as it must be; 130 interrupted.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from archive.errors import MachineError, OnrecordError
from archive.places import default_archive
from commands import (
    clip,
    compare,
    correct,
    doctor,
    export,
    import_transcript,
    index,
    ingest,
    models,
    people,
    retry,
    search,
    serve,
    slurm,
    status,
    terminal,
    verify,
    watch,
    withdraw,
    work,
)

VERBS = (
    ingest,
    watch,
    work,
    retry,
    slurm,
    status,
    verify,
    search,
    index,
    export,
    clip,
    import_transcript,
    compare,
    correct,
    people,
    withdraw,
    serve,
    models,
    doctor,
)
INTERRUPTED = 130


def build_parser() -> argparse.ArgumentParser:
    """The parser of all verbs; each leaves the function to call in `run`."""
    parser = argparse.ArgumentParser(
        prog="onrecord",
        description="The archive and search engine for recorded speeches.",
        epilog="Exit codes: 0 done, 1 findings, 2 usage, 3 environment, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"onrecord {version('onrecord')}")
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for verb in VERBS:
        name = verb.__name__.rpartition(".")[2].replace("_", "-")
        about = (verb.__doc__ or "").partition("\n")[0]
        one = verbs.add_parser(name, help=about[0].lower() + about[1:].rstrip("."), description=about)
        one.add_argument(
            "--archive",
            type=Path,
            default=default_archive(),
            metavar="DIR",
            help="the archive's folder (default: $ONRECORD_ARCHIVE, else data/archive)",
        )
        verb.arguments(one)
        one.set_defaults(run=verb.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    terminal.use_utf8()
    options = build_parser().parse_args(argv)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except OnrecordError as error:
        terminal.complain(f"onrecord: {terminal.clean(error)}")
        return error.exit_code
    except BrokenPipeError:
        terminal.close_quietly(sys.stdout)
        return 0
    except (OSError, sqlite3.Error) as error:  # no right to write, no disk, a database held by another program
        terminal.complain(f"onrecord: {terminal.clean(error)}")
        return MachineError.exit_code
    except KeyboardInterrupt:
        terminal.complain("onrecord: interrupted; run the same command again to go on from here")
        return INTERRUPTED
    return code


if __name__ == "__main__":
    sys.exit(main())
