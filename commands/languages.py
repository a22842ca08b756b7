"""Languages as options name them: codes, checked as those of a sheet are."""

from __future__ import annotations

from collections.abc import Sequence

from archive.errors import SheetError, UsageError

OPTION = "--language"


def codes_of(given: Sequence[str]) -> tuple[str, ...]:
    """ISO 639-1 codes, one each or split by `;`. UsageError, with what is meant, for what is none."""
    from ingest.cells import parse_languages

    try:
        return parse_languages(";".join(given))
    except SheetError as error:
        raise UsageError(error.what, where=OPTION, mend=error.mend) from error


def code_of(given: str) -> str:
    """The one code that is meant; "" for none."""
    codes = codes_of([given])
    if len(codes) > 1:
        raise UsageError("several languages where one is meant", where=OPTION, mend=f"name one, such as {codes[0]}")
    return codes[0] if codes else ""
