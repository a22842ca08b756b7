"""The register of speakers, with every spelling of their names."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterable
from pathlib import Path

from archive.catalog import Catalog
from archive.models import Speaker
from archive.people import People
from archive.store import Archive
from commands import voices
from commands.anew import show_anew
from commands.terminal import isolated, json_text, say
from portal.phrases import count

AGENT = "onrecord people merge"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(change=_list)
    changes = parser.add_subparsers(title="changes", metavar="CHANGE")
    name = _change(changes, "name", "add a spelling of a name")
    name.add_argument("person", metavar="ID", help="the person's id, or any spelling known already")
    name.add_argument("name", metavar="NAME", help="the name as it is also written")
    name.add_argument("--script", default="", metavar="CODE", help="its script, as in ISO 15924 (default: as it looks)")
    name.set_defaults(change=_name)
    merge = _change(changes, "merge", "make one person of two entries")
    merge.add_argument("person", metavar="FROM", help="the entry that ends; its id goes on meaning the person")
    merge.add_argument("into", metavar="INTO", help="the entry that takes over its names, roles and recordings")
    merge.set_defaults(change=_merge)
    voices.arguments(lambda verb, about: _change(changes, verb, about))


def _change(
    changes: argparse._SubParsersAction[argparse.ArgumentParser], name: str, about: str
) -> argparse.ArgumentParser:
    parser = changes.add_parser(name, help=about, description=f"{about.capitalize()}.")
    # may stand here too, and then does not undo what stands before
    parser.add_argument(
        "--archive", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="the archive's folder, as for the list"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """List the register, or change it; a change over several recordings says by its code whether all went well."""
    archive = Archive.open(options.archive)
    code: int | None = options.change(archive, People.load(archive.root), options)
    return code or 0


def _list(_archive: Archive, people: People, options: argparse.Namespace) -> None:
    if options.json:
        say(json_text([_as_json(person) for person in people.all()]))
        return
    for person in people.all():
        say(_line(person))


def _name(_archive: Archive, people: People, options: argparse.Namespace) -> None:
    say(_line(people.add_name(_id(people, options.person), options.name, options.script)))


def _merge(archive: Archive, people: People, options: argparse.Namespace) -> None:
    """The register first: from then on the old id means the person, whatever of the rest is done when we are killed."""
    gone = _id(people, options.person)
    kept = people.join(gone, _id(people, options.into))
    changed = list(_renamed(archive, kept))
    if changed:
        show_anew(archive, changed)
    say(_line(kept))
    say(f"{isolated(gone)} now means {isolated(kept.id)}; changed in {count(len(changed), 'recording')}")


def _renamed(archive: Archive, kept: Speaker) -> Iterable[str]:
    """Puts the person in the place of ended entries in every recording; the history keeps what was there."""
    for card in Catalog(archive).cards():
        gone = [known for known, _ in card.speakers if known in kept.former]
        if gone:
            recording = archive.recording(card.id)
            speakers = (kept.id if known in gone else known for known in recording.speakers)
            now = dataclasses.replace(recording, speakers=tuple(dict.fromkeys(speakers)))
            archive.update(now, agent=AGENT, reason=f"the entry {', '.join(gone)} was joined into {kept.id}")
            yield card.id


def _id(people: People, text: str) -> str:
    """The id of a person named by id, also a former one, or by any spelling."""
    person = None if text in people.shown() else people.find(text)
    return person.id if person else text


def _line(person: Speaker) -> str:
    roles = f" ({isolated(', '.join(person.roles))})" if person.roles else ""
    former = f"; formerly also {isolated(', '.join(person.former))}" if person.former else ""
    return f"{isolated(person.id)}: {', '.join(isolated(name.text) for name in person.names)}{roles}{former}"


def _as_json(person: Speaker) -> dict[str, object]:
    names = [{"text": name.text, "script": name.script} for name in person.names]
    return {"id": person.id, "names": names, "roles": list(person.roles), "former": list(person.former)}
