"""The JSON Schemas of the files, made from the models. `python -m archive.schemas FOLDER` writes them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from archive.codec import SCHEMAS, marker
from archive.files import atomic_write

_TITLES = {
    "archive": "archive.json: the format of an Onrecord archive",
    "people": "people.json: the register of speakers",
    "recording": "recordings/<id>/recording.json: what is known of a recording",
    "transcript": "recordings/<id>/transcripts/<version>.json: what was said in a layer of it",
    "history-event": "a line of recordings/<id>/history.jsonl: what was done to it (PREMIS event types)",
    "voice-print": "voices/people/<speaker>.json: what a person's voice sounds like to a net",
    "withdrawal": "withdrawn/<id>.json: that a recording was taken out of the archive",
    "heard-voices": "voices/heard/<recording>.<layer>.json: the voices of a layer of a recording",
}


def published() -> dict[str, bytes]:
    """File name to JSON Schema, for every kind of file an archive holds."""
    return {f"{name}-{version}.schema.json": _schema(kind) for kind, (name, version) in SCHEMAS.items()}


def _schema(kind: type[Any]) -> bytes:
    made = msgspec.json.schema(kind)
    definitions = made["$defs"]
    top = definitions.pop(kind.__name__)
    top["properties"] = {"schema": {"const": marker(kind)}, **top["properties"]}
    top["required"] = ["schema", *top["required"]]
    top["title"] = _TITLES[SCHEMAS[kind][0]]
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **top}
    if definitions:
        schema["$defs"] = dict(sorted(definitions.items()))
    return (json.dumps(schema, indent=2, ensure_ascii=False) + "\n").encode()


if __name__ == "__main__":
    for file_name, data in published().items():
        atomic_write(Path(sys.argv[1]) / file_name, data)
