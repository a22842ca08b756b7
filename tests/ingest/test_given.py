"""Texts that come with recordings: read as they are meant, refused with the line where they cannot be."""

from __future__ import annotations

import json

import pytest

from archive.captions import to_srt, to_txt, to_vtt
from archive.errors import InputError
from archive.models import Maker, MakerKind, Segment, Transcript, Word
from ingest.given import Cue, GivenText, read_given
from ingest.given.base import MAX_CUES

NAMES = {"shirin": "شیرین عبادی", "king": "Martin Luther King, Jr."}


def read(text: str | bytes) -> GivenText:
    return read_given("talk.vtt", text if isinstance(text, bytes) else text.encode())


def spoken(text: str | bytes) -> list[tuple[str, float | None, float | None, str]]:
    return [(" ".join(cue.text.split()), cue.start, cue.end, cue.speaker) for cue in read(text).cues]


def refusal(text: str | bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(text)
    return str(caught.value)


def exported() -> Transcript:
    """Two turns whose words would like to be markup."""

    def segment(start: float, speaker: str, text: str) -> Segment:
        words = [Word(word, start + at, start + at + 0.5) for at, word in enumerate(text.split(" "))]
        return Segment(words[0].start, words[-1].end, tuple(words), speaker)

    said = (segment(1, "shirin", "ما <i>آزادی --> می‌خواهیم & بس"), segment(10, "king", "{\\an8} free <v Bob> --> &lt;"))
    return Transcript("0" * 16, 1, Maker(MakerKind.ENGINE, "toy"), said)


def test_webvtt_gives_its_text_without_markup_and_its_voices() -> None:
    text = (
        "\ufeffWEBVTT - talk\nX-HEADER: 1\n\nSTYLE\n::cue { color: red }\n\nNOTE a note\nof two lines\n\n"
        "intro\n00:01.000 --> 00:03.500 align:start\n<v.loud شیرین عبادی>ما <c.red>آزادی</c>\nمی‌خواهیم</v>\n\n"
        "1:00:00.000 --> 1:00:04.000\nR&amp;D &lt;is&gt; <00:02.000><b>fine</b>"
    )
    assert spoken(text) == [
        ("ما آزادی می‌خواهیم", 1.0, 3.5, "شیرین عبادی"),
        ("R&D <is> fine", 3600.0, 3604.0, ""),
    ]


def test_two_voices_in_a_cue_share_its_time() -> None:
    text = "WEBVTT\n\n00:00.000 --> 00:06.000\n<v Ann>One two three four\n<v Bob>Yes indeed\n"
    assert spoken(text) == [("One two three four", 0.0, 3.857, "Ann"), ("Yes indeed", 3.857, 6.0, "Bob")]


def test_subrip_in_utf16_with_windows_lines_is_read() -> None:
    first = "1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>مرحبا</i> {\\an8}بالعالم\r\n\r\n"
    text = first + "00:00:02,5 --> 00:00:04\r\n[Amal] نعم\r\n"
    assert spoken(text.encode("utf-16")) == [("مرحبا بالعالم", 1.0, 2.0, ""), ("نعم", 2.5, 4.0, "Amal")]


def test_ttml_is_read_with_nested_times_frames_spans_and_line_breaks() -> None:
    text = """<?xml version="1.0"?>
    <tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="25">
      <head><metadata>not spoken</metadata></head>
      <body begin="10s"><div>
        <p begin="00:00:01.500" end="00:00:02:05">سلام<br/>بر <span>همه</span></p>
        <p><span begin="3s" dur="500ms">one</span><span begin="4s" end="5s">two</span></p>
      </div></body></tt>"""
    assert spoken(text) == [("سلام بر همه", 11.5, 12.2, ""), ("one", 13.0, 13.5, ""), ("two", 14.0, 15.0, "")]


def test_json_of_whisper_keeps_the_times_of_words() -> None:
    words = [{"word": " Ask", "start": 1.0, "end": 1.2, "probability": 0.9}, {"word": " not", "start": 1.2, "end": 1.5}]
    file = {"text": "", "language": "en", "segments": [{"start": 1, "end": 2, "text": " Ask not", "words": words}]}
    [cue] = read(json.dumps(file)).cues
    assert cue.words == (Word("Ask", 1.0, 1.2, 0.9), Word("not", 1.2, 1.5, 1.0))


def test_words_of_json_whose_times_are_in_disorder_are_left_to_their_segment() -> None:
    words = [{"word": "b", "start": 1.5, "end": 1.9}, {"word": "a", "start": 1.0, "end": 1.2}]
    [cue] = read(json.dumps({"segments": [{"start": 1, "end": 2, "text": "b a", "words": words}]})).cues
    assert (cue.text, cue.words) == ("b a", ())


def test_plain_text_is_paragraphs_without_times() -> None:
    assert read("First paragraph,\nstill.\n\n\nدوم: یک").cues == (
        Cue("First paragraph,\nstill.", line=1),
        Cue("دوم: یک", line=5),
    )


@pytest.mark.parametrize("write", [to_vtt, to_srt])
def test_our_own_captions_come_back_word_by_word(write: object) -> None:
    found = read(write(exported(), NAMES))  # type: ignore[operator]
    words = [word.text for segment in exported().segments for word in segment.words]
    said = [word for cue in found.cues for word in cue.text.split()]
    assert said == words
    assert list(dict.fromkeys(cue.speaker for cue in found.cues)) == list(NAMES.values())


def test_our_own_text_comes_back_with_times_and_speakers() -> None:
    assert [(cue.start, cue.end, cue.speaker) for cue in read(to_txt(exported(), NAMES)).cues] == [
        (1.0, 10.0, "شیرین عبادی"),
        (10.0, None, "Martin Luther King, Jr."),
    ]


def test_small_overlaps_are_cut_off() -> None:
    text = "WEBVTT\n\n00:00.000 --> 00:03.000\none\n\n00:02.500 --> 00:04.000\ntwo\n"
    assert spoken(text) == [("one", 0.0, 2.5, ""), ("two", 2.5, 4.0, "")]


VTT = "WEBVTT\n\n{}\nhello\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (VTT.format("-00:01.000 --> 00:02.000"), "talk.vtt line 3: a negative time"),
        (VTT.format("00:03.000 --> 00:02.000"), "line 3: a cue ends at 2.000 s, before it begins"),
        (VTT.format("00:61.000 --> 01:02.000"), "line 3: '00:61.000' is no time"),
        (VTT.format("00:01.000 -->"), "line 3: '' is no time"),
        (
            VTT.format("00:00.000 --> 00:20.000") + "\n00:09.000 --> 00:30.000\nyes",
            "line 6: a cue begins 11.0 s before",
        ),
        (VTT.format("00:09.000 --> 00:10.000") + "\n00:01.000 --> 00:02.000\nyes", "line 6: a cue begins at 1.000 s"),
        (VTT.format("00:01.000 --> 00:02.000") + "\nmore text", "line 6: text without a line of times"),
        ("WEBVTT\n\nNOTE only this", "it holds no words"),
        ("", "it holds no words"),
        ("سلام بر همه".encode("windows-1256"), "line 1: bytes that are not UTF-8 (save it as UTF-8"),
        (b"one\ntwo\xff", "line 2: bytes that are not UTF-8"),
        (b"\xff\xfea", "bytes that are not UTF-16"),
        (b"one\n\0two", "line 2: a NUL character"),
        ('{"segments": [{"start": -1, "end": 2, "text": "x"}]}', "segment 1 has a negative time"),
        ('{"segments": [{"start": "now"}]}', "this is no JSON of Whisper's"),
        ("{" * 100_000, "this is no JSON of Whisper's"),
        ('{"segments": ' + "[" * 100_000, "this is no JSON of Whisper's"),
        ("<html><p>hello</p></html>", "line 1: XML that is no TTML: its first element is 'html'"),
        ("<tt><body><p begin='1s' end='2s'>a</body></tt>", "line 1: broken XML: mismatched tag"),
        ("<tt><body>\n<p>a</p></body></tt>", "line 2: a paragraph without begin and end"),
        ("<tt><body><p begin='-1s' end='2s'>a</p></body></tt>", "a negative time"),
        ("<tt>" + "<div>" * 60, "elements nested deeper than 50"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_line(text: str | bytes, told: str) -> None:
    assert told in refusal(text)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "declared",
    [
        f'[<!ENTITY l0 "ha">{LAUGHS}]',
        '[<!ENTITY l9 SYSTEM "file:///etc/passwd">]',
        'SYSTEM "http://127.0.0.1/evil.dtd"',
    ],
    ids=["billion laughs", "external entity", "external type"],
)
def test_a_document_type_is_refused_before_anything_is_expanded(declared: str) -> None:
    told = refusal(f"<!DOCTYPE tt {declared}><tt><body><p begin='0s' end='1s'>&l9;</p></body></tt>")
    assert "a document type (<!DOCTYPE)" in told
    assert "root:" not in told


@pytest.mark.parametrize("form", ["vtt", "ttml"])
def test_a_million_cues_are_not_read_to_their_end(form: str) -> None:
    cue, head = ("00:00.000 --> 00:01.000\na\n\n", "WEBVTT\n\n")
    if form == "ttml":
        cue, head = "<p begin='0s' end='1s'>a</p>", "<tt><body>"
    assert f"more than {MAX_CUES:,} cues" in refusal(head + cue * 1_000_000)
