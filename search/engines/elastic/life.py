"""The life of an index in the cluster: built aside, counted, put behind the alias in one step, the former removed.

The alias (onrecord-segments) is what is searched. The indexes bear its name, the version of the analysis and the
time they were begun; whatever else has such a name is what a killed build left.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from elasticsearch import ApiError, BadRequestError, NotFoundError

from archive.errors import IndexUnready
from archive.store import Archive
from search.documents import Document
from search.engines.base import MEND, InUse, Refused
from search.engines.elastic import bulk, state
from search.engines.elastic.cluster import Cluster
from search.engines.elastic.lease import Lease
from search.engines.elastic.mapping import build_settings, mappings, serving_settings
from search.engines.elastic.reader import ElasticReader
from search.engines.elastic.settings import Settings
from search.engines.elastic.writer import ElasticWriter, marked
from search.engines.turns import LOCK, busy, turn
from search.terms import ANALYSIS_VERSION

_BUFFERED = 2_000  # documents that a build keeps before it sends them
_COPIES_SECONDS = 30  # waited for replicas before a new index serves; it serves without them too


class ElasticIndex:
    """The indexes of one archive in a cluster."""

    def __init__(self, archive: Archive, cluster: Cluster) -> None:
        self._archive = archive
        self._cluster = cluster
        self._lease: Lease | None = None

    @classmethod
    def of(cls, archive: Archive) -> ElasticIndex:
        """In the cluster that the environment names."""
        return cls(archive, Cluster(Settings.read()))

    @property
    def where(self) -> str:
        """The cluster and the alias."""
        return self._cluster.settings.where

    def in_use(self) -> InUse | None:
        """The index behind the alias."""
        with self._cluster.asked():
            return state.in_use(self._cluster)

    def writable(self) -> InUse | None:
        """The same, None where it is of another analysis."""
        used = self.in_use()
        return used if used is not None and used.analysis_version == ANALYSIS_VERSION else None

    def reader(self, used: InUse) -> ElasticReader:  # noqa: ARG002 - the alias names it, now and later
        """A reader of the index behind the alias."""
        return ElasticReader(self._cluster)

    def writer(self, used: InUse) -> ElasticWriter:
        """A writer into the index in use."""
        return ElasticWriter(self._cluster, used)

    def build(self) -> ElasticBuild:
        """Begin another index, and remove what killed builds left."""
        used = self.in_use()
        with self._cluster.asked():
            self._clear(used)
        return ElasticBuild(self._cluster, used, self._lease)

    @contextlib.contextmanager
    def only_writer(self, wait_seconds: float) -> Iterator[None]:
        """Hold the archive's lock on this machine and the lease in the cluster."""
        with turn(self._archive, wait_seconds):
            lease = Lease(self._cluster, self._archive.locks / f"{LOCK}.lock")
            with lease.held(wait_seconds):
                self._lease = lease
                try:
                    yield
                finally:
                    self._lease = None

    def close(self) -> None:
        """Let go of the connections."""
        self._cluster.close()

    def _clear(self, used: InUse | None) -> None:
        alias = self._cluster.settings.alias
        ours = re.compile(rf"{re.escape(alias)}-\d+-\d{{8}}-\d{{6}}-\d{{6}}")
        indices = self._cluster.worker.indices
        with contextlib.suppress(NotFoundError):
            for name in indices.get(index=f"{alias}-*", filter_path="*.aliases").body:
                if ours.fullmatch(name) and (used is None or name != used.name):
                    indices.delete(index=name, ignore_unavailable=True)


class ElasticBuild:
    """Fills an index that nobody reads yet."""

    def __init__(self, cluster: Cluster, former: InUse | None, lease: Lease | None) -> None:
        self._cluster = cluster
        self._former = former
        self._lease = lease
        self._begun: list[bulk.Action] = []
        self._refused: list[Refused] = []
        self._given = 0
        self._published = False
        began = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        self._name = f"{cluster.settings.alias}-{ANALYSIS_VERSION}-{began}"
        with cluster.asked():
            try:
                self._create(languages=True)
            except BadRequestError as error:
                if "analyzer" not in str(error):
                    raise
                self._create(languages=False)

    def replace(self, recording: str, documents: Iterable[Document]) -> int:  # noqa: ARG002 - there is nothing to replace
        """Add the recording's documents."""
        count = 0
        for document in documents:
            self._begun.append(bulk.putting(self._name, document, "create"))
            count += 1
        self._given += count
        if len(self._begun) >= _BUFFERED:
            self._send()
        return count

    def commit(self) -> tuple[Refused, ...]:
        """Send what is kept here."""
        self._send()
        refused, self._refused = tuple(self._refused), []
        self._given -= len(refused)
        return refused

    def publish(self) -> None:
        """Count, then let the alias name this index instead of the former, which is removed in the same step."""
        self._given -= len(self.commit())
        settings = self._cluster.settings
        indices = self._cluster.worker.indices
        with self._cluster.asked():
            # while it was built nothing was forced to disk: a node killed now would lose what was counted
            indices.flush(index=self._name)
            indices.refresh(index=self._name)
            count = self._cluster.worker.count(index=self._name).body["count"]
            if count != self._given:
                raise IndexUnready(
                    f"the new search index holds {count} of {self._given} segments", where=settings.where, mend=MEND
                )
            indices.put_settings(index=self._name, settings=serving_settings(settings))
            indices.put_mapping(index=self._name, meta=marked(ANALYSIS_VERSION))
            self._wait_for_copies()
            if self._lease is not None:
                self._lease.check()
            self._swap()
        self._published = True

    def close(self) -> None:
        """Remove the index unless it was published; one that cannot be removed is found by the next build."""
        if not self._published:
            with contextlib.suppress(IndexUnready), self._cluster.asked():
                self._cluster.worker.indices.delete(index=self._name, ignore_unavailable=True)

    def _wait_for_copies(self) -> None:
        try:
            self._cluster.worker.cluster.health(
                index=self._name, wait_for_status="green", timeout=f"{_COPIES_SECONDS}s"
            )
        except ApiError as error:
            if error.meta.status != HTTPStatus.REQUEST_TIMEOUT:
                raise

    def _swap(self) -> None:
        alias = self._cluster.settings.alias
        actions: list[dict[str, Any]] = [{"add": {"index": self._name, "alias": alias}}]
        if self._former is not None:
            former = self._former.name
            actions = [{"remove": {"index": former, "alias": alias, "must_exist": True}}, *actions]
        try:
            self._cluster.worker.indices.update_aliases(actions=actions)
        except NotFoundError:
            raise busy(self._cluster.settings.where, "another builder, who was faster,") from None
        if self._former is not None:
            self._cluster.worker.indices.delete(index=self._former.name, ignore_unavailable=True)

    def _create(self, *, languages: bool) -> None:
        self._cluster.worker.indices.create(
            index=self._name,
            mappings=mappings(languages=languages),
            settings=build_settings(self._cluster.settings),
        )

    def _send(self) -> None:
        actions, self._begun = self._begun, []
        self._refused += bulk.send(self._cluster, actions)
