"""Write a job script for Slurm, whose tasks work on what the ledger holds.

First register: onrecord ingest PATH... --queue. Then hand the script to sbatch.
"""

from __future__ import annotations

import argparse
import sys

from archive.files import atomic_write
from archive.store import Archive
from commands.output import target_of

STDOUT = "-"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--workers", type=int, default=4, metavar="N", help="tasks in the array (default: 4)")
    parser.add_argument("--threads", type=int, default=4, metavar="N", help="cores of each task (default: 4)")
    parser.add_argument("--time", default="24:00:00", help="time limit of a task, as sbatch takes it (default: a day)")
    parser.add_argument("--memory", default="4G", help="memory of a task, as sbatch takes it (default: 4G)")
    parser.add_argument(
        "--sbatch",
        action="append",
        default=[],
        metavar="OPTION",
        help="a further option of sbatch, as --sbatch=--partition=long; may be repeated",
    )
    parser.add_argument("-o", "--output", default=STDOUT, metavar="FILE", help="where to (default: stdout)")


def run(options: argparse.Namespace) -> int:
    """Write it."""
    from ingest.slurm import Job, script

    archive = Archive.open(options.archive)
    job = Job(
        archive.root.absolute(), options.workers, options.threads, options.time, options.memory, tuple(options.sbatch)
    )
    text = script(job)
    if options.output == STDOUT:
        sys.stdout.write(text)
    else:
        atomic_write(target_of(options.output), text.encode())
    return 0
