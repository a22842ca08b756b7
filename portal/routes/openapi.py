"""`/api/openapi.json`: the API described in OpenAPI 3.1, its schemas made from the dataclasses it answers with."""

from __future__ import annotations

import enum
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from archive.models import LAYER_MIME, LayerKind, Quality
from portal.clip import LONGEST_S
from portal.routes import answers
from portal.routes.count_answers import CountsAnswer
from portal.routes.parameters import DEEPEST_OFFSET, MOST_BY, MOST_RESULTS
from portal.routes.problems import MEDIA_TYPE, Problem
from search.models import By, Sort

_REFERENCE = "#/components/schemas/{name}"
_ANSWERS = (
    answers.SearchAnswer,
    answers.MomentsEnd,
    CountsAnswer,
    answers.RecordingsAnswer,
    answers.RecordingAnswer,
    answers.TranscriptAnswer,
    Problem,
)


@cache
def openapi() -> bytes:
    """The description, as JSON."""
    return msgspec.json.encode(document())


def document() -> dict[str, Any]:
    """The description, as plain values."""
    _, schemas = msgspec.json.schema_components(_ANSWERS, ref_template=_REFERENCE)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Onrecord",
            "version": _version(),
            "summary": "Recorded speeches: find what was said, play it from the exact word.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": _paths(),
        "components": {"schemas": schemas},
    }


def _paths() -> dict[str, Any]:
    recording = "/api/recordings/{id}"
    captions = {
        "vtt": ("text/vtt", "WebVTT, for the track element of a page."),
        "srt": ("application/x-subrip", "SubRip captions."),
        "txt": ("text/plain", "Plain text, a paragraph for each segment."),
    }
    moments = {
        "jsonl": (
            "application/jsonl",
            "Every moment that answers, a MomentAnswer a line; the last line, a MomentsEnd, says whether that is all.",
        ),
        "csv": ("text/csv", "The same as a table; where it is not all, its last line says so."),
    }
    clips = {
        "m4a": (LAYER_MIME, "The words of a moment as sound."),
        "zip": ("application/zip", "The same, with its quote, its link and the digests of recording and clip."),
    }
    return {
        "/api/search": _get(
            "search",
            "The moments that answer a query, grouped by recording, with facets and what was searched.",
            _json("SearchAnswer"),
            [*_question(), _count("limit", 10, 1, MOST_RESULTS), _count("offset", 0, 0, DEEPEST_OFFSET)],
            (400, 503),
        ),
        **{
            f"/api/moments.{fmt}": _get(
                f"moments_{fmt}", said, {mime: {"schema": {"type": "string"}}}, _question(), (400, 503)
            )
            for fmt, (mime, said) in moments.items()
        },
        "/api/counts": _get(
            "counts",
            "How often a query is answered, and among how many words, by year, speaker, language or event.",
            _json("CountsAnswer"),
            [*_asked(), _by()],
            (400, 503),
        ),
        "/api/counts.csv": _get(
            "counts_csv",
            "The same as a table.",
            {"text/csv": {"schema": {"type": "string"}}},
            [*_asked(), _by()],
            (400, 503),
        ),
        "/api/recordings": _get(
            "recordings",
            "Every public recording, a page at a time.",
            _json("RecordingsAnswer"),
            [_count("limit", 50, 1, MOST_RESULTS), _count("offset", 0, 0, 999_999_999)],
            (400,),
        ),
        recording: _get("recording", "One recording.", _json("RecordingAnswer"), [_identifier()], (404, 410)),
        f"{recording}/transcript.json": _get(
            "transcript",
            "A transcript version with the times of its words.",
            _json("TranscriptAnswer"),
            [_identifier(), _transcript_version()],
            (400, 404, 410),
            cached=True,
        ),
        **{
            f"{recording}/transcript.{fmt}": _get(
                f"transcript_{fmt}",
                said,
                {mime: {"schema": {"type": "string"}}},
                [_identifier(), _transcript_version()],
                (400, 404, 410),
                cached=True,
            )
            for fmt, (mime, said) in captions.items()
        },
        "/api/openapi.json": _get(
            "openapi", "This description.", {"application/json": {"schema": {"type": "object"}}}, [], ()
        ),
        "/av/{id}": _media(),
        **{
            f"/av/{{id}}/clip.{fmt}": _get(
                f"clip_{fmt}",
                said,
                {mime: {"schema": {"type": "string", "contentEncoding": "binary"}}},
                [_identifier(), _times(), _transcript_version()],
                (400, 404, 410, 503),
                cached=True,
            )
            for fmt, (mime, said) in clips.items()
        },
    }


def _question() -> list[dict[str, Any]]:
    orders = {"enum": [order.value for order in Sort], "default": "relevance"}
    return [*_asked(), _parameter("sort", "The order of recordings.", orders)]


def _by() -> dict[str, Any]:
    apart = {**_some_of(By), "default": [By.YEAR.value], "maxItems": MOST_BY}
    return _parameter("by", "What to tell the counts apart by; given twice, by both together.", apart)


def _asked() -> list[dict[str, Any]]:
    return [
        _parameter("q", "The query, in the language of the search box.", {"type": "string"}),
        _parameter(
            "year", "A year, or a span such as 1960-1970.", {"type": "string", "pattern": r"^\d{1,4}(-\d{1,4})?$"}
        ),
        *(
            _parameter(name, f"{what}; given several times, any of them.", values)
            for name, what, values in (
                ("speaker", "A speaker's id, or a name in any spelling", _strings()),
                ("event", "An event's id", _strings()),
                ("language", "An ISO 639-1 code, or und", _strings()),
                ("quality", "How far the words can be trusted", _some_of(Quality)),
                ("layer", "Whose words they are", _some_of(LayerKind)),
            )
        ),
    ]


def _media() -> dict[str, Any]:
    binary: dict[str, Any] = {"audio/*": {}, "video/*": {}, "application/octet-stream": {}}
    described = _get(
        "media", "The sound or picture, whole or by one range.", binary, [_identifier()], (404, 410), cached=True
    )
    layer = _parameter("layer", "An interpreter's layer, whose sound comes by itself.", {"type": "string"})
    described["get"]["parameters"].append(layer)
    described["get"]["parameters"].append(
        {"name": "Range", "in": "header", "description": "One range of bytes.", "schema": {"type": "string"}}
    )
    described["get"]["responses"] |= {
        "206": {"description": "The range asked for.", "content": binary},
        "416": _problem("The range is not in the file."),
    }
    return described


def _get(
    name: str,
    summary: str,
    content: dict[str, Any],
    parameters: list[dict[str, Any]],
    failures: tuple[int, ...],
    *,
    cached: bool = False,
) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": {"description": "As asked.", "content": content}}
    if cached:
        responses["304"] = {"description": "The asker has it already (If-None-Match)."}
    responses |= {str(status): _problem(_FAILURES[status]) for status in failures}
    responses["default"] = _problem("Any other failure.")
    return {"get": {"operationId": name, "summary": summary, "parameters": parameters, "responses": responses}}


_FAILURES = {
    400: "A parameter or the query cannot be meant; at is the place in the query.",
    404: "Nothing of this address is here, or not for everybody.",
    410: "It was taken out of the archive; detail says when and why.",
    503: "The index is not ready, or too much is asked at once; ask again after Retry-After seconds.",
}


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(name="Problem")}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REFERENCE.format(name=name)}}}


def _identifier() -> dict[str, Any]:
    schema = {"type": "string", "pattern": "^[0-9a-f]{16}$"}
    return {"name": "id", "in": "path", "required": True, "description": "The recording's id.", "schema": schema}


def _transcript_version() -> dict[str, Any]:
    return _parameter("version", "A transcript version; the newest without it.", {"type": "integer", "minimum": 1})


def _times() -> dict[str, Any]:
    what = f"Start and end in seconds, at most {LONGEST_S:.0f} apart."
    schema = {"type": "string", "pattern": r"^\d{1,9}(\.\d{1,9})?,\d{1,9}(\.\d{1,9})?$"}
    return {**_parameter("t", what, schema), "required": True}


def _count(name: str, default: int, least: int, most: int) -> dict[str, Any]:
    what = {"limit": "At most so many recordings.", "offset": "From this recording on, counted from 0."}[name]
    return _parameter(name, what, {"type": "integer", "default": default, "minimum": least, "maximum": most})


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _strings() -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}}


def _some_of(kind: type[enum.StrEnum]) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": [one.value for one in kind]}}


def _version() -> str:
    try:
        return version("onrecord")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
