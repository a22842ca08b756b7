"""What to try where nothing was found."""

from __future__ import annotations

import re
from dataclasses import replace

from portal.address import Address

_QUOTED = re.compile(r"""=?["“”„«»](~\d*)?""")


def tips(address: Address) -> list[dict[str, str]]:
    """Wider questions than the one at an address, each with a link where there is one."""
    found = []
    if address.narrowed:
        found.append({"label": "Search without the filters", "href": address.without_filters().href})
    words = address.q.replace("\u200c", "").split()
    if _QUOTED.search(address.q):
        loose = " ".join(_QUOTED.sub(" ", address.q).split())
        found.append({"label": "Search for the words anywhere, without quotes", "href": _asking(address, loose)})
    elif len(words) > 1 and all(word.isalpha() and not word.isupper() for word in words):
        any_of = " OR ".join(address.q.split())
        found.append({"label": "Search for any of these words", "href": _asking(address, any_of)})
    found.append({"label": "Try fewer words, or the beginning of a word with a star: govern*", "href": ""})
    return found


def _asking(address: Address, query: str) -> str:
    return replace(address, q=query, page=1).href
