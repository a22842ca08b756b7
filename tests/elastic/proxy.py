"""A small HTTP proxy before the search cluster, which answers otherwise where a test wants it to.

With certificates it speaks TLS, and with a key it lets nobody in without it: what the node of the tests lacks.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import ClassVar
from urllib.parse import urlsplit

_PRODUCT = {"X-Elastic-Product": "Elasticsearch", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `cut` hangs up after half of the body; with an empty body, without a word."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=lambda: dict(_PRODUCT))
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, and how to ask the node."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]
    node: str

    def forward(self) -> Answer:
        """What the node answers."""
        parts = urlsplit(self.node)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        try:
            connection.request(self.method, self.path, self.body, self.headers)
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() in _KEPT}
            return Answer(answer.status, answer.read(), kept)
        finally:
            connection.close()

    def with_body(self, body: bytes) -> Request:
        """The same with another body."""
        return replace(self, body=body)


_KEPT = {"content-type", "x-elastic-product", "content-encoding"}
CUT = Answer(body=b"", cut=True)
UNAUTHORIZED = Answer(401, b'{"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401}')
Rule = Callable[[Request], Answer | None]


def pass_on(_request: Request) -> Answer | None:
    """The rule of a proxy that does nothing."""
    return None


class Proxy:
    """Listens on a free port while it is entered. `rule` gives another answer than the node's, or None."""

    def __init__(self, node: str, *, tls: ssl.SSLContext | None = None, key: str = "") -> None:
        self.rule: Rule = pass_on
        self.asked: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, node, key))
        if tls is not None:
            # the handshake belongs to the connection's own thread: one that fails must not stop the others
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def count(self, part: str) -> int:
        """How many requests had this in their path."""
        return sum(part in request.path for request in self.asked)


def first(count: int, part: str, answer: Answer | Callable[[Request], Answer | None]) -> Rule:
    """A rule for the first requests whose path has this part."""
    left = threading.Semaphore(count)

    def rule(request: Request) -> Answer | None:
        if part not in request.path or not left.acquire(blocking=False):
            return None
        return answer if isinstance(answer, Answer) else answer(request)

    return rule


def _handler(proxy: Proxy, node: str, key: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        left_out: ClassVar[set[str]] = {"host", "connection", "content-length", "accept-encoding"}

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:  # a client that does not like our certificate, or went away
                self.close_connection = True

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in self.left_out}
            asked = Request(self.command, self.path, body, headers, node)
            proxy.asked.append(asked)
            if key and self.headers.get("Authorization") != f"ApiKey {key}":
                self.send(UNAUTHORIZED)
                return
            try:
                self.send(proxy.rule(asked) or asked.forward())
            except (OSError, http.client.HTTPException):  # the node is away
                self.send(CUT)

        def send(self, answer: Answer) -> None:
            if answer.cut:
                self.close_connection = True
                if not answer.body:
                    return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Silent."""

    return Handler
