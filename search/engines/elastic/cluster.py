"""One cluster and its client. Whatever it answers, or fails to, becomes one sentence: IndexUnready.

Waiting is bounded everywhere, and no secret is in any message: those of the client never hold one.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any, TypeVar

import elastic_transport
import msgspec
from elasticsearch import ApiError, Elasticsearch, JsonSerializer, NotFoundError, UnsupportedProductError

from archive.errors import IndexUnready, QueryError
from search.engines.base import MEND
from search.engines.elastic.settings import API_KEY, CA, FINGERPRINT, URL, USER, Settings

T = TypeVar("T")

ANSWER_SECONDS = 10.0  # a search that takes longer is given up
WORK_SECONDS = 120.0  # bulks, merges, new indexes
BULK_PAUSES = (0.5, 1, 2, 4, 8, 16)  # seconds before a bulk is sent again to a cluster that is away
_REASON_CHARS = 200
# what the client raises, and what reading an answer of another shape does
_FAULTS = (elastic_transport.TransportError, ApiError, ValueError, LookupError, TypeError, AttributeError)
_REACH = f"start it, or look at {URL}"
_TOO_MUCH = "too many"  # as it begins "too many nested clauses" and "too_many_clauses"


class _Json(JsonSerializer):
    """JSON by msgspec, several times as fast as Python's own."""

    def loads(self, data: bytes) -> Any:
        try:
            return msgspec.json.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise elastic_transport.SerializationError(message="no JSON", errors=(error,)) from error

    def json_dumps(self, data: Any) -> bytes:
        return msgspec.json.encode(data)


class Client(Elasticsearch):
    """The official client, whose bulks outlast a node that starts again: they carry ids, so twice is as once."""

    def bulk(self, *args: Any, **named: Any) -> Any:
        """Send a bulk, again after a while where nobody answered."""
        for pause in BULK_PAUSES:
            try:
                return super().bulk(*args, **named)
            except elastic_transport.TlsError:
                raise
            except (elastic_transport.ConnectionError, elastic_transport.ConnectionTimeout):
                time.sleep(pause)
        return super().bulk(*args, **named)


class Cluster:
    """A cluster as the settings name it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        serializer = _Json()
        named: dict[str, Any] = {}
        if settings.user:
            named["basic_auth"] = (settings.user, settings.password)
        if settings.api_key:
            named["api_key"] = settings.api_key
        if settings.ca:
            named["ca_certs"] = settings.ca
        if settings.fingerprint:
            named["ssl_assert_fingerprint"] = settings.fingerprint
        with self.asked():
            self.client = Client(
                list(settings.urls),
                request_timeout=ANSWER_SECONDS,
                max_retries=len(settings.urls),
                retry_on_status=(),
                serializers={JsonSerializer.mimetype: serializer},
                **named,
            )
        self.worker = self.client.options(request_timeout=WORK_SECONDS)

    @contextlib.contextmanager
    def asked(self) -> Iterator[None]:
        """Turn what the client raises into IndexUnready."""
        try:
            yield
        except _FAULTS as error:
            raise self.unready(error) from error

    def close(self) -> None:
        """Let go of the connections."""
        self.client.close()

    def unready(self, error: Exception) -> IndexUnready | QueryError:
        """What a fault means to whoever searches, and what mends it."""
        what, mend = _said(error)
        if _TOO_MUCH in what:
            return QueryError("the query stands for more words than the search cluster takes", mend="ask for fewer")
        return IndexUnready(what, where=self.settings.where, mend=mend)


def _said(error: Exception) -> tuple[str, str]:
    match error:
        case elastic_transport.ConnectionTimeout():
            return "the search cluster did not answer in time", "look how busy it is, then try again"
        case elastic_transport.TlsError():
            return "the search cluster's certificate is not the expected one", f"look at {CA} and {FINGERPRINT}"
        case elastic_transport.ConnectionError():
            return "the search cluster cannot be reached", _REACH
        case UnsupportedProductError():
            return "what answers there is not Elasticsearch", f"look at {URL}"
        case NotFoundError() if "index_not_found" in error.error:
            return "there is no search index", MEND
        case ApiError():
            return _of_status(error)
    return "the search cluster answered what cannot be read", f"look what answers at {URL}"


def _of_status(error: ApiError) -> tuple[str, str]:
    status = error.meta.status
    if status == 401:
        return "the search cluster does not know this user or key", f"look at {USER} or {API_KEY}"
    if status == 403:
        return (
            "this user or key may not do that on the search cluster",
            "give it the role of docs/how-to/elasticsearch.md",
        )
    if status == 429:
        return "the search cluster has more to do than it takes", "try again later"
    if status >= 500:
        return "a part of the search cluster is away", "look at its health, then try again"
    return f"the search cluster answered {status}: {reason(error)}", MEND


def reason(error: ApiError) -> str:
    """Why the cluster refused, in its own words."""
    body = error.body
    cause = body.get("error") if isinstance(body, dict) else None
    if isinstance(cause, dict):
        roots = cause.get("root_cause") or [cause]
        cause = roots[0].get("reason") or cause.get("type")
    return str(cause or error.message)[:_REASON_CHARS]
