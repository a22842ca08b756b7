"""Sets the checkout up: .venv, the locked dependencies, ffmpeg and, for the tests, Chromium.

    scripts/python scripts/setup.py [core | test | lock | EXTRA]

`core` is what a first run needs; `test` adds the extras [openai], [voices], [dask] and [dev] and a browser; `lock`
resolves requirements.lock anew; the name of an extra of pyproject.toml adds it to `core`. What was done is remembered
by a stamp in .venv, so a second call does nothing.
Only the standard library is used here: nothing else is installed yet.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PYTHON = VENV / "bin" / "python"
EXTRAS = {"core": [], "test": ["dev", "openai", "voices", "dask"]}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> int:
    what = sys.argv[1] if len(sys.argv) > 1 else "core"
    known = ("core", "test", "lock", *extras())
    if what not in known:
        return fail(f"'{what}' is not one of {', '.join(known)}", code=2)
    try:
        make_venv()
        if what == "lock":
            return resolve_lock()
        install("test" if what == "test" else "core")
        provide_ffmpeg()
        if what == "test":
            provide_browser()
        elif what != "core":
            install_extra(what)
    except subprocess.CalledProcessError as error:
        return fail(f"set-up stopped: '{shown(error.cmd)}' ended with exit code {error.returncode}")
    except OSError as error:
        return fail(f"set-up stopped: {error}")
    return 0


def make_venv() -> None:
    """A virtual environment that runs from where the checkout lies now; one that was moved is made anew."""
    moved = stamp("venv").read() not in (str(VENV), "")
    if moved or not PYTHON.exists():
        say(f"making .venv with Python {sys.version.split()[0]}")
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    stamp("venv").write(str(VENV))


def install(what: str) -> None:
    """The project, editable, and its dependencies at the locked versions, each checked against its hash."""
    wanted = fingerprint(what)
    if wanted in stamp("core").read().split() or wanted in stamp("test").read().split():
        return
    everything = "core" if what == "core" and not stamp("test").read() else "test"
    say(f"installing the locked dependencies ({'about 0.8 GB' if everything == 'core' else 'about 6.5 GB'} on disk)")
    project = "." + (f"[{','.join(EXTRAS[everything])}]" if EXTRAS[everything] else "")
    install_project(project)
    stamp(everything).write(" ".join(fingerprint(part) for part in ("core", everything)))


def extras() -> tuple[str, ...]:
    """What can be added, by its names in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return tuple(project["optional-dependencies"])


def is_added(extra: str) -> bool:
    return stamp(f"extra-{extra}").read() == fingerprint(extra)


def install_extra(name: str) -> None:
    """One extra, at the locked versions, beside what is installed."""
    if is_added(name):
        return
    say(f"installing the extra [{name}]")
    install_project(f".[{name}]")
    stamp(f"extra-{name}").write(fingerprint(name))


def install_project(project: str) -> None:
    uv("pip", "install", "--constraint", LOCK.name, "--build-constraint", LOCK.name, "--editable", project)


def provide_ffmpeg() -> None:
    """ffmpeg from the PATH, else from the system's packages where we may, else from a wheel."""
    if shutil.which("ffmpeg") and shutil.which("ffprobe"):
        return
    if is_added("ffmpeg") or not apt_install("ffmpeg"):
        install_extra("ffmpeg")


def provide_browser() -> None:
    """Chromium for the browser tests; where it cannot be installed, says so and goes on."""
    if any(shutil.which(name) for name in BROWSERS) or apt_install("chromium"):
        return
    say("no Chromium: the browser tests will be skipped; install chromium and run this again to have them")


def apt_install(package: str) -> bool:
    """Whether the system's package manager could install it: Debian's, as root."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    say(f"installing {package} with apt-get")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", package]
    if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0:
        return True
    # a fresh image has no package lists yet
    subprocess.run(["apt-get", "update", "-q"], env=environment, stdout=subprocess.DEVNULL, check=False)
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0


def resolve_lock() -> int:
    """Every dependency of every extra and the build tools, for every supported Python, with hashes."""
    uv(
        *("pip", "compile", "pyproject.toml", "--all-extras", "--group", "setup", "--universal"),
        *("--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header"),
        *("--upgrade", "--output-file", LOCK.name),
    )
    return 0


def uv(*arguments: str) -> None:
    """uv installs what pip does in an eighth of the time; it is itself locked, and gets pip's settings."""
    if not (VENV / "bin" / "uv").exists():
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirement:
            requirement.write(locked("uv") if LOCK.exists() else "uv")
            requirement.flush()
            run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirement.name)
    quiet = () if sys.stderr.isatty() else ("--quiet",)
    run(VENV / "bin" / "uv", *quiet, *arguments, env={**os.environ, **pip_settings(), "VIRTUAL_ENV": str(VENV)})


def pip_settings() -> dict[str, str]:
    """Where pip was told to look and whom to trust, in uv's words; what was said to uv itself goes first."""
    listed = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout.splitlines()
    told = {}
    for line in listed:
        name, _, value = line.partition("=")
        told[re.sub(r"^.*\.", "", name.rstrip("'")).replace("_", "-")] = value.strip("'\"")
    names = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "cert": "SSL_CERT_FILE"}
    settings = {names[name]: value for name, value in told.items() if name in names}
    settings["UV_SYSTEM_CERTS"] = settings["UV_NATIVE_TLS"] = "1"
    return {name: value for name, value in settings.items() if name not in os.environ}


def locked(package: str) -> str:
    """The lock's lines for one package: its version and hashes."""
    found = re.search(rf"^{package}==.*(?:\n    --hash=.*)+", LOCK.read_text("utf-8"), re.MULTILINE)
    if not found:
        raise OSError(f"{LOCK.name} does not name {package}; run 'make lock'")
    return found.group() + "\n"


def fingerprint(what: str) -> str:
    """Changes when what must be installed changes."""
    parts = [what, LOCK.read_text("utf-8"), (ROOT / "pyproject.toml").read_text("utf-8")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


class stamp:  # noqa: N801  reads as a verb
    """A small file in .venv that remembers what was done."""

    def __init__(self, name: str) -> None:
        self.path = VENV / f".onrecord-{name}"

    def read(self) -> str:
        return self.path.read_text("utf-8") if self.path.exists() else ""

    def write(self, text: str) -> None:
        self.path.write_text(text, "utf-8")


def run(*command: object, env: dict[str, str] | None = None) -> None:
    subprocess.run([str(part) for part in command], cwd=ROOT, env=env, check=True)


def shown(command: list[str]) -> str:
    return " ".join(str(part) for part in command[:4]) + (" ..." if len(command) > 4 else "")


def say(text: str) -> None:
    print(f"set-up: {text}", flush=True)


def fail(text: str, code: int = 3) -> int:
    print(f"onrecord: {text}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
