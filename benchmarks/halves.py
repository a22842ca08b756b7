"""Which recordings settings may be chosen on: one rule for words, scenes and voices alike.

Settings are chosen on `dev` and never on `held-out`, whose figures are published whatever they are.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, Literal

Half = Literal["dev", "held-out"]
DEV: Final = "dev"
HELD_OUT: Final = "held-out"
HALVES: tuple[Half, ...] = (DEV, HELD_OUT)


def half_of(name: str) -> Half:
    """Of a file, or of a noise: by the SHA-256 of its name without folders, so that nobody chooses."""
    return DEV if hashlib.sha256(Path(name).name.encode()).digest()[-1] % 2 else HELD_OUT
