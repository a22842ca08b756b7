"""The page that Streamlit's own code runs in, with our title, description and icon, and the files beside it.

Streamlit ships one `index.html` for every application. We serve it ourselves, so that a shared link shows in a
messenger, and is found by a crawler, as what it is: neither runs the page's code.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from portal.address import Address
from portal.links import asset_url
from portal.render import visible
from portal.routes import cold
from portal.routes.problems import not_found

SITE = "Onrecord"
SLOGAN = "Find any sentence that was said, and play it from the exact word."
ICON = "icon.svg"

THEME = Path(__file__).resolve().parent.parent / "theme"
_ASSET_TYPES = {
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".css": "text/css",
    ".js": "text/javascript",
}
_YEAR_S = 365 * 24 * 3600
_DAY_S = 24 * 3600
_LONGEST_TITLE = 120
_LONGEST_DESCRIPTION = 300

_INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
# What of it gives way to ours: title and icon, the pointer to Streamlit's agent API (which is off), its
# font, and the note for those without scripts, which speaks of that API.
_THEIRS = re.compile(
    r"<!--.*?-->\s*|<title>.*?</title>\s*|<link rel=\"(?:shortcut icon|service-desc)\"[^>]*>\s*"
    r"|<link\s+rel=\"preload\"[^>]*as=\"font\"[^>]*>\s*"
    r"|<noscript>.*?</noscript>\s*",
    re.DOTALL,
)
_OPENING = re.compile(r"<html[^>]*>\s*<head>\s*")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)

_PREAMBLE, _REST = _OPENING.split(_INDEX.read_text(encoding="utf-8"), 1)
_METAS, _REST = _THEIRS.sub("", _REST).split("<script", 1)
INLINE_SCRIPTS = tuple(_INLINE_SCRIPT.findall("<script" + _REST))


@dataclass(frozen=True, slots=True)
class Preview:
    """What a link shows where its page is not run: in a messenger, in a list of results."""

    title: str = ""
    description: str = SLOGAN
    kind: str = "website"  # an OpenGraph type
    media: str = ""  # a path of ours
    mime: str = ""
    status: int = 200  # of HTTP


def page(preview: Preview, origin: str, canonical: str, bar: str) -> str:
    """Streamlit's page with a head and a bar of our own. Every value but the bar, which is HTML, is escaped here."""
    title = f"{_cut(preview.title, _LONGEST_TITLE)} · {SITE}" if preview.title else SITE
    description = _cut(preview.description, _LONGEST_DESCRIPTION)
    tags = [
        f"<title>{html.escape(title)}</title>",
        f'<link rel="icon" type="image/svg+xml" href="{asset_url(ICON)}">',
        f'<link rel="canonical" href="{html.escape(origin + canonical)}">',
        _meta("name", "description", description),
        _meta("property", "og:site_name", SITE),
        _meta("property", "og:type", preview.kind),
        _meta("property", "og:title", title),
        _meta("property", "og:description", description),
        _meta("property", "og:url", origin + canonical),
        _meta("name", "twitter:card", "summary"),
        _meta("name", "twitter:title", title),
        _meta("name", "twitter:description", description),
        cold.STYLE,
    ]
    if preview.media:
        what = "og:video" if preview.mime.startswith("video/") else "og:audio"
        tags += [_meta("property", what, origin + preview.media), _meta("property", f"{what}:type", preview.mime)]
    head = "\n    ".join(tags)
    note = f"<noscript><p>{html.escape(title)}: {html.escape(description)} {_WITHOUT_SCRIPTS}</p></noscript>"
    rest = _REST.replace("<body>", f"<body>\n    {bar}\n    {note}", 1)
    return f'{_PREAMBLE}<html lang="en" dir="ltr">\n  <head>\n    {_METAS}{head}\n    <script{rest}'


async def index(request: Request) -> Response:
    """`/`: the page of the portal, named after what its address asks for."""
    from portal.routes.previews import preview  # read archives only once pages are asked for

    asked = request.query_params
    shown, canonical = await preview(asked)
    origin = f"{request.url.scheme}://{request.url.netloc}"
    bar = cold.bar(Address.of({name: asked.getlist(name) for name in asked}))
    return HTMLResponse(page(shown, origin, canonical, bar), shown.status, headers={"Cache-Control": "no-cache"})


async def asset(request: Request) -> Response:
    """`/assets/{name}`: a font, icon or style of our own, by the names found when the portal started."""
    path = ASSETS.get(request.path_params["name"])
    if path is None:
        return not_found(request)
    age = f"public, max-age={_YEAR_S}, immutable" if path.suffix == ".woff2" else f"public, max-age={_DAY_S}"
    return FileResponse(path, media_type=_ASSET_TYPES[path.suffix], headers={"Cache-Control": age})


async def icon(_request: Request) -> Response:
    """`/favicon.ico`: what browsers ask for unasked."""
    return FileResponse(
        THEME / ICON, media_type=_ASSET_TYPES[".svg"], headers={"Cache-Control": f"public, max-age={_DAY_S}"}
    )


async def robots(_request: Request) -> Response:
    """`/robots.txt`: pages may be found, the machinery need not."""
    return PlainTextResponse("User-agent: *\nDisallow: /api/\nDisallow: /_stcore/\n")


def lost() -> Response:
    """The page for an address that is not here, with the way out."""
    return HTMLResponse(_LOST, 404, headers={"Cache-Control": "no-store"})


def _assets() -> dict[str, Path]:
    found = (path for path in sorted(THEME.rglob("*")) if path.suffix in _ASSET_TYPES)
    return {path.name: path for path in found if path.is_file() and not path.is_symlink()}


def _meta(key: str, name: str, content: str) -> str:
    return f'<meta {key}="{name}" content="{html.escape(content)}">'


def _cut(text: str, longest: int) -> str:
    text = visible(" ".join(text.split()))
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


ASSETS = _assets()
_WITHOUT_SCRIPTS = 'This page needs scripts; <a href="/api/recordings">the same as JSON</a> needs none.'
_LOST = f"""<!DOCTYPE html>
<html lang="en" dir="ltr">
<head><meta charset="UTF-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not here · {SITE}</title><link rel="icon" type="image/svg+xml" href="{asset_url(ICON)}">
<style>
:root {{ color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }}
body {{ max-width: 32rem; margin: 20vh auto 0; padding: 0 1rem; }}
</style></head>
<body><h1>Not here</h1><p>There is nothing of this address. <a href="/">Search what was said</a></p></body>
</html>
"""

ROUTES: list[BaseRoute] = [
    Route("/", index),
    Route("/assets/{name}", asset),
    Route("/favicon.ico", icon),
    Route("/favicon.png", icon),
    Route("/robots.txt", robots),
]
