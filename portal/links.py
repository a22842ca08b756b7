"""The addresses of the portal: every link is written here, and every `t=` is read here.

Links are relative to the server, so that they hold on any host and port. Times are seconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from archive.models import FLOOR

_SECONDS = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{0,400})?(?:[eE][+-]?[0-9]{1,4})?")
_LONGEST_TIMES = 1000  # characters; a `t=` is two numbers, so whatever is longer was never made by us


def seconds(value: float) -> str:
    """A time as a link writes it: to the millisecond, without trailing zeros."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def recording_url(
    recording: str, start: float | None = None, end: float | None = None, version: int | None = None
) -> str:
    """The page of a recording; with a start it opens there and plays, with an end it stops there.

    It shows the floor's newest transcript unless a version is named.
    """
    url = f"/?recording={quote(recording, safe='')}" + (f"&version={version}" if version else "")
    if start is None:
        return url
    return f"{url}&t={seconds(start)}" + (f",{seconds(end)}" if end is not None else "")


def search_url(query: str, **narrowed: str) -> str:
    """The answer to a query; `narrowed` are further parameters of the page, empty ones left out."""
    return "/?" + urlencode({"q": query, **{name: value for name, value in narrowed.items() if value}})


def media_url(recording: str, layer: str = FLOOR) -> str:
    """The recording's sound or picture, or the sound of another layer than the floor."""
    url = f"/av/{quote(recording, safe='')}"
    return url if layer == FLOOR else f"{url}?layer={quote(layer, safe='')}"


def clip_url(recording: str, fmt: str, start: float, end: float, version: int | None = None) -> str:
    """The words from start to end cut out: `m4a`, or `zip` with what proves them; the newest version unless named."""
    url = f"/av/{quote(recording, safe='')}/clip.{quote(fmt, safe='')}?t={seconds(start)},{seconds(end)}"
    return f"{url}&version={version}" if version is not None else url


def transcript_url(recording: str, fmt: str, version: int | None = None) -> str:
    """The transcript as `json`, `vtt`, `srt` or `txt`; the newest version unless one is named."""
    url = f"/api/recordings/{quote(recording, safe='')}/transcript.{quote(fmt, safe='')}"
    return f"{url}?version={version}" if version is not None else url


def moments_url(fmt: str, asked: Mapping[str, Sequence[str]]) -> str:
    """Every moment that answers, as `jsonl` or `csv`."""
    return f"/api/moments.{quote(fmt, safe='')}?{urlencode(asked, doseq=True)}"


def counts_url(fmt: str, asked: Mapping[str, Sequence[str]], by: Sequence[str]) -> str:
    """How often a query is answered, told apart by years, speakers and the like, as `csv`."""
    return f"/api/counts.{quote(fmt, safe='')}?{urlencode({**asked, 'by': by}, doseq=True)}"


def asset_url(name: str) -> str:
    """A font or picture of the portal's own."""
    return f"/assets/{quote(name, safe='')}"


def parse_range(text: str, duration: float = math.inf) -> tuple[float, float | None]:
    """What `t=` asks for, as (start, end), clamped into the recording; an end of None plays on.

    Whatever people or machines put there, it never raises: what is no number is left out, so a start becomes
    0.0 and an end None, and so does an end that is not after the start.
    """
    first, _, second = text[:_LONGEST_TIMES].partition(",")
    start = _clamped(first, duration) or 0.0
    end = _clamped(second, duration)
    return start, end if end is not None and end > start else None


def _clamped(text: str, duration: float) -> float | None:
    if not _SECONDS.fullmatch(text.strip()):
        return None
    value = min(max(float(text), 0.0), max(duration, 0.0))
    return value if math.isfinite(value) else None
