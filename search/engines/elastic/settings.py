"""Which cluster, as whom, and how an index is laid out there: from the environment, secrets also from files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from archive.errors import UsageError

URL = "ONRECORD_SEARCH_URL"
USER = "ONRECORD_SEARCH_USER"
PASSWORD = "ONRECORD_SEARCH_PASSWORD"  # noqa: S105 - names of variables, here and below
PASSWORD_FILE = "ONRECORD_SEARCH_PASSWORD_FILE"  # noqa: S105
API_KEY = "ONRECORD_SEARCH_API_KEY"
API_KEY_FILE = "ONRECORD_SEARCH_API_KEY_FILE"
CA = "ONRECORD_SEARCH_CA"
FINGERPRINT = "ONRECORD_SEARCH_FINGERPRINT"
ALIAS = "ONRECORD_SEARCH_ALIAS"
SHARDS = "ONRECORD_SEARCH_SHARDS"
REPLICAS = "ONRECORD_SEARCH_REPLICAS"

DEFAULT_ALIAS = "onrecord-segments"
MOST_SHARDS = 1024
_ALIAS = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_FINGERPRINT = re.compile(r"(?:[0-9a-f]{2}:?){31}[0-9a-f]{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach a cluster. `replicas` is None for one as soon as there is a second node."""

    urls: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    ca: str = ""
    fingerprint: str = ""
    alias: str = DEFAULT_ALIAS
    shards: int = 1
    replicas: int | None = None

    @property
    def where(self) -> str:
        """The cluster and the index as errors name them."""
        return f"{', '.join(self.urls)} ({self.alias})"

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings of the environment. UsageError names the variable that cannot be meant, never its value."""
        user = environment.get(USER, "")
        password = _secret(environment, PASSWORD, PASSWORD_FILE)
        api_key = _secret(environment, API_KEY, API_KEY_FILE)
        if bool(user) != bool(password):
            raise UsageError("a user and a password go together", where=USER, mend=f"set both {USER} and {PASSWORD}")
        if user and api_key:
            raise UsageError("a user and a key at once cannot be meant", where=API_KEY, mend=f"unset {USER}")
        ca, fingerprint = environment.get(CA, ""), environment.get(FINGERPRINT, "")
        if ca and not Path(ca).is_file():
            raise UsageError("there is no such file", where=CA, mend="name the file with the CA's certificate, PEM")
        if fingerprint and not _FINGERPRINT.fullmatch(fingerprint):
            raise UsageError("no SHA-256 fingerprint", where=FINGERPRINT, mend="64 hex digits, with colons or without")
        alias = environment.get(ALIAS, "") or DEFAULT_ALIAS
        if not _ALIAS.fullmatch(alias):
            raise UsageError("no name for an index", where=ALIAS, mend="use a to z, 0 to 9 and hyphens")
        replicas = environment.get(REPLICAS, "")
        return cls(
            urls=tuple(_url(url.strip()) for url in environment.get(URL, "").split(",")),
            user=user,
            password=password,
            api_key=api_key,
            ca=ca,
            fingerprint=fingerprint,
            alias=alias,
            shards=_count(environment.get(SHARDS, "") or "1", SHARDS, 1),
            replicas=_count(replicas, REPLICAS, 0) if replicas else None,
        )


def _url(url: str) -> str:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port
    except ValueError:
        sound = False
    if not sound:
        raise UsageError(
            "no address of a cluster",
            where=URL,
            mend="write http://host:9200 or https://host:9200; several with commas",
        )
    if parts.username or parts.password:
        raise UsageError("secrets do not belong into an address", where=URL, mend=f"use {USER} and {PASSWORD}")
    return url.rstrip("/")


def _secret(environment: Mapping[str, str], name: str, file_name: str) -> str:
    told, file = environment.get(name, ""), environment.get(file_name, "")
    if told and file:
        raise UsageError("given twice", where=name, mend=f"unset {name} or {file_name}")
    if not file:
        return told
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            "the file cannot be read", where=file_name, mend="name a file that this user may read"
        ) from None


def _count(text: str, name: str, least: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= MOST_SHARDS:
        raise UsageError("no such number", where=name, mend=f"from {least} to {MOST_SHARDS}")
    return int(text)
