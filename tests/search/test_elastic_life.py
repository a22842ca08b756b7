"""An index in the cluster: built aside, counted, swapped, caught up with; and one builder at a time."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.catalog import Catalog
from archive.errors import IndexUnready
from archive.models import Access, AccessLevel
from archive.store import Archive
from archive.withdraw import withdraw
from search import unindexed
from search.engines.elastic import bulk, life, reader, values
from search.engines.elastic import lease as leases
from search.engines.elastic.cluster import Cluster
from search.engines.elastic.life import ElasticIndex
from search.engines.elastic.settings import ALIAS, URL, Settings
from search.indexer import catch_up, index_recordings, rebuild, remove
from search.models import Filters, Sort
from search.searcher import Searcher
from search.terms import ANALYSIS_VERSION
from tests.search.conftest import Shelf, transcript_of
from tests.search.making import clear

pytestmark = pytest.mark.elastic


@pytest.fixture
def cluster(elastic_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """The cluster, chosen for the archive of this test under a name of its own."""
    monkeypatch.setenv(URL, elastic_url)
    monkeypatch.setenv(ALIAS, f"test-{tmp_path.name.lower().replace('_', '-')[:60]}")
    cluster = Cluster(Settings.read())
    clear(cluster)
    yield cluster
    clear(cluster)
    cluster.close()


def total(archive: Archive, text: str = "ask", filters: Filters = Filters()) -> int:  # noqa: B008 - it is frozen
    with Searcher.open(archive) as searcher:
        return searcher.search(text, filters).total


def names(cluster: Cluster) -> list[str]:
    found = cluster.client.indices.get(index=f"{cluster.settings.alias}-*", filter_path="*.aliases").body
    return sorted(name for name in found if not name.endswith("-lock"))


@contextlib.contextmanager
def building(archive: Archive, cluster: Cluster) -> Iterator[life.ElasticBuild]:
    """Somebody else builds."""
    index = ElasticIndex(archive, cluster)
    with index.only_writer(0):
        yield index.build()


def test_the_alias_names_one_index_of_this_analysis(shelf: Shelf, cluster: Cluster) -> None:
    shelf.add(["ask not"])
    rebuild(shelf.archive)
    shelf.add(["ask again"])
    with Searcher.open(shelf.archive) as searcher:
        assert searcher.search("ask").total == 1
        assert rebuild(shelf.archive) == 2
        assert searcher.search("ask").total == 2, "an open searcher follows, though its index is gone"
    (name,) = names(cluster)
    assert name.startswith(f"{cluster.settings.alias}-{ANALYSIS_VERSION}-")
    mapping = cluster.client.indices.get_mapping(index=cluster.settings.alias).body[name]["mappings"]
    assert mapping["dynamic"] == "strict"
    assert mapping["_meta"]["analysis_version"] == ANALYSIS_VERSION


def test_what_a_killed_build_left_is_cleared_by_the_next(shelf: Shelf, cluster: Cluster) -> None:
    shelf.add(["ask not"])
    rebuild(shelf.archive)
    with building(shelf.archive, cluster) as build:
        build.replace("0" * 16, ())  # and is never closed
    assert len(names(cluster)) == 2
    assert total(shelf.archive) == 1, "the old one serves"
    rebuild(shelf.archive)
    assert len(names(cluster)) == 1


def test_what_was_withdrawn_leaves_the_cluster_at_once_or_with_the_next_indexing(
    shelf: Shelf, cluster: Cluster
) -> None:
    stays, goes, later = shelf.add(["ask not"]), shelf.add(["ask again"]), shelf.add(["ask once more"])
    rebuild(shelf.archive)

    def held() -> set[str]:
        index = ElasticIndex(shelf.archive, cluster)
        used = index.writable()
        assert used is not None
        with contextlib.closing(index.reader(used)) as opened:
            return set(opened.held())

    for gone in (goes, later):
        unindexed.remember(shelf.archive, [gone])  # first, as the command does
        withdraw(shelf.archive, gone, by="Mina", why="a claim")
        Catalog(shelf.archive)
    remove(shelf.archive, goes)
    assert total(shelf.archive) == 1, "neither is found"
    assert held() == {stays, later}, "and whoever was to take out the other was killed"
    index_recordings(shelf.archive, [stays])
    assert held() == {stays}
    assert unindexed.remembered(shelf.archive) == ()


def test_an_index_that_lacks_a_segment_never_serves(
    shelf: Shelf, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add(["ask not"])
    rebuild(shelf.archive)
    monkeypatch.setattr(bulk, "send", lambda _cluster, _actions: ())  # accepted, and lost
    with pytest.raises(IndexUnready, match="holds 0 of 1 segments"):
        rebuild(shelf.archive)
    assert total(shelf.archive) == 1
    assert len(names(cluster)) == 1


def test_of_two_builders_one_says_that_the_other_builds(
    shelf: Shelf, cluster: Cluster, tmp_path: Path, new_shelf: type[Shelf]
) -> None:
    shelf.add(["ask not"])
    (tmp_path / "elsewhere").mkdir()
    other = new_shelf(tmp_path / "elsewhere").archive  # another copy of the archive, as on another machine
    with building(other, cluster), pytest.raises(IndexUnready, match=r"a process on .* is writing the search index"):
        rebuild(shelf.archive, wait_seconds=0.0)
    assert rebuild(shelf.archive, wait_seconds=0.0) == 1


def test_a_builder_that_died_holds_nobody_up(
    shelf: Shelf, cluster: Cluster, tmp_path: Path, new_shelf: type[Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(archive: Archive) -> None:
        lock = archive.locks / "index.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
        leases.Lease(cluster, lock)._acquire(0.0)  # and neither renews it nor gives it back

    shelf.add(["ask not"])
    dies(shelf.archive)
    assert rebuild(shelf.archive, wait_seconds=0.0) == 1, "its lock on this machine fell with it"
    (tmp_path / "elsewhere").mkdir()
    dies(new_shelf(tmp_path / "elsewhere").archive)
    monkeypatch.setattr(leases, "LEASE_SECONDS", 0.3)
    assert rebuild(shelf.archive, wait_seconds=20.0) == 1, "its lease on another ran out"


def test_a_builder_that_was_overtaken_does_not_swap(shelf: Shelf, cluster: Cluster) -> None:
    shelf.add(["ask not"])
    rebuild(shelf.archive)
    index = ElasticIndex(shelf.archive, cluster)
    fast = index.build()
    slow = life.ElasticBuild(cluster, index.in_use(), None)
    fast.publish()
    with pytest.raises(IndexUnready, match="another builder"):
        slow.publish()
    slow.close()
    assert len(names(cluster)) == 1


def test_an_index_of_another_analysis_is_not_searched(shelf: Shelf, cluster: Cluster) -> None:
    one = shelf.add(["ask not"])
    rebuild(shelf.archive)
    meta = {"schema": "onrecord/elastic/1", "analysis_version": 0, "mark": "x"}
    cluster.client.indices.put_mapping(index=cluster.settings.alias, meta=meta)
    with pytest.raises(IndexUnready, match=r"another version of the analysis.*onrecord index"):
        total(shelf.archive)
    assert index_recordings(shelf.archive, [one]) == 1, "which makes it anew"
    assert total(shelf.archive) == 1


def test_an_alias_of_somebody_else_is_left_alone(shelf: Shelf, cluster: Cluster) -> None:
    shelf.add(["ask not"])
    theirs = f"{cluster.settings.alias}-theirs"
    cluster.client.indices.create(index=theirs, aliases={cluster.settings.alias: {}})
    with pytest.raises(IndexUnready, match="not one index of ours"):
        rebuild(shelf.archive)
    assert names(cluster) == [theirs]


def test_a_correction_leaves_nothing_of_the_old_version(shelf: Shelf, cluster: Cluster) -> None:
    one = shelf.add(["ask not", "what your country", "ask"])
    rebuild(shelf.archive)
    with Searcher.open(shelf.archive) as searcher:
        assert searcher.search("ask").total == 2
        shelf.keep(one, transcript_of(["never do"], recording=one))
        index_recordings(shelf.archive, [one])
        assert searcher.search("ask").total == 0
        assert searcher.search("never").total == 1
    hits = cluster.client.search(index=cluster.settings.alias, source=False).body["hits"]["hits"]
    assert [hit["_id"] for hit in hits] == [f"{one}:2:0"]


def test_what_a_killed_writer_left_is_taken_out_by_the_next(shelf: Shelf, cluster: Cluster) -> None:
    one = shelf.add(["ask not"])
    rebuild(shelf.archive)
    index = ElasticIndex(shelf.archive, cluster)
    (document,) = cluster.client.search(index=cluster.settings.alias, stored_fields=["document"]).body["hits"]["hits"]
    cluster.client.index(index=cluster.settings.alias, id=f"{one}:7:7", document=_bare(one))
    assert document["_id"] == f"{one}:1:0"
    index_recordings(shelf.archive, [one])
    used = index.in_use()
    assert used is not None
    assert index.reader(used).held()[one].version == 1


def _bare(recording: str) -> dict[str, Any]:
    return {"recording": recording, "version": 7, "segment": 7, "public_from": 0, "stems": "en:ask"}


def test_embargo_and_removal_reach_the_index_at_once(shelf: Shelf, cluster: Cluster) -> None:
    one, two = shelf.add(["ask not"]), shelf.add(["ask again"])
    rebuild(shelf.archive)
    today = Filters(public_on=20260101)
    assert total(shelf.archive, filters=today) == 2
    known = shelf.archive.recording(one)
    embargo = Access(AccessLevel.EMBARGOED, "2040-01-01")
    shelf.archive.update(dataclasses.replace(known, access=embargo), agent="tests", reason="asked for")
    Catalog(shelf.archive).put(one)
    assert total(shelf.archive, filters=today) == 1, "the catalog decides at once"
    index_recordings(shelf.archive, [one])
    assert total(shelf.archive, filters=today) == 1
    withdraw(shelf.archive, two, by="Mina", why="a claim")
    remove(shelf.archive, two)
    assert total(shelf.archive) == 1


def test_catching_up_indexes_what_is_new_and_no_more(shelf: Shelf, cluster: Cluster) -> None:
    one = shelf.add(["ask not"])
    assert catch_up(shelf.archive) == 1
    assert catch_up(shelf.archive) == 0
    two = shelf.add(["ask again"])
    unindexed.remember(shelf.archive, [one])
    assert catch_up(shelf.archive) == 2
    assert unindexed.remembered(shelf.archive) == ()
    assert total(shelf.archive) == 2
    with Searcher.open(shelf.archive) as searcher:
        assert not searcher.coverage().not_indexed
    assert two in shelf.archive


def test_the_way_back_to_the_embedded_engine_is_one_setting_and_one_build(
    shelf: Shelf, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add(["ask not"])
    rebuild(shelf.archive)
    assert total(shelf.archive) == 1
    monkeypatch.delenv(URL)
    with pytest.raises(IndexUnready, match="onrecord index"):
        total(shelf.archive)
    rebuild(shelf.archive)
    assert total(shelf.archive) == 1


def test_long_answers_and_many_values_are_read_page_by_page(
    shelf: Shelf, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        shelf.add(
            [f"ask aa{number} aa{number + 1} as", "ask"], speaker=f"Speaker {number}", date=f"{1960 + number}-01-01"
        )
    rebuild(shelf.archive)

    def seen() -> list[Any]:
        with Searcher.open(shelf.archive) as searcher:
            return [*(searcher.search("ask aa*", sort=sort) for sort in Sort), searcher.search("")]

    whole = seen()
    monkeypatch.setattr(reader, "PAGE", 2)
    monkeypatch.setattr(values, "AT_ONCE", 3)
    assert seen() == whole
    assert (whole[0].total, len(whole[0].facets.speakers)) == (7, 7)
