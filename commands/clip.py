"""Cut the words of a link out as a sound file, and say what they are and where they are from."""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from archive.attribution import attributed
from archive.errors import UsageError
from archive.files import sha256_of
from archive.people import People
from archive.store import Archive
from commands.output import target_of
from commands.terminal import clean, isolated, json_text, say
from portal.address import Address
from portal.clip import SUFFIX, proof_lines, quote_of, sound_path
from portal.links import parse_range

MEND = "select the words in the portal and press Copy link"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("link", metavar="LINK", help="as the portal copies it, or the url of `search --json`")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="where to; it ends in .m4a")
    parser.add_argument("--json", action="store_true", help="print the quote as JSON")


def run(options: argparse.Namespace) -> int:
    """Write the clip; print the words with their source and both digests."""
    from ingest.access_copy import make_clip

    target = target_of(options.output)
    if target.suffix.lower() != SUFFIX:
        raise UsageError(f"{clean(target)} is no name for a clip", mend=f"let it end in {SUFFIX}")
    if target.exists():
        raise UsageError(f"{clean(target)} is there already", mend="give another name")
    archive = Archive.open(options.archive)
    address = Address.parse(urlsplit(options.link).query)
    if not address.recording or not address.t:
        raise UsageError("this link names no words of a recording", mend=MEND)
    recording = archive.recording(address.recording)
    start, end = parse_range(address.t, recording.duration)
    if end is None:
        raise UsageError("this link says where the words begin and not where they end", mend=MEND)
    transcript = attributed(recording, archive.transcript(recording.id, address.version or None))
    source = sound_path(archive, recording, transcript)
    if source is None:
        raise UsageError("the sound of this layer was not made yet", mend="run: onrecord ingest")
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".clip-") as folder:
        made = make_clip(source, start, end, Path(folder))
        made.chmod(0o644)  # the program's own temporary files are for its user only
        shutil.move(made, target)
    names = People.load(archive.root).shown()
    quote = quote_of(archive, recording, transcript, start, end, names=names, server=_server(options.link))
    digest = sha256_of(target)
    if options.json:
        say(json_text({**dataclasses.asdict(quote), "clip": str(target), "clip_sha256": digest}))
    else:
        say("\n".join(proof_lines(quote, digest, isolated)))
    return 0


def _server(link: str) -> str:
    """The server of a link, which has none where it is of `search --json`."""
    parts = urlsplit(link)
    return clean(f"{parts.scheme}://{parts.netloc}") if parts.netloc else ""
