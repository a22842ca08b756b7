"""Layers: which audio tracks of a file are the floor and its interpreters.

The first track is the floor. Of the others, a track is a layer where the file says that it is in a language that none
before it is in: copies of the floor in another format would only be heard twice. Tracks that name no language are
noted, and not heard.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.models import Layer
from ingest.cells import LANGUAGES

MAX_LAYERS = 32  # more than any hall has booths

# ISO 639-2, as containers write it, of the languages of ISO 639-1 that conferences interpret
_THREE = {
    "ara": "ar", "arm": "hy", "aze": "az", "ben": "bn", "bul": "bg", "chi": "zh", "zho": "zh", "hrv": "hr", "cze": "cs",
    "ces": "cs", "dan": "da", "dut": "nl", "nld": "nl", "eng": "en", "est": "et", "fin": "fi", "fre": "fr", "fra": "fr",
    "geo": "ka", "kat": "ka", "ger": "de", "deu": "de", "gle": "ga", "gre": "el", "ell": "el", "heb": "he", "hin": "hi",
    "hun": "hu", "hye": "hy", "ice": "is", "isl": "is", "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko", "kur": "ku",
    "lav": "lv", "lit": "lt", "may": "ms", "msa": "ms", "mlt": "mt", "nor": "no", "per": "fa", "fas": "fa", "pol": "pl",
    "por": "pt", "pus": "ps", "rum": "ro", "ron": "ro", "rus": "ru", "slo": "sk", "slk": "sk", "slv": "sl", "som": "so",
    "spa": "es", "srp": "sr", "swa": "sw", "swe": "sv", "tam": "ta", "tgk": "tg", "tha": "th", "tur": "tr", "ukr": "uk",
    "urd": "ur", "uzb": "uz", "vie": "vi",
}  # fmt: skip


def layers_of(tags: Sequence[str]) -> tuple[Layer, ...]:
    """The layers of a file by the language tags of its audio tracks, in their order; "" where there is none.

    The floor has no language: what is spoken there is the sheet's to say.
    """
    layers = [Layer()]
    languages = {code_of(tag) for tag in tags[:1]}
    for stream, tag in enumerate(tags[1:], 1):
        code = code_of(tag)
        if code and code not in languages and len(layers) < MAX_LAYERS:
            layers.append(Layer(code, stream, code))
            languages.add(code)
    return tuple(layers)


def code_of(tag: str) -> str:
    """The ISO 639-1 code of a container's language tag; "" where it has none or names no language."""
    first = re.split("[-_]", tag.strip().lower())[0]
    return first if first in LANGUAGES else _THREE.get(first, "")
