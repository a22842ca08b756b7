"""All that the portal answers beside Streamlit's pages: the page's shell, media, and the API.

Not in `portal.routes` itself: the terminal's answers come from there too, and need no server to be loaded.
"""

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
