"""An export, edited, comes back as what was changed in it and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from random import Random

import pytest

from archive.captions import marked, to_srt, to_txt, to_vtt
from archive.errors import ArchiveError, InputError
from archive.models import TRANSLATED, Layer, Maker, MakerKind, Segment, Transcript, Word
from archive.store import GivenFile
from ingest.corrections import corrected
from ingest.edited import edits_of, version_of
from ingest.edits import Edit, Edits, Naming, words_of
from ingest.given import read_given
from ingest.unspaced import apart

NAMES = {"ann": "Ann Lee", "shirin": "شیرین عبادی", "bob": "Bob"}
TALK = (
    ("ann", "en", "And so, my fellow Americans, ask knot what your country can do for you."),
    ("ann", "en", "Ask what you can do <for> your country & mine --> now."),
    ("shirin", "fa", "قانون اساسى ایران می‌گوید که همه «برابرند»؛ آیا می شود؟"),
    ("unknown-1", "ar", "السلام عليكم ورحمة الله"),
)

FORMS = [to_txt, to_vtt, to_srt]
Form = Callable[..., str]
every_form = pytest.mark.parametrize("write", FORMS)


def talk(*turns: tuple[str, str, str]) -> Transcript:
    segments, clock = [], 1.0
    for speaker, language, text in turns or TALK:
        words = []
        for word in text.split():
            words.append(Word(word, round(clock, 3), round(clock + 0.4, 3), 0.5))
            clock += 0.4
        segments.append(Segment(words[0].start, words[-1].end, tuple(words), speaker, language))
        clock += 2.0
    return Transcript("ab" * 8, 3, Maker(MakerKind.ENGINE, "toy"), tuple(segments), language="en", duration=clock)


def find(name: str, where: str) -> str:
    known = {shown: speaker for speaker, shown in NAMES.items()}
    if name not in known:
        raise InputError(f"nobody is called {name}", where=where)
    return known[name]


def edits(base: Transcript, text: str) -> Edits:
    given = GivenFile("talk.txt", "txt", text.encode())
    return edits_of(base, given, read_given(given.name, given.data), NAMES, find)


def result(base: Transcript, text: str) -> list[tuple[str, str]]:
    made = corrected(base, edits(base, text), Layer(), by="Mina")
    return [(segment.speaker, segment.text) for segment in made.segments]


@every_form
def test_an_export_that_nobody_edited_changes_nothing(write: Form) -> None:
    base = talk()
    assert edits(base, write(base, NAMES)) == Edits()


@every_form
def test_words_that_were_changed_are_found_and_the_others_keep_their_times(write: Form) -> None:
    base = talk()
    text = write(base, NAMES).replace("knot", "not").replace("اساسى", "اساسی").replace("عليكم", "عليكم،")
    found = edits(base, text)
    words = [word.text for word in words_of(base)]
    assert found.edits == tuple(
        Edit(words.index(was), words.index(was) + 1, (now,))
        for was, now in (("knot", "not"), ("اساسى", "اساسی"), ("عليكم", "عليكم،"))
    )
    made = corrected(base, found, Layer(), by="Mina")
    pairs = zip(words_of(base), words_of(made), strict=True)
    assert {(was.text, now.text) for was, now in pairs if was != now} == {
        ("knot", "not"), ("اساسى", "اساسی"), ("عليكم", "عليكم،"),
    }  # fmt: skip
    assert all(
        (was.start, was.end) == (now.start, now.end) for was, now in zip(words_of(base), words_of(made), strict=True)
    )


def test_lines_may_be_broken_elsewhere_and_words_joined_or_taken_out() -> None:
    base = talk()
    text = to_txt(base, NAMES).replace("fellow Americans,", "fellow\r\nAmericans,").replace("می شود", "می‌شود")
    text = text.replace(" your country can", "")
    assert [edit.texts for edit in edits(base, text).edits] == [(), ("می‌شود؟",)]


def test_words_are_put_in_where_they_stand_in_the_file() -> None:
    base = talk(("ann", "en", "ask what"), ("bob", "en", "your country"))
    text = to_txt(base, NAMES).replace("ask", "ask not").replace("Bob: your", "Bob: for your")
    assert result(base, text) == [("ann", "ask not what"), ("bob", "for your country")]


def test_a_cue_of_its_own_becomes_a_passage_in_its_seconds() -> None:
    base = talk(("ann", "en", "ask what"), ("bob", "en", "your country"))
    first, second = to_vtt(base, NAMES).split("2\n", 1)
    text = first + "00:00:02.000 --> 00:00:03.000\n<v شیرین عبادی>سلام بر همه\n\n2\n" + second
    made = corrected(base, edits(base, text), Layer(), by="Mina")
    assert [(s.speaker, s.text, s.start, s.end) for s in made.segments][1] == ("shirin", "سلام بر همه", 2.0, 3.0)
    assert len(made.segments) == 3


@every_form
def test_another_name_gives_the_words_to_another_speaker(write: Form) -> None:
    base = talk()
    text = write(base, NAMES).replace("unknown-1", "Bob")
    found = edits(base, text)
    assert found.edits == ()
    (naming,) = found.namings
    at = len(words_of(base)) - 4
    assert naming == Naming(at, at + 4, "bob")


def test_a_paragraph_may_be_parted_where_another_begins_to_speak() -> None:
    base = talk(("ann", "en", "ask not what your country can do"))
    text = to_txt(base, NAMES).replace(" what", "\n\n[00:00:01] شیرین عبادی: what")
    assert result(base, text) == [("ann", "ask not"), ("shirin", "what your country can do")]


def test_a_name_that_nobody_has_is_refused_with_its_line() -> None:
    base = talk()
    with pytest.raises(InputError, match=r"talk.txt line 3: nobody is called Anne"):
        edits(base, to_txt(base, NAMES).replace("شیرین عبادی", "Anne"))


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("\n\n[00:00:21]", "\n[00:00:21]", r"line 3: \[00:00:21\] stands amid the words"),
        ("[00:00:21]", "[0:18]", r"line 5: \[0:18\] stands amid the words"),
        ("knot", "x" * 1001, "line 1: a word of more than 1,000 characters"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_its_line(was: str, now: str, told: str) -> None:
    text = to_txt(talk(), NAMES)
    assert was in text
    with pytest.raises(InputError, match=told):
        edits(talk(), text.replace(was, now))


def test_a_text_of_another_speech_is_refused() -> None:
    with pytest.raises(InputError, match=r"words are others than in version 3 \(is it of this recording"):
        edits(talk(), "We choose to go to the Moon in this decade, and do the other things, not because they are easy")


def test_the_note_of_a_translation_is_no_word_of_it() -> None:
    base = talk()
    base = replace(base, maker=replace(base.maker, settings=(TRANSLATED,)))
    for write in FORMS:
        text = write(base, NAMES)
        assert edits(base, text) == Edits()
    assert edits(base, to_txt(base, NAMES).partition("\n\n")[2]) == Edits()


def test_a_script_without_spaces_is_laid_beside_by_its_characters() -> None:
    base = talk(("ann", "ja", "今日は 良い 天気 です"), ("ann", "ja", "はい"))
    base = replace(base, language="ja")
    for write in FORMS:
        assert edits(base, write(base, NAMES)) == Edits()
        (edit,) = edits(base, write(base, NAMES).replace("天気", "元気")).edits
        assert edit == Edit(2, 3, ("元", "気"))


@pytest.mark.parametrize("word", ["x" * 120, "&amp;", "<i>b</i>", "{\\an8}", "a\u2028b", "c\x07d", "\u202ee"])
@every_form
def test_words_that_a_form_takes_apart_or_marks_up_are_no_difference(write: Form, word: str) -> None:
    base = talk(("ann", "en", "one two"))
    strange = replace(base.segments[0], words=(*base.segments[0].words, Word(word, 2.0, 2.4), Word("end", 2.4, 2.8)))
    base = replace(base, segments=(strange,))
    assert edits(base, write(base, NAMES)) == Edits()


def scribbled(random: Random, base: Transcript) -> Transcript:
    """What somebody may make of it: words changed, put in, taken out, joined."""
    segments = []
    for segment in base.segments:
        words: list[Word] = []
        for word in segment.words:
            texts = random.choice(((word.text,),) * 12 + ((), ("درست",), (word.text, "元気"), ("x", "y", word.text)))
            words += [replace(word, text=text) for text in texts]
        segments.append(replace(segment, words=tuple(words) or segment.words))
    return replace(base, segments=tuple(segments))


@every_form
def test_whatever_is_edited_comes_back_word_by_word_in_order_of_time(write: Form) -> None:
    base = talk()
    # words that touch, short ones among them, so that what is put in has to be given room
    tight = [replace(s, words=tuple(replace(w, end=round(w.start + 0.4, 3)) for w in s.words)) for s in base.segments]
    tight[1] = replace(tight[1], words=tuple(replace(w, start=w.end - 0.02) for w in tight[1].words))
    base = replace(base, segments=tuple(tight))
    for seed in range(100):
        wanted = scribbled(Random(seed), base)  # noqa: S311
        made = corrected(base, edits(base, write(wanted, NAMES)), Layer(), by="Mina")
        written = [word for segment in wanted.segments for text in segment.words for word in apart(text.text)]
        assert [word.text for word in words_of(made)] == written, seed
        times = [time for word in words_of(made) for time in (word.start, word.end)]
        assert times == sorted(times), seed
        assert all(word.end > word.start for word in words_of(made)), seed
        speakers = [name for name, _ in groupby(segment.speaker for segment in made.segments)]
        assert speakers == ["ann", "shirin", "unknown-1"], seed


def test_a_form_that_does_not_give_the_words_back_is_refused() -> None:
    base = talk(("ann", "en", "one two"), ("ann", "en", "end\u2060less"))
    with pytest.raises(ArchiveError, match=r"does not give its words back whole \(export WebVTT\)"):
        edits(base, to_srt(base, NAMES))


@pytest.mark.parametrize("write", [to_txt, to_vtt])
def test_an_export_says_which_version_it_is(write: Form) -> None:
    base = talk()
    text = marked(write(base, NAMES), base)
    given = read_given("talk", text.encode())
    assert version_of(given, "ab" * 8, None, "talk") == 3
    assert edits(base, text) == Edits()
    assert given.cues[0].line == (4 if write is to_vtt else 3)
    with pytest.raises(InputError, match="it is of the recording"):
        version_of(given, "cd" * 8, None, "talk")
    with pytest.raises(InputError, match="it is of version 3, not 2"):
        version_of(given, "ab" * 8, 2, "talk")


def test_a_file_that_does_not_say_it_must_be_told() -> None:
    given = read_given("talk", to_txt(talk(), NAMES).encode())
    assert version_of(given, "ab" * 8, 2, "talk") == 2
    with pytest.raises(InputError, match=r"does not say which version .* --of N"):
        version_of(given, "ab" * 8, None, "talk")


def test_other_forms_are_not_for_editing() -> None:
    with pytest.raises(InputError, match="whisper-json is no form that can be edited"):
        edits(talk(), '{"segments": [{"start": 0, "end": 1, "text": "x"}]}')
