"""Puts a stream of documents into its whole order, in bounded memory.

An engine gives it in the order of scores or days; those that are equal there still have to be sorted. They may be
nearly all that answer, so beyond some thousands they are sorted in runs on disk.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

from search.documents import from_bytes, to_bytes
from search.engines.base import Scored, in_order, order_of
from search.models import Sort

RUN = 5_000  # documents of some kilobytes each
_LENGTH_BYTES = 4


def each_in_order(documents: Iterable[Scored], sort: Sort) -> Iterator[Scored]:
    """`in_order` for a stream that is in the order of scores or days already."""
    alike = (lambda found: found.score) if sort is Sort.RELEVANCE else (lambda found: found.document.day)
    for _, equals in itertools.groupby(documents, alike):
        yield from _sorted(equals, sort)


def _sorted(equals: Iterator[Scored], sort: Sort) -> Iterator[Scored]:
    run = in_order(itertools.islice(equals, RUN), sort)
    after = next(equals, None)
    if after is None:
        yield from run
        return
    with contextlib.ExitStack() as files:
        score = after.score
        rest = itertools.chain((after,), equals)
        kept: list[IO[bytes]] = []
        while run:
            file = files.enter_context(tempfile.TemporaryFile())
            _write(file, run)
            kept.append(file)
            run = in_order(itertools.islice(rest, RUN), sort)
        yield from heapq.merge(*(_read(file, score) for file in kept), key=order_of(sort))


def _write(file: IO[bytes], run: Iterable[Scored]) -> None:
    for scored in run:
        body = to_bytes(scored.document)
        file.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)
    file.seek(0)


def _read(file: IO[bytes], score: float) -> Iterator[Scored]:
    while length := file.read(_LENGTH_BYTES):
        yield Scored(score, from_bytes(file.read(int.from_bytes(length, "big"))))
