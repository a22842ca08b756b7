"""The door for browsers: `streamlit run app.py` serves the pages, the media and the API from one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from portal import state
from portal.routes.problems import HANDLERS
from portal.routing import ROUTES
from portal.security import MIDDLEWARE


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Lets go of the archive when the server ends; it is opened when it is first asked for."""
    yield
    state.close()


# Streamlit finds the application by reading this line, so it has to stay a plain assignment.
app = st.App(
    Path(__file__).resolve().parent / "portal" / "ui.py",
    routes=ROUTES,
    middleware=MIDDLEWARE,
    exception_handlers=HANDLERS,
    lifespan=lifespan,
)
