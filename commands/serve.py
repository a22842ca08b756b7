"""Open the portal: search, player and API, in one process."""

from __future__ import annotations

import argparse
import errno
import os
import re
import socket
import sys
import tomllib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from archive.errors import MachineError, UsageError
from archive.store import Archive
from commands.terminal import complain

PORT = 8501
_HOSTS = "--host localhost is for this machine only, --host 0.0.0.0 for all who reach it"
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--host", default="localhost", metavar="ADDRESS", help="where to listen (default: localhost, this machine only)"
    )
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"the port (default: {PORT})")
    parser.add_argument("--create", action="store_true", help="make the archive where there is none yet")


def run(options: argparse.Namespace) -> int:
    """Become `streamlit run app.py`, in the folder of app.py, where its settings lie."""
    if not 0 < options.port < 65536:
        raise UsageError(f"no port {options.port}", mend="a port is a number from 1 to 65535")
    archive = Archive.open(options.archive, create=options.create)
    spec = find_spec("app")
    if spec is None or spec.origin is None:
        raise MachineError("app.py is not installed beside this program", mend="run: make setup")
    app = Path(spec.origin)
    _see_that_it_is_free(options.host, options.port)
    complain(f"The portal is at http://{options.host}:{options.port} (Ctrl-C ends it)")
    sys.stdout.flush()
    os.environ["ONRECORD_ARCHIVE"] = str(archive.root)
    if not (app.parent / ".streamlit").is_dir():  # installed, not in a checkout
        for name, value in settings(app.parent / "portal" / "streamlit.toml").items():
            os.environ.setdefault(name, value)
    os.chdir(app.parent)
    server = (f"--server.address={options.host}", f"--server.port={options.port}", "--server.headless=true")
    quiet = "--logger.hideWelcomeMessage=true"  # where the portal is has been said
    # a list of our own, and no shell
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", app.name, *server, quiet])  # noqa: S606


def _see_that_it_is_free(host: str, port: int) -> None:
    """Raises MachineError where nobody can listen there: Streamlit says so late, and of an address in a traceback."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen()
    except socket.gaierror as error:
        raise MachineError(f"no machine is called so: {error.strerror}", where=host, mend=_HOSTS) from error
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise MachineError("this machine has no such address", where=host, mend=_HOSTS) from error
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "is in use" if error.errno == errno.EADDRINUSE else "is not for everybody"
        free = port + 1 if port >= PORT else PORT
        raise MachineError(f"port {port} {why}", mend=f"take another: onrecord serve --port {free}") from error


def settings(path: Path) -> dict[str, str]:
    """The server's settings in a file, as the variables by which Streamlit takes them."""
    return _variables("STREAMLIT", tomllib.loads(path.read_text(encoding="utf-8")))


def _variables(prefix: str, table: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        name = f"{prefix}_{_HUMP.sub('_', key).upper()}"
        found |= _variables(name, value) if isinstance(value, dict) else {name: str(value)}
    return found
