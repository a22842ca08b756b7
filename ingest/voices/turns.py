"""Turns: who has the word from when to when, and where two speak at once, over a whole recording.

Vectors are kept on disk stretch by stretch as they are made, so a killed run goes on; only they are held at once,
some 20 MB an hour.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archive.files import atomic_write
from ingest.media import SAMPLE_RATE, PcmStream
from ingest.speech import as_float
from ingest.voices.activity import Spans, at_once, parted, stretches, windows_of
from ingest.voices.clustering import tell_apart, unit
from ingest.voices.embeddings import VoiceNets
from ingest.windows import windows

VERSION = "3"  # of what this module keeps; a change makes vectors anew

NEIGHBOUR = 0.5  # weight of an overlapping window: a voice seldom changes from one to the next


@dataclass(frozen=True, slots=True)
class Turn:
    """Seconds on the recording's clock, and the number of the voice, from 0 in the order of first words."""

    start: float
    end: float
    voice: int


@dataclass(frozen=True, slots=True)
class Heard:
    """The voices of a recording: turns in order, one mean vector and the seconds of speech for each voice, and the
    stretches (start, end) in which two speak at once."""

    turns: tuple[Turn, ...]
    vectors: NDArray[np.float32]
    seconds: NDArray[np.float64]
    together: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What is kept of some minutes; all in samples on the recording's clock."""

    start: int
    end: int
    speech: Spans
    windows: Spans
    vectors: NDArray[np.float16]
    together: Spans


def hear_voices(
    media: Path,
    nets: VoiceNets,
    checkpoints: Path,
    *,
    stream: int = 0,
    offset: float = 0.0,
    wanted: int = 0,
    on_progress: Callable[[float], None] = lambda _seconds: None,
) -> Heard:
    """Who speaks when in an audio track of a file that begins at `offset` seconds of the recording's clock.

    `wanted` is how many speakers the sheet names, 0 for unknown.
    """
    checkpoints.mkdir(parents=True, exist_ok=True)
    kept = list(_stretches(PcmStream(media, stream, offset), nets, checkpoints, on_progress))
    speech, spans, together = (
        np.concatenate([np.zeros((0, 2), np.int64), *(getattr(part, name) for part in kept)])
        for name in ("speech", "windows", "together")
    )
    if not len(spans):
        return Heard((), np.zeros((0, 0), np.float32), np.zeros(0), together / SAMPLE_RATE)
    vectors = np.concatenate([part.vectors for part in kept]).astype(np.float32)
    smoothed = _with_neighbours(vectors, spans)
    labels = _by_first_words(tell_apart(smoothed, wanted), spans)
    turns = tuple(Turn(a / SAMPLE_RATE, b / SAMPLE_RATE, voice) for a, b, voice in parted(speech, spans, labels))
    seconds = np.bincount([t.voice for t in turns], [t.end - t.start for t in turns]).astype(np.float64)
    sums = np.zeros((len(seconds), vectors.shape[1]), np.float32)
    np.add.at(sums, labels, vectors)
    return Heard(turns, unit(sums), seconds, together / SAMPLE_RATE)


def _stretches(
    stream: PcmStream, nets: VoiceNets, folder: Path, on_progress: Callable[[float], None]
) -> Iterator[_Stretch]:
    with stream as sound:
        done = list(_finished(folder, nets))
        yield from done
        position = done[-1].end if done else 0
        for window in windows(sound, start_sample=position, first_index=len(done)):
            part = _moved(_listened(as_float(window.pcm), nets), window.start)
            atomic_write(_path(folder, nets, window.index), _bytes(part))
            on_progress(window.end / SAMPLE_RATE)
            yield part


def _listened(pcm: NDArray[np.float32], nets: VoiceNets) -> _Stretch:
    segmented = nets.segmented(pcm)
    speech = stretches(pcm, segmented)
    spans = windows_of(speech)
    # rounded here, so that what is read back from the disk is what was made
    vectors = nets.vectors(pcm, spans).astype(np.float16)
    return _Stretch(0, len(pcm), speech, spans, vectors, at_once(segmented.together, len(pcm)))


def _moved(part: _Stretch, by: int) -> _Stretch:
    return _Stretch(by, part.end + by, part.speech + by, part.windows + by, part.vectors, part.together + by)


def _with_neighbours(vectors: NDArray[np.float32], spans: Spans) -> NDArray[np.float32]:
    """Each vector with some of those whose windows overlap its own: less noise, and no borders blurred by pauses."""
    made = vectors.copy()
    overlaps = (spans[1:, 0] < spans[:-1, 1])[:, None]
    made[:-1] += NEIGHBOUR * overlaps * vectors[1:]
    made[1:] += NEIGHBOUR * overlaps * vectors[:-1]
    return unit(made)


def _by_first_words(labels: NDArray[np.intp], spans: Spans) -> NDArray[np.intp]:
    """The labels numbered in the order in which the voices are first heard."""
    first = [int(spans[labels == label, 0].min()) for label in range(int(labels.max()) + 1)]
    return np.asarray(np.argsort(np.argsort(first))[labels], np.intp)


def _finished(folder: Path, nets: VoiceNets) -> Iterator[_Stretch]:
    """The stretches that are whole and follow on each other."""
    end = index = 0
    while (path := _path(folder, nets, index)).is_file():
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
                start, stop = (int(value) for value in kept["place"])
                part = _Stretch(start, stop, *(kept[name] for name in ("speech", "windows", "vectors", "together")))
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return
        if part.start != end:
            return
        end, index = part.end, index + 1
        yield part


def _bytes(part: _Stretch) -> bytes:
    data = io.BytesIO()
    np.savez(
        data,
        place=np.array([part.start, part.end]),
        speech=part.speech,
        windows=part.windows,
        vectors=part.vectors,
        together=part.together,
    )
    return data.getvalue()


def _path(folder: Path, nets: VoiceNets, index: int) -> Path:
    return folder / f"voices-{VERSION}-{nets.sha256[:16]}-{index:05d}.npz"
