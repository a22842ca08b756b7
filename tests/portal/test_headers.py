"""What every answer carries, and what of Streamlit is not served."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from portal.links import media_url, transcript_url
from portal.security import COMMON_HEADERS

if TYPE_CHECKING:
    from archive.models import Recording


def policy(value: str) -> dict[str, set[str]]:
    """A content security policy by directive."""
    return {
        name: set(sources.split()) for name, _, sources in (part.strip().partition(" ") for part in value.split(";"))
    }


@pytest.mark.parametrize(
    "path",
    [
        "/", "/?q=country", "/_stcore/health", "/_stcore/host-config", "/static/nothing.js", "/assets/icon.svg",
        "/assets/nothing", "/robots.txt", "/favicon.ico", "/favicon.png", "/api/recordings", "/api/nothing",
        "/av/0123456789abcdef", "/nothing", "/..%2f", "//example.org/",
    ],
)  # fmt: skip
def test_every_answer_carries_the_headers(client: TestClient, kept: Recording, path: str) -> None:
    answer = client.get(path, follow_redirects=False)
    for name, value in COMMON_HEADERS.items():
        assert answer.headers[name] == value
    csp = policy(answer.headers["content-security-policy"])
    assert csp["frame-ancestors"] == {"'none'"}


def test_media_and_transcripts_carry_them_too(client: TestClient, kept: Recording) -> None:
    for url in (media_url(kept.id), transcript_url(kept.id, "json"), transcript_url(kept.id, "vtt")):
        answer = client.get(url)
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "content-security-policy" in answer.headers


def test_pages_run_our_scripts_and_no_others(client: TestClient, kept: Recording) -> None:
    answer = client.get("/")
    csp = policy(answer.headers["content-security-policy"])
    inline = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline}
    assert inline
    assert csp["script-src"] == {"'self'", "blob:"} | hashes
    assert csp["object-src"] == {"'none'"}
    assert csp["base-uri"] == {"'self'"}
    assert csp["default-src"] == {"'self'"}
    assert not re.search(r"unsafe-eval|\*|https?:", answer.headers["content-security-policy"])


def test_the_api_lets_nothing_run(client: TestClient, kept: Recording) -> None:
    csp = policy(client.get("/api/recordings").headers["content-security-policy"])
    assert csp["default-src"] == {"'none'"}


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/upload_file/a/b", "/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent/interact",
        "/_stcore/agent/openapi.json", "/_stcore/agent/mcp", "/_stcore/anything", "/app/static/app.py", "/auth/login",
        "/index.html", "/manifest.json", "/app.py", "/.streamlit/config.toml", "/anything",
    ],
)  # fmt: skip
def test_what_we_do_not_use_of_streamlit_is_not_there(
    client: TestClient, kept: Recording, method: str, path: str
) -> None:
    assert client.request(method, path, follow_redirects=False).status_code == 404


def test_no_answer_lets_other_sites_read_it(client: TestClient, kept: Recording) -> None:
    for path in ("/", "/api/recordings", "/_stcore/host-config", "/_stcore/health"):
        answer = client.get(path, headers={"Origin": "https://example.org"})
        assert "access-control-allow-origin" not in answer.headers


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Streamlit asks of the internet."""
    urls: list[str] = []
    monkeypatch.setattr("streamlit.net_util._make_blocking_http_get", lambda url, **_: urls.append(url))
    return urls


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/host-config", "/media/x", "/component/x/y.js"])
def test_a_call_from_another_site_makes_the_server_ask_nobody(
    client: TestClient, kept: Recording, asked: list[str], path: str
) -> None:
    client.get(path, headers={"Origin": "https://example.org"})
    assert asked == []


@pytest.mark.parametrize("origin", ["https://example.org", "null", "http://testserver.example.org", "http://[", ""])
def test_a_page_of_another_site_gets_no_socket(
    client: TestClient, kept: Recording, asked: list[str], origin: str
) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/_stcore/stream", headers={"Origin": origin}) as socket,
    ):
        socket.receive_bytes()
    assert asked == []


def test_our_own_page_gets_a_socket(client: TestClient, kept: Recording, asked: list[str]) -> None:
    with client.websocket_connect("/_stcore/stream", headers={"Origin": "http://testserver"}):
        pass
    assert asked == []
