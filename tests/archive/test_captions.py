"""Captions that people can read, and that no word of a transcript can forge."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from archive.captions import CUE_SECONDS, LINE_CHARACTERS, Export, cues, marked, to_srt, to_txt, to_vtt, unmarked
from archive.models import TRANSLATED, Maker, MakerKind, Segment, Transcript, Word

HOSTILE = [
    "-->", "00:00:01.000 --> 00:00:02.000", "a\n\nb", "a\r\n\r\n2\r\n00:00:01,000 --> 00:00:02,000\r\nforged", "NOTE x",
    "\n\nNOTE x\n\n", "STYLE", "WEBVTT", "<v Forged>", "</v>", "<i>", "<script>alert(1)</script>", r"{\an8}", "{b}",
    "&", "&lt;", "&amp;lt;", "&#10;&#10;", "\u2028\u2028", "\x85\x85", "\x0b\x0c", "\x00", "1", "", " ", "<", "--", ">",
    "x" * 500, "\u202eevil", "\u200f", "REGION",
]  # fmt: skip


@dataclass
class Read:
    """A cue as a player reads it."""

    start: float
    end: float
    text: str
    voice: str = ""


def seconds(clock: str, point: str) -> float:
    match = re.fullmatch(rf"(\d{{2,}}):([0-5]\d):([0-5]\d){re.escape(point)}(\d{{3}})", clock)
    assert match, clock
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3]) + int(match[4]) / 1000


def blocks(text: str) -> list[list[str]]:
    """Blocks as the WebVTT parser sees them: CR, CRLF and LF end lines, empty lines end blocks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd").split("\n")
    found: list[list[str]] = [[]]
    for line in lines:
        if line:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [block for block in found if block]


def timed(block: list[str], number: int, point: str) -> Read:
    """A cue's block: its number, the only line with an arrow, and text."""
    assert block[0] == str(number)
    assert [index for index, line in enumerate(block) if "-->" in line] == [1]
    start, end = block[1].split(" --> ")
    assert len(block) > 2
    return Read(seconds(start, point), seconds(end, point), "\n".join(block[2:]))


def read_vtt(text: str) -> list[Read]:
    header, *rest = blocks(text)
    assert header == ["WEBVTT"]
    found = []
    for number, block in enumerate(rest, 1):
        cue = timed(block, number, ".")
        match = re.fullmatch(r"(?:<v ([^<>\n]+)>)?([^<>]*)", cue.text)
        assert match, cue.text  # one voice at the most, and no other tag
        assert not re.search(r"&(?!amp;|lt;|gt;)", cue.text)
        found.append(Read(cue.start, cue.end, html.unescape(match[2]), html.unescape((match[1] or "").strip())))
    return found


def read_srt(text: str) -> list[Read]:
    found = [timed(block, number, ",") for number, block in enumerate(blocks(text), 1)]
    for cue in found:
        assert not re.search(r"<[^\u2060]|\{[^\u2060]", cue.text + " ")  # no tag and no override
        cue.text = cue.text.replace("\u2060", "")
    return found


QUOTE = "And so my fellow Americans, ask. Ask what you can do"


def say(*texts: str, speaker: str = "", language: str = "en", step: float = 0.4, pause: float = 0.0) -> Transcript:
    """A transcript of one segment whose words are the texts."""
    words = tuple(Word(text, n * (step + pause), n * (step + pause) + step) for n, text in enumerate(texts))
    segment = Segment(0.0, words[-1].end, words, speaker=speaker, language=language)
    return Transcript("0" * 16, 1, Maker(MakerKind.ENGINE, "toy"), (segment,))


def letters(text: str) -> str:
    """What is left of a text without white space, controls and the marks we add or drop."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2060\u202d\u202e]", "", text)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["alone", "among", "speaker"])
def test_no_text_forges_a_cue(text: str, place: str) -> None:
    made = {"alone": say(text), "among": say("one", text, "two"), "speaker": say("one", "two", speaker="x")}[place]
    names = {"x": text}
    count = len(cues(made, names))
    spoken = "".join(word.text for word in made.segments[0].words)
    for read in (read_vtt(to_vtt(made, names)), read_srt(to_srt(made, names))):
        assert len(read) == count
        found = letters("".join(cue.text for cue in read))
        if place == "speaker":
            assert found.endswith("onetwo")
        else:
            assert found == letters(spoken)
    assert to_txt(made, names).count("\n\n") == 0


def test_all_hostile_texts_together_come_back_as_they_were() -> None:
    made = say(*HOSTILE, speaker="x")
    wanted = letters("".join(HOSTILE))
    assert letters("".join(cue.text for cue in read_vtt(to_vtt(made, {"x": "<v &>"})))) == wanted
    assert {cue.voice for cue in read_vtt(to_vtt(made, {"x": "<v &>"}))} == {"<v &>"}
    assert letters("".join(cue.text for cue in read_srt(to_srt(made, {"x": "y"})))).removeprefix("y:") == wanted


def test_cues_are_of_readable_size() -> None:
    made = say(*("certainly" for _ in range(400)))
    found = cues(made, {})
    assert all(len(cue.lines) <= 2 and max(map(len, cue.lines)) <= LINE_CHARACTERS for cue in found)
    assert all(0 < cue.end - cue.start <= CUE_SECONDS for cue in found)
    assert max(len(" ".join(cue.lines)) for cue in found) > LINE_CHARACTERS
    assert sum(len(" ".join(cue.lines).split()) for cue in found) == 400


def test_two_lines_are_about_alike() -> None:
    text = "ask not what your country can do for you my fellow"
    (cue,) = cues(say(*text.split(), step=0.2), {})
    assert cue.lines == ("ask not what your country", "can do for you my fellow")


def test_a_cue_ends_with_the_sentence() -> None:
    made = say(*QUOTE.split(), step=0.3)
    assert [" ".join(cue.lines) for cue in cues(made, {})] == [
        "And so my fellow Americans, ask.",
        "Ask what you can do",
    ]


@pytest.mark.parametrize("end", ["؟", "۔", ".»", '?"'])
def test_a_sentence_ends_in_other_scripts_too(end: str) -> None:
    made = say(*f"چه کسی می‌داند فردا چه خواهد شد{end} هیچ کس".split(), step=0.3, language="fa")
    assert [" ".join(cue.lines) for cue in cues(made, {})][1] == "هیچ کس"


def test_a_cue_ends_with_a_pause() -> None:
    assert len(cues(say("ask", "not", pause=1.0), {})) == 2
    assert len(cues(say("ask", "not", pause=0.3), {})) == 1


def test_cues_keep_the_times_of_their_words() -> None:
    first, second = cues(say("ask", "not", step=1.0, pause=2.0), {})
    assert (first.start, first.end, second.start, second.end) == (0.0, 1.0, 3.0, 4.0)


def test_a_short_cue_stays_long_enough_to_read_and_never_over_the_next() -> None:
    first, second = cues(say("a.", "b", step=0.1, pause=0.9), {})
    assert [first.end, second.end] == pytest.approx([0.7, 1.7])
    words = (Word("x" * 30 + ".", 0.0, 0.1), Word("b", 0.3, 0.9))
    made = Transcript("0" * 16, 1, Maker(MakerKind.ENGINE, "toy"), (Segment(0.0, 1.0, words),))
    assert cues(made, {})[0].end == pytest.approx(0.3)


def test_words_without_length_still_make_cues_with_one() -> None:
    assert read_vtt(to_vtt(say("a", "b", step=0.0), {}))[0].end > 0


def test_persian_text_is_intact() -> None:
    text = "می‌خواهم «کتاب» را به مُحَمَّد بدهم؛ نمی‌شود؟"
    made = say(*text.split(), language="fa", speaker="x")
    vtt = to_vtt(made, {"x": "محمود دولت‌آبادی"})
    assert " ".join(cue.text.replace("\n", " ") for cue in read_vtt(vtt)) == text
    assert "<v محمود دولت‌آبادی>" in vtt
    assert text in to_txt(made, {})


def test_japanese_words_are_joined_without_spaces() -> None:
    assert cues(say("こん", "にち", "は", language="ja"), {})[0].lines == ("こんにちは",)


def test_subrip_names_a_speaker_where_one_begins() -> None:
    one, two = say("hello", speaker="a").segments[0], say("world", speaker="b").segments[0]
    made = Transcript("0" * 16, 1, Maker(MakerKind.ENGINE, "toy"), (one, one, two))
    assert [cue.text for cue in read_srt(to_srt(made, {"a": "Ann", "b": "مینا"}))] == [
        "Ann:\nhello", "hello", "مینا:\nworld",
    ]  # fmt: skip


def test_text_has_a_paragraph_for_each_turn() -> None:
    one, two = say("hello", "there", speaker="a").segments[0], say("world", speaker="b").segments[0]
    made = Transcript("0" * 16, 1, Maker(MakerKind.ENGINE, "toy"), (one, one, two))
    assert to_txt(made, {"a": "Ann"}) == "[00:00:00] Ann: hello there hello there\n\n[00:00:00] b: world\n"


def test_hours_are_written_out() -> None:
    made = Transcript(
        "0" * 16, 1, Maker(MakerKind.ENGINE, "toy"), (Segment(0, 0, (Word("a", 360_000.0, 360_000.9995),)),)
    )
    assert "100:00:00.000 --> 100:00:01.000" in to_vtt(made, {})


def test_an_empty_transcript_is_an_empty_file() -> None:
    made = Transcript("0" * 16, 1, Maker(MakerKind.ENGINE, "toy"), ())
    assert (to_vtt(made, {}), to_srt(made, {}), to_txt(made, {})) == ("WEBVTT\n", "", "")


def test_every_form_of_a_translation_begins_by_saying_that_it_is_one() -> None:
    said = say("All human beings are born free.", speaker="ش")
    made = replace(said, maker=replace(said.maker, settings=(*said.maker.settings, TRANSLATED)))
    note = "machine translation, not what was said"
    assert to_vtt(made, {}).startswith(f"WEBVTT\n\nNOTE {note}\n\n1\n")
    assert to_srt(made, {}).splitlines()[2] == f"[{note}]"
    assert to_txt(made, {}).splitlines()[0] == f"[{note}]"
    assert to_vtt(made, {}).replace(f"NOTE {note}\n\n", "") == to_vtt(said, {})
    assert note not in to_vtt(said, {}) + to_srt(said, {}) + to_txt(said, {})


@pytest.mark.parametrize("write", [to_vtt, to_txt])
def test_a_file_says_which_version_it_is_and_keeps_its_lines(write: Callable[..., str]) -> None:
    text = write(say("سلام", "دنیا", language="fa"), {})
    told = marked(text, say("سلام", "دنیا", language="fa"))
    assert unmarked(f"\n \n{told}") == (f"\n \n{unmarked(told)[0]}", Export("0" * 16, 1))
    assert told.splitlines()[0].strip("[]").endswith(f"version 1 of {'0' * 16}")
    bare, export = unmarked(told)
    assert export == Export("0" * 16, 1)
    assert bare.lstrip("\n") == text
    assert bare.count("\n") == told.count("\n")


@pytest.mark.parametrize("text", ["", "WEBVTT", "WEBVTT - version 1", "[version 0 of 0000000000000000]", "version 1"])
def test_a_file_that_does_not_say_it_stays_as_it_is(text: str) -> None:
    assert unmarked(text) == (text, None)
