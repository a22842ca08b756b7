"""`/av/{id}/clip.{format}`: the words of a moment as sound, cut when asked for, alone or with what proves them.

Strangers ask, and a cut reads the recording from its beginning: so clips are short, few are cut at a time, and
each within the limits of `ingest.access_copy.make_clip`. Nothing of them stays.
"""

from __future__ import annotations

import base64
import hashlib
import io
import tempfile
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from archive.attribution import attributed
from archive.errors import MachineError, MediaError
from archive.files import disk_errors
from archive.models import LAYER_MIME
from ingest.access_copy import make_clip
from portal import state
from portal.clip import LONGEST_S, SUFFIX, Quote, proof_lines, quote_of, sound_path
from portal.links import seconds
from portal.render import visible
from portal.room import within
from portal.routes import parameters
from portal.routes.caching import matches, not_modified
from portal.routes.media import CACHE, file_of
from portal.routes.problems import not_found

MOST_CUTS = 2  # at once: each has a core of its own for as long as it takes
_TYPES = {"m4a": LAYER_MIME, "zip": "application/zip"}
_ISOLATE, _POP = "\u2068", "\u2069"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP can say: the same clip gives the same bytes

_cuts = threading.BoundedSemaphore(MOST_CUTS)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A clip that may be cut: the file that it is cut from and its quote, whose link is a whole address."""

    path: Path
    quote: Quote
    name: str
    etag: str


async def clip(request: Request) -> Response:
    """The clip by itself, or in a ZIP with its quote, its link and the digests of recording and clip."""
    fmt = request.path_params["format"]
    if fmt not in _TYPES:
        return not_found(request)
    parameters.only(request, "t", "version")
    wanted = await run_in_threadpool(_find, request, fmt)
    headers = {
        "ETag": wanted.etag,
        "Cache-Control": CACHE,
        "Content-Disposition": f'attachment; filename="{wanted.name}.{fmt}"',
    }
    if matches(request.headers.get("if-none-match"), wanted.etag):
        return not_modified(headers)
    if request.method == "HEAD":  # nothing is cut for it, so how many bytes it would be nobody knows
        response = Response(headers=headers, media_type=_TYPES[fmt])
        del response.headers["Content-Length"]
        return response
    body = await run_in_threadpool(_made, wanted, fmt)
    headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    return Response(body, headers=headers, media_type=_TYPES[fmt])


def _find(request: Request, fmt: str) -> _Wanted:
    archive = state.archive()
    recording = state.public_recording(request.path_params["id"])
    start, end = parameters.times(request, recording.duration, LONGEST_S)
    transcript = attributed(recording, archive.transcript(recording.id, parameters.version(request)))
    path, status = file_of(recording.id, lambda: sound_path(archive, recording, transcript))
    server = f"{request.url.scheme}://{request.url.netloc}"
    quote = quote_of(archive, recording, transcript, start, end, names=state.people().shown(), server=server)
    # told without cutting: what a clip is made of, and what is said of it
    made_of = f"{fmt} {recording.media.sha256} {status.st_mtime_ns} {status.st_size} {quote}"
    etag = hashlib.sha256(made_of.encode()).hexdigest()
    return _Wanted(path, quote, f"{recording.id}-{seconds(start)}-{seconds(end)}", f'"{etag}"')


def _made(wanted: _Wanted, fmt: str) -> bytes:
    with within(_cuts, f"{MOST_CUTS} clips are being cut"):
        sound = _cut(wanted)
    return sound if fmt == "m4a" else _with_proof(wanted, sound)


def _cut(wanted: _Wanted) -> bytes:
    with tempfile.TemporaryDirectory(prefix="onrecord-clip-") as folder, disk_errors(Path(folder)):
        try:
            return make_clip(wanted.path, wanted.quote.start, wanted.quote.end, Path(folder)).read_bytes()
        except MediaError as error:  # the record's or the machine's fault, not the asker's, who is told no paths
            raise MachineError(error.what, where=error.where, mend=error.mend) from error


def _with_proof(wanted: _Wanted, sound: bytes) -> bytes:
    digest = hashlib.sha256(sound).hexdigest()
    text = "\n".join(proof_lines(wanted.quote, digest, _shown)) + "\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:  # stored: sound does not get smaller
        for name, data in ((f"{wanted.name}{SUFFIX}", sound), (f"{wanted.name}.txt", text.encode())):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return packed.getvalue()


def _shown(text: str) -> str:
    """Text from outside on one line of a file, which moves nothing that stands beside it."""
    return f"{_ISOLATE}{visible(' '.join(text.split()))}{_POP}"


ROUTES: list[BaseRoute] = [Route("/av/{id}/clip.{format}", clip)]
