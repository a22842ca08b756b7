"""Voices: the diarisation error rate on conversations of 2 to 6 speakers, clean and in a crowd, and what a day costs.

    python benchmarks/voices.py [--seeds N] [--hours N]

Conversations are composed of the sample recordings, so it is known to the sample who speaks when. Scored with a collar
of 0.25 s as pyannote.metrics does, overlaps included.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.report import Value, report  # noqa: E402
from ingest.voices.clustering import tell_apart, unit  # noqa: E402
from ingest.voices.embeddings import VoiceNets  # noqa: E402
from ingest.voices.turns import hear_voices  # noqa: E402
from ingest.voices.weights import open_nets  # noqa: E402
from tests.ingest.voices.mixes import SOLO, Mix, conversation, read, speech_in, with_crowd, write  # noqa: E402
from tests.ingest.voices.scoring import Spoken, error_rate, joined, read_rttm, within  # noqa: E402

AUDIO = ROOT.parent / "shared" / "samples" / "audio"
PRESIDENTS = "multi/en_derived_presidents_6speakers_9turns"
MEETINGS = ("en_ami_dev00", "en_ami_dev01", "en_ami_tst00")
WINDOWS_AN_HOUR = 4800  # of speech without a pause, a window every 0.75 s


def main() -> None:
    parser = argparse.ArgumentParser(description="The error rate of telling voices apart.")
    parser.add_argument("--seeds", type=int, default=3, help="conversations for each number of speakers (default: 3)")
    parser.add_argument("--hours", type=int, default=12, help="of speech whose windows are grouped (default: 12)")
    parser.add_argument("--grouping", action="store_true", help="only group so many hours, for a process of its own")
    options = parser.parse_args()
    if options.grouping:
        print(*group(options.hours))
        return
    nets = open_nets()
    rows = [row for name, mix, crowd in recordings(options.seeds) for row in scored(name, mix, crowd, nets)]
    seconds, peak, voices = subprocess.run(
        [sys.executable, __file__, "--grouping", "--hours", str(options.hours)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    notes = [
        f"{name}: {np.mean([float(str(row[name])) for row in made]):.1f} % on average over {len(made)} conversations, "
        f"number of speakers right in {sum(row[counted] == row['speakers'] for row in made)}"
        for name, counted in (("DER clean %", "heard clean"), ("DER crowd %", "heard crowd"))
        if (made := [row for row in rows if row.get(name) is not None and "meeting" not in str(row["recording"])])
    ]
    notes.append(
        f"grouping the windows of {options.hours} h of speech: {seconds} s, {peak} MB at most, {voices} voices"
    )
    report("voices", rows, notes)


def recordings(seeds: int) -> list[tuple[str, Mix, Mix | None]]:
    """Name, clean, and in a crowd 10 dB below, where it makes sense."""
    sound = read(AUDIO / f"{PRESIDENTS}.flac")
    presidents = Mix(sound, tuple(within(read_rttm(AUDIO / f"{PRESIDENTS}.rttm"), speech_in(sound))))
    themselves = [name for name in SOLO if any(who in name for who in ("jfk", "fdr", "gwbush"))]
    made: list[tuple[str, Mix, Mix | None]] = [
        ("six presidents", presidents, with_crowd(presidents, AUDIO, but=themselves))
    ]
    for speakers in (2, 3, 4, 5):
        for number in range(1, seeds + 1):
            mix = conversation(AUDIO, speakers, 10 * speakers + number)
            made.append((f"conversation {speakers}.{number}", mix, with_crowd(mix, AUDIO)))
    for name in MEETINGS:
        turns = tuple(joined(read_rttm(AUDIO / f"multi/{name}.rttm")))
        made.append((f"meeting {name}", Mix(read(AUDIO / f"multi/{name}.flac"), turns), None))
    return made


def scored(name: str, mix: Mix, crowd: Mix | None, nets: VoiceNets) -> list[dict[str, Value]]:
    row: dict[str, Value] = {"recording": name, "speakers": mix.speakers}
    for label, one in (("clean", mix), ("crowd", crowd)):
        if one is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            media = write(Path(folder) / "mix.wav", one.sound)
            started = time.process_time()
            heard = hear_voices(media, nets, Path(folder) / "kept")
            spent = time.process_time() - started
        turns = joined(Spoken(turn.start, turn.end, str(turn.voice)) for turn in heard.turns)
        row[f"heard {label}"] = len(heard.vectors)
        row[f"DER {label} %"] = round(100 * error_rate(one.spoken, turns), 1)
        row["CPU s / s"] = round(spent / (len(one.sound) / 16_000), 3)
    return [row]


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


if __name__ == "__main__":
    main()
