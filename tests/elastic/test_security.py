"""Encryption, certificates, users and keys, through a TLS proxy with a key check before the real node."""

from __future__ import annotations

import base64
import hashlib
import logging
import ssl
import subprocess
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import trustme

from archive.errors import IndexUnready
from archive.store import Archive
from search.engines.elastic import settings
from search.indexer import rebuild
from search.searcher import Searcher
from tests.elastic.conftest import on_cluster
from tests.elastic.node import free_ports
from tests.elastic.proxy import Answer, Proxy, Request, first, pass_on
from tests.ingest.programs import program
from tests.search.conftest import Shelf

pytestmark = pytest.mark.elastic

KEY = base64.b64encode(b"key-id:a-secret-nobody-sees").decode()
PASSWORD = "another-secret-nobody-sees"


@dataclass(frozen=True, slots=True)
class Secured:
    """A cluster that speaks TLS and asks for the key, and how its certificate is known."""

    url: str
    ca: str
    fingerprint: str
    archive: Archive
    proxy: Proxy


@pytest.fixture(scope="module")
def secured(elastic_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("security")
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.crt")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(tls)
    leaf = ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())
    with pytest.MonkeyPatch.context() as patched, on_cluster(elastic_url, patched) as plain:
        shelf = Shelf(folder)
        shelf.add(["ask not what"])
        rebuild(shelf.archive)
        with Proxy(plain.url, tls=tls, key=KEY) as proxy:
            yield Secured(proxy.url, str(folder / "ca.crt"), hashlib.sha256(leaf).hexdigest(), shelf.archive, proxy)


@pytest.fixture(autouse=True)
def told(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address, the authority and the key, as they are right."""
    monkeypatch.setenv(settings.URL, secured.url)
    monkeypatch.setenv(settings.CA, secured.ca)
    monkeypatch.setenv(settings.API_KEY, KEY)


def total(secured: Secured) -> int:
    with Searcher.open(secured.archive) as searcher:
        return searcher.search("ask").total


def refused(secured: Secured) -> IndexUnready:
    with pytest.raises(IndexUnready) as caught:
        total(secured)
    return caught.value


def test_the_authority_of_a_file_and_a_key_let_in(secured: Secured) -> None:
    assert total(secured) == 1


def test_secrets_are_read_from_files(secured: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(KEY + "\n", "utf-8")
    monkeypatch.delenv(settings.API_KEY)
    monkeypatch.setenv(settings.API_KEY_FILE, str(tmp_path / "key"))
    assert total(secured) == 1


@pytest.mark.parametrize("colons", [False, True])
def test_a_fingerprint_alone_is_enough(colons: bool, secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    hexes = secured.fingerprint
    monkeypatch.delenv(settings.CA)
    monkeypatch.setenv(settings.FINGERPRINT, bytes.fromhex(hexes).hex(":").upper() if colons else hexes)
    assert total(secured) == 1


def test_another_fingerprint_is_refused(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(settings.CA)
    monkeypatch.setenv(settings.FINGERPRINT, "0" * 64)
    said = refused(secured)
    assert said.what == "the search cluster's certificate is not the expected one"
    assert settings.FINGERPRINT in said.mend


@pytest.mark.parametrize("whose", ["another's", "nobody's"])
def test_a_certificate_of_another_authority_is_refused(
    whose: str, secured: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(settings.CA)
    if whose == "another's":
        trustme.CA().cert_pem.write_to_path(tmp_path / "ca.crt")
        monkeypatch.setenv(settings.CA, str(tmp_path / "ca.crt"))
    secured.proxy.asked.clear()
    said = refused(secured)
    assert said.what == "the search cluster's certificate is not the expected one"
    assert settings.CA in said.mend
    assert secured.proxy.asked == [], "nothing was sent to it"


def test_who_is_not_let_in_is_told_which_setting_to_look_at(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.API_KEY, base64.b64encode(b"key-id:wrong").decode())
    said = refused(secured)
    assert said.what == "the search cluster does not know this user or key"
    assert settings.API_KEY in said.mend


def test_a_user_and_a_password_from_a_file_are_what_is_sent(
    secured: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n", "utf-8")
    monkeypatch.delenv(settings.API_KEY)
    monkeypatch.setenv(settings.USER, "onrecord")
    monkeypatch.setenv(settings.PASSWORD_FILE, str(tmp_path / "password"))
    refused(secured)  # the proxy knows a key alone
    basic = base64.b64encode(f"onrecord:{PASSWORD}".encode()).decode()
    assert secured.proxy.asked[-1].headers["authorization"] == f"Basic {basic}"


@pytest.mark.parametrize("verb", [("search", "ask"), ("index",)])
def test_no_secret_is_in_a_list_of_processes(verb: tuple[str, ...], secured: Secured) -> None:
    working, seen = threading.Event(), threading.Event()

    def hold(_request: Request) -> None:
        working.set()
        seen.wait(30)

    secured.proxy.rule = first(1, "", hold)
    with subprocess.Popen(program(verb[0], secured.archive.root, *verb[1:]), stdout=subprocess.PIPE) as process:
        assert working.wait(30)
        told = psutil.Process(process.pid)
        listed = " ".join(word for one in (told, *told.children(recursive=True)) for word in one.cmdline())
        seen.set()
    secured.proxy.rule = pass_on
    assert process.returncode == 0, "it had the key"
    assert str(secured.archive.root) in listed
    assert KEY not in listed
    assert "a-secret-nobody-sees" not in listed


@pytest.mark.parametrize("means", ["key", "password"])
@pytest.mark.parametrize("fault", ["refused", "away", "nonsense", "forbidden"])
def test_no_secret_is_in_an_error_or_a_log(
    means: str, fault: str, secured: Secured, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = base64.b64encode(b"key-id:wrong-but-secret").decode()
    hidden = [secret, "wrong-but-secret"]
    monkeypatch.setenv(settings.API_KEY, secret if fault == "refused" else KEY)
    if means == "password":
        monkeypatch.delenv(settings.API_KEY)
        monkeypatch.setenv(settings.USER, "onrecord")
        monkeypatch.setenv(settings.PASSWORD, PASSWORD)
        hidden += [PASSWORD, base64.b64encode(f"onrecord:{PASSWORD}".encode()).decode()]
    hidden += [KEY, "a-secret-nobody-sees"]
    if fault == "away":
        monkeypatch.setenv(settings.URL, f"https://127.0.0.1:{free_ports(1)[0]}")
    spoilt = {"nonsense": Answer(200, b"<html>"), "forbidden": Answer(403, b'{"error": {"reason": "no"}}')}
    if fault in spoilt:
        secured.proxy.rule = first(9, "", spoilt[fault])
    error = refused(secured)
    secured.proxy.rule = pass_on
    said = "".join(traceback.format_exception(error)) + caplog.text + repr(settings.Settings.read())
    assert [word for word in hidden if word in said] == []
