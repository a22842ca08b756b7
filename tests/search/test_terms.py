"""What the index holds for a word, in the languages that matter most here."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from search.terms import GHOST, MAX_TERM_CHARS, analyse, fold, joins


def stem(word: str, language: str) -> tuple[str, ...]:
    return analyse([word], language).stems


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Country.", "country"),
        ("don’t", "dont"),
        ("École", "ecole"),
        ("Straße", "strasse"),
        ("كتاب‌هاي", "کتابهای"),  # Arabic kaf and yeh, and a ZWNJ
        ("آزادی", "ازادی"),
        ("مُحَمَّد", "محمد"),
        ("۱۳۵۷", "1357"),
        ("١٩٤٨", "1948"),
        ("ﷲ", "الله"),
        ("हिन्दी", "हिन्दी"),  # vowel signs are part of a word
        ("\u202bسلام\u202c\u200f", "سلام"),
        ("1,000", "1000"),
        ("—", ""),
        ("\ud800\x00", ""),
    ],
)
def test_a_word_is_folded_to_its_surface(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_composed_and_decomposed_letters_fold_alike() -> None:
    for word in ("Ångström", "één", "آمریکا", "نماینده"):
        assert fold(unicodedata.normalize("NFC", word)) == fold(unicodedata.normalize("NFD", word))


def test_no_word_folds_to_a_ghost_mark_or_grows_without_limit() -> None:
    assert fold(GHOST + "word") == "word"
    assert len(fold("ﷺ" * 10_000)) == MAX_TERM_CHARS


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("nation", "nations", "Nation's", "“nations”")),
        ("fr", ("nation", "nations", "Nations,")),
        ("de", ("Recht", "Rechte", "Rechten", "RECHT")),
        ("es", ("derecho", "derechos")),
        ("fa", ("کتاب", "کتاب‌ها", "کتابها", "کتاب‌های", "كتاب")),
        ("ar", ("كتاب", "الكتاب", "والكتاب", "بالكتاب")),
    ],
)
def test_inflections_share_a_stem(language: str, words: tuple[str, ...]) -> None:
    assert {stem(word, language) for word in words} == {stem(words[0], language)}
    assert stem(words[0], language)[0].startswith(f"{language}:")


def test_a_language_without_a_stemmer_is_compared_as_spelled() -> None:
    assert stem("Привіт!", "uk") == ("привіт",)
    assert stem("hello", "und") == ("hello",)


def test_a_compound_is_several_terms_of_one_word() -> None:
    found = analyse(["a", "well-being", "war—peace", "and/or"], "en")
    assert found.surfaces == ("a", "well", "being", "war", "peace", "and", "or")
    assert found.firsts == found.lasts == (0, 1, 1, 2, 2, 3, 3)


def test_an_elided_article_is_a_term_of_its_own_in_french() -> None:
    assert analyse(["l’homme"], "fr").surfaces == ("l", "homme")
    assert analyse(["don't"], "en").surfaces == ("dont",)


def test_persian_affixes_written_apart_join_their_word() -> None:
    apart = analyse(["ما", "می", "رویم", "با", "کتاب", "ها", "و", "نمی", "دانیم"], "fa")
    written = analyse(["ما", "می\u200cرویم", "با", "کتاب\u200cها", "و", "نمی\u200cدانیم"], "fa")
    assert apart.stems == written.stems
    assert list(zip(apart.firsts, apart.lasts, strict=True)) == [(0, 0), (1, 2), (3, 3), (4, 5), (6, 6), (7, 8)]
    assert joins("می", "رویم")
    assert not joins("ما", "رویم")


def test_a_script_without_spaces_has_a_term_a_character() -> None:
    assert analyse(["世界人权", "宣言"], "zh").surfaces == tuple("世界人权宣言")


def test_a_word_without_letters_has_no_term() -> None:
    found = analyse(["♪", "peace", "—", "now"], "en")
    assert found.surfaces == ("peace", "now")
    assert found.firsts == (1, 3)


def pairs(path: Path, kind: str) -> list[tuple[str, str]]:
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(kind)]
    return [(first, other) for _, first, *others in lines for other in others]


def test_persian_words_meet_and_stay_apart(samples: Path) -> None:
    path = samples.parent / "cases" / "persian_words.tsv"
    meet = [pair for pair in pairs(path, "meet") if stem(pair[0], "fa") == stem(pair[1], "fa")]
    wrong = [pair for pair in pairs(path, "apart") if stem(pair[0], "fa") == stem(pair[1], "fa")]
    print(f"Persian: {len(meet)} of {len(pairs(path, 'meet'))} meet, {len(wrong)} of {len(pairs(path, 'apart'))} wrong")
    assert len(meet) >= 54
    assert len(wrong) <= 1


def test_arabic_words_meet(samples: Path) -> None:
    path = samples.parent / "cases" / "arabic_words.tsv"
    meet = [pair for pair in pairs(path, "meet") if stem(pair[0], "ar") == stem(pair[1], "ar")]
    print(f"Arabic: {len(meet)} of {len(pairs(path, 'meet'))} meet")
    assert len(meet) >= 38
