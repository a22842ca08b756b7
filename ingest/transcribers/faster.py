"""The default engine: Whisper on CTranslate2, several chunks at a time, the same words for a tenth of the work."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archive.models import Maker, MakerKind
from ingest.guard import SILENT_ABOVE
from ingest.loops import is_loop, is_twice
from ingest.speech import SAMPLE_RATE, Pcm, Speech, as_float, find_speech
from ingest.transcribers.base import ENGLISH, Heard, HeardSegment, Hints, no_progress
from ingest.transcribers.chunks import Chunk, pack, unheard, words_on_clock
from ingest.transcribers.compute import choose
from ingest.transcribers.memory import give_back
from ingest.transcribers.net import LONGEST_FRAMES, TRANSCRIBE, TRANSLATE, Net, Passage, Written, compression
from ingest.transcribers.votes import Electorate

BATCH = 8
BEAM = 5
# more would cost the words their room: Whisper gives prompt and answer 448 tokens together
LONGEST_VOCABULARY = 600  # characters
PASSES = 6
NO_REPEAT = 5  # a loop is heard again with no run of five tokens allowed twice: plain speech comes out of it


class FasterTranscriber:
    """Whisper on faster-whisper's parts, a batch of chunks at a time."""

    def __init__(self, model: Path, *, name: str, sha256: str, threads: int = 0) -> None:
        device, self._compute = choose()
        cores = len(os.sched_getaffinity(0))
        self._net = Net(model, device=device, compute=self._compute, threads=threads or cores)
        self._name = name
        self._sha256 = sha256

    @property
    def maker(self) -> Maker:
        """The weights, and the settings that change the words; the number of threads does not."""
        settings = {"batch": BATCH, "beam": BEAM, "compute": self._compute, "temperature": 0}
        return Maker(
            kind=MakerKind.ENGINE,
            name="faster-whisper",
            version=version("faster-whisper"),
            model=self._name,
            model_sha256=self._sha256,
            settings=tuple((key, str(value)) for key, value in settings.items()),
        )

    def speech(self, pcm: Pcm) -> Speech:
        """Where silero hears a voice."""
        return find_speech(pcm)

    def hear(self, pcm: Pcm, speech: Speech, hints: Hints, on_progress: Callable[[float], None] = no_progress) -> Heard:
        """The words of the regions with speech; the rest of the window is never shown to Whisper.

        Whisper may stop long before a chunk's end, where a speaker changes for instance. Heard one after the
        other it would go on from there; heard in batches the rest would be lost, so it is heard again.
        """
        window = as_float(pcm)
        hints = hints.within(self._net.languages)
        electorate = Electorate(hints.languages, hints.votes)
        segments: list[HeardSegment] = []
        chunks: Sequence[Chunk] = pack(speech.regions)
        for number in range(PASSES):
            left: list[Chunk] = []
            done, all_of_it = 0, sum(chunk.length for chunk in chunks)
            # chunks of a length together: the encoder goes as far as the longest of them
            chunks = sorted(chunks, key=lambda chunk: chunk.length)
            for first in range(0, len(chunks), BATCH):
                batch = chunks[first : first + BATCH]
                for chunk, found in zip(batch, self._batch(window, speech, batch, hints, electorate), strict=True):
                    segments += found
                    left += unheard(chunk, found, speech)
                    done += chunk.length
                if not number:
                    on_progress(done / all_of_it * len(window) / SAMPLE_RATE)
            chunks = left  # each by itself: laid end to end, one's words were taken for another's
            if not chunks:
                break
        segments.sort(key=lambda segment: segment.words[0].start)
        give_back()
        return Heard(tuple(segments), electorate.result())

    def _batch(
        self, window: NDArray[np.float32], speech: Speech, chunks: Sequence[Chunk], hints: Hints, electorate: Electorate
    ) -> list[list[HeardSegment]]:
        """What was heard in each chunk; a loop over speech is heard once more, and so is what was written twice."""
        sounds = [chunk.samples(window) for chunk in chunks]
        states = self._net.encode(sounds)
        vocabulary = ", ".join(hints.vocabulary)[:LONGEST_VOCABULARY]
        if told := self._told(hints):
            chosen = [(told, 1.0)] * len(chunks)
        else:
            chosen = electorate.count(self._net.votes(states))
        languages = [language for language, _ in chosen]
        task = TRANSLATE if hints.translate else TRANSCRIBE
        written = self._net.write(states, languages, beam=BEAM, task=task, vocabulary=vocabulary)
        found = []
        for row, (chunk, (language, certainty)) in enumerate(zip(chunks, chosen, strict=True)):
            own, said = states[row : row + 1], written[row]
            if said.no_speech <= SILENT_ABOVE and self._loops(said):
                (said,) = self._net.write(
                    own, [language], beam=BEAM, task=task, vocabulary=vocabulary, no_repeat=NO_REPEAT
                )
            elif self._is_twice(said, sounds[row]):
                own = self._net.encode([sounds[row]], LONGEST_FRAMES)
                (said,) = self._net.write(own, [language], beam=BEAM, task=task, vocabulary=vocabulary)
            passages = self._net.passages(own, said, language, sounds[row], task)
            language = ENGLISH if hints.translate else language
            segments = [_segment(passage, said, chunk, language, certainty, speech) for passage in passages]
            found.append([segment for segment in segments if segment])
        return found

    def _told(self, hints: Hints) -> str:
        """The one language that it can be, if there is but one."""
        only = hints.languages or self._net.languages
        return only[0] if len(only) == 1 else ""

    def _loops(self, written: Written) -> bool:
        texts = self._net.texts(written)
        words = [word for text in texts for word in text.split()]
        return bool(words) and is_loop(words, max(map(compression, texts)))

    def _is_twice(self, written: Written, sound: NDArray[np.float32]) -> bool:
        words = [word for text in self._net.texts(written) for word in text.split()]
        return is_twice(words, len(sound) / SAMPLE_RATE)


def _segment(
    passage: Passage, written: Written, chunk: Chunk, language: str, certainty: float, speech: Speech
) -> HeardSegment | None:
    """A passage on the window's clock; nothing if it has no words."""
    words = words_on_clock(passage.words, chunk, language, speech)
    if not words:
        return None
    return HeardSegment(
        words,
        language,
        certainty,
        round(written.no_speech, 4),
        round(written.logprob, 4),
        round(passage.compression, 3),
    )
