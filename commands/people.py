"""The register of speakers, with every spelling of their names."""

from __future__ import annotations

import argparse

from archive.people import People
from archive.store import Archive
from commands.terminal import isolated, json_text, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(options: argparse.Namespace) -> int:
    """List the register."""
    people = People.load(Archive.open(options.archive).root).all()
    if options.json:
        names = [[{"text": name.text, "script": name.script} for name in person.names] for person in people]
        say(
            json_text(
                [
                    {"id": person.id, "names": spelt, "roles": list(person.roles)}
                    for person, spelt in zip(people, names, strict=True)
                ]
            )
        )
        return 0
    for person in people:
        roles = f" ({isolated(', '.join(person.roles))})" if person.roles else ""
        say(f"{isolated(person.id)}: {', '.join(isolated(name.text) for name in person.names)}{roles}")
    return 0
