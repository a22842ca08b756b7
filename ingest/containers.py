"""What is known of each container: how a file of it is named, what a browser is told, what browsers play of it.

Judged by what is inside, never by the file's name. Containers go by the first of ffprobe's names for them, but
WebM apart from Matroska, which browsers tell apart too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Container:
    """Suffixes that files of it go by (the first is ours), MIME types, and the codecs browsers play in it."""

    audio_suffixes: tuple[str, ...]
    audio_mime: str
    video_suffixes: tuple[str, ...] = ()
    video_mime: str = ""
    plays_audio: frozenset[str] = frozenset()
    plays_video: frozenset[str] = frozenset()


CONTAINERS: dict[str, Container] = {
    "mp3": Container((".mp3",), "audio/mpeg", plays_audio=frozenset({"mp3"})),
    "mov": Container(
        (".m4a", ".mp4", ".m4b"),
        "audio/mp4",
        (".mp4", ".m4v", ".mov", ".3gp", ".3g2"),
        "video/mp4",
        frozenset({"aac", "mp3", "opus", "flac"}),
        frozenset({"h264", "av1", "vp9"}),
    ),
    "webm": Container(
        (".webm", ".weba"),
        "audio/webm",
        (".webm",),
        "video/webm",
        frozenset({"opus", "vorbis"}),
        frozenset({"vp8", "vp9", "av1"}),
    ),
    "ogg": Container(
        (".ogg", ".oga", ".opus", ".spx"),
        "audio/ogg",
        (".ogv", ".ogg"),
        "video/ogg",
        frozenset({"opus", "vorbis", "flac"}),
    ),
    "flac": Container((".flac",), "audio/flac", plays_audio=frozenset({"flac"})),
    "wav": Container(
        (".wav", ".wave"),
        "audio/wav",
        plays_audio=frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le"}),
    ),
    "matroska": Container((".mka", ".mkv"), "audio/x-matroska", (".mkv",), "video/x-matroska"),
    "aac": Container((".aac",), "audio/aac"),  # plays, but has no index: seeking lands beside the word
    "ac3": Container((".ac3",), "audio/ac3"),
    "eac3": Container((".eac3", ".ec3"), "audio/eac3"),
    "aiff": Container((".aiff", ".aif", ".aifc"), "audio/aiff"),
    "amr": Container((".amr", ".3ga"), "audio/amr"),
    "ape": Container((".ape",), "audio/x-ape"),
    "au": Container((".au", ".snd"), "audio/basic"),
    "caf": Container((".caf",), "audio/x-caf"),
    "tta": Container((".tta",), "audio/x-tta"),
    "w64": Container((".w64",), "audio/x-w64"),
    "wv": Container((".wv",), "audio/x-wavpack"),
    "asf": Container((".wma", ".asf"), "audio/x-ms-wma", (".wmv", ".asf"), "video/x-ms-wmv"),
    "avi": Container((".avi",), "video/x-msvideo", (".avi",), "video/x-msvideo"),
    "dv": Container((".dv",), "video/x-dv", (".dv",), "video/x-dv"),
    "flv": Container((".flv",), "video/x-flv", (".flv", ".f4v"), "video/x-flv"),
    "mpeg": Container((".mpg", ".mp2"), "video/mpeg", (".mpg", ".mpeg", ".vob"), "video/mpeg"),
    "mpegts": Container((".ts", ".m2ts", ".mts"), "video/mp2t", (".ts", ".m2ts", ".mts"), "video/mp2t"),
    "mxf": Container((".mxf",), "application/mxf", (".mxf",), "application/mxf"),
    "rm": Container((".ra", ".rm"), "audio/x-pn-realaudio", (".rm", ".rmvb"), "application/vnd.rn-realmedia"),
}


def plays(container: str, audio_codec: str, video_codec: str, pixels: str) -> bool:
    """Whether today's browsers play such a file; `pixels` is the video's pixel format."""
    known = CONTAINERS[container]
    if audio_codec not in known.plays_audio:
        return False
    return not video_codec or (video_codec in known.plays_video and plays_pixels(video_codec, pixels))


def plays_pixels(video_codec: str, pixels: str) -> bool:
    """Whether browsers play such pixels: H.264 as studios and screen recorders write it (4:2:2, 4:4:4) they do not."""
    return video_codec != "h264" or pixels in {"yuv420p", "yuvj420p"}
