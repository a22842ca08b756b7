"""What a document holds of its segment, and that its words come out as they went in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from archive.models import Access, AccessLevel, Recording, Segment, Transcript, Word
from search.clauses import GHOST_WORDS
from search.documents import day_of, documents_of
from search.passages import BEFORE_WORDS, unpack
from search.terms import GHOST
from tests.search.conftest import MAKER

Described = Callable[..., Recording]
Said = Callable[..., Transcript]


def test_a_segment_is_followed_by_eight_marked_terms_of_the_next(recording_of: Described, transcript_of: Said) -> None:
    said = transcript_of(
        ["ask not", "what your", "country can do for you, ask what", "you can do"], "en", ("ann", "bob")
    )
    first, second, _, last = documents_of(recording_of(), said)
    following = ["what", "your", "country", "can", "do", "for", "you", "ask"]
    assert len(following) == GHOST_WORDS
    assert first.surfaces.split() == ["ask", "not", *(GHOST + word for word in following)], "across speakers too"
    assert second.surfaces.split()[2:4] == ["~~~country", "~~~can"]
    assert last.surfaces == "you can do"
    assert first.stems.split()[:3] == ["en:ask", "en:not", "~~~en:what"]


def test_words_come_back_with_their_times_and_numbers(recording_of: Described, transcript_of: Said) -> None:
    said = transcript_of(["one two three", "four — five", "six seven eight nine ten eleven twelve thirteen fourteen"])
    documents = list(documents_of(recording_of(), said))
    passage = unpack(documents[1].body)
    whole = [word for segment in said.segments for word in segment.words]
    assert documents[1].first_word == 3
    assert (passage.before, passage.own) == (3, 3)
    assert list(passage.words(0, 99)) == whole[: 6 + GHOST_WORDS]
    assert [passage.texts[at] for at in passage.firsts][:3] == ["four", "five", "six"], "a dash has no term"


def test_times_survive_overlaps_and_low_probabilities(recording_of: Described) -> None:
    words = (Word("a", 5.0, 5.5, 0.07), Word("b", 5.4, 5.4, 0.0), Word("c", 4.999, 7200.123, 1.0))
    said = Transcript("0" * 16, 1, MAKER, (Segment(5.0, 7200.123, words),))
    (document,) = documents_of(recording_of(), said)
    assert unpack(document.body).words(0, 3) == words


def test_context_reaches_back_over_short_segments(recording_of: Described, transcript_of: Said) -> None:
    said = transcript_of(["a b c d e f", "g", "h", "i j"])
    last = list(documents_of(recording_of(), said))[-1]
    passage = unpack(last.body)
    assert passage.before == BEFORE_WORDS
    assert list(passage.texts) == list("abcdefghij")


def test_a_segment_without_words_leaves_the_others_in_place(recording_of: Described, transcript_of: Said) -> None:
    said = transcript_of(["ask", "", "— —", "not"])
    first, second, third, fourth = documents_of(recording_of(), said)
    assert first.surfaces == "ask ~~~not"
    assert second.surfaces == third.surfaces == "~~~not"
    assert fourth.first_word == 3
    assert list(unpack(first.body).texts) == ["ask", "—", "—", "not"]


def test_a_segment_is_analysed_in_the_transcript_language_where_its_own_is_unknown(
    recording_of: Described, transcript_of: Said
) -> None:
    said = transcript_of(["nations"], "und")
    (document,) = documents_of(recording_of(), dataclasses.replace(said, language="en"))
    assert (document.language, document.analysed, document.stems) == ("und", "en", "en:nation")


def test_the_only_speaker_of_a_recording_speaks_every_unjudged_segment(
    recording_of: Described, transcript_of: Said
) -> None:
    said = transcript_of(["ask", "not"], "en", ("", "unknown-1"))
    alone = dataclasses.replace(recording_of(), speakers=("ann",))
    assert [document.speaker for document in documents_of(alone, said)] == ["ann", "unknown-1"]
    both = dataclasses.replace(recording_of(), speakers=("ann", "bob"))
    assert [document.speaker for document in documents_of(both, said)] == ["", "unknown-1"], "never a guess"


@pytest.mark.parametrize(
    ("access", "day"),
    [
        (Access(), 0),
        (Access(AccessLevel.EMBARGOED, "2030-06-01"), 20300601),
        (Access(AccessLevel.RESTRICTED), 99999999),
    ],
)
def test_a_document_knows_from_when_it_is_public(
    access: Access, day: int, recording_of: Described, transcript_of: Said
) -> None:
    (document,) = documents_of(dataclasses.replace(recording_of(), access=access), transcript_of(["ask"]))
    assert document.public_from == day


def test_a_date_is_a_number_however_coarse() -> None:
    assert [day_of(date) for date in ("1961-01-20", "1961-01", "1961", "", "soon")] == [
        19610120,
        19610100,
        19610000,
        0,
        0,
    ]
