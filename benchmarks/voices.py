"""Voices: how much of the speech goes to the wrong voice, by the protocol of docs/decisions/0008, and what a day costs.

    python benchmarks/voices.py [dev] [held-out] [issue] [--hours N]

Without a part all are measured. Whoever changes a threshold looks at dev only.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.halves import HALVES  # noqa: E402
from benchmarks.report import Value, report, table  # noqa: E402
from ingest.media import SAMPLE_RATE  # noqa: E402
from ingest.voices.clustering import tell_apart, unit  # noqa: E402
from ingest.voices.embeddings import VoiceNets  # noqa: E402
from ingest.voices.turns import hear_voices  # noqa: E402
from ingest.voices.weights import open_nets  # noqa: E402
from tests.ingest.voices import mixes  # noqa: E402
from tests.ingest.voices.mixes import Mix  # noqa: E402
from tests.ingest.voices.scoring import Spoken, score  # noqa: E402

AUDIO = ROOT.parent / "shared" / "samples" / "audio"
SPEAKERS = (2, 3, 4, 5)
CONVERSATIONS = 3  # for each number of speakers
LIMITS = {"clean": 5.0, "crowd": 8.0}  # per cent, as the issue has them
WINDOWS_AN_HOUR = 4800  # of speech without a pause, a window every 0.75 s

Row = dict[str, Value]


def main() -> None:
    parser = argparse.ArgumentParser(description="The error rate of telling voices apart.")
    parser.add_argument("parts", nargs="*", metavar="PART", help="dev, held-out or issue (default: all)")
    parser.add_argument("--hours", type=int, default=12, help="of speech whose windows are grouped (default: 12)")
    parser.add_argument("--grouping", action="store_true", help="only group so many hours, for a process of its own")
    options = parser.parse_args()
    if options.grouping:
        print(*group(options.hours))
        return
    if wrong := set(options.parts) - {*HALVES, "issue"}:
        parser.error(f"no part {', '.join(sorted(wrong))}")
    wanted = options.parts or [*HALVES, "issue"]
    nets = open_nets(threads=1)
    rows, notes = [], []
    for part in wanted:
        measured = [scored(part, name, kind, mix, nets) for name, kind, mix in recordings(part)]
        rows += measured
        notes.append(table(list(summary(part, measured))))
    if not options.parts:
        seconds, peak, voices = subprocess.run(
            [sys.executable, __file__, "--grouping", "--hours", str(options.hours)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        notes.append(f"grouping the windows of {options.hours} h of speech: {seconds} s, {peak} MB, {voices} voices")
    report("voices", rows, notes)


def recordings(part: str) -> Iterator[tuple[str, str, Mix]]:
    """Name, kind (clean, crowd, meeting) and sound of what the protocol lists for a part."""
    if part == "issue":
        six = mixes.presidents(AUDIO)
        yield "six presidents", "clean", six
        yield "six presidents", "crowd", mixes.with_crowd(six, AUDIO, mixes.crowd_for_presidents())
        return
    for known in HALVES:
        if known != part:
            continue
        for speakers in SPEAKERS:
            for number in range(1, CONVERSATIONS + 1):
                mix = mixes.conversation(AUDIO, known, speakers, number)
                yield f"{speakers}.{number}", "clean", mix
                yield f"{speakers}.{number}", "crowd", mixes.with_crowd(mix, AUDIO, mixes.crowd_for(mix, known))
        for name in mixes.MEETINGS[known]:
            yield name, "meeting", mixes.meeting(AUDIO, name)


def scored(part: str, name: str, kind: str, mix: Mix, nets: VoiceNets) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        media = mixes.write(Path(folder) / "mix.wav", mix.sound)
        started = time.process_time()
        heard = hear_voices(media, nets, Path(folder) / "kept")
        spent = time.process_time() - started
    turns = [Spoken(turn.start, turn.end, str(turn.voice)) for turn in heard.turns]
    found = score(mix.spoken, turns)
    return {
        "part": part,
        "recording": name,
        "kind": kind,
        "seconds": round(len(mix.sound) / SAMPLE_RATE),
        "speakers": mix.speakers,
        "heard": len(heard.vectors),
        "DER %": _percent(found.rate),
        "missed": _percent(found.missed),
        "invented": _percent(found.invented),
        "confused": _percent(found.confused),
        "no collar": _percent(score(mix.spoken, turns, collar=0).rate),
        "raw": _percent(score(mix.raw, turns).rate),
        "raw, no collar": _percent(score(mix.raw, turns, collar=0).rate),
        "CPU s / s": round(spent / (len(mix.sound) / SAMPLE_RATE), 3),
    }


def summary(part: str, rows: Sequence[Row]) -> Iterator[Row]:
    """Mean and worst of a part, kind by kind."""
    for kind in dict.fromkeys(str(row["kind"]) for row in rows):
        those = [row for row in rows if row["kind"] == kind]
        rates = [float(str(row["DER %"])) for row in those]
        line: Row = {"part": part, "kind": kind, "n": len(those), "DER %": round(float(np.mean(rates)), 1)}
        line["worst"] = max(rates)
        if kind in LIMITS:
            line["within the limit"] = sum(rate <= LIMITS[kind] for rate in rates)
        line["number right"] = sum(row["heard"] == row["speakers"] for row in those)
        for column in ("no collar", "raw", "raw, no collar"):
            line[column] = round(float(np.mean([float(str(row[column])) for row in those])), 1)
        yield line


def group(hours: int) -> tuple[float, int, int]:
    """Seconds, megabytes at most and voices for the windows of a day with twelve speakers."""
    rng = np.random.default_rng(0)
    means = unit(rng.normal(size=(12, 192)).astype(np.float32))
    turns = np.repeat(rng.integers(0, 12, size=hours * WINDOWS_AN_HOUR // 20), 20)
    noise = rng.standard_normal((len(turns), 192), np.float32)
    vectors = unit(means[turns] + 0.7 * unit(noise))
    started = time.monotonic()
    labels = tell_apart(vectors)
    seconds = round(time.monotonic() - started, 1)
    # not from getrusage, whose peak a child takes over from its parent
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
    return seconds, peak, int(labels.max()) + 1


def _percent(share: float) -> float:
    return round(100 * share, 1)


if __name__ == "__main__":
    main()
