"""The query language, as docs/reference/query.md describes it."""

from __future__ import annotations

import pytest

from archive.errors import QueryError
from search.query import MAX_CHARS, MAX_DEPTH, MAX_EXPANSIONS, MAX_WORDS, parse
from search.syntax import And, Field, FieldName, Fuzzy, Node, Not, Or, Phrase, Wild


def word(text: str) -> Phrase:
    return Phrase((text,))


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ("peace", word("peace")),
        ("war peace", And((word("war"), word("peace")))),
        ("war AND peace", And((word("war"), word("peace")))),
        ("war OR peace", Or((word("war"), word("peace")))),
        ("a b OR c", Or((And((word("a"), word("b"))), word("c")))),
        ("a (b OR c)", And((word("a"), Or((word("b"), word("c")))))),
        ("war NOT peace", And((word("war"), Not(word("peace"))))),
        ("war AND NOT peace", And((word("war"), Not(word("peace"))))),
        ("war -peace", And((word("war"), Not(word("peace"))))),
        ("war -(peace OR love)", And((word("war"), Not(Or((word("peace"), word("love"))))))),
        ('"ask not"', Phrase(("ask", "not"))),
        ('"war peace"~5', Phrase(("war", "peace"), slop=5)),
        ("=nations", Phrase(("nations",), exact=True)),
        ('="ask not"', Phrase(("ask", "not"), exact=True)),
        ("gov*", Wild(("gov", ""))),
        ("gov*ment", Wild(("gov", "ment"))),
        ("contry~", Fuzzy("contry", 1)),
        ("contry~2", Fuzzy("contry", 2)),
        ("well-being", word("well-being")),
        ("don’t", word("don’t")),
        ("or and not", And((word("or"), word("and"), word("not")))),
        ("peace, now!", And((word("peace,"), word("now!")))),
        ("war - peace", And((word("war"), word("peace")))),
        ("note: this", And((word("note:"), word("this")))),
        ("C* d", None),
        ("", And()),
        (" ?! … ", And()),
        ("()", And()),
        ('"" peace', word("peace")),
    ],
)
def test_what_is_typed_becomes_a_tree(typed: str, tree: Node | None) -> None:
    if tree is None:
        with pytest.raises(QueryError):
            parse(typed)
    else:
        assert parse(typed) == tree


@pytest.mark.parametrize("typed", ["“ask not”", "«ask not»", "„ask not“", "”ask not”", "« ask not »"])
def test_every_kind_of_quotation_mark_quotes(typed: str) -> None:
    assert parse(typed) == Phrase(("ask", "not"))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("speaker:kennedy", Field(FieldName.SPEAKER, "kennedy")),
        ('speaker:"John F. Kennedy"', Field(FieldName.SPEAKER, "John F. Kennedy")),
        ("Year:1960", Field(FieldName.YEAR, "1960-1960")),
        ("year:1960-1970", Field(FieldName.YEAR, "1960-1970")),
        ("year:۱۹۶۰–۱۹۷۰", Field(FieldName.YEAR, "1960-1970")),
        ("language:fa", Field(FieldName.LANGUAGE, "fa")),
        ("quality:Suspect", Field(FieldName.QUALITY, "suspect")),
        ("layer:interpreter", Field(FieldName.LAYER, "interpreter")),
        ("event:«کنفرانس ۲۰۱۹»", Field(FieldName.EVENT, "کنفرانس ۲۰۱۹")),
    ],
)
def test_a_field_narrows(typed: str, field: Field) -> None:
    assert parse(typed) == field
    assert parse(f"peace -{typed}") == And((word("peace"), Not(field)))


def test_persian_is_read_with_its_marks_and_affixes() -> None:
    assert parse("می روم") == Phrase(("می", "روم"))
    assert parse("کتاب ها را") == And((Phrase(("کتاب", "ها")), word("را")))
    assert parse("\u202bحقوق OR\u200f بشر\u202c") == Or((word("حقوق"), word("بشر")))
    assert parse("می‌روم") == word("می‌روم")


@pytest.mark.parametrize(
    ("typed", "at", "says"),
    [
        ("peace (war", 6, "never closed"),
        ("peace) war", 5, "no opening bracket"),
        ('say "peace', 4, "never closed"),
        ("peace AND", 6, "AND needs something on both sides"),
        ("AND peace", 0, "AND needs something on both sides"),
        ("peace OR", 0, "OR needs something on both sides"),
        ("peace NOT", 6, "nothing to leave out"),
        ("-peace", 0, "only says what must be absent"),
        ("war OR -peace", 0, "of one kind"),
        ("war OR year:1960", 0, "of one kind"),
        ("a *b", 2, "too few letters before *"),
        ("peace *", 6, "stands for every word"),
        ("ab~", 0, "too short"),
        ("country~3", 9, "too much"),
        ('"a b"~', 5, "how near is missing"),
        ('"a b"~1000', 5, "too much"),
        ("year:19x0", 5, "no year"),
        ("year:1970-1960", 5, "not in order"),
        ("speaker: kennedy", 0, "no value"),
        ("حقوق quality:good", 13, "no such value"),
        ("layer:fa", 6, "no such value"),
        ("\u200f\u200fpeace (war", 8, "never closed"),
    ],
)
def test_a_fault_is_pointed_at(typed: str, at: int, says: str) -> None:
    with pytest.raises(QueryError, match=says.replace("*", r"\*")) as caught:
        parse(typed)
    assert caught.value.at == at
    assert caught.value.mend, "an error says how to mend it"


@pytest.mark.parametrize(
    "typed",
    [
        "x" * (MAX_CHARS + 1),
        "a " * (MAX_WORDS + 1),
        '"' + "a " * (MAX_WORDS + 1) + '"',
        "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1),
        "NOT " * (MAX_DEPTH + 1) + "a",
        "gov* " * (MAX_EXPANSIONS + 1),
    ],
)
def test_what_is_over_a_limit_is_refused(typed: str) -> None:
    with pytest.raises(QueryError):
        parse(typed)


def test_what_is_at_the_limits_is_taken() -> None:
    parse("x" * MAX_CHARS)
    parse("a " * MAX_WORDS)
    parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)
    parse("gov* " * MAX_EXPANSIONS)
