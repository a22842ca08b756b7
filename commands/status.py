"""What is in the archive, what is at work and what was set aside."""

from __future__ import annotations

import argparse

from archive.catalog import Catalog
from archive.store import Archive
from commands.terminal import clean, clock, isolated, json_text, say
from ingest.ledger import Ledger
from ingest.tasks import State, Task


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(options: argparse.Namespace) -> int:
    """Show every recording with its newest transcript, and the ledger's open tasks."""
    archive = Archive.open(options.archive)
    cards = Catalog(archive).cards()
    with Ledger(archive.work) as ledger:
        unfinished = [task for task in ledger.tasks() if task.state is not State.DONE]
    if options.json:
        say(
            json_text(
                {
                    "archive": str(archive.root),
                    "recordings": [
                        {
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
                        for card in cards
                    ],
                    "tasks": [
                        {
                            "recording": task.recording,
                            "recipe": task.recipe,
                            "state": _state(task),
                            "reason": task.reason,
                        }
                        for task in unfinished
                    ],
                }
            )
        )
        return 0
    length, words = sum(card.duration for card in cards), sum(card.words for card in cards)
    say(f"{archive.root}: {len(cards)} recordings, {clock(length)}, {words} words")
    for card in cards:
        version = f"version {card.version}, {card.words} words" if card.version else "no transcript"
        say(f"  {card.id}  {clock(card.duration):>8}  {version:<24}  {isolated(card.title)}")
        for warning in card.warnings:
            say(f"    {clean(warning)}")
    for task in unfinished:
        say(f"  {task.recording}  {_state(task)}: {clean(task.reason or task.recipe)}")
    return 0


def _state(task: Task) -> str:
    if task.state is State.RUNNING:
        return f"being done by {task.lease.holder}" if task.lease and task.lease.live() else "interrupted"
    return task.state.value
