"""Memory that is used again instead of being given back and asked for anew with each chunk.

Attention over half a minute takes blocks of 72 MB, which the C library maps when they are asked for and unmaps when
they are freed. The kernel then clears 150,000 pages for each chunk: a quarter of the encoder's CPU seconds.
"""

from __future__ import annotations

import ctypes

# from glibc's malloc.h
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX, M_ARENA_MAX = -1, -2, -4, -8

# one heap for all threads, no blocks mapped on their own; what is freed stays, up to a gigabyte
SETTINGS = ((M_ARENA_MAX, 1), (M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 1 << 30), (M_TOP_PAD, 64 << 20))


def keep_freed_memory() -> bool:
    """Tell the C library so, for all of this process; whether it can, which is glibc alone."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        return False
    taken = [library.mallopt(setting, value) for setting, value in SETTINGS]
    return all(taken)


def give_back() -> None:
    """Give back what is free now, so that hours of windows leave no holes behind them that add up."""
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
