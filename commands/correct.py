"""Correct words of a transcript, as a new version of it; the former one stays.

Single places by their seconds, or many at once: an export that was edited in any editor.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive.attribution import attributed
from archive.errors import UsageError
from archive.models import FLOOR, Transcript
from archive.people import NAME_CHARACTERS, People
from archive.store import Archive, overtaken
from commands.anew import show_anew
from commands.compare import as_json, line
from commands.languages import code_of
from commands.terminal import clean, clock, isolated, json_text, say
from commands.voices import times
from portal.phrases import count

if TYPE_CHECKING:  # what aligns words is loaded by whoever corrects some
    from ingest.edits import Edits, Stretch

AGENT = "onrecord correct"
WHY_CHARACTERS = 1000  # a reason is a sentence or two


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("recording", metavar="RECORDING", help="the id, as `status` and `search` show it")
    parser.add_argument(
        "--t",
        dest="stretches",
        action="append",
        nargs="+",
        default=[],
        metavar=("START,END", "WORDS"),
        help='seconds, and what is said in them ("" for nothing); may be repeated',
    )
    parser.add_argument("--from", dest="file", type=Path, metavar="FILE", help="an edited export, as text or captions")
    parser.add_argument("--of", type=int, metavar="N", help="the version that FILE was exported from, or that you saw")
    parser.add_argument("--over", type=int, metavar="N", help="the newest version, if another is to take its place")
    parser.add_argument("--layer", default="", metavar="NAME", help=f"the layer that has the words (default: {FLOOR})")
    parser.add_argument("--speaker", default="", metavar="NAME", help="who says the words in these seconds")
    parser.add_argument("--language", default="", metavar="CODE", help="the language of the words in these seconds")
    parser.add_argument("--by", default="", metavar="NAME", help="who corrects; stands with the version")
    parser.add_argument("--why", default="", metavar="TEXT", help="the reason, if it is to stand with it")
    parser.add_argument("--dry-run", action="store_true", help="only show what would change")
    parser.add_argument("--json", action="store_true", help="print what changes as JSON")


def run(options: argparse.Namespace) -> int:
    """Correct, and show what was there and what is there now."""
    from ingest.corrections import corrected
    from ingest.texts import layer_of

    by, why = _signed(options)
    archive = Archive.open(options.archive)
    base, edits = (_edited if options.file else _told)(archive, options)
    layer = layer_of(archive.recording(options.recording), base.layer)
    made = corrected(base, edits, layer, by=by, why=why)
    changes = made.segments != base.segments or _replaced(options, base) != base.version
    kept = made
    if changes and not options.dry_run:
        kept = archive.add_transcript(made, agent=AGENT, after=_replaced(options, base), reason=why)
        show_anew(archive, (kept.recording,))
    _report(base, kept, edits, changes, People.load(archive.root).shown(), options)
    return 0


def _signed(options: argparse.Namespace) -> tuple[str, str]:
    """Who corrects and why, on one line each."""
    from ingest.names import shown

    by, why = (shown(" ".join(text.split())) for text in (options.by, options.why))
    if not by and not options.dry_run:
        raise UsageError("nobody is named who corrects", mend="add --by NAME, or --dry-run to only look")
    if len(by) > NAME_CHARACTERS or len(why) > WHY_CHARACTERS:
        what = f"--by takes {NAME_CHARACTERS} characters and --why {WHY_CHARACTERS:,}"
        raise UsageError(what, mend="say it in fewer")
    return by, why


def _told(archive: Archive, options: argparse.Namespace) -> tuple[Transcript, Edits]:
    """The newest version, and what is said of its seconds."""
    from ingest.edits import at_times, speaker_named
    from ingest.texts import layer_of

    if not options.stretches:
        raise UsageError("nothing to correct is named", mend='give --t 12.4,18.9 "right words", or --from FILE')
    stretches = [_stretch(given, options) for given in options.stretches]
    seen = archive.transcript(options.recording, options.of) if options.of else None
    _refuse_layer(options, seen)
    layer = seen.layer if seen else options.layer or FLOOR
    newest = archive.transcript(options.recording, layer=layer_of(archive.recording(options.recording), layer).id)
    base = seen or newest
    _refuse_overtaken(options, base, newest.version)
    people = People.load(archive.root)
    speaker = speaker_named(options.speaker, people, base, "--speaker") if options.speaker else None
    return base, at_times(base, stretches, speaker, code_of(options.language) or None)


def _stretch(given: list[str], options: argparse.Namespace) -> Stretch:
    from ingest.edits import Stretch

    if len(given) > 2:
        raise UsageError(f"too many words behind --t {clean(given[0])}", mend="put them in quotes, as one")
    if len(given) == 1 and not (options.speaker or options.language):
        mend = 'give them in quotes, "" to take out what stands there'
        raise UsageError(f"no words behind --t {clean(given[0])}", mend=mend)
    try:
        start, end = times(given[0])
    except argparse.ArgumentTypeError as error:
        raise UsageError(clean(error), mend="the address of a selected quote has them behind t=") from error
    return Stretch(start, end, given[1] if len(given) == 2 else None)


def _edited(archive: Archive, options: argparse.Namespace) -> tuple[Transcript, Edits]:
    """The version that a file was exported from, and what was changed in the file."""
    from ingest.edited import edits_of, version_of
    from ingest.edits import speaker_named
    from ingest.given import read_given
    from ingest.texts import read_text

    if options.stretches or options.speaker or options.language:
        raise UsageError("--from goes with none of --t, --speaker and --language", mend="do one after the other")
    recording = archive.recording(options.recording)
    given = read_text(options.file)
    text = read_given(given.name, given.data)
    base = archive.transcript(recording.id, version_of(text, recording.id, options.of, given.name))
    _refuse_layer(options, base)
    _refuse_overtaken(options, base, max(archive.versions(recording.id, base.layer)))
    people = People.load(archive.root)
    exported = attributed(recording, base)
    names = people.shown()
    return base, edits_of(
        exported, given, text, names, lambda name, where: speaker_named(name, people, exported, where)
    )


def _replaced(options: argparse.Namespace, base: Transcript) -> int:
    """The version in whose place the correction comes: the one that it changes, unless another is named."""
    return base.version if options.over is None else int(options.over)


def _refuse_overtaken(options: argparse.Namespace, base: Transcript, newest: int) -> None:
    if newest != (known := _replaced(options, base)):
        raise overtaken(base.recording, known, newest)


def _refuse_layer(options: argparse.Namespace, seen: Transcript | None) -> None:
    if seen and options.layer not in ("", seen.layer):
        what = f"version {seen.version} is of the layer {seen.layer}"
        raise UsageError(what, mend="leave --layer out: the version says whose words they are")


def _report(
    base: Transcript,
    kept: Transcript,
    edits: Edits,
    changes: bool,
    names: dict[str, str],
    options: argparse.Namespace,
) -> None:
    from ingest.edits import shown_changes

    found = shown_changes(base, edits)
    if options.json:
        told = {"recording": base.recording, "of": base.version, "version": kept.version or None}
        say(json_text({**told, "words": edits.words, "changes": [as_json(one) for one in found]}))
        return
    for one in found:
        say(line(one))
    for said in _namings(base, edits, names):
        say(said)
    if not changes:
        say(f"nothing differs from version {base.version}")
    elif options.dry_run:
        say(f"{_summary(edits)}; nothing was kept")
    else:
        say(f"version {kept.version} of {kept.recording}: {_summary(edits)}; version {base.version} stays as it was")


def _summary(edits: Edits) -> str:
    parts = [f"{count(edits.words, 'word')} in place of {edits.instead_of:,}"]
    if confirmed := sum(last - first for first, last in edits.confirmed):
        parts.append(f"{confirmed:,} confirmed")
    if named := sum(naming.last - naming.first for naming in edits.namings):
        parts.append(f"{count(named, 'word')} with another speaker or language")
    return ", ".join(parts)


def _namings(base: Transcript, edits: Edits, names: dict[str, str]) -> Iterator[str]:
    from ingest.edits import words_of

    words = words_of(base)
    for naming in edits.namings:
        told = [names.get(naming.speaker, naming.speaker)] if naming.speaker else []
        told += [naming.language] if naming.language else []
        for text in told:
            spoken = count(naming.last - naming.first, "word")
            yield f"{clock(words[naming.first].start):>8}  {isolated(text)}: {spoken}"
