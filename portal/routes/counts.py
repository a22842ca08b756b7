"""`/api/counts`: how often something was said, by year, speaker, language or event, as JSON or as a table."""

from __future__ import annotations

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from portal import state
from portal.address import Address
from portal.room import counting
from portal.routes import parameters, tables
from portal.routes.count_answers import CountsAnswer, of_counts
from search.models import By

_NAMED = (By.SPEAKER.value, By.EVENT.value)  # whose values are ids, so a table has the names beside them


async def counts(request: Request) -> Response:
    """`/api/counts`: moments, words and moments per 10,000 words."""
    answer = await run_in_threadpool(_counted, request)
    return Response(msgspec.json.encode(answer), media_type="application/json", headers={"Cache-Control": "no-cache"})


async def table(request: Request) -> Response:
    """`/api/counts.csv`: the same as a table."""
    answer = await run_in_threadpool(_counted, request)
    headers = {"Cache-Control": "no-cache", "Content-Disposition": 'attachment; filename="counts.csv"'}
    body = _table(answer, f"{request.url.scheme}://{request.url.netloc}")
    return Response(body, media_type=tables.MEDIA_TYPE, headers=headers)


def _counted(request: Request) -> CountsAnswer:
    parameters.only(request, *parameters.ASKED, "by")
    with counting():
        return _answer(request)


def _answer(request: Request) -> CountsAnswer:
    query, filters = request.query_params.get("q", ""), parameters.filters(request)
    found = state.searcher().counts(query, filters, by=parameters.by(request))
    return of_counts(found, Address.asking(query, filters))


def _table(answer: CountsAnswer, origin: str) -> bytes:
    head = [column for one in answer.by for column in ((one, f"{one}_name") if one in _NAMED else (one,))]
    lines = [tables.line([*head, "moments", "words", "per_10000", "exact", "url"])]
    for row in answer.rows:
        told = zip(answer.by, row.values, row.labels, strict=True)
        cells = [cell for one, value, label in told for cell in ((value, label) if one in _NAMED else (value,))]
        url = origin + row.url if row.url else ""
        lines.append(tables.line([*cells, row.moments, row.words, row.per_10000, str(answer.exact).lower(), url]))
    return tables.MARK + b"".join(lines)


ROUTES: list[BaseRoute] = [Route("/api/counts", counts), Route("/api/counts.csv", table)]
