"""What stands in the place of a recording that was taken out of the archive, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from archive.models import Access


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That a recording was taken out of the archive: `at` (ISO 8601 in UTC), `by` whom and `why`.

    `sha256`, `title` and `access` are the recording's, as they were. `back_at`, `back_by` and `back_why` are there
    only while it is being put back.
    """

    id: str
    sha256: str
    title: str
    at: str
    by: str
    why: str
    access: Access
    back_at: str = ""
    back_by: str = ""
    back_why: str = ""
