"""What a page shows from its first byte until its code runs: its colours and its bar, whose search box works.

Streamlit's code takes a second or two to arrive and draws nothing before; `bar.js` takes the place of this bar
where it stands, with what was typed meanwhile.
"""

from __future__ import annotations

import html
from pathlib import Path

from portal.address import Address
from portal.places import box, places

_PORTAL = Path(__file__).resolve().parent.parent
_SHEETS = ("theme/fonts.css", "theme/tokens.css", "theme/base.css", "components/bar/bar.css", "theme/cold.css")

STYLE = "<style>" + "\n".join((_PORTAL / name).read_text(encoding="utf-8") for name in _SHEETS) + "</style>"


def bar(address: Address) -> str:
    """The bar at an address, as HTML."""
    links = "".join(_link(place.label, place.href, place.here) for place in places(address))
    asks = box(address)
    kept = "".join(map(_kept, asks.keeps))
    return _BAR.format(places=links, kept=kept, label=html.escape(asks.label), q=html.escape(address.q))


def _kept(pair: tuple[str, str]) -> str:
    name, value = map(html.escape, pair)
    return f'<input type="hidden" name="{name}" value="{value}">'


def _link(label: str, href: str, here: bool) -> str:
    return f'<a href="{html.escape(href)}"{_HERE if here else ""}>{html.escape(label)}</a>'


_HERE = ' aria-current="page"'
# The same elements as bar.js makes, but for the one that clears the box.
_BAR = """<div class="on cold"><header class="bar"><a class="brand" href="/">Onrecord</a>
      <form class="q" role="search" action="/">{kept}
        <input type="search" name="q" value="{q}" aria-label="{label}" placeholder="{label}"
          autocomplete="off" spellcheck="false" dir="auto" maxlength="1000">
        <button class="icon" aria-label="Search"><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M6.5 1a5.5 5.5 0 0 1 4.4 8.8l3.9 3.9-1.1 1.1-3.9-3.9A5.5 5.5 0 1 1 6.5 1m0 1.6a3.9 3.9 0 1 0 0
          7.8 3.9 3.9 0 0 0 0-7.8"/></svg></button></form>
      <nav aria-label="Places">{places}</nav></header></div>"""
