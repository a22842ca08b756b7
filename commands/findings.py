"""How findings are shown: a line each, or JSON."""

from __future__ import annotations

import dataclasses

from archive.models import Finding
from commands.terminal import isolated


def finding_line(finding: Finding) -> str:
    """What is wrong, where, and how to mend it."""
    mend = f" ({isolated(finding.mend)})" if finding.mend else ""
    return f"{isolated(finding.where)}: {isolated(finding.what)}{mend}"


def finding_json(finding: Finding) -> dict[str, str]:
    """The same as data, with what its kind adds (for fixity: path, algorithm, expected, found)."""
    return dataclasses.asdict(finding)
