"""For tests only: with ONRECORD_FAILPOINT=NAME in the environment the process is killed where NAME is passed.

NAME:FILE kills it there only for the recording of that file name.
"""

from __future__ import annotations

import os
import signal


def failpoint(name: str, file: str = "") -> None:
    """Die here, as by `kill -9`, if the environment says so."""
    if os.environ.get("ONRECORD_FAILPOINT") in (name, f"{name}:{file}"):
        os.kill(os.getpid(), signal.SIGKILL)
