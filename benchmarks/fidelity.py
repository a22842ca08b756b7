"""How true a transcript is: words invented over noise and lost beside it, when words start, which language is heard.

    python benchmarks/fidelity.py [--part invention|times|languages|vocabulary|long] [--model base]

Beside faster-whisper as it comes, on the same sound, whose truth is known because it is composed here.
Sound is of two halves (`halves.py`): dev is what settings may be chosen on, held-out is what counts.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.report import Value, report  # noqa: E402
from benchmarks.speeches import SAMPLES  # noqa: E402
from benchmarks.truth.ears import Bare, Ours  # noqa: E402
from benchmarks.truth.invention import invention  # noqa: E402
from benchmarks.truth.languages import languages  # noqa: E402
from benchmarks.truth.length import long_rows  # noqa: E402
from benchmarks.truth.times import times  # noqa: E402
from benchmarks.truth.vocabulary import vocabulary  # noqa: E402

Row = dict[str, Value]


def main() -> int:
    """Run the parts and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="base")
    parser.add_argument("--part", choices=list(PARTS), action="append", help="one part alone (default: all but long)")
    options = parser.parse_args()
    if not (SAMPLES / "metadata.json").is_file():
        print(f"no sample recordings at {SAMPLES}; set ONRECORD_SAMPLES", file=sys.stderr)
        return 3
    ours, bare = Ours(options.model), Bare(options.model)
    for part in options.part or [name for name in PARTS if name != "long"]:
        rows, notes = PARTS[part](ours, bare)
        report(f"fidelity-{part}", rows, [f"Whisper {options.model}.", *notes])
        print()
    return 0


PARTS: dict[str, Callable[[Ours, Bare], tuple[list[Row], list[str]]]] = {
    "invention": invention,
    "times": times,
    "languages": languages,
    "vocabulary": vocabulary,
    "long": long_rows,
}


if __name__ == "__main__":
    sys.exit(main())
