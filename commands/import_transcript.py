"""Keep captions or a text that came with a recording as a version of its transcript.

Its words get the times at which they were heard; where the two disagree is said, and `onrecord compare` lists it.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from archive.errors import InputError
from archive.models import FLOOR, Quality, Transcript
from archive.store import Archive
from commands.anew import show_anew
from commands.languages import code_of
from commands.terminal import complain, isolated, say
from portal.phrases import count

AGENT = "onrecord import-transcript"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("recording", metavar="RECORDING", help="the id, as `status` and `search` show it")
    parser.add_argument("file", type=Path, metavar="FILE", help="WebVTT, SubRip, TTML, JSON of Whisper or plain text")
    parser.add_argument("--language", default="", metavar="CODE", help="its language (default: found out)")
    parser.add_argument(
        "--layer", default=FLOOR, metavar="NAME", help=f"the layer that it gives the words of (default: {FLOOR})"
    )
    parser.add_argument("--source", default="", metavar="TEXT", help="where it comes from, as you would cite it")


def run(options: argparse.Namespace) -> int:
    """Import one file, and say what came of it."""
    from ingest.imports import Told
    from ingest.texts import import_text, layer_of, read_text, said_of_unknown, unknown_names

    archive = Archive.open(options.archive)
    language = code_of(options.language)
    if layer_of(archive.recording(options.recording), options.layer).translates:
        what = f"a given text is kept as what was said, and {isolated(options.layer)} is a machine's translation"
        mend = f"correct that: onrecord correct {options.recording} --layer {options.layer}"
        raise InputError(what, where=options.recording, mend=mend)
    given = read_text(options.file)
    kept = import_text(
        archive, options.recording, given, layer=options.layer, told=Told(options.source, language), agent=AGENT
    )
    show_anew(archive, (kept.recording,))
    say(_summary(kept))
    if names := unknown_names(archive, given):
        complain(f"onrecord: {said_of_unknown(names, isolated)}")
    return 0


def _summary(kept: Transcript) -> str:
    made = dict(kept.maker.settings)
    words = sum(len(segment.words) for segment in kept.segments)
    parts = [f"version {kept.version} of {kept.recording}: {count(words, 'word')}", _times(made)]
    qualities = Counter(segment.quality for segment in kept.segments)
    if qualities[Quality.SUSPECT]:
        parts.append(f"{count(qualities[Quality.SUSPECT], 'passage')} to check")
    return "; ".join(parts)


def _times(made: dict[str, str]) -> str:
    if made["times"] == "cues":
        return "times from its cues, for nobody has listened yet"
    if made["times"] == "estimated":
        return "times estimated, for none of it was heard yet"
    differs = f"times as heard in version {made['compared']}, {count(int(made['differences']), 'difference')}"
    return differs + (f"; its own times are off by {made['clock off by']}" if "clock off by" in made else "")
