"""Windows are told apart by average linkage, however many they are."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.voices import linkage
from ingest.voices.clustering import tell_apart, unit
from ingest.voices.linkage import grow

Vectors = NDArray[np.float32]


def voices(counts: list[int], noise: float, seed: int = 0) -> tuple[Vectors, NDArray[np.intp]]:
    """Windows of voices that have nothing in common, shuffled; likeness within one is 1 / (1 + noise²)."""
    rng = np.random.default_rng(seed)
    true = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    means = unit(rng.normal(size=(len(counts), 192)).astype(np.float32))
    return unit(means[true] + noise * unit(rng.normal(size=(len(true), 192)).astype(np.float32))), true


def same_groups(one: NDArray[np.intp], other: NDArray[np.intp]) -> bool:
    return (
        len(set(zip(one.tolist(), other.tolist(), strict=True))) == len(set(one.tolist())) == len(set(other.tolist()))
    )


@pytest.mark.parametrize("threshold", [0.2, 0.4, 0.6])
def test_groups_are_those_of_average_linkage(threshold: float) -> None:
    vectors, _ = voices([12, 9, 5], noise=1.1)
    assert same_groups(grow(vectors).cut(threshold), _slowly(vectors, threshold))


def test_many_windows_come_to_the_same_voices_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linkage, "BLOCK", 150)
    vectors, true = voices([400, 300, 90], noise=0.7)
    assert same_groups(tell_apart(vectors), true)


def test_noise_leaves_their_number_as_it_is() -> None:
    vectors, true = voices([60, 60, 40], noise=1.0)  # two windows of one voice: 0.5
    assert same_groups(tell_apart(vectors), true)


def test_the_number_that_is_wanted_decides_where_there_is_a_choice() -> None:
    """Two voices whose means are 0.47 alike are two by themselves, and one where one is expected."""
    rng = np.random.default_rng(2)
    one, two = unit(rng.normal(size=(2, 192)).astype(np.float32))
    near = unit(one * 0.47 + two * np.sqrt(1 - 0.47**2))
    noise = unit(rng.normal(size=(60, 192)).astype(np.float32))
    vectors = unit(np.repeat(np.stack([one, near]), 30, axis=0) + noise)
    assert [int(tell_apart(vectors, wanted).max()) + 1 for wanted in (0, 1, 2)] == [2, 1, 2]


def test_the_number_that_is_wanted_never_joins_what_is_clearly_apart() -> None:
    vectors, true = voices([40, 40], noise=0.5)
    assert same_groups(tell_apart(vectors, 1), true)


@pytest.mark.parametrize(("windows", "heard"), [(2, 2), (3, 2), (4, 3)])
def test_what_sounds_for_a_moment_is_no_voice(windows: int, heard: int) -> None:
    vectors, _ = voices([50, 40, windows], noise=0.5)
    assert int(tell_apart(vectors).max()) + 1 == heard


def test_a_voice_in_a_noise_whose_groups_are_each_too_small_is_one() -> None:
    """Three bits of a soft voice, their windows 0.36 alike and their means more: no voice each and one together."""
    rng = np.random.default_rng(7)

    def some(count: int) -> Vectors:
        return unit(rng.normal(size=(count, 192)).astype(np.float32))

    loud, soft, *noises = some(5)
    bits = [unit(soft + np.float32(0.9) * noise + some(3)) for noise in noises]
    vectors = np.concatenate([unit(loud + np.float32(0.5) * some(40)), *bits])
    assert same_groups(tell_apart(vectors), np.repeat([0, 1], [40, 9]))


def test_silence_has_no_voices() -> None:
    assert tell_apart(np.zeros((0, 192), np.float32)).tolist() == []


def _slowly(vectors: Vectors, threshold: float) -> NDArray[np.intp]:
    """By the definition: join the two groups whose windows are most alike on average, until none are enough."""
    groups = [[index] for index in range(len(vectors))]
    likeness = vectors @ vectors.T
    while len(groups) > 1:
        found, one, other = max(
            (float(likeness[np.ix_(groups[i], groups[j])].mean()), i, j) for i in range(len(groups)) for j in range(i)
        )
        if found < threshold:
            break
        groups[other] += groups.pop(one)
    labels = np.empty(len(vectors), np.intp)
    for number, group in enumerate(groups):
        labels[group] = number
    return labels
