"""Media files for tests, made by the real ffmpeg, and where their beeps sound."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np

from ingest.ffmpeg import ffmpeg_program
from ingest.media import SAMPLE_RATE, PcmStream

# a beep of 50 ms at 1 s, 2 s, 3 s
BEEPS = ("-f", "lavfi", "-i", "aevalsrc='if(lt(mod(t,1),0.05)*gte(t,0.5),0.8*sin(2*PI*1000*t),0)':s=44100:d=4")
PICTURE = ("-f", "lavfi", "-i", "testsrc=s=160x120:r=25:d=6")
H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast")


def encode(path: Path, *arguments: str) -> Path:
    """Run ffmpeg to make the file."""
    subprocess.run([ffmpeg_program(), "-nostdin", "-v", "error", "-y", *arguments, str(path)], check=True)
    return path


def film(path: Path, *codecs: str, audio_late: float = 0.0, picture_late: float = 0.0) -> Path:
    """A moving test picture with beeps, one of which may begin later than the other."""
    return encode(
        path,
        *("-itsoffset", str(picture_late), *PICTURE),
        *("-itsoffset", str(audio_late), *BEEPS),
        *("-map", "0:v", "-map", "1:a", *codecs),
    )


def beeps(path: Path) -> list[float]:
    """When the beeps of a file begin, in seconds on its clock."""
    with PcmStream(path) as sound:
        samples = sound.read(60 * SAMPLE_RATE).astype(int)
    loud = np.flatnonzero(abs(samples) > 6_000)
    first = loud[np.diff(loud, prepend=-SAMPLE_RATE) > SAMPLE_RATE // 2]
    return [round(int(sample) / SAMPLE_RATE, 3) for sample in first]
