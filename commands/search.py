"""Find what was said, with the time of every word."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from archive.catalog import Catalog
from archive.errors import UsageError
from archive.models import Card, LayerKind, Quality
from archive.people import People
from archive.store import Archive
from commands.terminal import clean, clock, complain, isolated, json_line, json_text, say
from portal.phrases import count, doubts, number, rate, whose
from search.models import By, Counted, Coverage, Filters, Sort
from search.syntax import FieldName
from search.titles import titled
from search.unknown import UnknownName, unknown_names

if TYPE_CHECKING:
    from portal.routes.answers import MomentAnswer, SearchAnswer

STDIN = "-"
MOST_RECORDINGS = 1000


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "query", metavar="QUERY", help='the words; "a phrase", AND OR NOT, prefix*, fuzzy~; - reads it from stdin'
    )
    parser.add_argument("--year", metavar="YEAR", help="a year, or a range such as 1960-1970")
    parser.add_argument(
        "--speaker",
        action="append",
        default=[],
        metavar="NAME",
        help="a speaker's id, or any part of the name; may be repeated",
    )
    parser.add_argument(
        "--event",
        action="append",
        default=[],
        metavar="NAME",
        help="an event's id, or words of its name; may be repeated",
    )
    parser.add_argument(
        "--language", action="append", default=[], metavar="CODE", help="a language's code or name; may be repeated"
    )
    parser.add_argument(
        "--quality",
        action="append",
        default=[],
        choices=[quality.value for quality in Quality],
        help="only words of this quality; may be repeated",
    )
    parser.add_argument(
        "--layer",
        action="append",
        default=[],
        choices=[layer.value for layer in LayerKind],
        help="only words of the floor, of interpreters, or of machine translation; may be repeated",
    )
    parser.add_argument(
        "--sort", default=Sort.RELEVANCE.value, choices=[sort.value for sort in Sort], help="the order of recordings"
    )
    parser.add_argument(
        "--by",
        action="append",
        default=[],
        choices=[by.value for by in By],
        help="count the moments, and the words among which they stand, by this; twice: by both together",
    )
    parser.add_argument("--limit", type=int, default=10, metavar="N", help="recordings to show (default: 10)")
    parser.add_argument("--json", action="store_true", help="print the moments as JSON")
    parser.add_argument(
        "--all",
        action="store_true",
        help="print every moment as it is found, passage by passage, one JSON object a line",
    )


def run(options: argparse.Namespace) -> int:
    """Search. No hit is no error: the answer says so and the code is 0."""
    from portal.address import Address
    from portal.routes.answers import of_moment, of_search
    from portal.routes.count_answers import of_counts
    from search.searcher import Searcher

    if not 1 <= options.limit <= MOST_RECORDINGS:
        raise UsageError(f"--limit is from 1 to {MOST_RECORDINGS}")
    if options.by and options.all:
        raise UsageError("--by counts moments and --all prints them", mend="give one of the two")
    query = sys.stdin.read().strip() if options.query == STDIN else options.query
    archive = Archive.open(options.archive)
    filters = Filters(
        years=_years(options.year),
        speakers=tuple(options.speaker),
        events=tuple(options.event),
        languages=tuple(options.language),
        qualities=tuple(map(Quality, options.quality)),
        layers=tuple(map(LayerKind, options.layer)),
    )
    cards = Catalog(archive).cards()
    for unknown in unknown_names(query, filters, People.load(archive.root).all(), cards):
        complain(f"onrecord: {_said(unknown)}")
    with Searcher.open(archive) as searcher:
        if options.by:
            counted = searcher.counts(query, filters, by=tuple(map(By, options.by)))
            if options.json:
                say(json_text(msgspec.to_builtins(of_counts(counted, Address.asking(query, filters)))))
            else:
                _show_counts(counted)
            return 0
        if options.all:
            for card, moment in searcher.each(query, filters, sort=Sort(options.sort)):
                say(json_line(msgspec.to_builtins(of_moment(card, moment))))
            return 0
        answer = searcher.search(query, filters, sort=Sort(options.sort), limit=options.limit)
    if options.json:
        say(json_text(_as_json(of_search(answer))))
    else:
        _show(of_search(answer), [hits.card for hits in answer.hits if not hits.total])
        for card in () if answer.recordings else titled(query, cards):
            say(f"a recording is called {_heading(card.title, card.year, card.id)}")
    return 0


def _as_json(answer: SearchAnswer) -> dict[str, object]:
    """The shape of /api/search, without its facets."""
    shown: dict[str, object] = msgspec.to_builtins(answer)
    return {name: value for name, value in shown.items() if name != "facets"}


def _show(found: SearchAnswer, whole: Sequence[Card]) -> None:
    """The moments by recording; the recordings alone, `whole`, where no word was asked for."""
    floor = "" if found.exact else "at least "
    moments, recordings = count(found.total, "moment"), count(found.recordings, "recording")
    said = f"{floor}{moments} in {recordings}" if found.total else recordings if found.recordings else "no moments"
    say(f"{said}; {_searched(found.coverage)}")
    for card in whole:
        say(_heading(card.title, card.year, card.id))
    recording = ""
    for moment in found.moments:
        if moment.recording != recording:
            recording = moment.recording
            say("\n" + _heading(moment.title, moment.year, recording))
        say(f"  {clock(moment.start):>8}  {_sentence(moment)}")


def _show_counts(counted: Counted) -> None:
    """A line for all that has words: the rate, the moments, the words, and of what; above them a line that says so.

    Where no word is asked for, the words alone.
    """
    floor = "" if counted.exact else "at least "
    moments, words = count(counted.moments, "moment"), count(counted.words, "word")
    found = f"{floor}{moments} in {words}, {rate(counted.per_10000)} in 10,000" if counted.seeks else words
    say(f"{found}; {_searched(counted.coverage)}")
    if counted.rows:
        heads = f"{'in 10,000':>9}  {'moments':>9}  " if counted.seeks else ""
        say(f"{heads}{'words':>11}  {'  '.join(by.value for by in counted.by)}")
    for row in counted.rows:
        told = "  ".join(isolated(label) if label else "unknown" for label in row.labels)
        found = f"{rate(row.per_10000):>9}  {number(row.moments):>9}  " if counted.seeks else ""
        say(f"{found}{number(row.words):>11}  {told}")


def _heading(title: str, year: int, recording: str) -> str:
    return f"{isolated(title)}{f' ({year})' if year else ''}  {recording}"


def _sentence(moment: MomentAnswer) -> str:
    speaker = f"{isolated(moment.speaker)}: " if moment.speaker else ""
    parts = (clean(moment.before), f"[{clean(moment.text)}]", clean(moment.after))
    notes = [*filter(None, [whose(LayerKind(moment.layer))]), *doubts(Quality(moment.quality), moment.reasons)]
    said = speaker + isolated(" ".join(part for part in parts if part))
    return said + (f" ({clean('; '.join(notes))})" if notes else "")


def _searched(seen: Coverage) -> str:
    """How much of the archive the answer is about."""
    whole = count(seen.recordings, "recording")
    parts = [f"searched {seen.searched} of {whole}"]
    if seen.without_transcript:
        parts.append(f"{len(seen.without_transcript)} without a transcript")
    if seen.not_indexed:
        parts.append(f"{len(seen.not_indexed)} not indexed")
    return ", ".join(parts)


def _years(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", text.strip())
    if not found:
        raise UsageError(f"--year {text!r} is no year", mend="write --year 1961 or --year 1960-1970")
    first, last = int(found[1]), int(found[2] or found[1])
    if first > last:
        raise UsageError(f"--year {text!r} ends before it begins", mend=f"write --year {last}-{first}")
    return first, last


def _said(unknown: UnknownName) -> str:
    """That nobody or nothing is called so, and what is."""
    near = ", ".join(map(isolated, unknown.near))
    match unknown.field:
        case FieldName.LANGUAGE:
            return f"nothing here is in the language {isolated(unknown.typed)}; there is: {near or 'none'}"
        case FieldName.EVENT:
            return f"no event is called {isolated(unknown.typed)}" + (f"; near it: {near}" if near else "")
        case _:
            nobody = f"nobody in the register is called {isolated(unknown.typed)}"
            return f"{nobody}; near it: {near}" if near else f"{nobody}; `onrecord people` lists them"
