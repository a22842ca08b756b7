"""Our components: each a JavaScript file that draws from JSON by `textContent`, and a stylesheet.

They take their data as UTF-8 JSON bytes: Streamlit forwards bytes untouched, where it would walk, copy and
serialise a dict twice on every rerun.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
THEME = HERE.parent / "theme"
_DOCKED = {"answer", "explore"}  # those whose moments sound where they stand


def _read(*paths: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@cache
def _sources(name: str) -> tuple[str, str]:
    dock = ["dock"] if name in _DOCKED else []
    css = _read(
        THEME / "tokens.css", THEME / "base.css", *(HERE / f"{part}.css" for part in dock), HERE / name / f"{name}.css"
    )
    return css, _read(*(HERE / f"{part}.js" for part in ("common", *dock)), HERE / name / f"{name}.js")


def draw(name: str, data: bytes, on_go: Callable[[], None] | None = None) -> None:
    """Draws the component `name` under the key of the same name; `on_go` is called when it asks to navigate."""
    css, js = _sources(name)
    component = st.components.v2.component(
        f"onrecord_{name}", html=f'<div class="on {name}-root"></div>\n', css=css, js=js
    )
    if on_go:
        component(key=name, data=data, on_go_change=on_go)
    else:
        component(key=name, data=data)
