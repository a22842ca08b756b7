"""What is in the archive, who is at what, how long it will take, and what failed and how to mend it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from archive.catalog import Catalog
from archive.models import Card
from archive.store import Archive
from archive.tombstones import withdrawals
from archive.withdrawal import Withdrawal
from commands.terminal import clean, clock, isolated, json_text, many, say
from commands.withdraw import told
from ingest.desk import Desk, Working, desk
from ingest.tasks import Task


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(options: argparse.Namespace) -> int:
    """Show every recording with its newest transcript, and the desk."""
    archive = Archive.open(options.archive)
    cards, work = Catalog(archive).cards(), desk(archive)
    gone = withdrawals(archive.root)
    if options.json:
        recordings, withdrawn = [*map(_card_json, cards)], [*map(_withdrawal_json, gone)]
        listed = {"archive": str(archive.root), "recordings": recordings, "withdrawn": withdrawn}
        say(json_text({**listed, **_desk_json(work)}))
        return 0
    length, words = sum(card.duration for card in cards), sum(card.words for card in cards)
    say(f"{archive.root}: {many(len(cards), 'recording')}, {clock(length)}, {many(words, 'word')}")
    for card in cards:
        version = f"version {card.version}, {many(card.words, 'word')}" if card.version else "no transcript"
        say(f"  {card.id}  {clock(card.duration):>8}  {version:<24}  {isolated(card.title)}")
        for warning in card.warnings:
            say(f"    {clean(warning)}")
    if gone:
        say(f"Withdrawn: {len(gone)}")
    for known in gone:
        say(f"  {told(known)}")
    for line in _lines(work, {card.id: card.title for card in cards}):
        say(line)
    return 0


def _lines(work: Desk, titles: dict[str, str]) -> Iterator[str]:
    def called(task: Task) -> str:
        return isolated(titles.get(task.recording, task.recording))

    if work.working:
        left = f", {clock(work.left)} left" if work.left is not None else ""
        yield f"At work: {len(work.working)}{left}"
    for each in work.working:
        yield f"  {called(each.task)}: {_where(each)}  ({clean(each.worker)})"
    if work.queued:
        yield f"Queued: {len(work.queued)}, {clock(_sound(work.queued))}; onrecord work hears them"
    if work.troubles or work.refused:
        yield "Not done:"
    for trouble in work.troubles:
        yield f"  {called(trouble.task)}: {trouble.state}: {clean(trouble.why)}"
        yield f"    {clean(trouble.mend)}"
    for file in work.refused:
        state = "in the archive as before, not taken anew" if file.recording else "not taken in"
        yield f"  {isolated(file.name)}: {state}: {clean(file.what)}"
        yield f"    {clean(file.mend or 'give another file')}, then ingest it again"


def _where(each: Working) -> str:
    """How far a worker is, how fast, and how long it will take."""
    task = each.task
    if each.rtf is None:
        return task.stage or "beginning"
    left = f", {clock(each.left)} left" if each.left is not None else ""
    return f"{task.stage}, {clock(task.at)} of {clock(task.duration)}, RTF {each.rtf:.2f}{left}"


def _sound(tasks: Sequence[Task]) -> float:
    return sum(task.duration for task in tasks)


def _card_json(card: Card) -> dict[str, Any]:
    return {
        "recording": card.id,
        "title": card.title,
        "event": card.event_name,
        "year": card.year,
        "languages": list(card.languages),
        "duration": card.duration,
        "version": card.version,
        "words": card.words,
        "suspect": card.suspect,
        "warnings": list(card.warnings),
    }


def _withdrawal_json(known: Withdrawal) -> dict[str, Any]:
    return {"recording": known.id, "title": known.title, "at": known.at, "by": known.by, "why": known.why}


def _desk_json(work: Desk) -> dict[str, Any]:
    working = [
        {
            **_task_json(each.task, f"being done by {each.worker}"),
            "worker": each.worker,
            "stage": each.task.stage,
            "heard": each.task.at,
            "rtf": each.rtf,
            "left": each.left,
        }
        for each in work.working
    ]
    queued = [_task_json(task, "queued") for task in work.queued]
    troubles = [
        {**_task_json(trouble.task, trouble.state), "reason": trouble.why, "mend": trouble.mend}
        for trouble in work.troubles
    ]
    refused = [
        {"file": file.name, "recording": file.recording, "code": file.code, "what": file.what, "mend": file.mend}
        for file in work.refused
    ]
    tasks = [*working, *queued, *troubles]
    return {"tasks": tasks, "refused": refused, "done": len(work.finished), "rtf": work.rtf, "left": work.left}


def _task_json(task: Task, state: str) -> dict[str, Any]:
    return {
        "recording": task.recording,
        "recipe": task.recipe,
        "file": task.source,
        "state": state,
        "reason": task.reason,
        "starts": task.starts,
        "duration": task.duration,
    }
