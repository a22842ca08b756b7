"""What an ingest says at its end."""

from __future__ import annotations

from commands.findings import finding_json
from commands.terminal import clock, many
from ingest.progress import Outcome, Report, Result

WAITING = "What waits needs room on the disk, or whoever holds it to be done: then run the same again."


def exit_code(report: Report) -> int:
    """The worst that was met."""
    if report.count(Outcome.WAITING):
        return 3
    return 1 if report.findings or report.count(Outcome.FAILED) or report.count(Outcome.SET_ASIDE) else 0


def summary(report: Report, nothing: str = "Nothing to take in.") -> str:
    """The report in a line."""
    if not report.results and not report.findings:
        return nothing
    if report.results and report.count(Outcome.UNCHANGED) == len(report.results):
        return f"Nothing to do: {many(len(report.results), 'recording')} kept already."
    counts = [f"{report.count(outcome)} {outcome.value}" for outcome in Outcome if report.count(outcome)]
    if report.findings:
        counts.append(many(len(report.findings), "finding"))
    speed = f"; {clock(report.seconds)} of audio heard in {clock(report.wall)}" if report.seconds else ""
    said = ", ".join(counts) + speed + "."
    return f"{said} {WAITING}" if report.count(Outcome.WAITING) else said


def as_json(report: Report) -> dict[str, object]:
    """The report as data; `rtf` is the real-time factor, None where nothing was heard."""
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
