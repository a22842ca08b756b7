"""Which windows are of one voice, and how many voices there are.

Windows are grouped by average linkage, then the groups by their means: the mean of a group has less of the room, the
noise and the words in it than a window has, so one threshold holds from a studio to a hall with a crowd.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.voices.linkage import Labels, Vectors, grow

GROUPED = 0.40  # mean similarity at which windows form a group
LEAST_WINDOWS = 4  # a voice that sounds for less than some three seconds is not told from the others
PASSES = 3  # over all windows, each to its nearest voice; later ones move nothing


@dataclass(frozen=True, slots=True)
class Bounds:
    """How similar the means of two groups must be to be one voice: `usual`, or up to these where a number is wanted.

    The sheet's number of speakers decides between what is possible; it never joins what is clearly apart, nor
    parts what is clearly one.
    """

    apart: float = 0.40
    usual: float = 0.55
    one: float = 0.70


def tell_apart(vectors: Vectors, wanted: int = 0, bounds: Bounds = Bounds()) -> Labels:
    """A voice, from 0, for each window. `wanted` is how many the sheet names, 0 where it names none."""
    if not len(vectors):
        return np.zeros(0, np.intp)
    labels = _without_small(vectors, _with_small_ones_joined(vectors, grow(vectors).cut(GROUPED)))
    while labels.max() > 0:
        means = _means(vectors, labels)
        similar = means @ means.T
        np.fill_diagonal(similar, -1)
        kept, gone = sorted(int(index) for index in np.unravel_index(int(similar.argmax()), similar.shape))
        if similar[kept, gone] < _needed(int(labels.max()) + 1, wanted, bounds):
            break
        labels = _numbered(np.where(labels == gone, kept, labels))
    for _ in range(PASSES):
        labels = _without_small(vectors, _nearest(vectors, _means(vectors, labels)))
    return labels


def _needed(voices: int, wanted: int, bounds: Bounds) -> float:
    if not wanted:
        return bounds.usual
    return bounds.apart if voices > wanted else bounds.one


def _with_small_ones_joined(vectors: Vectors, labels: Labels) -> Labels:
    """Groups too small to be a voice come together by their means: a soft voice in a noise falls into several."""
    small = np.flatnonzero(np.bincount(labels) < LEAST_WINDOWS)
    if len(small) < 2:
        return labels
    places = np.arange(int(labels.max()) + 1)
    places[small] = len(places) + grow(_means(vectors, labels)[small]).cut(GROUPED)
    return _numbered(places[labels])


def _without_small(vectors: Vectors, labels: Labels) -> Labels:
    """What sounds too short to be judged as a voice goes to the nearest that does not."""
    labels = _numbered(labels)
    large = np.flatnonzero(np.bincount(labels) >= LEAST_WINDOWS)
    if not len(large):
        return np.zeros(len(labels), np.intp)
    means = _means(vectors, labels)[large]
    places = {int(label): place for place, label in enumerate(large)}
    nearest = _nearest(vectors, means)
    return _numbered(np.array([places.get(int(label), near) for label, near in zip(labels, nearest, strict=True)]))


def _nearest(vectors: Vectors, means: Vectors) -> Labels:
    return np.asarray((vectors @ means.T).argmax(axis=1), np.intp)


def _means(vectors: Vectors, labels: Labels) -> Vectors:
    """The unit mean of each label's vectors."""
    sums = np.zeros((int(labels.max()) + 1, vectors.shape[1]), np.float32)
    np.add.at(sums, labels, vectors)
    return unit(sums)


def _numbered(labels: NDArray[Any]) -> Labels:
    """The same groups under numbers from 0 without gaps."""
    return np.unique(labels, return_inverse=True)[1].astype(np.intp)


def unit(vectors: Vectors) -> Vectors:
    """The vectors at length 1; what has none stays as it is."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9), np.float32)
