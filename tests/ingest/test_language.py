"""The language of a text is told when there is enough of it, and `und` otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.models import UNDETERMINED, Layer
from ingest.language import LETTERS_NEEDED, fits_script, letters, of_text, settle
from ingest.listen import listen
from ingest.transcribers import Transcriber
from tests.ingest.hearing import recording_of

LANGUAGES = ("ar", "de", "en", "es", "fa", "fr")


def declaration(samples: Path, language: str) -> str:
    """The Universal Declaration of Human Rights, without its heading."""
    text = (samples / "text" / "udhr" / f"udhr_{language}.txt").read_text(encoding="utf-8")
    return " ".join(text.split())[200:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_few_sentences_tell_their_language(samples: Path, language: str) -> None:
    text = declaration(samples, language)
    pieces = [text[cut : cut + 320] for cut in range(0, 6000, 500)]
    assert [of_text(piece) for piece in pieces] == [language] * len(pieces)


def test_the_same_text_always_gives_the_same_language(samples: Path) -> None:
    mixed = declaration(samples, "fr")[:150] + declaration(samples, "es")[:150]
    assert len({of_text(mixed) for _ in range(10)}) == 1


@pytest.mark.parametrize("text", ["", "1961", "ok", "سلام", "…", "Thank you very much."])
def test_too_little_text_tells_nothing(text: str) -> None:
    assert of_text(text) == UNDETERMINED


def test_only_letters_count_as_text() -> None:
    assert letters("می‌گویم 1961!") == 6


def test_the_sheets_languages_are_the_only_answers(samples: Path) -> None:
    assert of_text(declaration(samples, "fa")[:300], ("en", "fa")) == "fa"
    assert of_text(declaration(samples, "fa")[:300], ("en", "de")) == UNDETERMINED


def test_a_script_fits_its_languages() -> None:
    persian = "و این تنها محدود به محیط کار نیست"
    assert fits_script(persian, "fa")
    assert fits_script(persian, "ar")
    assert not fits_script(persian, "en")
    assert not fits_script("ask not", "fa")
    assert fits_script("1961", "fa")


class TestSettling:
    def test_vote_and_text_that_agree_decide(self, samples: Path) -> None:
        assert settle(declaration(samples, "ar")[:400], "ar", 0.6) == "ar"

    def test_vote_and_text_that_disagree_are_undetermined(self, samples: Path) -> None:
        assert settle(declaration(samples, "fa")[:400], "ar", 0.9) == UNDETERMINED

    def test_short_text_goes_by_the_vote(self) -> None:
        assert settle("سلام دوستان", "fa", 0.8) == "fa"
        assert settle("سلام دوستان", "fa", 0.2) == UNDETERMINED

    def test_one_language_in_the_sheet_is_believed(self) -> None:
        assert settle("سلام دوستان", "fa", 0.1, ("fa",)) == "fa"

    def test_but_not_against_the_script(self, samples: Path) -> None:
        assert settle("Thank you very much", "fa", 1.0, ("fa",)) == UNDETERMINED
        assert settle(declaration(samples, "en")[:400], "fa", 0.5, ("fa", "en")) == "en"

    def test_a_language_that_langdetect_does_not_know_goes_by_the_vote(self) -> None:
        text = "a" * LETTERS_NEEDED
        assert settle(text, "haw", 0.9) == "haw"


@pytest.mark.model
class TestHeard:
    def test_arabic_is_heard_as_arabic(self, samples: Path, tmp_path: Path, faster: Transcriber) -> None:
        path = samples / "audio/ar/ar_watson_sample2.wav"
        heard = listen(recording_of(path), path, faster, tmp_path, layer=Layer())
        assert heard.language == "ar"
        assert "الأحلام" in " ".join(segment.text for segment in heard.segments)

    def test_persian_is_heard_as_persian_where_the_sheet_names_it(
        self, samples: Path, tmp_path: Path, faster: Transcriber
    ) -> None:
        path = samples / "audio/fa/fa_hezar_speech_example.mp3"
        heard = listen(recording_of(path, "fa"), path, faster, tmp_path, layer=Layer())
        assert heard.language == "fa"
        assert all(fits_script(segment.text, "fa") for segment in heard.segments)

    def test_persian_that_base_takes_for_something_else_is_not_called_that(
        self, samples: Path, tmp_path: Path, faster: Transcriber
    ) -> None:
        path = samples / "audio/fa/fa_hezar_speech_example.mp3"
        heard = listen(recording_of(path), path, faster, tmp_path, layer=Layer())
        assert heard.language in {"fa", UNDETERMINED}
