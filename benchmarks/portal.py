"""What a rerun of the portal's page costs, against a bare Streamlit page, in CPU milliseconds of the server.

    python benchmarks/portal.py [--sessions 20] [--reruns 10]

The portal is served as people serve it, over an archive of 40 recordings of 3,000 words; each session is a web
socket that asks for an address, as a browser does, and waits until the page is whole. "first" asks for addresses
that nobody asked for before, so that each is searched; "again" for one that is cached. The bare page is one line of
text under the same configuration.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import wave
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from archive.catalog import Catalog  # noqa: E402
from archive.events import event_of  # noqa: E402
from archive.files import sha256_of  # noqa: E402
from archive.models import Maker, MakerKind, Recording, Segment, Transcript, Word  # noqa: E402
from archive.people import People  # noqa: E402
from archive.store import Archive  # noqa: E402
from benchmarks.report import Value, report  # noqa: E402
from ingest.probe import probe  # noqa: E402
from search.indexer import rebuild  # noqa: E402

RECORDINGS = 40
WORDS = 3000  # a recording
VOCABULARY = 3000
SEGMENT = 15  # words
WORD_S = 0.4
START_S = 60
SEED = 1961
BARE = 'import streamlit as st\n\nst.write("bare")\n'


@dataclass(frozen=True, slots=True)
class Case:
    """A name and the address of each rerun, or one for all."""

    name: str
    addresses: Sequence[str]


def main() -> None:
    """Makes the archive, serves both pages, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--reruns", type=int, default=10, help="of each session")
    options = parser.parse_args()
    total = options.sessions * options.reruns
    with tempfile.TemporaryDirectory() as folder:
        root, words = make_archive(Path(folder))
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        (only, _) = measured(bare, root, [Case("bare Streamlit", ["/"])], options.sessions, options.reruns)[0]
        first = Archive.open(root).ids()[0]
        fresh = [f"/?q={words[30 + i]}" for i in range(min(total, len(words) - 30))]
        cases = [
            Case("search, first", fresh),
            Case("search, again", [f"/?q={words[20]}"]),
            Case("recording", [f"/?recording={first}&q={words[20]}"]),
            Case("start", ["/"]),
        ]
        figures = measured(ROOT / "app.py", root, cases, options.sessions, options.reruns)
    rows: list[dict[str, Value]] = [{"page": "bare Streamlit", "cpu_ms": only, "ratio": 1.0}]
    for case, (cpu, size) in zip(cases, figures, strict=True):
        rows.append({"page": case.name, "cpu_ms": cpu, "ratio": round(cpu / only, 1), "kb": size})
    notes = [f"{options.sessions} sessions, {options.reruns} reruns each; CPU of the server process, a rerun."]
    report("portal", rows, notes)


def make_archive(folder: Path) -> tuple[Path, list[str]]:
    """An archive of words drawn as unevenly as in speech, and the words, the most frequent first."""
    chance = random.Random(SEED)  # noqa: S311
    words = [f"{a}{b}{c}" for a in "kstnmrlbdpg" for b in ("a", "e", "i", "o") for c in ("nd", "rt", "lo", "mi", "sk")]
    words = [x + y for x in words for y in words[:14]][:VOCABULARY]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    archive = Archive.open(folder / "archive", create=True)
    people = People.load(archive.root)
    speakers = [people.ensure(f"Speaker {n}").id for n in range(8)]
    people.save()
    for n in range(RECORDINGS):
        said = chance.choices(words, weights, k=WORDS)
        put(archive, folder, n, said, speakers[n % len(speakers)])
    Catalog(archive).rebuild()
    rebuild(archive, lambda *_: None)
    return archive.root, words


def put(archive: Archive, folder: Path, n: int, said: list[str], speaker: str) -> None:
    """One recording with its transcript; its sound is a short tone, which no rerun reads."""
    file = folder / f"{n}.wav"
    with wave.open(str(file), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(array("h", (round(9000 * math.sin(t * (0.1 + n / 99))) for t in range(4000))).tobytes())
    date = f"{1950 + n}-01-20"
    duration = WORDS * WORD_S
    media = replace(probe(file), sha256=sha256_of(file), duration=duration)
    event = event_of(f"Address {1950 + n}", date, "Here")
    known = Recording(media.sha256[:16], f"Speech {n}", media, event, date, "Here", (speaker,), ("en",))
    archive.register(file, known)
    spoken = [Word(word, round(i * WORD_S, 3), round(i * WORD_S + 0.3, 3)) for i, word in enumerate(said)]
    cuts = [tuple(spoken[i : i + SEGMENT]) for i in range(0, len(spoken), SEGMENT)]
    segments = tuple(Segment(cut[0].start, cut[-1].end, cut, speaker, "en") for cut in cuts)
    maker = Maker(MakerKind.IMPORT, "benchmark")
    archive.add_transcript(Transcript(known.id, 0, maker, segments, "floor", "en", duration), agent="benchmark")


def measured(script: Path, root: Path, cases: Sequence[Case], sessions: int, reruns: int) -> list[tuple[float, float]]:
    """CPU milliseconds of a rerun, and kilobytes sent for one, for each case."""
    with served(script, root) as (port, process):
        return [asyncio.run(_case(port, process, case, sessions, reruns)) for case in cases]


@contextmanager
def served(script: Path, root: Path) -> Iterator[tuple[int, psutil.Process]]:
    """A Streamlit server in a process of its own."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    environment = {**os.environ, "ONRECORD_ARCHIVE": str(root)}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
    try:
        patience = time.monotonic() + START_S
        while time.monotonic() < patience:
            try:
                with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=5):
                    break
            except OSError:
                time.sleep(0.2)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


async def _case(port: int, server: psutil.Process, case: Case, sessions: int, reruns: int) -> tuple[float, float]:
    sockets = [await connect(f"ws://localhost:{port}/_stcore/stream", max_size=None) for _ in range(sessions)]
    addresses = cycle(case.addresses)
    warm = [case.addresses[0]] * sessions
    await asyncio.gather(*(rerun(each, address) for each, address in zip(sockets, warm, strict=True)))
    before = server.cpu_times()
    sent = 0
    for _ in range(reruns):
        sent += sum(await asyncio.gather(*(rerun(each, next(addresses)) for each in sockets)))
    after = server.cpu_times()
    for each in sockets:
        await each.close()
    spent = (after.user + after.system) - (before.user + before.system)
    count = sessions * reruns
    return round(1000 * spent / count, 1), round(sent / count / 1000, 1)


async def rerun(session: ClientConnection, address: str) -> int:
    """Asks for an address and waits until the page is whole; how many bytes came."""
    wanted = BackMsg()
    wanted.rerun_script.query_string = address.partition("?")[2]
    await session.send(wanted.SerializeToString())
    size = 0
    while True:
        data = await session.recv()
        size += len(data)
        message = ForwardMsg()
        message.ParseFromString(data if isinstance(data, bytes) else data.encode())
        if message.WhichOneof("type") == "script_finished":
            return size


if __name__ == "__main__":
    main()
