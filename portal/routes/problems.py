"""Errors as machines read them: RFC 9457 problems, one for every way a request can fail.

A problem says no more than the asker may know: a recording that is not public and one that never was answer
alike, and what is wrong with the machine or the record on disk is told to the log, not to the network.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from archive.errors import (
    Busy,
    Damaged,
    IndexUnready,
    InputError,
    MachineError,
    NotFound,
    OnrecordError,
    QueryError,
    Withdrawn,
)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:onrecord:problem:"

_LOG = logging.getLogger("onrecord.portal")
_RETRY_S = "5"  # an index that is being swapped or rebuilt is back within seconds, and most that is busy too
_LONGEST_INSTANCE = 300  # characters of the path that are given back


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request failed, as RFC 9457 has it; `at` is the offset in the query, in characters from 0."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    at: int | msgspec.UnsetType = msgspec.UNSET
    mend: str | msgspec.UnsetType = msgspec.UNSET


def problem(
    request: Request,
    code: str,
    title: str,
    status: int,
    detail: str,
    *,
    at: int | msgspec.UnsetType = msgspec.UNSET,
    mend: str = "",
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem as the answer to a request."""
    body = Problem(
        type=TYPE_PREFIX + code,
        title=title,
        status=status,
        detail=detail,
        instance=quote(request.scope["path"][:_LONGEST_INSTANCE], errors="replace"),
        at=at,
        mend=mend or msgspec.UNSET,
    )
    return Response(
        msgspec.json.encode(body),
        status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def not_found(request: Request) -> Response:
    """The one answer to everything that is not here, or not for everybody."""
    return problem(request, "NotFound", "Not found", 404, "There is nothing of this address here.")


def from_error(request: Request, error: Exception) -> Response:
    """An error of the house as a problem."""
    match error:
        case Withdrawn():
            return problem(request, error.code, "Gone", 410, f"It was withdrawn on {error.on}: {error.why}")
        case NotFound():
            return not_found(request)
        case QueryError():
            return problem(
                request, error.code, "The query cannot be read", 400, error.what, at=error.at, mend=error.mend
            )
        case InputError():
            return problem(request, error.code, "The request cannot be meant", 400, str(error))
        case IndexUnready():
            _LOG.warning("%s", error)
            headers = {"Retry-After": _RETRY_S}
            return problem(request, error.code, "Search is not ready", 503, error.what, headers=headers)
        case Busy():
            headers = {"Retry-After": _RETRY_S}
            return problem(request, error.code, "Too much at once", 503, error.what, mend=error.mend, headers=headers)
        case MachineError():
            _LOG.error("%s", error)
            return problem(request, error.code, "Something here is not ready", 503, "The log of the server says what.")
        case Damaged():
            _LOG.error("%s", error)
            return problem(request, error.code, "The record is damaged", 500, "Its digests do not agree.")
    raise error


def from_http(request: Request, error: Exception) -> Response:
    """What Starlette refuses (a method, a path) as a problem on our addresses, as it was on Streamlit's."""
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    if not _for_machines(request):
        return PlainTextResponse(error.detail, error.status_code, headers)
    if error.status_code == 404:
        return not_found(request)
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.title().replace(" ", "")
    return problem(request, code, phrase, error.status_code, _ADVICE.get(error.status_code, phrase), headers=headers)


def unexpected(request: Request) -> Response:
    """A mistake of ours: the log has the traceback, the network nothing of it."""
    if not _for_machines(request):
        return PlainTextResponse("Something went wrong here; the log of the server says what.", 500)
    return problem(request, "InternalError", "A mistake of ours", 500, "The log of the server says what.")


_ADVICE = {405: "This address is only for reading: GET or HEAD."}


def _for_machines(request: Request) -> bool:
    path: str = request.scope["path"]
    return path.startswith(("/api", "/av"))


HANDLERS = {OnrecordError: from_error, HTTPException: from_http}
