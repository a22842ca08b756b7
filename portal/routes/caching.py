"""Conditional and range requests, as RFC 9110 has them."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping

from starlette.responses import Response

_RANGE = re.compile(r"bytes\s*=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*", re.IGNORECASE | re.ASCII)
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')


class Range(enum.Enum):
    """What a `Range` header comes to: the whole file, a part of it, or nothing that is there."""

    NONE = enum.auto()
    PART = enum.auto()
    BEYOND = enum.auto()


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether the asker already has this (weak comparison: `W/"x"` stands for `"x"`)."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in _ENTITY_TAG.findall(if_none_match)


def not_modified(headers: Mapping[str, str]) -> Response:
    """304, with the headers that the whole answer would have had."""
    return Response(status_code=304, headers=dict(headers))


def wanted_range(header: str | None, size: int) -> Range:
    """What a `Range` header asks of a file of `size` bytes.

    Another unit, nonsense and several ranges come to the whole file, as the standard allows: no player asks for
    several, and a thousand of them would have us seek for nothing.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None:
        return Range.NONE
    first, last, suffix = match.groups()
    if suffix is not None:
        return Range.PART if int(suffix) > 0 and size > 0 else Range.BEYOND
    if last and int(last) < int(first):
        return Range.NONE
    return Range.PART if int(first) < size else Range.BEYOND
