"""`/api`: search, recordings and transcripts as JSON, for other programs and for the player of our own pages."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from archive.attribution import attributed
from archive.captions import to_srt, to_txt, to_vtt
from archive.errors import NotFound
from archive.models import Recording
from portal import state
from portal.routes import answers, parameters
from portal.routes.caching import matches, not_modified
from portal.routes.openapi import openapi
from portal.routes.problems import not_found

_JSON = "application/json"
_FORMATS = {
    "json": _JSON,
    "vtt": "text/vtt; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}
_CAPTIONS: dict[str, Callable[..., str]] = {"vtt": to_vtt, "srt": to_srt, "txt": to_txt}
_READING = ("GET", "HEAD")
_METHODS = (*_READING, "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_RESULTS = 10  # recordings of an answer unless told otherwise
_LISTED = 50  # recordings of a list unless told otherwise
_KEPT_RENDERINGS = 32  # the JSON of three hours is about a megabyte, and a tenth of that as gzip
_WORTH_PACKING_BYTES = 1000


@dataclass(frozen=True, slots=True)
class _Rendering:
    """A transcript as it goes out, plain and packed."""

    plain: bytes
    packed: bytes | None
    etag: str


async def search(request: Request) -> Response:
    """`/api/search`: the moments that answer a query, with facets and with what was searched."""
    parameters.only(request, *parameters.QUESTION, "limit", "offset")
    return await _answer(_search, request)


async def recordings(request: Request) -> Response:
    """`/api/recordings`: every recording that is public, a page at a time."""
    parameters.only(request, "limit", "offset")
    return await _answer(_recordings, request)


async def recording(request: Request) -> Response:
    """`/api/recordings/{id}`: one recording."""
    parameters.only(request)
    return await _answer(_recording, request)


async def transcript(request: Request) -> Response:
    """`/api/recordings/{id}/transcript.{format}`: a transcript version, the newest unless told otherwise."""
    fmt = request.path_params["format"]
    if fmt not in _FORMATS:
        return not_found(request)
    parameters.only(request, "version")
    identifier = request.path_params["id"]
    rendering = await run_in_threadpool(_transcript, identifier, parameters.version(request), fmt)
    packed = rendering.packed if "gzip" in request.headers.get("accept-encoding", "") else None
    headers = {
        # the two encodings are two representations, so each has its own strong tag
        "ETag": f'"{rendering.etag}-gzip"' if packed else f'"{rendering.etag}"',
        "Cache-Control": "no-cache",  # names and titles are mended, so it is asked about each time: a 304
        "Vary": "Accept-Encoding",
    }
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return not_modified(headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    headers["Content-Disposition"] = f'inline; filename="{identifier}.{fmt}"'
    return Response(packed or rendering.plain, headers=headers, media_type=_FORMATS[fmt])


async def description(request: Request) -> Response:
    """`/api/openapi.json`: this API, described."""
    parameters.only(request)
    return Response(openapi(), media_type=_JSON, headers={"Cache-Control": "public, max-age=3600"})


async def nothing(request: Request) -> Response:
    """Every other address, and every other method: without this Streamlit would answer with its page."""
    if request.method in _READING:
        return not_found(request)
    raise HTTPException(405, headers={"Allow": ", ".join(_READING)})


async def _answer(maker: Callable[[Request], Any], request: Request) -> Response:
    """What the maker makes, as JSON; it may block, so it runs beside the event loop."""
    body = await run_in_threadpool(lambda: msgspec.json.encode(maker(request)))
    return Response(body, media_type=_JSON, headers={"Cache-Control": "no-cache"})


def _search(request: Request) -> answers.SearchAnswer:
    answer = state.searcher().search(
        request.query_params.get("q", ""),
        parameters.filters(request),
        sort=parameters.sort(request),
        limit=parameters.count(request, "limit", _RESULTS, least=1, most=parameters.MOST_RESULTS),
        offset=parameters.count(request, "offset", 0, most=parameters.DEEPEST_OFFSET),
    )
    return answers.of_search(answer)


def _recordings(request: Request) -> answers.RecordingsAnswer:
    limit = parameters.count(request, "limit", _LISTED, least=1, most=parameters.MOST_RESULTS)
    offset = parameters.count(request, "offset", 0, most=999_999_999)
    cards = state.catalog().cards(public_on=state.today())
    page = tuple(map(answers.of_card, cards[offset : offset + limit]))
    return answers.RecordingsAnswer(total=len(cards), limit=limit, offset=offset, recordings=page)


def _recording(request: Request) -> answers.RecordingAnswer:
    found = state.public_recording(request.path_params["id"])
    versions = state.archive().versions(found.id)
    return answers.of_recording(found, state.speaker_names(found.speakers), versions)


def _transcript(identifier: str, version: int | None, fmt: str) -> _Rendering:
    found = state.public_recording(identifier)
    versions = state.archive().versions(found.id)
    if not versions or (version is not None and version not in versions):
        raise NotFound("there is no such transcript", where=found.id)
    # a version never changes; what stands around it may, so that is what tells one rendering from the next
    return _rendered(
        state.archive().root, found, version or state.archive().newest(found.id), fmt, state.people_stamp()
    )


@lru_cache(maxsize=_KEPT_RENDERINGS)
def _rendered(_root: Path, found: Recording, version: int, fmt: str, _people_stamp: int) -> _Rendering:
    spoken = attributed(found, state.archive().transcript(found.id, version))
    speakers = dict.fromkeys((*found.speakers, *(segment.speaker for segment in spoken.segments)))
    speakers.pop("", None)
    names = state.speaker_names(speakers)
    if fmt == "json":
        plain = msgspec.json.encode(answers.of_transcript(found, spoken, names))
    else:
        plain = _CAPTIONS[fmt](spoken, names).encode()
    packed = gzip.compress(plain, 6, mtime=0) if len(plain) >= _WORTH_PACKING_BYTES else None
    return _Rendering(plain, packed, hashlib.sha256(plain).hexdigest())


ROUTES: list[BaseRoute] = [
    Route("/api/search", search),
    Route("/api/recordings", recordings),
    Route("/api/recordings/{id}", recording),
    Route("/api/recordings/{id}/transcript.{format}", transcript),
    Route("/api/openapi.json", description),
    *(Route(path, nothing, methods=_METHODS) for path in ("/api", "/api/{path:path}", "/av", "/av/{path:path}")),
]
