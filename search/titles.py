"""Recordings that are called as somebody asks: only what was said is searched, and an empty answer may name them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from archive.models import UNDETERMINED, Card
from search.query import QUOTED
from search.terms import analyse

MOST_TITLES = 3


def titled(query: str, cards: Iterable[Card]) -> tuple[Card, ...]:
    """The first few recordings in whose titles all words of a question are, in any inflection."""
    asked = QUOTED.sub(" ", query).split()
    if not asked or not all(word.replace("\u200c", "").isalpha() for word in asked):
        return ()
    found = (card for card in cards if _stems(asked, card) <= _stems(card.title.split(), card))
    return tuple(islice(found, MOST_TITLES))


def _stems(words: Sequence[str], card: Card) -> frozenset[str]:
    return frozenset(analyse(words, (card.languages or (UNDETERMINED,))[0]).stems)
