"""The one error tree. An error says what is wrong, where, and how to mend it.

OnrecordError
├── InputError            exit 1   something that was handed in: a file, a row, a query
│   ├── MediaError                 a media file that cannot be taken
│   ├── SheetError                 a metadata sheet, a row or a cell of one
│   └── QueryError                 a query, with the place in it
├── ArchiveError          exit 1   the record on disk
│   ├── NotFound                   no such recording, version, speaker
│   │   └── Withdrawn              a recording that was taken out of the archive
│   ├── Damaged                    bytes that are not what the manifest says
│   └── NotIndexed                 segments that the search engine refuses
├── UsageError            exit 2   a command or setting that cannot be meant
└── MachineError          exit 3   what we run on: a missing program, a full disk, a server away
    ├── ModelError                 weights missing, incomplete or not the published ones
    ├── IndexUnready               the index is missing, stale, busy or of another analysis
    └── Busy                       as many do this already as may at once
"""

from __future__ import annotations


class OnrecordError(Exception):
    """What is wrong (`what`), in which file, row or field (`where`), and what to do about it (`mend`)."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what = what
        self.where = where
        self.mend = mend
        super().__init__(str(self))

    @property
    def code(self) -> str:
        """The error's stable name, as documented and as the API's problem type."""
        return type(self).__name__

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text} ({self.mend})" if self.mend else text


class InputError(OnrecordError):
    """Something that was handed in cannot be taken."""


class MediaError(InputError):
    """A media file cannot be taken: no audio, a container we refuse, cut short, not readable."""


class SheetError(InputError):
    """A metadata sheet, a row of it, or a cell of a row cannot be taken."""


class QueryError(InputError):
    """A query cannot be read. `at` is the offset in it, in characters from 0."""

    def __init__(self, what: str, *, at: int = 0, where: str = "", mend: str = "") -> None:
        self.at = at
        super().__init__(what, where=where, mend=mend)


class ArchiveError(OnrecordError):
    """The record on disk does not allow what was asked."""


class NotFound(ArchiveError):
    """No recording, transcript version, layer or speaker of that name."""


class Withdrawn(NotFound):
    """A recording was taken out of the archive: `on` the ISO date, and `why`."""

    def __init__(self, what: str, *, on: str, why: str, where: str = "", mend: str = "") -> None:
        self.on = on
        self.why = why
        super().__init__(what, where=where, mend=mend)


class Damaged(ArchiveError):
    """Bytes on disk are not what the manifest says, or a file of the archive does not parse."""


class NotIndexed(ArchiveError):
    """Segments of the archive that the search engine refuses, each with its reason."""


class UsageError(OnrecordError):
    """A command, option or setting that cannot be meant."""

    exit_code = 2


class MachineError(OnrecordError):
    """What we run on is not as it must be: a program is missing, the disk is full, a server is away."""

    exit_code = 3


class ModelError(MachineError):
    """Weights are missing, incomplete, or not the published ones."""


class IndexUnready(MachineError):
    """The search index is missing, stale, busy, or was made by another version of the analysis."""


class Busy(MachineError):
    """As many are at this as may be at once; a little later there is room."""
