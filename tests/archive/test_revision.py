"""What a version says of itself: whether a person gave words, or only named who says them."""

from __future__ import annotations

import pytest

from archive.models import Maker, MakerKind
from archive.revision import INSTEAD_OF, WORDS, has_new_words


@pytest.mark.parametrize(("given", "instead_of"), [("2", "0"), ("0", "2"), ("1", "1")])
def test_a_person_who_gave_or_took_words_corrected_them(given: str, instead_of: str) -> None:
    assert has_new_words(Maker(MakerKind.PERSON, "Ali", settings=((WORDS, given), (INSTEAD_OF, instead_of))))


def test_a_person_who_named_a_voice_did_not() -> None:
    assert not has_new_words(Maker(MakerKind.PERSON, "علی", settings=(("voice", "unknown-1"),)))


def test_an_engine_with_a_setting_of_that_name_did_not() -> None:
    assert not has_new_words(Maker(MakerKind.ENGINE, "toy", settings=((WORDS, "bursts"),)))
