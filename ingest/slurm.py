"""A job script for Slurm: an array whose first task keeps the ledger, and whose others join it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.errors import UsageError

MOST_TASKS = 10_000
STOP_BEFORE_END_S = 120  # long enough for the engine to end its batch and the lease to be given back


@dataclass(frozen=True, slots=True)
class Job:
    """An array of `workers` tasks with `threads` cores each. `time` and `memory` are in Slurm's words.

    `options` are further ones of sbatch, such as `--partition=long`.
    """

    archive: Path
    workers: int
    threads: int
    time: str
    memory: str
    options: Sequence[str] = ()


def script(job: Job) -> str:
    """The script, for `sbatch`."""
    if not 1 <= job.workers <= MOST_TASKS or job.threads < 1:
        raise UsageError(f"{job.workers} tasks of {job.threads} threads", mend=f"1 to {MOST_TASKS} tasks, 1 thread on")
    options = (
        "--job-name=onrecord",
        f"--array=0-{job.workers - 1}",
        f"--cpus-per-task={job.threads}",
        f"--time={job.time}",
        f"--mem={job.memory}",
        f"--signal=TERM@{STOP_BEFORE_END_S}",
        "--requeue",
        *job.options,
    )
    for option in options:
        if not option.startswith("--") or not option.isprintable():
            raise UsageError(f"{option!r} is no option of sbatch", mend="write it as --name=value")
    directives = "\n".join(f"#SBATCH {option}" for option in options)
    program = Path(sys.argv[0]).absolute()
    command = shlex.join([sys.executable, str(program)] if program.suffix == ".py" else [str(program)])
    return f"""#!/bin/sh
{directives}
# Written by `onrecord slurm`. Every task sees the archive under the same path. The first keeps the ledger and works;
# the others ask it for work. What is stopped, or killed, is gone on with when this script is submitted again.
if [ "$SLURM_ARRAY_TASK_ID" = 0 ]; then role=--serve; else role=--join; fi
exec {command} work "$role" --threads {job.threads} --archive {shlex.quote(str(job.archive))}
"""
