"""`/api/moments.{format}`: every moment that answers a query, however many, as a stream.

Whoever reads it can tell whether it is whole: the last line of JSON says so, and where the search breaks off on the
way, the last line of either format says why. Moments are found as they are read, so a slow reader costs no memory, and
one who goes away ends the search.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, fields

import anyio
import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from archive.errors import OnrecordError
from portal import state
from portal.room import within
from portal.routes import parameters, tables
from portal.routes.answers import MomentAnswer, MomentsEnd, of_moment
from portal.routes.problems import Problem, from_error, not_found

MOST_STREAMS = 4  # at once: each keeps a view of the index open, and some 40 MB
_CHUNK_BYTES = 60_000
_CHUNK_SECONDS = 0.5  # where moments are found slowly, those that are there go out

_streams = threading.BoundedSemaphore(MOST_STREAMS)


@dataclass(frozen=True, slots=True)
class _Format:
    """How a stream is written. `origin` is the server's address, for what is read elsewhere."""

    media_type: str
    head: bytes
    line: Callable[[MomentAnswer, str], bytes]
    end: Callable[[MomentsEnd], bytes]


def _csv_line(moment: MomentAnswer, origin: str) -> bytes:
    cells = {column: getattr(moment, column) for column in _COLUMNS}
    cells |= {"reasons": "; ".join(moment.reasons), "url": origin + moment.url, "media": origin + moment.media}
    return tables.line(cells.values())


def _csv_end(end: MomentsEnd) -> bytes:
    return tables.line([f"NOT COMPLETE: {end.problem.detail}"]) if isinstance(end.problem, Problem) else b""


_COLUMNS = tuple(field.name for field in fields(MomentAnswer))
_FORMATS = {
    "jsonl": _Format(
        "application/jsonl",
        b"",
        lambda moment, _origin: msgspec.json.encode(moment) + b"\n",
        lambda end: msgspec.json.encode(end) + b"\n",
    ),
    "csv": _Format(tables.MEDIA_TYPE, tables.MARK + tables.line(_COLUMNS), _csv_line, _csv_end),
}


class _Stream(StreamingResponse):
    """A stream whose search ends with it, however it ends."""

    def __init__(self, first: bytes, rest: Generator[bytes], media_type: str, headers: dict[str, str]) -> None:
        self._rest = rest
        super().__init__(_after(first, rest), media_type=media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(_close, self._rest)


async def moments(request: Request) -> Response:
    """`/api/moments.{format}`: what answers, passage by passage in the order of the answer."""
    fmt = _FORMATS.get(request.path_params["format"])
    if fmt is None:
        return not_found(request)
    parameters.only(request, *parameters.QUESTION)
    chunks = _chunks(_lines(request, fmt))
    first = await run_in_threadpool(next, chunks, b"")  # what cannot be asked or answered is a problem, as elsewhere
    headers = {
        "Cache-Control": "no-cache",
        "Content-Disposition": f'attachment; filename="moments.{request.path_params["format"]}"',
    }
    if request.method == "HEAD":
        await run_in_threadpool(_close, chunks)
        return Response(headers=headers, media_type=fmt.media_type)
    return _Stream(first, chunks, fmt.media_type, headers)


def _lines(request: Request, fmt: _Format) -> Iterator[bytes]:
    """The stream, line by line. Raises OnrecordError as long as there is no moment."""
    with within(_streams, f"{MOST_STREAMS} exports are running"):
        origin = f"{request.url.scheme}://{request.url.netloc}"
        count = 0
        found = state.searcher().each(
            request.query_params.get("q", ""), parameters.filters(request), sort=parameters.sort(request)
        )
        try:
            for card, moment in found:
                line = fmt.line(of_moment(card, moment), origin)
                yield line if count else fmt.head + line
                count += 1
        except OnrecordError as error:
            if not count:
                raise
            broken = msgspec.json.decode(bytes(from_error(request, error).body), type=Problem)
            yield fmt.end(MomentsEnd(complete=False, moments=count, problem=broken))
            return
        yield (b"" if count else fmt.head) + fmt.end(MomentsEnd(complete=True, moments=count))


def _chunks(lines: Iterator[bytes]) -> Generator[bytes]:
    """The lines, as many at once as are worth sending."""
    held: list[bytes] = []
    size, since = 0, time.monotonic()
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= _CHUNK_BYTES or time.monotonic() - since >= _CHUNK_SECONDS:
            yield b"".join(held)
            held, size, since = [], 0, time.monotonic()
    yield b"".join(held)


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _close(chunks: Generator[bytes]) -> None:
    chunks.close()


ROUTES: list[BaseRoute] = [Route("/api/moments.{format}", moments)]
