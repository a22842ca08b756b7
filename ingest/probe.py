"""Probe: what a media file is, by its content; what is no recording is refused here."""

from __future__ import annotations

from pathlib import Path

import msgspec

from archive.errors import MediaError
from archive.models import Media
from ingest.containers import CONTAINERS, plays
from ingest.decode import SAMPLE_RATE, PcmStream
from ingest.ffmpeg import Call, Limits, probe_argv
from ingest.names import shown

PROBE_S = 60.0
LEAST_SCORE = 10  # ffprobe's certainty of 100; a file that is one thing by its name only has 1
HEAD_BYTES = 4096
ENTRIES = (
    "format=format_name,duration,start_time,probe_score"
    ":stream=codec_type,codec_name,pix_fmt,duration,start_time:stream_disposition=attached_pic"
)

# Copied-off phrases of ffmpeg would be no reason a person understands
_REASONS = (
    ("not on whitelist", "UnsupportedContainer: a playlist, or a container that is not taken"),
    ("moov atom not found", "Unreadable: cut short, its index (moov) is missing"),
)


class _Disposition(msgspec.Struct):
    attached_pic: int = 0


class _Stream(msgspec.Struct):
    codec_type: str = ""
    codec_name: str = ""
    pix_fmt: str = ""
    duration: float = 0.0
    start_time: float = 0.0
    disposition: _Disposition = msgspec.field(default_factory=_Disposition)


class _Format(msgspec.Struct):
    format_name: str = ""
    duration: float = 0.0
    start_time: float = 0.0
    probe_score: int = 0


class _Probed(msgspec.Struct):
    format: _Format = msgspec.field(default_factory=_Format)
    streams: list[_Stream] = []

    def audio(self) -> list[_Stream]:
        return [stream for stream in self.streams if stream.codec_type == "audio"]

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
        raise MediaError(f"NoSpeechTrack: it holds no audio, only {held or 'nothing'}", where=shown(path))
    duration = _duration(path, probed)
    known = CONTAINERS[container]
    suffixes = known.video_suffixes if video else known.audio_suffixes
    video_codec = video.codec_name if video else ""
    return Media(
        name=shown(path.name),
        suffix=(suffixes or known.audio_suffixes)[0],
        sha256="",
        bytes=path.stat().st_size,
        duration=round(duration, 3),
        container=probed.format.format_name,
        audio_codec=audio[0].codec_name,
        video_codec=video_codec,
        mime=known.video_mime if video and known.video_mime else known.audio_mime,
        # without a declared duration a browser can neither show a length nor seek
        playable=plays(container, audio[0].codec_name, video_codec, video.pix_fmt if video else "")
        and probed.format.duration > 0,
        warnings=tuple(_warnings(path, container, suffixes + known.audio_suffixes, len(audio))),
    )


def truncation(path: Path, decoded_s: float, stream: int = 0) -> str:
    """A warning where an audio track holds clearly less than it declares, else "".

    A file that was cut short decodes without an error, so the two lengths are all that tells.
    """
    declared_s = _declared(_ffprobe(path), stream)
    # codec delay and rounding move the end by tens of milliseconds, an estimated length by some per mille
    if declared_s - decoded_s <= max(0.5, declared_s * 0.005):
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
        raise MediaError("UnsupportedContainer: it is text", where=shown(path))
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
            reason = next((text for sign, text in _REASONS if sign in said), "Unreadable")
            raise call.error(reason)
        try:
            return msgspec.json.decode(call.output(), type=_Probed, strict=False)
        except msgspec.DecodeError as error:
            raise call.error(f"Unreadable: ffprobe's answer cannot be read, {error}") from error


def _container(path: Path, probed: _Probed, head: bytes) -> str:
    name = probed.format.format_name.split(",", 1)[0]
    if name not in CONTAINERS or probed.format.probe_score < LEAST_SCORE:
        raise MediaError("UnsupportedContainer: its content is of no kind that is taken", where=shown(path))
    if name == "matroska" and b"\x42\x82" in head[:64] and b"webm" in head[:64]:  # EBML's DocType
        return "webm"
    return name


def _duration(path: Path, probed: _Probed) -> float:
    with PcmStream(path) as sound:
        sound.read(SAMPLE_RATE)  # a second of it shows whether it decodes
        if probed.format.duration > 0:
            return probed.format.duration
        while sound.skip(60 * SAMPLE_RATE) == 60 * SAMPLE_RATE:
            pass
        return sound.decoded_seconds


def _declared(probed: _Probed, stream: int) -> float:
    track = probed.audio()[stream]
    if track.duration <= 0:
        return probed.format.duration
    late = track.start_time - probed.format.start_time
    return max(0.0, late) + track.duration


def _warnings(path: Path, container: str, suffixes: tuple[str, ...], audio_tracks: int) -> list[str]:
    warnings = []
    if path.suffix.lower() not in suffixes:
        warnings.append(f"named {shown(path.suffix.lower()) or 'without a suffix'} but its content is {container}")
    if audio_tracks > 1:
        warnings.append(f"{audio_tracks} audio tracks; the first is the one that is heard")
    return warnings
