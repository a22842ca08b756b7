"""Open the portal: search, player and API, in one process."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from archive.errors import MachineError, UsageError
from archive.store import Archive
from commands.terminal import complain

PORT = 8501


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--host", default="localhost", metavar="ADDRESS", help="where to listen (default: localhost, this machine only)"
    )
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"the port (default: {PORT})")


def run(options: argparse.Namespace) -> int:
    """Become `streamlit run app.py`, in the folder of app.py, where its settings lie."""
    if not 0 < options.port < 65536:
        raise UsageError(f"no port {options.port}", mend="a port is a number from 1 to 65535")
    archive = Archive.open(options.archive, create=True)
    spec = find_spec("app")
    if spec is None or spec.origin is None:
        raise MachineError("app.py is not installed beside this program", mend="run: make setup")
    app = Path(spec.origin)
    complain(f"The portal is at http://{options.host}:{options.port} (Ctrl-C ends it)")
    sys.stdout.flush()
    os.environ["ONRECORD_ARCHIVE"] = str(archive.root)
    os.chdir(app.parent)
    server = (f"--server.address={options.host}", f"--server.port={options.port}", "--server.headless=true")
    # a list of our own, and no shell
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", app.name, *server])  # noqa: S606
