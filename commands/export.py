"""Write a transcript as captions, text or JSON."""

from __future__ import annotations

import argparse
import sys

from archive import captions, codec
from archive.attribution import attributed
from archive.files import atomic_write
from archive.models import Transcript
from archive.people import People
from archive.store import Archive
from commands.output import target_of

STDOUT = "-"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("recording", metavar="RECORDING", help="the id, as `status` and `search` show it")
    parser.add_argument(
        "--format", default="vtt", choices=("vtt", "srt", "txt", "json"), help="what to write (default: vtt)"
    )
    parser.add_argument(
        "--version", type=int, metavar="N", help="a transcript version (default: the newest of the floor)"
    )
    parser.add_argument("-o", "--output", default=STDOUT, metavar="FILE", help="where to (default: -, stdout)")


def run(options: argparse.Namespace) -> int:
    """Export one transcript version."""
    archive = Archive.open(options.archive)
    transcript = archive.transcript(options.recording, options.version)
    if options.format != "json":  # JSON is the version as it is kept
        transcript = attributed(archive.recording(options.recording), transcript)
    text = _write(transcript, options.format, People.load(archive.root).shown())
    if options.output == STDOUT:
        sys.stdout.write(text)
    else:
        atomic_write(target_of(options.output), text.encode("utf-8"))
    return 0


def _write(transcript: Transcript, fmt: str, names: dict[str, str]) -> str:
    if fmt == "json":
        return codec.encode(transcript).decode("utf-8")
    if fmt == "srt":
        return captions.to_srt(transcript, names)
    return captions.marked({"vtt": captions.to_vtt, "txt": captions.to_txt}[fmt](transcript, names), transcript)
