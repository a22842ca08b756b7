"""One worker against two on the same recordings, with the real model: how much sooner it is done.

    python benchmarks/workers.py [--model base] [--recordings 6]

A worker more is a thread more: `speed_up` compares two workers of one thread each with one of one thread. The third row
is one worker that has both threads, as on a machine of two cores where nobody asked for workers; `to_machine` compares
with that. The time is that of `onrecord work` from its start to its end, so it holds the start of the workers, the
loading of the model once each, copies, voices where their nets are here, catalog and index. Where other programs want
the cores too, the speed-up in wall time is less than it would be; `at_best` is what the CPU seconds would allow on idle
cores. Some four minutes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from archive.store import Archive  # noqa: E402
from benchmarks.report import report  # noqa: E402
from benchmarks.speeches import SAMPLES, compose  # noqa: E402

CREWS = ((1, 1), (2, 2), (1, 2))  # workers, and threads of all of them
RECORDING_S = 160  # long enough to be a recording, short enough for both workers to end at nearly the same time


def main() -> int:
    """Measure both and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="base")
    parser.add_argument("--recordings", type=int, default=6, help="how many recordings of some three minutes")
    options = parser.parse_args()
    if not (SAMPLES / "metadata.json").is_file():
        print(f"no sample recordings at {SAMPLES}; set ONRECORD_SAMPLES", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = recordings(folder / "inbox", options.recordings)
        rows, transcripts = [], []
        for workers, threads in CREWS:
            archive = folder / f"archive-{workers}-{threads}"
            rows.append(measure(workers, threads, archive, folder / "inbox", options.model))
            transcripts.append(words(archive))
        one, _, machine = rows
        for row in rows:
            row["rtf"] = row["wall_s"] / seconds
            row["speed_up"] = one["wall_s"] / row["wall_s"]
            row["at_best"] = row["threads"] * one["cpu_s"] / row["cpu_s"]
            row["to_machine"] = machine["wall_s"] / row["wall_s"]
        same = transcripts[0] == transcripts[1]
    equal = "the same transcripts, byte for byte" if same else "DIFFERENT transcripts"
    notes = [
        f"{options.recordings} recordings, {seconds:.0f} s of English speech, Whisper {options.model}; {equal}.",
        "load is the number of programs that wanted a core in the minute before each run.",
    ]
    report("workers", rows, notes)
    return 0 if same else 1


def recordings(inbox: Path, count: int) -> float:
    """The first minutes of the composed speeches so many times, each with bytes of its own; their seconds together."""
    inbox.mkdir()
    source, _, _ = compose(inbox.parent)
    with wave.open(str(source)) as file:
        parameters, sound = file.getparams(), file.readframes(RECORDING_S * file.getframerate())
    for number in range(count):
        with wave.open(str(inbox / f"{number}.wav"), "wb") as out:
            out.setparams(parameters)
            out.writeframes(sound + bytes(2 * number))
    return float(RECORDING_S * count)


def measure(workers: int, threads: int, archive: Path, inbox: Path, model: str) -> dict[str, float]:
    """Register, then time the work: seconds of the clock and of all its processes' CPU."""
    program = [sys.executable, str(ROOT / "cli.py")]
    where = ["--archive", str(archive), "--quiet"]
    subprocess.run([*program, "ingest", str(inbox), "--queue", "--model", model, *where], check=True)
    load, started = os.getloadavg()[0], time.monotonic()
    work = subprocess.Popen([*program, "work", "--workers", str(workers), "--threads", str(threads), *where])
    _, status, usage = os.wait4(work.pid, 0)
    wall = time.monotonic() - started
    work.returncode = os.waitstatus_to_exitcode(status)
    assert work.returncode == 0, work.returncode
    return {
        "workers": workers,
        "threads": threads,
        "wall_s": wall,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "load": load,
    }


def words(root: Path) -> list[bytes]:
    """Every transcript's bytes."""
    archive = Archive.open(root)
    return [(archive.folder(known) / "transcripts" / "0001.json").read_bytes() for known in archive.ids()]


if __name__ == "__main__":
    sys.exit(main())
