"""Access copy: what a browser cannot play, once more in a form that it can, on the same clock."""

from __future__ import annotations

import errno
import os
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import ffmpeg

from archive.errors import MachineError
from archive.models import Media
from ingest.containers import CONTAINERS
from ingest.extras import adding
from ingest.ffmpeg import Call, Limits, compiled, ffmpeg_program, media_input

AUDIO_RATE = 48_000
AUDIO_BITS = "96k"  # speech in AAC gains nothing audible above
VIDEO_QUALITY = 23  # x264's own default: visually close to the original
WIDEST = 1920  # an access copy is for looking at, the original is kept beside it
LEAST_WALL_S = 300.0
WALL_PER_SECOND = 20.0  # on a slow core 1080p encodes at a tenth of real time at worst; twice that is stuck
LEAST_BYTES = 1000  # an M4A in which nothing sounds has 258, one of a millisecond 1,400
THREADS = min(8, os.cpu_count() or 1)
# Strangers have clips cut too. Sound decodes at a hundred times its own pace; what comes to five is stuck.
CLIP_LEAST_WALL_S = 30.0
CLIP_WALL_PER_SECOND = 0.2
CLIP_MEMORY_BYTES = 2 * 1024**3  # of address space, most of it the stacks of threads on a machine of many cores
CLIP_BYTES_PER_SECOND = 120_000  # ten times the bit rate of AUDIO_BITS


def make_access_copy(path: Path, media: Media, folder: Path) -> tuple[Path, str, str]:
    """Write a copy that browsers play into `folder`: the file, its suffix and its MIME type.

    MP4 with H.264 and AAC for video, M4A with AAC for audio, index first, so that it plays while it loads.
    """
    kind = CONTAINERS["mov"]
    suffix, mime = (".mp4", kind.video_mime) if media.video_codec else (".m4a", kind.audio_mime)
    made = _empty(folder, suffix)
    _write(_output(media, made), path, made, *_allowed(media))
    return made, suffix, mime


def make_layer_copy(path: Path, media: Media, stream: int, folder: Path, offset: float = 0.0) -> Path:
    """Write one audio track as M4A into `folder`, on the recording's clock: browsers do not let a track be chosen.

    `offset` is where the file begins on that clock, in seconds.
    """
    made = _empty(folder, ".m4a")
    source = media_input(sn=None, dn=None)
    track = _sound(source, stream)
    if offset:
        track = track.filter("adelay", delays=f"{round(offset * 1000)}", all=1)
    sound = ffmpeg.output(track, f"file:{made}", **_options())
    whole = replace(media, duration=offset + media.duration)
    _write(ffmpeg.merge_outputs(sound, _clock(source)).overwrite_output(), path, made, *_allowed(whole))
    return made


def make_clip(path: Path, start: float, end: float, folder: Path) -> Path:
    """Write the sound from `start` to `end` (seconds on the recording's clock) as M4A into `folder`.

    The file is decoded from its beginning: in an MP3 of variable bit rate no shorter way leads to the right place.
    The same file and times give the same bytes with the same ffmpeg.
    """
    made = _empty(folder, ".m4a")
    source = media_input(sn=None, dn=None, t=end)
    cut = _sound(source, 0).filter("atrim", start=start, end=end).filter("asetpts", "PTS-STARTPTS")
    sound = ffmpeg.output(cut, f"file:{made}", **_options())
    wall_s = CLIP_LEAST_WALL_S + end * CLIP_WALL_PER_SECOND
    limits = Limits(
        cpu_s=int(wall_s),
        memory_bytes=CLIP_MEMORY_BYTES,
        file_bytes=1024**2 + int((end - start) * CLIP_BYTES_PER_SECOND),
    )
    _write(ffmpeg.merge_outputs(sound, _clock(source)).overwrite_output(), path, made, wall_s, limits)
    return made


def _clock(source: ffmpeg.Stream) -> ffmpeg.Stream:
    # what is played takes part, undecoded, or a late start of the sound would go unseen: see PcmStream
    return ffmpeg.output(source["v:0?"], source["a:0"], "pipe:", format="null", codec="copy")


def _empty(folder: Path, suffix: str) -> Path:
    handle, name = tempfile.mkstemp(prefix="access-", suffix=suffix, dir=folder)
    os.close(handle)
    return Path(name)


def _allowed(media: Media) -> tuple[float, Limits]:
    """What making a whole copy may take: seconds of the clock, and the rest."""
    wall_s = max(LEAST_WALL_S, media.duration * WALL_PER_SECOND)
    return wall_s, Limits(cpu_s=int(wall_s * THREADS), file_bytes=_most_bytes(media))


def _write(output: ffmpeg.Stream, path: Path, made: Path, wall_s: float, limits: Limits) -> None:
    try:
        with Call(compiled(output, path), path, limits) as call:
            if call.wait(wall_s):
                if os.strerror(errno.ENOSPC) in call.complaints():
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(made))
                raise call.error("Unreadable: no copy could be made")
            if made.stat().st_size < LEAST_BYTES:
                raise call.error("Unreadable: the copy came out empty")
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def _output(media: Media, made: Path) -> ffmpeg.Stream:
    source = media_input(sn=None, dn=None)
    sound, options = _sound(source, 0), _options()
    if not media.video_codec:
        return ffmpeg.output(sound, f"file:{made}", **options).overwrite_output()
    _need_h264()
    # odd sizes have no 4:2:0; rotation from the container is applied by ffmpeg itself
    picture = source["v:0"].filter("scale", f"trunc(min({WIDEST},iw)/2)*2", "-2").filter("format", "yuv420p")
    options |= {"vcodec": "libx264", "crf": VIDEO_QUALITY, "preset": "veryfast"}
    return ffmpeg.output(picture, sound, f"file:{made}", **options).overwrite_output()


def _sound(source: ffmpeg.Stream, stream: int) -> ffmpeg.Stream:
    # the same filling of late starts and gaps as in PcmStream, so that both have one clock
    sound = source[f"a:{stream}"].filter("aresample", AUDIO_RATE, **{"async": 1, "first_pts": 0})
    return sound.filter("aformat", channel_layouts="mono|stereo")  # one channel stays one, more than two become two


def _options() -> dict[str, object]:
    return {
        "format": "mp4",
        "acodec": "aac",
        "audio_bitrate": AUDIO_BITS,
        "movflags": "+faststart",
        "map_metadata": -1,
        "map_chapters": -1,
        "threads": THREADS,
    }


def _most_bytes(media: Media) -> int:
    # ten times the bit rate that either form comes to; a file that wants more is filling the disk
    return 64 * 1024**2 + int(media.duration * (5_000_000 if media.video_codec else 200_000))


@cache
def _has_encoder(program: str, name: str) -> bool:
    with Call([program, "-hide_banner", "-v", "error", "-encoders"], Path(program), Limits(cpu_s=30)) as call:
        return call.wait(30.0) == 0 and f" {name} ".encode() in call.output()


def _need_h264() -> None:
    program = ffmpeg_program()
    if not _has_encoder(program, "libx264"):
        raise MachineError(
            f"{program} has no H.264 encoder (libx264), so no copy of this video can be made for browsers",
            mend=f"install a full ffmpeg; or {adding('ffmpeg')} and take any other ffmpeg off the PATH",
        )
