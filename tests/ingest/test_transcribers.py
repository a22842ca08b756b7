"""The contract of transcribers, kept by all of them; and what is particular to each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from archive.errors import MachineError, UsageError
from archive.models import MakerKind, Word
from ingest import transcribers
from ingest.speech import SAMPLE_RATE, SPEECH_ABOVE, Region, Speech, as_float
from ingest.transcribers import ENGINES, Heard, HeardSegment, Hints, Transcriber, open_transcriber
from ingest.transcribers.chunks import Chunk, Token, pack, unheard, words_on_clock
from ingest.transcribers.compute import compute_type
from ingest.transcribers.net import Net, passages_of
from ingest.transcribers.votes import Electorate
from ingest.weights import resolve
from tests.ingest.hearing import KENNEDY, KENNEDY_SAID, nobody_speaks, pcm_of, plain, voiced

# openai-whisper leaves its vocabulary's file open
UNCLOSED = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
MARKS = {
    "faster": [pytest.mark.model],
    "openai": [pytest.mark.model, pytest.mark.openai, pytest.mark.slow, UNCLOSED],
    "toy": [],
}


@pytest.fixture(scope="module", params=[pytest.param(name, marks=MARKS[name]) for name in ENGINES])
def engine(request: pytest.FixtureRequest) -> Transcriber:
    name: str = request.param
    return request.getfixturevalue("faster") if name == "faster" else open_transcriber(name)


@pytest.fixture(scope="module")
def kennedy(samples: Path) -> np.ndarray:
    return pcm_of(samples / KENNEDY)


@pytest.fixture(scope="module")
def heard(engine: Transcriber, kennedy: np.ndarray) -> Heard:
    return engine.hear(kennedy, engine.speech(kennedy), Hints())


@pytest.fixture(scope="module")
def net() -> Net:
    return Net(resolve("base"), device="cpu", compute="int8", threads=0)


def words(heard: Heard) -> list[Word]:
    return [word for segment in heard.segments for word in segment.words]


def speaks(chunk: Chunk, *spans: tuple[float, float]) -> Speech:
    """Voice activity over a chunk's window that is sure of the spans (seconds) and of nothing else."""
    return Speech(chunk.regions, voiced(chunk.regions[-1].end, *spans).probabilities)


class TestEveryTranscriber:
    def test_words_come_in_order_within_the_window(self, heard: Heard, kennedy: np.ndarray) -> None:
        found = words(heard)
        assert found
        assert [word.start for word in found] == sorted(word.start for word in found)
        assert all(0 <= word.start <= word.end <= len(kennedy) / SAMPLE_RATE for word in found)

    def test_words_have_no_white_space_around_them(self, heard: Heard) -> None:
        assert all(word.text and word.text == word.text.strip() for word in words(heard))

    def test_probabilities_are_probabilities(self, heard: Heard) -> None:
        assert all(0 <= word.probability <= 1 for word in words(heard))
        assert all(0 <= segment.no_speech <= 1 and 0 <= segment.certainty <= 1 for segment in heard.segments)
        assert all(segment.logprob <= 0 for segment in heard.segments)

    def test_every_segment_has_words_and_a_language(self, heard: Heard) -> None:
        assert all(segment.words and segment.language == "en" for segment in heard.segments)
        assert max(dict(heard.votes).items(), key=lambda vote: vote[1])[0] == "en"

    def test_float_samples_give_the_same_words(self, engine: Transcriber, kennedy: np.ndarray, heard: Heard) -> None:
        as_floats = kennedy.astype(np.float32) / np.float32(32768)
        assert engine.hear(as_floats, engine.speech(as_floats), Hints()) == heard

    def test_silence_gives_nothing(self, engine: Transcriber) -> None:
        silence = nobody_speaks("silence", 5)
        assert engine.hear(silence, engine.speech(silence), Hints()) == Heard()

    def test_an_empty_window_gives_nothing(self, engine: Transcriber) -> None:
        empty = np.zeros(0, np.int16)
        assert engine.hear(empty, engine.speech(empty), Hints()) == Heard()

    def test_a_single_language_is_believed_and_progress_stays_in_the_window(
        self, engine: Transcriber, kennedy: np.ndarray
    ) -> None:
        told: list[float] = []
        short = kennedy[: 4 * SAMPLE_RATE]
        found = engine.hear(short, engine.speech(short), Hints(languages=("fr",)), told.append)
        assert {segment.language for segment in found.segments} == {"fr"}
        assert told == sorted(told)
        assert 0 < told[-1] <= len(short) / SAMPLE_RATE

    def test_a_language_that_the_engine_never_learned_stops_nothing(
        self, engine: Transcriber, kennedy: np.ndarray
    ) -> None:
        short = kennedy[: 4 * SAMPLE_RATE]
        assert engine.hear(short, engine.speech(short), Hints(languages=("ku",))).segments
        assert engine.hear(short, engine.speech(short), Hints(languages=("ku", "ug"))).segments

    def test_its_maker_names_engine_version_and_settings(self, engine: Transcriber) -> None:
        assert engine.maker.kind is MakerKind.ENGINE
        assert engine.maker.name
        assert engine.maker.version
        assert engine.maker.settings


@pytest.mark.model
def test_kennedy_is_heard_without_an_error(faster: Transcriber, kennedy: np.ndarray) -> None:
    assert plain([word.text for word in words(faster.hear(kennedy, faster.speech(kennedy), Hints()))]) == KENNEDY_SAID


@pytest.mark.model
@pytest.mark.openai
@pytest.mark.slow
@UNCLOSED
def test_both_engines_hear_the_same_words(samples: Path, faster: Transcriber) -> None:
    import jiwer

    pcm = pcm_of(samples / "audio/en/en_eleanor_roosevelt_humanrights_1950.mp3")
    texts = []
    for engine in (faster, open_transcriber("openai")):
        found = words(engine.hear(pcm, engine.speech(pcm), Hints(languages=("en",))))
        texts.append(" ".join(plain([word.text for word in found])))
    assert jiwer.wer(texts[1], texts[0]) <= 0.05


@pytest.mark.model
def test_speech_after_an_early_stop_is_not_lost(samples: Path, faster: Transcriber) -> None:
    """Whisper stops after the first of many speakers here, and then falls into a loop."""
    pcm = pcm_of(samples / "audio/multi/en_ami_tst00.flac")
    found = words(faster.hear(pcm, faster.speech(pcm), Hints()))
    text = " ".join(plain([word.text for word in found]))
    assert "what do we need to talk about" in text
    assert "yeah yeah yeah yeah yeah yeah" not in text


@pytest.mark.model
def test_an_arabic_number_between_long_pauses_is_put_where_it_is_said(samples: Path, faster: Transcriber) -> None:
    """Six numbers between pauses of up to seven seconds: each has a stretch of speech, and the third one did not."""
    pcm = pcm_of(samples / "audio/ar/ar_auditok_numbers_1to6.flac")
    speech = faster.speech(pcm)
    found = words(faster.hear(pcm, speech, Hints(languages=("ar",))))
    (third,) = (word for word in found if word.text == "ثلاثة")
    assert 11.4 <= third.start < third.end <= 12.5
    assert all(speech.likelihood(word.start, word.end) >= SPEECH_ABOVE for word in found)


@pytest.mark.model
def test_words_with_apostrophes_are_one_word(samples: Path, faster: Transcriber) -> None:
    pcm = pcm_of(samples / "audio/fr/fr_nrc_joanis.opus")[: 12 * SAMPLE_RATE]
    texts = [word.text for word in words(faster.hear(pcm, faster.speech(pcm), Hints(languages=("fr",))))]
    assert any("'" in text[1:-1] for text in texts)
    assert not any(text.startswith("'") for text in texts)


@pytest.mark.model
def test_what_is_heard_again_stays_in_its_place(samples: Path, faster: Transcriber) -> None:
    """Two rests that were laid end to end gave "rebellion" half a minute early, between "mankind" and "the advent"."""
    pcm = pcm_of(samples / "audio/en/en_udhr_preamble_librivox.mp3")[: 75 * SAMPLE_RATE]
    text = " ".join(plain([word.text for word in words(faster.hear(pcm, faster.speech(pcm), Hints(("en",))))]))
    assert "conscience of mankind and the advent of a world" in text
    assert text.count("outraged the conscience") == 1
    assert "as a last resort to rebellion against tyranny and oppression" in text


@pytest.mark.model
class TestNet:
    def test_a_short_sound_is_encoded_as_far_as_it_goes_and_a_margin(self, net: Net, kennedy: np.ndarray) -> None:
        sound = as_float(kennedy)  # eleven seconds
        assert net.encode([sound, sound[: 3 * SAMPLE_RATE]]).shape == (2, 800, 512)
        assert net.encode([np.resize(sound, 30 * SAMPLE_RATE)]).shape == (1, 1500, 512)

    def test_each_chunk_is_written_in_its_own_language(self, net: Net, kennedy: np.ndarray) -> None:
        sound = as_float(kennedy)
        english, persian = net.write(net.encode([sound, sound]), ["en", "fa"], beam=1)
        assert "country" in " ".join(net.texts(english))
        assert "country" not in " ".join(net.texts(persian))
        assert any("\u0600" <= letter <= "\u06ff" for letter in " ".join(net.texts(persian)))

    def test_what_it_writes_of_a_chunk_does_not_depend_on_the_others(self, net: Net, kennedy: np.ndarray) -> None:
        sound = as_float(kennedy)
        states = net.encode([sound, sound[::-1].copy()])
        assert net.write(states[:1], ["en"], beam=5) == net.write(states, ["en", "en"], beam=5)[:1]


class TestPassages:
    TIME = 100  # the first token that is a time; one more is 20 ms more

    def test_a_time_that_follows_on_a_time_parts_them(self) -> None:
        tokens = [100, 1, 2, 150, 160, 3, 200]
        assert list(passages_of(tokens, self.TIME, 30.0)) == [(0.0, 1.0, [100, 1, 2, 150]), (1.2, 2.0, [160, 3, 200])]

    def test_what_the_chunks_end_cut_off_is_kept(self) -> None:
        assert list(passages_of([100, 1, 150, 160, 3], self.TIME, 4.0)) == [
            (0.0, 1.0, [100, 1, 150]),
            (1.2, 4.0, [160, 3]),
        ]

    def test_words_without_a_time_take_the_chunk(self) -> None:
        assert list(passages_of([1, 2], self.TIME, 4.0)) == [(0.0, 4.0, [1, 2])]

    def test_times_without_words_are_no_passage(self) -> None:
        assert list(passages_of([100, 150], self.TIME, 4.0)) == []
        assert list(passages_of([], self.TIME, 4.0)) == []


class TestCompute:
    CARD = ("float16", "float32", "int8", "int8_float16", "int8_float32")

    def test_a_card_calculates_in_float16_where_it_can(self) -> None:
        assert compute_type("cuda", self.CARD) == "float16"
        assert compute_type("cuda", ("float32", "int8", "int8_float32")) == "int8_float32"

    def test_what_is_told_goes_before(self) -> None:
        assert compute_type("cuda", self.CARD, "int8_float16") == "int8_float16"

    def test_a_type_that_the_machine_does_not_know_is_refused_with_those_it_knows(self) -> None:
        with pytest.raises(MachineError, match="one of float32, int8"):
            compute_type("cpu", ("int8", "float32"), "float16")

    @pytest.mark.model
    def test_the_transcript_names_what_it_was_calculated_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert ("compute", "int8") in open_transcriber("faster").maker.settings
        monkeypatch.setenv("ONRECORD_COMPUTE", "float32")
        assert ("compute", "float32") in open_transcriber("faster").maker.settings


class TestOpening:
    def test_auto_takes_the_fastest_that_is_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(transcribers, "find_spec", lambda _name: None)
        with pytest.raises(MachineError, match="no engine"):
            open_transcriber("auto")

    @pytest.mark.model
    def test_auto_is_faster_whisper_here(self) -> None:
        assert open_transcriber("auto").maker.name == "faster-whisper"

    def test_an_unknown_engine_names_the_known_ones(self) -> None:
        with pytest.raises(UsageError, match="faster, openai, toy"):
            open_transcriber("siri")

    def test_a_missing_extra_says_how_to_install_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(transcribers, "find_spec", lambda name: None if name == "whisper" else object())
        with pytest.raises(MachineError, match="make setup EXTRA=openai"):
            open_transcriber("openai")


class TestChunks:
    def test_regions_are_packed_up_to_half_a_minute(self) -> None:
        regions = [Region(start * 16_000, (start + 12) * 16_000) for start in (0, 20, 40, 60)]
        assert [len(chunk.regions) for chunk in pack(regions)] == [2, 2]

    def test_a_word_over_a_joint_lands_after_the_silence(self) -> None:
        """A pause is counted into the word after it, so only the word's end tells where it is."""
        chunk = Chunk((Region(0, 16_000), Region(48_000, 64_000)))
        assert chunk.on_clock(0.4, 1.3, speaks(chunk, (0.0, 0.4), (3.0, 4.0))) == (3.0, 3.3)

    def test_a_word_before_a_joint_stays_before_it(self) -> None:
        chunk = Chunk((Region(16_000, 32_000), Region(48_000, 64_000)))
        assert chunk.on_clock(0.5, 1.05, speaks(chunk, (1.0, 4.0))) == (1.5, 2.0)

    def test_a_word_that_ends_before_anybody_speaks_is_the_first_of_the_region_before(self) -> None:
        chunk = Chunk((Region(0, 16_000), Region(48_000, 64_000)))
        speech = speaks(chunk, (0.3, 0.8), (3.4, 4.0))
        assert chunk.on_clock(0.0, 1.2, speech) == (0.0, 1.0)
        assert chunk.on_clock(1.2, 1.6, speech) == (3.2, 3.6)

    def test_a_word_is_not_drawn_into_a_region_that_has_one(self) -> None:
        chunk = Chunk((Region(0, 16_000), Region(48_000, 64_000)))
        assert chunk.on_clock(0.7, 1.2, speaks(chunk, (0.3, 0.8), (3.4, 4.0))) == (3.0, 3.2)

    def test_a_cough_before_a_word_does_not_draw_it_in(self) -> None:
        chunk = Chunk((Region(0, 16_000), Region(48_000, 64_000)))
        assert chunk.on_clock(0.0, 1.6, speaks(chunk, (0.3, 0.6), (3.2, 4.0))) == (3.0, 3.6)

    def test_pieces_without_a_space_join_the_word_before(self) -> None:
        chunk = Chunk((Region(0, 48_000),))
        tokens = [Token(" n", 0, 0.1, 0.9), Token("'est", 0.1, 0.4, 0.5), Token(" pas", 0.4, 0.8, 0.9)]
        words = words_on_clock(tokens, chunk, "fr", speaks(chunk, (0.0, 3.0)))
        assert words == (Word("n'est", 0.0, 0.4, 0.5), Word("pas", 0.4, 0.8, 0.9))

    def test_languages_without_spaces_keep_their_words(self) -> None:
        chunk = Chunk((Region(0, 48_000),))
        tokens = [Token("你", 0, 0.1, 0.9), Token("好", 0.1, 0.4, 0.9)]
        words = words_on_clock(tokens, chunk, "zh", speaks(chunk, (0.0, 3.0)))
        assert [word.text for word in words] == ["你", "好"]

    def test_what_follows_the_last_word_is_heard_again_if_it_is_speech(self) -> None:
        chunk = Chunk((Region(0, 160_000),))
        found = [HeardSegment((Word("only", 0.0, 2.0),))]
        speech = Speech(chunk.regions, np.ones(313, np.float32))
        quiet = Speech(chunk.regions, np.zeros(313, np.float32))
        assert unheard(chunk, found, speech) == [Chunk((Region(32_000, 160_000),))]
        assert unheard(chunk, found, quiet) == []

    @pytest.mark.parametrize(("until", "again"), [(2.8, False), (3.3, True)])
    def test_two_words_after_the_last_one_are_worth_hearing_and_a_cough_is_not(self, until: float, again: bool) -> None:
        """Of "at least one point" 1.3 s of speech were left at the end of a chunk, and lost."""
        chunk = Chunk((Region(0, 160_000),))
        speech = voiced(160_000, (0.0, until))
        assert bool(unheard(chunk, [HeardSegment((Word("ground", 0.0, 2.0),))], speech)) is again


class TestVotes:
    def test_a_doubtful_stretch_goes_with_the_majority(self) -> None:
        chosen = Electorate((), ()).count([{"en": 0.9, "cy": 0.1}, {"cy": 0.5, "en": 0.4, "br": 0.1}])
        assert [language for language, _ in chosen] == ["en", "en"]

    def test_a_stretch_that_is_sure_keeps_its_language(self) -> None:
        chosen = Electorate((), (("en", 20.0),)).count([{"fa": 0.9, "en": 0.1}])
        assert chosen == [("fa", 0.9)]

    def test_only_the_sheets_languages_can_win(self) -> None:
        chosen = Electorate(("fa", "en"), ()).count([{"ar": 0.7, "tr": 0.2, "fa": 0.08, "en": 0.02}])
        assert chosen == [("fa", 0.8)]

    def test_earlier_windows_count(self) -> None:
        chosen = Electorate((), (("fa", 12.0),)).count([{"ar": 0.6, "fa": 0.4}])
        assert chosen == [("fa", 0.4)]

    def test_languages_that_the_model_does_not_know_share_the_vote(self) -> None:
        assert Electorate(("xx", "yy"), ()).count([{"en": 1.0}]) == [("yy", 0.5)]
