"""What an index of the cluster holds of a segment, and how it is set up.

Terms, fields and the packed document are what search needs and are left out of `_source`, which is for people who
look with Kibana: who spoke when, and the words as they were spoken, under `raw` in the analyser of their language.
"""

from __future__ import annotations

import base64
from typing import Any

from search.clauses import Keyword, Number, TermField
from search.documents import Document, to_bytes
from search.engines.base import NO_DAY, terms_of
from search.engines.elastic.settings import Settings
from search.models import Sort
from search.passages import unpack
from search.terms import ANALYSIS_VERSION, GHOST

DOCUMENT = "document"
VOCABULARY = "vocabulary"
SCHEMA = "onrecord/elastic/1"
OTHER = "other"  # the language of `raw` where the cluster has no analyser for it
ANALYSERS = {
    "ar": "arabic", "bg": "bulgarian", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "fa": "persian", "fi": "finnish", "fr": "french", "hi": "hindi",
    "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip


def mappings(*, languages: bool) -> dict[str, Any]:
    """The fields, all named. `languages` says whether the cluster has the analysers of languages."""
    # vocabulary has the surfaces once a segment, since the words of a text field cannot be counted by their beginning
    terms = {field.value: {"type": "text", "analyzer": "whitespace"} for field in TermField}
    keywords = {keyword.value: {"type": "keyword"} for keyword in Keyword} | {VOCABULARY: {"type": "keyword"}}
    numbers = {number.value: {"type": "integer"} for number in Number}
    sorts = {sort.value: {"type": "integer", "index": False} for sort in (Sort.NEWEST, Sort.OLDEST)}
    analysers = {code: name if languages else "standard" for code, name in ANALYSERS.items()} | {OTHER: "standard"}
    return {
        "dynamic": "strict",
        "_meta": {"schema": SCHEMA, "analysis_version": ANALYSIS_VERSION, "mark": ""},
        "_source": {"excludes": [*terms, *sorts, VOCABULARY, DOCUMENT]},
        "properties": {
            **terms,
            **keywords,
            **numbers,
            **sorts,
            DOCUMENT: {"type": "binary", "store": True},
            "date": {"type": "date", "format": "yyyyMMdd"},
            "start": {"type": "float", "index": False},
            "raw": {
                "dynamic": "strict",
                "properties": {code: {"type": "text", "analyzer": name} for code, name in analysers.items()},
            },
        },
    }


def build_settings(settings: Settings) -> dict[str, Any]:
    """While an index is built nobody reads it: no copies, no refresh, no flush for each bulk."""
    return {
        "number_of_shards": settings.shards,
        "number_of_replicas": 0,
        "refresh_interval": "-1",
        "translog": {"durability": "async"},
    }


def serving_settings(settings: Settings) -> dict[str, Any]:
    """From then on copies are kept. Still nothing is seen but what a writer commits, so refreshing stays off."""
    copies = {"auto_expand_replicas": "0-1"} if settings.replicas is None else {"number_of_replicas": settings.replicas}
    return {**copies, "translog": {"durability": "request"}}


def id_of(recording: str, version: int, segment: int) -> str:
    """The id of a segment's document: the same whenever it is written."""
    return f"{recording}:{version}:{segment}"


def place_of(name: str) -> tuple[str, int, int]:
    """Recording, version and segment that an id names."""
    recording, version, segment = name.split(":")
    return recording, int(version), int(segment)


def as_source(document: Document) -> dict[str, Any]:
    """A document as the index takes it."""
    passage = unpack(document.body)
    stop = passage.before + passage.own
    raw = document.language if document.language in ANALYSERS else OTHER
    fields: dict[str, Any] = {
        **{field.value: terms_of(document, field) for field in TermField},
        **{field.value: getattr(document, field.value) for field in (*Keyword, *Number)},
        VOCABULARY: list(dict.fromkeys(term for term in document.surfaces.split() if not term.startswith(GHOST))),
        Sort.NEWEST.value: document.day,
        Sort.OLDEST.value: document.day or NO_DAY,
        DOCUMENT: base64.b64encode(to_bytes(document)).decode(),
        "raw": {raw: " ".join(passage.texts[passage.before : stop])},
    }
    if day := _whole_date(document.day):
        fields["date"] = day
    if passage.own:
        fields["start"] = passage.words(passage.before, passage.before + 1)[0].start
    return fields


def _whole_date(day: int) -> str:
    """A date for histograms: where month or day are not known, the first."""
    year, month, of_month = day // 10_000, day // 100 % 100, day % 100
    return f"{year:04}{month or 1:02}{of_month or 1:02}" if year else ""
