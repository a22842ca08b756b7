"""Tables for spreadsheets: CSV that none of them garbles and none of them runs."""

from __future__ import annotations

import csv
from collections.abc import Iterable

MEDIA_TYPE = "text/csv; charset=utf-8"
MARK = b"\xef\xbb\xbf"  # spreadsheets take UTF-8 for what it is only behind a byte order mark
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would run


class _Echo:
    """What the csv module writes to, to give it back."""

    def write(self, text: str) -> str:
        return text


_row = csv.writer(_Echo()).writerow


def line(cells: Iterable[object]) -> bytes:
    """A row of the table."""
    return str(_row([f"'{cell}" if str(cell).startswith(_FORMULA) else cell for cell in cells])).encode()
