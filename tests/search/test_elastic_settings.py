"""Which cluster is searched, told by the environment; secrets stay where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.errors import UsageError
from search.engines.elastic.settings import Settings

URL = {"ONRECORD_SEARCH_URL": "https://es1:9200"}
SECRET = "open sesame"


def test_several_nodes_and_a_key_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    settings = Settings.read(
        {
            "ONRECORD_SEARCH_URL": "https://es1:9200, https://es2:9200/",
            "ONRECORD_SEARCH_API_KEY_FILE": str(tmp_path / "key"),
        }
    )
    assert settings.urls == ("https://es1:9200", "https://es2:9200")
    assert settings.api_key == SECRET
    assert settings.where == "https://es1:9200, https://es2:9200 (onrecord-segments)"


def test_no_secret_is_shown() -> None:
    settings = Settings.read({**URL, "ONRECORD_SEARCH_USER": "onrecord", "ONRECORD_SEARCH_PASSWORD": SECRET})
    assert settings.password == SECRET
    assert SECRET not in f"{settings!r} {settings} {settings.where}"


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"ONRECORD_SEARCH_URL": "es1"}, "ONRECORD_SEARCH_URL"),
        ({"ONRECORD_SEARCH_URL": "https://es1"}, "ONRECORD_SEARCH_URL"),
        ({"ONRECORD_SEARCH_URL": "https://es1:port"}, "ONRECORD_SEARCH_URL"),
        ({"ONRECORD_SEARCH_URL": f"https://me:{SECRET}@es1:9200"}, "ONRECORD_SEARCH_USER"),
        ({**URL, "ONRECORD_SEARCH_USER": "onrecord"}, "ONRECORD_SEARCH_PASSWORD"),
        ({**URL, "ONRECORD_SEARCH_PASSWORD": SECRET}, "ONRECORD_SEARCH_USER"),
        (
            {
                **URL,
                "ONRECORD_SEARCH_USER": "a",
                "ONRECORD_SEARCH_PASSWORD": SECRET,
                "ONRECORD_SEARCH_API_KEY": SECRET,
            },
            "ONRECORD_SEARCH_API_KEY",
        ),
        ({**URL, "ONRECORD_SEARCH_API_KEY": SECRET, "ONRECORD_SEARCH_API_KEY_FILE": SECRET}, "ONRECORD_SEARCH_API_KEY"),
        ({**URL, "ONRECORD_SEARCH_PASSWORD_FILE": "/nowhere"}, "ONRECORD_SEARCH_PASSWORD_FILE"),
        ({**URL, "ONRECORD_SEARCH_CA": "/nowhere.pem"}, "ONRECORD_SEARCH_CA"),
        ({**URL, "ONRECORD_SEARCH_FINGERPRINT": "00:11"}, "ONRECORD_SEARCH_FINGERPRINT"),
        ({**URL, "ONRECORD_SEARCH_ALIAS": "../*"}, "ONRECORD_SEARCH_ALIAS"),
        ({**URL, "ONRECORD_SEARCH_SHARDS": "0"}, "ONRECORD_SEARCH_SHARDS"),
        ({**URL, "ONRECORD_SEARCH_REPLICAS": "many"}, "ONRECORD_SEARCH_REPLICAS"),
    ],
)
def test_what_cannot_be_meant_is_named_without_its_value(environment: dict[str, str], named: str) -> None:
    with pytest.raises(UsageError, match=named) as caught:
        Settings.read(environment)
    assert caught.value.mend
    assert SECRET not in str(caught.value)
