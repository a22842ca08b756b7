"""Probe: what a media file is, by its content; what is no recording is refused here."""

from __future__ import annotations

from pathlib import Path

import msgspec

from archive.errors import MediaError
from archive.models import Layer, Media
from ingest.containers import CONTAINERS, plays
from ingest.decode import PcmStream
from ingest.ffmpeg import Call, Limits, probe_argv
from ingest.layers import layers_of
from ingest.mp3 import is_variable
from ingest.names import shown
from ingest.speech import SAMPLE_RATE

PROBE_S = 60.0
LEAST_SCORE = 10  # ffprobe's certainty of 100; a file that is one thing by its name only has 1
HEAD_BYTES = 4096
LATEST_BEGIN_S = 0.05  # the first timestamp of a file may be off zero by the delay of its codec
ENTRIES = (
    "format=format_name,duration,start_time,probe_score"
    ":stream=codec_type,codec_name,pix_fmt,duration,start_time:stream_disposition=attached_pic:stream_tags=DURATION,language"
)

# Copied-off phrases of ffmpeg would be no reason a person understands
_REASONS = (
    ("not on whitelist", "UnsupportedContainer: a playlist, or a container that is not taken"),
    ("moov atom not found", "Unreadable: cut short, its index (moov) is missing"),
    ("misdetection possible", "Unreadable: damaged, or no recording"),
    ("Invalid data found when processing input", "Unreadable: damaged, or no recording"),
)
_MEND = "see whether it plays; if it does not, copy it again from where it came"


class _Disposition(msgspec.Struct):
    attached_pic: int = 0


class _Tags(msgspec.Struct):
    language: str = ""
    DURATION: str = ""  # how Matroska tells a track's length: 00:00:07.501000000


class _Stream(msgspec.Struct):
    codec_type: str = ""
    codec_name: str = ""
    pix_fmt: str = ""
    duration: float = 0.0
    start_time: float = 0.0
    disposition: _Disposition = msgspec.field(default_factory=_Disposition)
    tags: _Tags = msgspec.field(default_factory=_Tags)


class _Format(msgspec.Struct):
    format_name: str = ""
    duration: float = 0.0
    start_time: float = 0.0
    probe_score: int = 0


class _Probed(msgspec.Struct):
    estimated: bool = False  # the length, from the bit rate of the beginning
    format: _Format = msgspec.field(default_factory=_Format)
    streams: list[_Stream] = []

    def audio(self) -> list[_Stream]:
        return [stream for stream in self.streams if stream.codec_type == "audio"]

    def layers(self) -> tuple[Layer, ...]:
        return layers_of([stream.tags.language for stream in self.audio()])

    def begins_at_zero(self) -> bool:
        return abs(self.format.start_time) <= LATEST_BEGIN_S

    def video(self) -> _Stream | None:
        pictures = (s for s in self.streams if s.codec_type == "video" and not s.disposition.attached_pic)
        return next(pictures, None)  # cover art in a music file is no video


def probe(path: Path) -> Media:
    """What the file is; `sha256` is left to the store. MediaError where it holds no sound that can be decoded."""
    head = _head(path)
    probed = _ffprobe(path)
    container = _container(path, probed, head)
    audio, video = probed.audio(), probed.video()
    if not audio:
        held = ", ".join(sorted({f"{stream.codec_type} {stream.codec_name}" for stream in probed.streams}))
        raise MediaError(
            f"NoSpeechTrack: it holds no audio, only {held or 'nothing'}",
            where=shown(path),
            mend="give the file with its sound",
        )
    duration = _duration(path, container, probed)
    known = CONTAINERS[container]
    suffixes = known.video_suffixes if video and known.video_suffixes else known.audio_suffixes
    audio_codec, video_codec = audio[0].codec_name, video.codec_name if video else ""
    return Media(
        name=shown(path.name),
        suffix=suffixes[0],
        sha256="",
        bytes=path.stat().st_size,
        duration=round(duration, 3),
        container=probed.format.format_name,
        audio_codec=audio_codec,
        video_codec=video_codec,
        mime=known.video_mime if video and known.video_mime else known.audio_mime,
        playable=plays(container, audio_codec, video_codec, video.pix_fmt if video else "")
        and _keeps_time(path, container, probed, duration),
        warnings=tuple(_warnings(path, container, len(audio), len(probed.layers()))),
    )


def tracks(path: Path) -> tuple[Layer, ...]:
    """The layers of a file: the floor, and tracks in languages of their own."""
    return _ffprobe(path).layers()


def truncation(path: Path, decoded_s: float, stream: int = 0) -> str:
    """A warning where an audio track holds clearly less than it declares, else "".

    A file that was cut short decodes without an error, so the two lengths are all that tells.
    """
    declared_s = _declared(_ffprobe(path), stream)
    if decoded_s >= declared_s or _alike(declared_s, decoded_s):
        return ""
    return f"truncated: {decoded_s:.2f} of {declared_s:.2f} s"


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise MediaError("EmptyFile: it has no bytes", where=shown(path), mend="copy it again from where it came")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"#EXTM3U", b"ffconcat", b"v=0\r", b"v=0\n", b"<?xml", b"[playlist]")):
        raise MediaError(
            "UnsupportedContainer: it names other files and holds no sound itself",
            where=shown(path),
            mend="give the files it names",
        )
    if b"\0" not in head and _is_text(head):
        mend = "give the recording; what is said in it goes into the sheet's column transcript"
        raise MediaError("UnsupportedContainer: it is text", where=shown(path), mend=mend)
    return head


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # not merely a character cut in two by our reading
            return False
        text = head[: error.start].decode("utf-8")
    return all(char.isprintable() or char in "\t\n\r\f" for char in text)


def _ffprobe(path: Path) -> _Probed:
    with Call(probe_argv(path, ENTRIES), path, Limits(cpu_s=60)) as call:
        code = call.wait(PROBE_S)
        if code:
            said = call.complaints()
            for sign, reason in _REASONS:
                if sign in said:
                    raise MediaError(reason, where=shown(path), mend=_MEND)
            raise call.error("Unreadable", _MEND)
        try:
            probed = msgspec.json.decode(call.output(), type=_Probed, strict=False)
        except msgspec.DecodeError as error:
            raise call.error(f"Unreadable: ffprobe's answer cannot be read, {error}") from error
        probed.estimated = "Estimating duration from bitrate" in call.complaints()
        return probed


def _container(path: Path, probed: _Probed, head: bytes) -> str:
    name = probed.format.format_name.split(",", 1)[0]
    if name not in CONTAINERS or probed.format.probe_score < LEAST_SCORE:
        mend = "convert it, for instance to FLAC"
        raise MediaError("UnsupportedContainer: its content is of no kind that is taken", where=shown(path), mend=mend)
    if name == "matroska" and b"\x42\x82" in head[:64] and b"webm" in head[:64]:  # EBML's DocType
        return "webm"
    return name


def _duration(path: Path, container: str, probed: _Probed) -> float:
    with PcmStream(path) as sound:
        sound.read(SAMPLE_RATE)  # a second of it shows whether it decodes
        # where the clock begins late, some containers give the time of the end for the duration
        clear = probed.begins_at_zero() or container not in {"mov", "webm", "matroska", "ogg"}
        if probed.format.duration > 0 and clear and not probed.estimated:
            return probed.format.duration
        while sound.skip(60 * SAMPLE_RATE) == 60 * SAMPLE_RATE:
            pass
        return sound.decoded_seconds


def _keeps_time(path: Path, container: str, probed: _Probed, duration: float) -> bool:
    """Whether every browser that is told to go to a time gets there; without a length it cannot go anywhere."""
    if container == "mp3":
        variable = is_variable(path)
        return _alike(probed.format.duration, duration) if variable is None else not variable
    # otherwise Chromium begins with silence (but not in Ogg Vorbis), Firefox at once
    return probed.format.duration > 0 and probed.begins_at_zero()


def _declared(probed: _Probed, stream: int) -> float:
    """Where an audio track ends by what the file says, in seconds; 0 where it does not say."""
    track = probed.audio()[stream]
    late = max(0.0, track.start_time - probed.format.start_time)
    if track.tags.DURATION:
        hours, minutes, seconds = track.tags.DURATION.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds) - probed.format.start_time
    # an Ogg file declares nothing: its length is the time of the last page that is there
    if probed.estimated or probed.format.format_name == "ogg" or (track.duration <= 0 and probed.video()):
        return 0.0
    return late + track.duration if track.duration > 0 else probed.format.duration


def _alike(one_s: float, other_s: float) -> bool:
    """Equal but for codec delay and rounding (tens of milliseconds) and what containers round off (some per mille)."""
    return abs(one_s - other_s) <= max(0.5, one_s * 0.005)


def _warnings(path: Path, container: str, audio_tracks: int, layers: int) -> list[str]:
    warnings = []
    known = CONTAINERS[container]
    suffix = path.suffix.lower()
    if suffix not in known.video_suffixes + known.audio_suffixes:
        warnings.append(f"named {shown(suffix) or 'without a suffix'} but its content is {container}")
    if audio_tracks > layers:
        heard = "the first is the one that is heard" if layers == 1 else f"{layers} of them are heard"
        warnings.append(f"{audio_tracks} audio tracks; {heard}")
    return warnings
