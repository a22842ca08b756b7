"""Tombstones: what stands in the place of a recording that was taken out of the archive.

`withdrawn/<id>.json` says when, by whom and why; the recording's folder lies beside it, as it was. The tombstone
counts from the moment it is there: whoever may write moves what is left to move (`archive/withdraw.py`).
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from archive import codec, layout
from archive.errors import OnrecordError, Withdrawn
from archive.withdrawal import Withdrawal


def tombstone_path(root: Path, recording: str) -> Path:
    """Where the tombstone of a recording stands, in the archive in `root`."""
    return root / layout.WITHDRAWN / f"{layout.checked_id(recording)}.json"


def tombstone(root: Path, recording: str) -> Withdrawal | None:
    """The tombstone of a recording; None where it was not withdrawn."""
    path = tombstone_path(root, recording)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return codec.decode(data, Withdrawal, str(path))


def withdrawn_ids(root: Path) -> frozenset[str]:
    """The recordings that have a tombstone, whether it can be read or not."""
    return frozenset(path.stem for path in (root / layout.WITHDRAWN).glob("[!.]*.json"))


def withdrawals(root: Path) -> tuple[Withdrawal, ...]:
    """All of them that can be read, by the ids of their recordings; verify names the others."""
    found = []
    for name in sorted(withdrawn_ids(root)):
        with contextlib.suppress(OnrecordError):
            if known := tombstone(root, name):
                found.append(known)
    return tuple(found)


def error_of(known: Withdrawal, where: str = "") -> Withdrawn:
    """The error that says of a recording, or of a file with its bytes, that it was withdrawn."""
    return Withdrawn(
        f"it was withdrawn on {known.at[:10]} by {known.by}: {known.why}",
        on=known.at[:10],
        why=known.why,
        where=where or known.id,
        mend=f"`onrecord withdraw --undo {known.id}` puts it back",
    )
