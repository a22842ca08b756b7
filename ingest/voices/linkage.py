"""Which windows are of one voice: average linkage by cosine, without a matrix of all pairs.

The mean similarity between two groups of unit vectors is the dot product of their means, so a group is its sum and
its count, and memory grows with the number of windows and not with its square.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 2000  # windows that are grouped exactly before their groups meet those of other blocks, some 25 minutes
SURE = 0.70  # similarity at which the windows of a block are one voice in any recording that we measured

Vectors = NDArray[np.float32]
Labels = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Merge:
    """Two groups became one, at their mean similarity; groups are named by their smallest member."""

    similarity: float
    kept: int
    gone: int


@dataclass(frozen=True, slots=True)
class Tree:
    """How `size` vectors come together: all merges down to one group. `members` says which leaf each vector is in."""

    members: Labels
    merges: tuple[Merge, ...]

    def cut(self, threshold: float) -> Labels:
        """A number from 0 for each vector; those share one whose groups are at least so similar."""
        parents = np.arange(int(self.members.max(initial=-1)) + 1)
        for merge in self.merges:
            if merge.similarity >= threshold:
                parents[_root(parents, merge.gone)] = _root(parents, merge.kept)
        roots = np.array([_root(parents, leaf) for leaf in range(len(parents))], np.intp)
        return np.unique(roots[self.members], return_inverse=True)[1].astype(np.intp)


def grow(vectors: Vectors) -> Tree:
    """The tree over unit vectors [windows, dimensions]. More than a block of them are first grouped block by block."""
    if len(vectors) <= BLOCK:
        return Tree(np.arange(len(vectors)), tuple(_merges(vectors, np.ones(len(vectors)))))
    members = np.empty(len(vectors), np.intp)
    leaves = 0
    for start in range(0, len(vectors), BLOCK):
        labels = grow(vectors[start : start + BLOCK]).cut(SURE)
        members[start : start + BLOCK] = labels + leaves
        leaves += int(labels.max()) + 1
    sums = np.zeros((leaves, vectors.shape[1]), np.float32)
    np.add.at(sums, members, vectors)
    return Tree(members, tuple(_merges(sums, np.bincount(members).astype(np.float64))))


def _merges(sums: Vectors, counts: NDArray[np.float64]) -> Sequence[Merge]:
    """All merges, by chains of nearest neighbours: each pair that is mutually nearest can be joined at once."""
    counts = counts.copy()
    means = (sums / counts[:, None].astype(np.float32)).copy()
    alive = np.ones(len(sums), bool)
    merges: list[Merge] = []
    chain: list[int] = []
    while len(merges) < len(sums) - 1:
        if not chain:
            chain.append(int(np.argmax(alive)))
        last = chain[-1]
        similar = means @ means[last]
        similar[~alive] = similar[last] = -np.inf
        nearest = int(np.argmax(similar))
        if len(chain) > 1 and similar[chain[-2]] >= similar[nearest]:
            kept, gone = sorted(chain[-2:])
            merges.append(Merge(float(similar[chain[-2]]), kept, gone))
            total = counts[kept] + counts[gone]
            means[kept] = (means[kept] * counts[kept] + means[gone] * counts[gone]) / total
            counts[kept], alive[gone] = total, False
            del chain[-2:]
        else:
            chain.append(nearest)
    return merges


def _root(parents: Labels, leaf: int) -> int:
    while parents[leaf] != leaf:
        leaf = int(parents[leaf])
    return leaf
