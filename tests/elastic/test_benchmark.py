"""The benchmark's requests by hand are those that our engine sends."""

from __future__ import annotations

import contextlib
import json

import pytest

from benchmarks.by_hand import ByHand
from search.clauses import Run, TermField, Wanted
from search.engines.choice import index_of
from search.hits import FACETS
from search.indexer import rebuild
from search.models import Sort
from tests.elastic.proxy import Proxy, Request
from tests.search.conftest import Shelf

pytestmark = pytest.mark.elastic

TOP = 10


def told(request: Request) -> tuple[str, str, dict[str, str], bytes]:
    """A request without the name of its view."""
    body = request.body.replace(json.loads(request.body)["pit"]["id"].encode(), b"view")
    return request.method, request.path, request.headers, body


def test_by_hand_the_same_bytes_are_sent(shelf: Shelf, proxy: Proxy) -> None:
    shelf.add(["ask not"])
    rebuild(shelf.archive)
    clause = Wanted((Run(TermField.STEM, ("en:ask", "en:not")), Run(TermField.SURFACE, ("آزاد",))))
    with contextlib.closing(index_of(shelf.archive)) as index:
        used = index.in_use()
        assert used is not None
        with contextlib.closing(index.reader(used)) as ours:
            hand = ByHand(proxy.url, used.name)
            proxy.asked.clear()
            ours.search(clause, Sort.RELEVANCE, TOP)
            hand.search(clause, TOP)
            ours.counts(clause, FACETS)
            hand.counts(clause)
            one, other, counted, counted_by_hand = map(told, proxy.asked)
    assert one == other
    assert counted == counted_by_hand
