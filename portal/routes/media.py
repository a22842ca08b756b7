"""`/av/{id}`: the sound or picture of a recording, by ranges, in flat memory.

A visitor names an id, never a path; whether the recording is for everybody is read from the record itself at
each request, and a file that leads out of the recording's folder is not served.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from archive.errors import Damaged, NotFound
from archive.models import FLOOR, LAYER_MIME
from portal import state
from portal.routes.caching import Range, matches, not_modified, wanted_range
from portal.routes.problems import problem

# A recording may be withdrawn from the public, so copies elsewhere are good for an hour and then asked about.
CACHE = "public, max-age=3600, must-revalidate"
_LOG = logging.getLogger("onrecord.portal")


@dataclass(frozen=True, slots=True)
class _Served:
    """A file that may go out, as it lay there when it was asked for."""

    path: Path
    name: str
    mime: str
    disposition: str
    etag: str
    stat: os.stat_result


class _Ranged(FileResponse):
    """A file response that leaves the reading of `Range` to us: at most one range, and none with HEAD."""

    whole = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.whole:
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"range"]}
        await super().__call__(scope, receive, send)


async def media(request: Request) -> Response:
    """The original where a browser plays it, else the access copy; `attachment` for what is no sound or picture.

    `layer` asks for the sound of another layer than the floor, by itself.
    """
    served = await run_in_threadpool(_find, request.path_params["id"], request.query_params.get("layer", FLOOR))
    modified = formatdate(served.stat.st_mtime, usegmt=True)
    headers = {
        "ETag": served.etag,
        "Last-Modified": modified,
        "Cache-Control": CACHE,
        "Accept-Ranges": "bytes",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if matches(request.headers.get("if-none-match"), served.etag):
        return not_modified(headers)
    size = served.stat.st_size
    wanted = Range.NONE
    if request.method == "GET" and request.headers.get("if-range", served.etag) in (served.etag, modified):
        wanted = wanted_range(request.headers.get("range"), size)
    if wanted is Range.BEYOND:
        outside = {"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"}
        detail = f"The recording has {size} bytes."
        return problem(request, "RangeNotSatisfiable", "Range not satisfiable", 416, detail, headers=outside)
    response = _Ranged(
        served.path,
        headers=headers,
        media_type=served.mime,
        filename=served.name,
        stat_result=served.stat,
        content_disposition_type=served.disposition,
    )
    response.whole = wanted is Range.NONE
    return response


def file_of(recording: str, look_up: Callable[[], Path | None]) -> tuple[Path, os.stat_result]:
    """A media file of a recording as it lies there. NotFound where there is none, or where it leads out."""
    try:
        path = look_up()
        if path is None:
            raise NotFound("the layer's sound was not made yet", where=recording, mend="run `onrecord ingest`")
        status = path.lstat()
        home = state.archive().root.resolve() / "recordings" / recording
        inside = path.resolve(strict=True).is_relative_to(home)
    except (OSError, Damaged) as error:
        _LOG.error("the media of %s cannot be served: %s", recording, error)
        raise NotFound("the media is not there", where=recording, mend="run `onrecord verify`") from None
    if not inside or not stat.S_ISREG(status.st_mode):
        _LOG.error("the media of %s is no file of the archive", recording)
        raise NotFound("the media is no file of the archive", where=recording, mend="run `onrecord verify`")
    return path, status


def _find(identifier: str, layer: str) -> _Served:
    recording = state.public_recording(identifier)
    archive = state.archive()
    apart = layer != FLOOR
    if apart and layer not in {known.id for known in recording.layers}:
        raise NotFound("there is no such layer", where=recording.id)
    path, status = file_of(
        recording.id,
        lambda: archive.layer_path(recording.id, layer) if apart else archive.playable_path(recording.id),
    )
    known = recording.media
    etag = known.sha256
    if known.access_suffix or apart:  # a derived copy may be made anew, with other bytes
        etag = hashlib.sha256(f"{etag} {status.st_mtime_ns} {status.st_size}".encode()).hexdigest()
    mime = LAYER_MIME if apart else known.access_mime if known.access_suffix else known.mime
    played = (apart or known.playable or known.access_suffix) and mime.startswith(("audio/", "video/"))
    return _Served(
        path=path,
        name=f"{recording.id}{path.suffix}",
        mime=mime if played else "application/octet-stream",
        disposition="inline" if played else "attachment",
        etag=f'"{etag}"',
        stat=status,
    )


ROUTES: list[BaseRoute] = [Route("/av/{id}", media)]
