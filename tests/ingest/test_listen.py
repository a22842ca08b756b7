"""Listening window by window: killed and gone on with, the result is the same; memory does not grow."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from archive import codec
from archive.models import Layer, Quality, Transcript, Word
from ingest import listen as module
from ingest.listen import listen
from ingest.segments import LONGEST_S, sized
from ingest.speech import Pcm, Speech
from ingest.transcribers import Heard, HeardSegment, Hints, Transcriber
from ingest.transcribers.base import no_progress
from ingest.transcribers.toy import ToyTranscriber
from tests.ingest.films import encode
from tests.ingest.hearing import KENNEDY, KENNEDY_SAID, plain, recording_of
from tests.ingest.sounds import write_bursts

ROOT = Path(__file__).resolve().parents[2]

Progress = Callable[[float], None]


@pytest.fixture(autouse=True)
def _short_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WINDOW_S", 20)
    monkeypatch.setattr(module, "SLACK_S", 5)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A minute and a half of bursts, each of which the toy hears as a word."""
    return write_bursts(tmp_path / "talk.wav", 180)


class Counting(ToyTranscriber):
    """A toy that counts its windows and may break at one."""

    def __init__(self, break_at: int = -1) -> None:
        super().__init__()
        self.windows = 0
        self.break_at = break_at

    def hear(self, pcm: Pcm, speech: Speech, hints: Hints, on_progress: Progress = no_progress) -> Heard:
        if self.windows == self.break_at:
            raise KeyboardInterrupt
        self.windows += 1
        return super().hear(pcm, speech, hints, on_progress)


def heard(path: Path, transcriber: Transcriber, folder: Path, *languages: str) -> Transcript:
    return listen(recording_of(path, *languages), path, transcriber, folder, layer=Layer())


def test_every_burst_is_a_word_where_it_sounds(talk: Path, tmp_path: Path) -> None:
    words = [word for segment in heard(talk, ToyTranscriber(), tmp_path / "w").segments for word in segment.words]
    assert len(words) == 180
    assert [word.start for word in words] == pytest.approx(np.arange(180) / 2, abs=0.04)


def test_a_broken_run_goes_on_and_ends_with_the_same_bytes(talk: Path, tmp_path: Path) -> None:
    undisturbed = heard(talk, ToyTranscriber(), tmp_path / "one")
    with pytest.raises(KeyboardInterrupt):
        heard(talk, Counting(break_at=2), tmp_path / "two")
    second = Counting()
    assert codec.encode(heard(talk, second, tmp_path / "two")) == codec.encode(undisturbed)
    assert second.windows == len(list((tmp_path / "one").rglob("*.json"))) - 2


def test_a_finished_recording_is_not_heard_again(talk: Path, tmp_path: Path) -> None:
    first = heard(talk, ToyTranscriber(), tmp_path)
    again = Counting()
    assert heard(talk, again, tmp_path) == first
    assert again.windows == 0


def test_a_damaged_window_and_those_after_it_are_heard_again(talk: Path, tmp_path: Path) -> None:
    first = heard(talk, ToyTranscriber(), tmp_path)
    windows = sorted(tmp_path.rglob("0*.json"))
    windows[1].write_bytes(windows[1].read_bytes()[:-20])
    again = Counting()
    assert heard(talk, again, tmp_path) == first
    assert again.windows == 1 or again.windows == len(windows) - 1


def test_windows_of_other_settings_are_not_read(talk: Path, tmp_path: Path) -> None:
    heard(talk, ToyTranscriber(), tmp_path)
    other = heard(talk, ToyTranscriber(("other",)), tmp_path)
    assert {word.text for segment in other.segments for word in segment.words} == {"other"}


def test_another_sheet_language_is_another_setting(talk: Path, tmp_path: Path) -> None:
    assert heard(talk, ToyTranscriber(), tmp_path, "en").language == "en"
    assert heard(talk, ToyTranscriber(), tmp_path, "fr").language == "fr"


def test_a_layers_language_goes_before_the_recordings(talk: Path, tmp_path: Path) -> None:
    layer = Layer("interpreter", 0, "de")
    found = listen(recording_of(talk, "en"), talk, ToyTranscriber(), tmp_path, layer=layer)
    assert (found.layer, found.language) == ("interpreter", "de")


def test_progress_never_goes_back_and_ends_at_the_end(talk: Path, tmp_path: Path) -> None:
    told: list[float] = []
    listen(recording_of(talk), talk, ToyTranscriber(), tmp_path, layer=Layer(), on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(90.0, abs=0.01)


def test_silence_gives_an_empty_transcript_with_its_length(tmp_path: Path) -> None:
    found = heard(write_bursts(tmp_path / "s.wav", 8, pitch=0), ToyTranscriber(), tmp_path)
    assert (found.segments, found.language, found.duration) == ((), "und", 4.0)


class Scripted(ToyTranscriber):
    """Hears what it is told, once."""

    def __init__(self, *segments: HeardSegment) -> None:
        super().__init__()
        self.segments = segments

    def hear(self, *_ignored: object) -> Heard:
        return Heard(self.segments)


def test_times_never_go_back(tmp_path: Path) -> None:
    path = write_bursts(tmp_path / "t.wav", 20)
    crossed = HeardSegment((Word("b", 1.0, 2.2), Word("c", 1.5, 1.7)), "en")
    early = HeardSegment((Word("a", 0.5, 9.0), Word("d", 8.5, 99.0)), "en")
    words = [word for segment in heard(path, Scripted(crossed, early), tmp_path).segments for word in segment.words]
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[-1] <= 10.0


def test_text_over_silence_is_left_out(tmp_path: Path) -> None:
    path = write_bursts(tmp_path / "s.wav", 8, pitch=0)
    invented = HeardSegment((Word("Thank", 1.0, 1.5), Word("you.", 1.5, 2.0)), "en")
    assert heard(path, Scripted(invented), tmp_path).segments == ()


def test_suspect_text_is_kept_with_its_reason(tmp_path: Path) -> None:
    path = write_bursts(tmp_path / "t.wav", 40)
    loop = HeardSegment(tuple(Word("yeah", i / 2, i / 2 + 0.4) for i in range(20)), "en", compression=6.0)
    (segment,) = heard(path, Scripted(loop), tmp_path).segments
    assert segment.quality is Quality.SUSPECT
    assert segment.reasons


class TestSegments:
    def test_a_long_pause_parts_them(self) -> None:
        parts = list(sized(HeardSegment((Word("one", 0, 1), Word("two", 4, 5)))))
        assert [part.words[0].text for part in parts] == ["one", "two"]

    def test_sentences_are_parted_after_a_while(self) -> None:
        texts = ["We", "meet", ".", "today", "ا", "ب", "ج؟", "ok"]
        words = tuple(Word(text, i * 2, i * 2 + 1.9) for i, text in enumerate(texts))
        assert [part.words[-1].text for part in sized(HeardSegment(words))] == ["ج؟", "ok"]

    def test_none_is_longer_than_half_a_minute(self) -> None:
        words = tuple(Word("on", i * 0.5, i * 0.5 + 0.4 - (i % 7) * 0.02) for i in range(400))
        parts = list(sized(HeardSegment(words)))
        assert all(part.words[-1].end - part.words[0].start <= LONGEST_S for part in parts)
        assert tuple(word for part in parts for word in part.words) == words

    def test_a_short_one_stays(self) -> None:
        segment = HeardSegment((Word("Yes.", 0, 1), Word("No.", 1, 2)))
        assert list(sized(segment)) == [segment]


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from archive.models import Layer
from ingest import listen as module
from ingest.transcribers.base import no_progress
from ingest.transcribers.toy import ToyTranscriber
from tests.ingest.hearing import recording_of
module.WINDOW_S, module.SLACK_S = 20, 5
path = Path({path!r})
module.listen(recording_of(path), path, ToyTranscriber(), Path({folder!r}), layer=Layer())
"""


@pytest.mark.parametrize("point", ["listen-before-checkpoint", "listen-after-checkpoint"])
def test_killed_at_a_window_it_goes_on_to_the_same_bytes(talk: Path, tmp_path: Path, point: str) -> None:
    undisturbed = heard(talk, ToyTranscriber(), tmp_path / "one")
    script = KILLED.format(root=str(ROOT), path=str(talk), folder=str(tmp_path / "two"))
    environment = os.environ | {"ONRECORD_FAILPOINT": point}
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == -signal.SIGKILL
    assert codec.encode(heard(talk, ToyTranscriber(), tmp_path / "two")) == codec.encode(undisturbed)


DAY = """
import sys
from pathlib import Path
import psutil
sys.path.insert(0, {root!r})
from archive.models import Layer
from ingest.listen import listen
from ingest.transcribers.toy import ToyTranscriber
from tests.ingest.hearing import recording_of

seen = [(0.0, 0)]
def measure(seconds):
    seen.append((seconds, psutil.Process().memory_info().rss))

path = Path({path!r})
found = listen(recording_of(path), path, ToyTranscriber(), Path({folder!r}), layer=Layer(), on_progress=measure)
starts = [word.start for segment in found.segments for word in segment.words]
assert starts == sorted(starts)
print(found.duration, starts[-1], max(rss for at, rss in seen if at <= 3600), max(rss for _, rss in seen))
"""


@pytest.mark.slow
def test_twelve_hours_of_speech_take_no_more_memory_than_one(samples: Path, tmp_path: Path) -> None:
    """Two minutes of a speech over and over, in a process of its own; the sound alone would be 2.6 GiB."""
    speech = encode(
        tmp_path / "speech.wav",
        *("-i", str(samples / "audio/en/en_gwbush_radio_2008-11-01_full.opus")),
        *("-ar", "16000", "-ac", "1", "-c:a", "pcm_alaw"),
    )
    day = encode(tmp_path / "day.wav", "-stream_loop", "-1", "-i", str(speech), "-t", str(12 * 3600), "-c", "copy")
    script = DAY.format(root=str(ROOT), path=str(day), folder=str(tmp_path / "w"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    duration, last, first_hour, whole = map(float, done.stdout.split())
    assert duration >= 12 * 3600
    assert last > duration - 120
    assert whole <= 1.5 * 2**30
    assert whole - first_hour <= 150 * 2**20


@pytest.mark.model
def test_kennedy_has_no_error_and_starts_and_ends_where_he_speaks(
    samples: Path, tmp_path: Path, faster: Transcriber
) -> None:
    path = samples / KENNEDY
    found = heard(path, faster, tmp_path)
    words = [word for segment in found.segments for word in segment.words]
    assert plain([word.text for word in words]) == KENNEDY_SAID
    assert (found.language, found.duration) == ("en", 11.0)
    assert words[0].start == pytest.approx(0.32, abs=0.15)
    assert words[-1].end == pytest.approx(10.4, abs=0.15)
    assert all(segment.quality is Quality.OK for segment in found.segments)


@pytest.mark.model
def test_words_hold_no_more_than_they_sound(samples: Path, tmp_path: Path, faster: Transcriber) -> None:
    """No word stretches over the second of silence before "what"."""
    path = samples / KENNEDY
    found = heard(path, faster, tmp_path)
    words = [word for segment in found.segments for word in segment.words]
    assert max(word.end - word.start for word in words) < 0.8
    assert max(after.start - before.end for before, after in pairwise(words)) > 0.9


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_default_makes_no_more_errors_than_the_bare_engine(
    samples: Path, tmp_path: Path, faster: Transcriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks import transcribe
    from benchmarks.speeches import score

    monkeypatch.setattr(module, "WINDOW_S", 600)
    clip = "audio/en/en_gwbush_radio_2008-11-01_cut64s.flac"
    said = {entry["file"]: entry["transcript"] for entry in json.loads((samples / "metadata.json").read_text())}
    ours = " ".join(part.text for part in heard(samples / clip, faster, tmp_path).segments)
    assert score(said[clip], ours).errors <= score(said[clip], transcribe.faster("base")(samples / clip)).errors


def test_a_recordings_digest_tells_its_windows_apart(talk: Path, tmp_path: Path) -> None:
    recording = recording_of(talk)
    other = replace(recording, media=replace(recording.media, sha256="f" * 64))
    for each in (recording, other):
        listen(each, talk, ToyTranscriber(), tmp_path, layer=Layer())
    assert len(list(tmp_path.glob("*/00000.json"))) == 2
