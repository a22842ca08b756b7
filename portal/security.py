"""What every answer carries so that a browser runs only our own code, and what Streamlit serves that we do not.

Pure ASGI on purpose: Starlette's BaseHTTPMiddleware would buffer media and break web sockets.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.routes.problems import not_found, unexpected
from portal.routes.shell import INLINE_SCRIPTS, lost

# What of Streamlit a browser of ours asks for. Its upload, metrics and agent endpoints are not among them:
# nothing here takes files, and how many sessions there are is nobody's business.
_STREAMLIT = re.compile(r"/_stcore/(?:health|host-config|stream|bidi-components/.*)|/(?:static|media|component)/.*")
# What is ours. Anything else a path may hold (`..`, `%00`, `\\`) names nothing we have.
_OURS = re.compile(r"/|/(?:api|av)(?:/[\w.-]+)*/?|/assets/[\w.-]+|/robots\.txt|/favicon\.(?:ico|png)", re.ASCII)
_MACHINES = ("/api", "/av")  # these answer with problems, not with pages

_FORBIDDEN = 1008  # web sockets: "policy violation"
_API_POLICY = "default-src 'none'; frame-ancestors 'none'"


def content_security_policy(inline_scripts: Iterable[str]) -> str:
    """The policy of pages. `inline_scripts` are the bodies of the scripts that stand in the page itself."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in inline_scripts)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: {hashes}".rstrip(),  # blob: components v2 import their code from one
            "style-src 'self' 'unsafe-inline'",  # emotion, Streamlit's styling, writes style elements
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss:",  # 'self' does not cover web sockets in every browser
            "worker-src 'self' blob:",
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), serial=(), usb=()"
    ),
}


class SecurityHeaders:
    """Puts the headers on every answer: Streamlit's too, and the one that a mistake of ours ends in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        started = False

        async def send_secured(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                secure(MutableHeaders(scope=message), scope["path"])
            await send(message)

        try:
            await self.app(scope, receive, send_secured)
        except Exception:
            if not started:
                await unexpected(Request(scope))(scope, receive, send_secured)
            raise  # the server logs it


class Gate:
    """Lets through the paths that we or Streamlit's pages have; what else is asked for is not there.

    Without it Streamlit answers any path with its page and 200, and takes uploads. And it judges the `Origin` of
    a request itself: Streamlit would ask a server on the internet for this machine's address each time a page of
    another site calls, and answer nobody until that is over.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            if _from_elsewhere(scope):
                await receive()
                await send({"type": "websocket.close", "code": _FORBIDDEN})
            else:
                await self.app(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if _from_elsewhere(scope):
            scope = _without(scope, b"origin")
        if _OURS.fullmatch(path) and ".." not in path:
            # a compressed body has other ranges and another ETag, so nobody's wish for it reaches the media
            await self.app(_without(scope, b"accept-encoding") if path.startswith("/av/") else scope, receive, send)
        elif _STREAMLIT.fullmatch(path):
            await self.app(scope, receive, send)
        else:
            answer = not_found(Request(scope)) if path.startswith(_MACHINES) else lost()
            await answer(scope, receive, send)


def secure(headers: MutableHeaders, path: str) -> None:
    """Adds to the headers what is not set yet."""
    for name, value in COMMON_HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", _API_POLICY if path.startswith("/api") else PAGE_POLICY)


def _from_elsewhere(scope: Scope) -> bool:
    """Whether a page of another site asks; programs and followed links send no `Origin`."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def _without(scope: Scope, name: bytes) -> Scope:
    """The request without one of its headers."""
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != name]}


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


PAGE_POLICY = content_security_policy(INLINE_SCRIPTS)
MIDDLEWARE = [Middleware(SecurityHeaders), Middleware(Gate)]
