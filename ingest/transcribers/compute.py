"""What CTranslate2 calculates on and in which numbers: the fastest that costs no words, unless told otherwise."""

from __future__ import annotations

import os
from collections.abc import Collection

import ctranslate2

from archive.errors import MachineError

TELLS = "ONRECORD_COMPUTE"
# the first that the device knows; int8 costs no accuracy on a processor and saves half, on a card float16 is faster
BEST_FIRST = {"cuda": ("float16", "int8_float32", "float32"), "cpu": ("int8", "float32")}


def choose() -> tuple[str, str]:
    """Device and type of numbers. MachineError where `ONRECORD_COMPUTE` names a type that the device does not know."""
    device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    return device, compute_type(device, ctranslate2.get_supported_compute_types(device), os.environ.get(TELLS, ""))


def compute_type(device: str, known: Collection[str], told: str = "") -> str:
    """The type `told`, else the best of those that are `known` on the device."""
    if told and told not in known:
        raise MachineError(
            f"the {device} here does not calculate in `{told}`", where=TELLS, mend=f"one of {', '.join(sorted(known))}"
        )
    return told or next(name for name in BEST_FIRST[device] if name in known)
