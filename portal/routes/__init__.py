"""What the portal answers beside Streamlit's pages: the page's shell, media, and the API."""

from __future__ import annotations

from starlette.routing import BaseRoute

from portal.routes import api, clips, counts, media, moments, shell

ROUTES: list[BaseRoute] = [
    *shell.ROUTES,
    *media.ROUTES,
    *clips.ROUTES,
    *moments.ROUTES,
    *counts.ROUTES,
    *api.ROUTES,
]
