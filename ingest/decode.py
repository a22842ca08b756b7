"""Decode: any media file as a stream of 16 kHz mono samples on the clock that a browser shows for it."""

from __future__ import annotations

import os
import selectors
from pathlib import Path
from types import TracebackType
from typing import Self

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from archive.errors import MediaError
from ingest.ffmpeg import Call, Limits, compiled, media_input
from ingest.names import shown
from ingest.speech import SAMPLE_RATE

SAMPLE_BYTES = 2

STALL_S = 120.0  # no sample for so long means a hung disk or a hostile file; slow readers are not counted
MAX_HOURS = 48  # a day-long convention twice over; what decodes to more is a bomb or needs cutting
LIMITS = Limits(cpu_s=3600, file_bytes=64 * 1024**2)  # decoding runs at 200 to 2,000 times real time
CHUNK_BYTES = 1 << 16

Samples = NDArray[np.int16]


class PcmStream:
    """The samples of one audio track (`stream` counts from 0), read in order; memory stays flat.

    Sample n sounds at n / 16000 s on the recording's clock: where the audio starts later than the video, or
    has a gap, there is silence, as in a browser. So it is before the `offset`, in seconds, at which the file begins.
    """

    def __init__(self, path: Path, stream: int = 0, offset: float = 0.0) -> None:
        self._path = path
        self._before = round(offset * SAMPLE_RATE) * SAMPLE_BYTES  # of silence that is still to come
        self._decoded = 0  # bytes
        self._ended = False
        self._call = Call(_argv(path, stream), path, LIMITS, stream_out=True)
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._call.stdout, selectors.EVENT_READ)

    @property
    def decoded_seconds(self) -> float:
        """How much has been read or skipped so far, in seconds of the recording's clock."""
        return self._decoded / SAMPLE_BYTES / SAMPLE_RATE

    def read(self, samples: int) -> Samples:
        """The next samples; fewer than asked only at the end. MediaError where the decoder failed."""
        data = bytearray()
        while len(data) < samples * SAMPLE_BYTES and not self._ended:
            data += self._some(samples * SAMPLE_BYTES - len(data))
        return np.frombuffer(data[: len(data) // SAMPLE_BYTES * SAMPLE_BYTES], dtype="<i2").astype(np.int16, copy=False)

    def skip(self, samples: int) -> int:
        """Decode and drop samples, which is exact where seeking is not; how many there were."""
        left = samples * SAMPLE_BYTES
        while left and not self._ended:
            left -= len(self._some(left))
        return samples - left // SAMPLE_BYTES

    def close(self) -> None:
        """End the decoder."""
        self._ready.close()
        self._call.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _some(self, most: int) -> bytes:
        if self._before:
            silence = bytes(min(most, CHUNK_BYTES, self._before))
            self._before -= len(silence)
            self._decoded += len(silence)
            return silence
        if not self._ready.select(STALL_S):
            self._call.kill()
            raise self._call.error(f"Stuck: no sound decoded for {STALL_S:.0f} s")
        data = os.read(self._call.stdout.fileno(), min(most, CHUNK_BYTES))
        self._decoded += len(data)
        if self._decoded > MAX_HOURS * 3600 * SAMPLE_RATE * SAMPLE_BYTES:
            raise MediaError(f"TooLong: more than {MAX_HOURS} hours", where=shown(self._path), mend="cut it into parts")
        if not data:
            self._finish()
        return data

    def _finish(self) -> None:
        self._ended = True
        code = self._call.wait(STALL_S)
        if code:
            raise self._call.error(f"Unreadable: the decoder gave up after {self.decoded_seconds:.2f} s")
        if not self._decoded:
            raise self._call.error("Unreadable: no sound could be decoded")


def _argv(path: Path, stream: int) -> list[str]:
    source = media_input(sn=None, dn=None)
    # first_pts=0 fills a late start, async=1 fills gaps and cuts overlaps without stretching
    sound = source[f"a:{stream}"].filter("aresample", **{"async": 1, "first_pts": 0})
    pcm = sound.output("pipe:", format="s16le", acodec="pcm_s16le", ac=1, ar=SAMPLE_RATE)
    # Time 0 is where the first stream in use begins (in a transport stream, that is; else the first of all). So
    # the streams that are played take part, undecoded, or a late start of this one would go unseen.
    clock = ffmpeg.output(source["v:0?"], source["a:0"], "pipe:", format="null", codec="copy")
    return compiled(ffmpeg.merge_outputs(pcm, clock), path)
