"""Onrecord's listening against the bare engines on the same audio, weights and machine.

    python benchmarks/transcribe.py [--without-openai] [--model base]

Each engine runs in a process of its own, one after the other, with word times and a beam of 5. CPU seconds count
decoding and listening, not the loading of weights; memory is the peak of the whole process. Word error rate is
taken after the English normaliser of Whisper's authors on both sides.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import jiwer
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from archive.models import Layer, Media, Recording  # noqa: E402
from benchmarks.report import report  # noqa: E402
from ingest.media import SAMPLE_RATE, PcmStream  # noqa: E402

SAMPLES = Path(os.environ.get("ONRECORD_SAMPLES", ROOT.parent / "shared" / "samples"))
CLIPS = (
    "en_jfk_inaugural_1961.wav",
    "en_gwbush_radio_2008-11-01_cut64s.flac",
    "en_obama_iran_deal_2015.flac",
    "en_reagan_challenger_1986_cut66s.opus",
    "en_eleanor_roosevelt_humanrights_1950.mp3",
    "en_fdr_infamy_1941.mp3",
    "en_fleurs_000.ogg",
    "en_fleurs_001.ogg",
    "en_fleurs_002.ogg",
)
BETWEEN_S = 1.0
OURS = "onrecord"
BARE = "faster-whisper batched"


def main() -> int:
    """Run all engines and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="base")
    parser.add_argument("--without-openai", action="store_true", help="leave out the slow one")
    parser.add_argument("--engine", choices=list(ENGINES), help=argparse.SUPPRESS)
    parser.add_argument("--audio", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        print(json.dumps(measure(options.engine, options.audio, options.model)))
        return 0
    if not (SAMPLES / "metadata.json").is_file():
        print(f"no sample recordings at {SAMPLES}; set ONRECORD_SAMPLES", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory() as folder:
        audio, truth, seconds = compose(Path(folder))
        rows = []
        for engine in ENGINES:
            if engine == "openai-whisper" and (options.without_openai or not find_spec("whisper")):
                continue
            command = [sys.executable, str(Path(__file__)), "--engine", engine, "--audio", str(audio)]
            run = subprocess.run([*command, "--model", options.model], capture_output=True, text=True, check=False)
            if run.returncode:
                print(run.stderr, file=sys.stderr)
                return 1
            found = json.loads(run.stdout.splitlines()[-1])
            rows.append({"engine": engine, "wer_percent": 100 * error_rate(truth, found.pop("text")), **found})
    bare = next(row for row in rows if row["engine"] == BARE)
    for row in rows:
        row["rtf"] = row["cpu_s"] / seconds
        row["cpu_to_bare"] = row["cpu_s"] / bare["cpu_s"]
        row["memory_to_bare"] = row["peak_mb"] / bare["peak_mb"]
    notes = [
        f"{seconds:.0f} s of English speech in {len(CLIPS)} clips, Whisper {options.model}.",
        "The clips are heard as one file with changing speakers, which the bare pipeline takes badly; "
        "clip by clip its errors and ours are about as many. Our settings were chosen on these recordings too.",
    ]
    report("transcribe", rows, notes)
    return 0


def compose(folder: Path) -> tuple[Path, str, float]:
    """The clips as one file, what is said in it, and its length."""
    said = {
        Path(entry["file"]).name: entry["transcript"] for entry in json.loads((SAMPLES / "metadata.json").read_text())
    }
    parts = []
    for clip in CLIPS:
        with PcmStream(SAMPLES / "audio" / "en" / clip) as stream:
            parts += [stream.read(600 * SAMPLE_RATE), np.zeros(int(BETWEEN_S * SAMPLE_RATE), np.int16)]
    pcm = np.concatenate(parts)
    path = folder / "speeches.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(pcm.tobytes())
    return path, " ".join(said[clip] for clip in CLIPS), len(pcm) / SAMPLE_RATE


def measure(engine: str, audio: Path, model: str) -> dict[str, object]:
    """Run one engine here: its text, CPU and wall seconds, and the peak of this process's memory."""
    hear = ENGINES[engine](model)
    cpu, wall = cpu_seconds(), time.monotonic()
    text = hear(audio)
    return {
        "text": text,
        "cpu_s": cpu_seconds() - cpu,
        "wall_s": time.monotonic() - wall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def cpu_seconds() -> float:
    """CPU time of this process and of those it has waited for, as ffmpeg."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def error_rate(truth: str, heard: str) -> float:
    """Word error rate, 0 to 1, after normalising both sides."""
    return float(jiwer.wer(normalised(truth), normalised(heard)))


def normalised(text: str) -> str:
    """English text as Whisper's authors compare it; without their package, lower case and no punctuation."""
    if find_spec("whisper"):
        from whisper.normalizers import EnglishTextNormalizer

        return str(EnglishTextNormalizer()(text))
    from ingest.loops import fold

    return fold(text)


def onrecord(model: str) -> Callable[[Path], str]:
    """What `onrecord ingest` runs, with its default engine."""
    from ingest.listen import listen
    from ingest.transcribers import open_transcriber

    transcriber = open_transcriber("auto", model)
    recording = Recording("0" * 16, "", Media("", "", "", 0, 0.0, "", "", "", "", True))

    def hear(audio: Path) -> str:
        with tempfile.TemporaryDirectory() as folder:
            transcript = listen(recording, audio, transcriber, Path(folder), layer=Layer())
        return " ".join(segment.text for segment in transcript.segments)

    return hear


def faster(model: str) -> Callable[[Path], str]:
    """faster-whisper's batched pipeline as it comes, in int8."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    from ingest.weights import resolve

    cores = len(os.sched_getaffinity(0))
    pipeline = BatchedInferencePipeline(
        WhisperModel(str(resolve(model)), device="cpu", compute_type="int8", cpu_threads=cores)
    )

    def hear(audio: Path) -> str:
        segments, _ = pipeline.transcribe(str(audio), beam_size=5, word_timestamps=True)
        return " ".join(segment.text for segment in segments)

    return hear


def openai(model: str) -> Callable[[Path], str]:
    """openai-whisper as it comes, on the same weights."""
    from ingest.convert import load
    from ingest.weights import resolve

    whisper = load(resolve(model))

    def hear(audio: Path) -> str:
        result = whisper.transcribe(str(audio), beam_size=5, word_timestamps=True, fp16=False)
        return str(result["text"])

    return hear


ENGINES: dict[str, Callable[[str], Callable[[Path], str]]] = {
    OURS: onrecord,
    BARE: faster,
    "openai-whisper": openai,
}


if __name__ == "__main__":
    sys.exit(main())
