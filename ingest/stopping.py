"""A clean stop: SIGTERM ends the work as Ctrl-C does, by an exception, so that leases are given back on the way out."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def stops_cleanly(*, once: bool = False) -> Iterator[None]:
    """Within, SIGTERM and SIGINT raise KeyboardInterrupt. The next one ends the process at once; with `once` it is
    passed over, for a worker that hears of Ctrl-C from the terminal and of its end from who started it.

    Only for the main thread, to which Python gives signals.
    """
    after = signal.SIG_IGN if once else signal.SIG_DFL

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, after)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
