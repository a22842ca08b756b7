"""Take recordings in: register, hear, keep and index them.

A second run does what is left, so an interrupted one is simply started again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from archive.errors import UsageError
from archive.store import Archive
from commands.findings import finding_json
from commands.ingest_view import view_for
from commands.terminal import json_text, say
from ingest.progress import Outcome, Report, Result

STDIN = "-"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="files and folders; - reads paths from stdin, one a line"
    )
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="a metadata sheet, CSV or YAML")
    parser.add_argument(
        "--engine",
        default="auto",
        choices=("auto", "faster", "openai", "toy"),
        help="what listens (default: auto, the fastest installed)",
    )
    parser.add_argument(
        "--model", default="base", metavar="NAME", help="a Whisper size, or a folder with a model (default: base)"
    )
    parser.add_argument(
        "--language",
        action="append",
        default=[],
        metavar="CODE",
        help="a language spoken where the sheet names none; may be repeated",
    )
    parser.add_argument(
        "--threads", type=int, default=0, metavar="N", help="threads of the engine (default: all cores)"
    )
    parser.add_argument(
        "--how",
        default="copy",
        choices=("copy", "reflink", "link"),
        help="how the original bytes are kept (default: copy)",
    )
    parser.add_argument("--retry", action="store_true", help="try again what was set aside after three starts")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress, only what went wrong")


def run(options: argparse.Namespace) -> int:
    """Ingest, with progress on stderr and the report on stdout."""
    from ingest.pipeline import IngestSettings, ingest

    if options.threads < 0:
        raise UsageError("--threads counts from 0, which means all cores")
    archive = Archive.open(options.archive, create=True)
    settings = IngestSettings(
        engine=options.engine,
        model=options.model,
        languages=tuple(options.language),
        threads=options.threads,
        how=options.how,
        retry=options.retry,
    )
    with view_for(sys.stderr, quiet=options.quiet) as view:
        report = ingest(
            archive, _paths(options.paths), options.sheet, settings, index=_indexer(archive), on_event=view.on_event
        )
    if options.json:
        say(json_text(_as_json(report)))
    elif not options.quiet:
        say(_summary(report))
    return _exit_code(report)


def _paths(given: list[str]) -> list[Path]:
    lines = sys.stdin.read().splitlines() if STDIN in given else []
    return [Path(path) for path in [*(path for path in given if path != STDIN), *filter(None, lines)]]


def _indexer(archive: Archive) -> Callable[[str], None]:
    from search.indexer import index_recordings

    def index(recording: str) -> None:
        index_recordings(archive, (recording,), lambda _done: None)

    return index


def _exit_code(report: Report) -> int:
    if report.count(Outcome.WAITING):
        return 3
    return 1 if report.findings or report.count(Outcome.FAILED) or report.count(Outcome.SET_ASIDE) else 0


def _summary(report: Report) -> str:
    if not report.results and not report.findings:
        return "Nothing to take in."
    if report.results and report.count(Outcome.UNCHANGED) == len(report.results):
        return f"Nothing to do: {_many(len(report.results), 'recording')} kept already."
    counts = [f"{report.count(outcome)} {outcome.value}" for outcome in Outcome if report.count(outcome)]
    if report.findings:
        counts.append(_many(len(report.findings), "finding"))
    speed = f"; {report.seconds:.0f} s of audio in {report.wall:.0f} s" if report.seconds else ""
    return ", ".join(counts) + speed + "."


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _as_json(report: Report) -> dict[str, object]:
    return {
        "recordings": [_result_json(result) for result in report.results],
        "findings": [finding_json(finding) for finding in report.findings],
        "audio_seconds": round(report.seconds, 3),
        "wall_seconds": round(report.wall, 3),
        "rtf": round(report.wall / report.seconds, 4) if report.seconds else None,
    }


def _result_json(result: Result) -> dict[str, object]:
    return {
        "path": str(result.path),
        "recording": result.recording,
        "title": result.title,
        "outcome": result.outcome.value,
        "reason": result.reason,
        "version": result.version,
        "words": result.words,
        "audio_seconds": round(result.seconds, 3),
        "wall_seconds": round(result.wall, 3),
        "findings": [finding_json(finding) for finding in result.findings],
    }
