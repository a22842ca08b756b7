"""Engines that turn speech into words, behind one contract."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from archive.errors import MachineError, UsageError
from ingest.extras import adding
from ingest.fetch import Fetch
from ingest.transcribers.base import Heard, HeardSegment, Hints, Transcriber
from ingest.weights import resolve, sha256_of_model

__all__ = ["ENGINES", "Heard", "HeardSegment", "Hints", "Transcriber", "open_transcriber"]

ENGINES = ("faster", "openai", "toy")  # fastest first
_NEEDS = {"faster": "faster_whisper", "openai": "whisper"}


def open_transcriber(
    engine: str = "auto",
    model: str = "base",
    *,
    threads: int = 0,
    on_fetch: Callable[[Fetch], None] | None = None,
) -> Transcriber:
    """An engine with its weights loaded; `auto` is the fastest one installed, `threads` 0 means all cores.

    `model` is a size of Whisper or a folder (see `ingest.weights`); `toy` needs none.
    """
    if engine == "auto":
        engine = next((name for name, needs in _NEEDS.items() if find_spec(needs)), "")
        if not engine:
            raise MachineError("no engine is installed", mend="run: make setup")
    if engine == "toy":
        from ingest.transcribers.toy import ToyTranscriber

        return ToyTranscriber()
    if engine not in _NEEDS:
        raise UsageError(f"no engine `{engine}`", mend=f"one of auto, {', '.join(ENGINES)}")
    if not find_spec(_NEEDS[engine]):
        mend = adding("openai") if engine == "openai" else "run: make setup"
        raise MachineError(f"the engine `{engine}` is not installed", mend=mend)

    folder = resolve(model, on_fetch=on_fetch)
    name, sha256 = folder.name, sha256_of_model(folder)
    if engine == "openai":
        from ingest.transcribers.openai import OpenaiTranscriber

        return OpenaiTranscriber(folder, name=name, sha256=sha256, threads=threads)
    from ingest.transcribers.faster import FasterTranscriber

    return FasterTranscriber(folder, name=name, sha256=sha256, threads=threads)
