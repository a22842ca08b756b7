"""Onrecord's listening against the bare engines on the same audio, weights and machine.

    python benchmarks/transcribe.py [--without-openai] [--model base] [--threads 1] [--rounds 2] [--half dev]

First what it costs: the English speeches as one file, each engine in a process of its own, ours and the bare one in
turn (`--rounds`, the cheaper run counts), with word times and a beam of 5. CPU seconds count decoding and listening,
not the loading of weights; memory is the peak of the whole process. Then what is heard: every recording by itself, as
it is and spoiled, errors in words by language, for the half that settings are chosen on and the half that they are not.
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
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from archive.models import Layer, Media, Recording  # noqa: E402
from benchmarks.halves import HALVES  # noqa: E402
from benchmarks.parts import Parts  # noqa: E402
from benchmarks.report import Value, report  # noqa: E402
from benchmarks.speeches import SAMPLES, Score, Speech, compose, score, speeches, total  # noqa: E402
from benchmarks.spoil import WAYS, spoil  # noqa: E402

OURS = "onrecord"
BARE = "faster-whisper batched"
OPENAI = "openai-whisper"
PARTS_NOTE = (
    "Parts in CPU seconds: ffmpeg (ours decodes in a process of its own, the bare engine within `rest`), voice "
    "activity, features, encoder, language votes, words, their times. chunks went through the encoder, with "
    "encoded_s seconds of sound and padding; tokens were written."
)

AS_IT_IS = "as it is"
DRAWS = 10_000

Hear = Callable[[Path], str]


@dataclass(frozen=True, slots=True)
class Found:
    """The text of each recording, and what hearing them took."""

    texts: list[str]
    figures: dict[str, float]


Run = Callable[[str, Sequence[Path]], Found]


def main() -> int:
    """Run all engines and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="base")
    parser.add_argument("--threads", type=int, default=1, help="of each engine")
    parser.add_argument("--rounds", type=int, default=2, help="how often ours and the bare engine take turns")
    parser.add_argument("--without-openai", action="store_true", help="leave out the slow one")
    parser.add_argument("--half", choices=HALVES, help="words of this half only")
    parser.add_argument("--engine", choices=list(ENGINES), help=argparse.SUPPRESS)
    parser.add_argument("--audio", type=Path, nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        print(json.dumps(asdict(measure(options.engine, options.audio, options.model, options.threads))))
        return 0
    if not (SAMPLES / "metadata.json").is_file():
        print(f"no sample recordings at {SAMPLES}; set ONRECORD_SAMPLES", file=sys.stderr)
        return 3

    def run(engine: str, audio: Sequence[Path]) -> Found:
        command = [sys.executable, str(Path(__file__)), "--engine", engine, "--model", options.model]
        command += ["--threads", str(options.threads), "--audio", *map(str, audio)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        return Found(**json.loads(done.stdout.splitlines()[-1]))

    slow = [] if options.without_openai or not find_spec("whisper") else [OPENAI]
    cost(run, options.rounds, slow, f"Whisper {options.model}, {options.threads} thread(s)")
    words(run, [options.half] if options.half else HALVES, f"Whisper {options.model}")
    return 0


def cost(run: Run, rounds: int, slow: list[str], about: str) -> None:
    """What each engine takes for the English speeches as one file."""
    with tempfile.TemporaryDirectory() as folder:
        audio, said, seconds = compose(Path(folder))
        turns = [(engine, run(engine, [audio])) for engine in [*[OURS, BARE] * rounds, *slow]]
    best = {
        engine: min((found for name, found in turns if name == engine), key=lambda found: found.figures["cpu_s"])
        for engine, _ in turns
    }
    bare = best[BARE].figures
    rows: list[dict[str, Value]] = [
        {
            "engine": engine,
            "wer_percent": 100 * score(said, found.texts[0]).rate,
            **found.figures,
            "rtf": found.figures["cpu_s"] / seconds,
            "cpu_to_bare": found.figures["cpu_s"] / bare["cpu_s"],
            "memory_to_bare": found.figures["peak_mb"] / bare["peak_mb"],
        }
        for engine, found in best.items()
    ]
    notes = [
        f"{seconds:.0f} s of English by many speakers as one file, {about}, {rounds} turns, the cheaper counts.",
        "The bare pipeline loses words where speakers change, which also saves it work; clip by clip see below.",
        PARTS_NOTE,
    ]
    report("transcribe", rows, notes)


def words(run: Run, halves: Sequence[str], about: str) -> None:
    """Errors of ours and of the bare engine in every recording, each heard by itself with its language unknown."""
    known = [speech for speech in speeches() if speech.half in halves]
    scores = {AS_IT_IS: _scores(run, known, [speech.path for speech in known])}
    with tempfile.TemporaryDirectory() as folder:
        for way in WAYS:
            spoiled = [spoil(speech.path, Path(folder) / f"{way}-{at}.wav", way) for at, speech in enumerate(known)]
            scores[way] = _scores(run, known, spoiled)
    rows: list[dict[str, Value]] = []
    for half in halves:
        part = [speech for speech in known if speech.half == half]
        for language in sorted({speech.language for speech in part}):
            these = [speech for speech in part if speech.language == language]
            rows.append({"half": half, "sound": AS_IT_IS, "language": language, **_row(scores, [AS_IT_IS], these)})
        rows += [{"half": half, "sound": way, "language": "all", **_row(scores, [way], part)} for way in scores]
        rows.append({"half": half, "sound": "all", "language": "all", **_row(scores, list(scores), part)})
    rows.append({"half": "all", "sound": "all", "language": "all", **_row(scores, list(scores), known)})
    each = [
        f"{speech.path.name} {ours.errors}:{scores[AS_IT_IS][BARE][speech].errors} of {ours.words}"
        for speech, ours in scores[AS_IT_IS][OURS].items()
    ]
    notes = [
        f"{about}. Each recording by itself, its language unknown to both, {AS_IT_IS} and spoiled in {len(WAYS)} ways.",
        "points_more: of 100 words, how many more ours gets wrong (negative: fewer), and between what that lies in "
        f"95 % of {DRAWS} draws of as many recordings, some of them twice and some not.",
        f"Errors, ours : bare, {AS_IT_IS}: {'; '.join(each)}.",
    ]
    report("transcribe-words", rows, notes)


def _scores(run: Run, known: Sequence[Speech], audio: Sequence[Path]) -> dict[str, dict[Speech, Score]]:
    """Of each engine and recording, `audio` being the sound of those that are `known`."""
    scores = {}
    for engine in (OURS, BARE):
        pairs = zip(known, run(engine, audio).texts, strict=True)
        scores[engine] = {speech: score(speech.said, text, speech.language) for speech, text in pairs}
    return scores


def _row(
    scores: dict[str, dict[str, dict[Speech, Score]]], ways: Sequence[str], these: Sequence[Speech]
) -> dict[str, Value]:
    """Ours beside the bare engine over some recordings, each in all of these ways."""
    mine, theirs = (
        {speech: total(scores[way][engine][speech] for way in ways) for speech in these} for engine in (OURS, BARE)
    )
    ours, bare = total(mine.values()), total(theirs.values())
    more = [mine[speech].errors - theirs[speech].errors for speech in these]
    least, most = interval(more, [mine[speech].words for speech in these])
    return {
        "recordings": len(these),
        "words": ours.words,
        "errors": ours.errors,
        "errors_bare": bare.errors,
        "wer_percent": 100 * ours.rate,
        "wer_percent_bare": 100 * bare.rate,
        "points_more": 100 * sum(more) / ours.words,
        "at_least": least,
        "at_most": most,
        "better_in": sum(errors < 0 for errors in more),
        "worse_in": sum(errors > 0 for errors in more),
    }


def interval(more: Sequence[int], words: Sequence[int]) -> tuple[float, float]:
    """Between which the difference of two error rates lies, in points: the percentile bootstrap over recordings.

    After Bisani and Ney, "Bootstrap estimates for confidence intervals in ASR performance evaluation" (2004).
    """
    drawn = np.random.default_rng(0).integers(len(more), size=(DRAWS, len(more)))
    points = 100 * np.array(more)[drawn].sum(axis=1) / np.array(words)[drawn].sum(axis=1)
    least, most = np.percentile(points, (2.5, 97.5))
    return float(least), float(most)


def measure(engine: str, audio: list[Path], model: str, threads: int) -> Found:
    """Run one engine here: its texts, CPU and wall seconds, and the peak of this process's memory."""
    hear = ENGINES[engine](model, threads)
    parts, wall = Parts(), time.monotonic()
    texts = [hear(path) for path in audio]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Found(texts, {**parts.row(), "wall_s": time.monotonic() - wall, "peak_mb": peak_mb})


def onrecord(model: str, threads: int = 0) -> Hear:
    """What `onrecord ingest` runs, with its default engine."""
    from ingest.listen import listen
    from ingest.transcribers import open_transcriber

    transcriber = open_transcriber("auto", model, threads=threads)
    recording = Recording("0" * 16, "", Media("", "", "", 0, 0.0, "", "", "", "", True))

    def hear(audio: Path) -> str:
        with tempfile.TemporaryDirectory() as folder:
            transcript = listen(recording, audio, transcriber, Path(folder), layer=Layer())
        return " ".join(segment.text for segment in transcript.segments)

    return hear


def faster(model: str, threads: int = 0) -> Hear:
    """faster-whisper's batched pipeline as it comes, in int8."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    from ingest.weights import resolve

    threads = threads or len(os.sched_getaffinity(0))
    pipeline = BatchedInferencePipeline(
        WhisperModel(str(resolve(model)), device="cpu", compute_type="int8", cpu_threads=threads)
    )

    def hear(audio: Path) -> str:
        segments, _ = pipeline.transcribe(str(audio), beam_size=5, word_timestamps=True)
        return " ".join(segment.text for segment in segments)

    return hear


def openai(model: str, threads: int = 0) -> Hear:
    """openai-whisper as it comes, on the same weights."""
    import torch

    from ingest.convert import load
    from ingest.weights import resolve

    torch.set_num_threads(threads or len(os.sched_getaffinity(0)))
    whisper = load(resolve(model))

    def hear(audio: Path) -> str:
        result = whisper.transcribe(str(audio), beam_size=5, word_timestamps=True, fp16=False)
        return str(result["text"])

    return hear


ENGINES: dict[str, Callable[[str, int], Hear]] = {OURS: onrecord, BARE: faster, OPENAI: openai}


if __name__ == "__main__":
    sys.exit(main())
