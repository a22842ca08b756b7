"""Real Elasticsearch nodes for tests and benchmarks: started in seconds on free ports, killed, started again."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from tests.elastic.jars import installed

HEAP = "512m"
ALONE = {"discovery.type": "single-node"}
# half the processor time to start, and less for all that a test asks: no code is compiled that runs for hours
BRIEF = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
_SERVE = Path(__file__).with_name("serve.py")
_START_SECONDS = 120  # three to five on a machine at rest


class Node:
    """One node with its data in `folder`. On the same data and ports it can be stopped or killed and started again."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "n1",
        heap: str = HEAP,
        transport: int = 0,
        settings: Mapping[str, str] = ALONE,
        java: Sequence[str] = BRIEF,
    ) -> None:
        self.port, free = free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{name}.log"
        self._java = [f"-Xms{heap}", f"-Xmx{heap}", *java]
        self._settings = {
            "path.data": str(folder / name),
            "path.logs": str(folder / f"{name}-logs"),
            "path.repo": str(folder / "snapshots"),
            "cluster.name": "test",
            "node.name": name,
            "network.host": "127.0.0.1",
            "http.port": str(self.port),
            "transport.port": str(transport or free),
            # a full disk elsewhere on the machine is not what is tried
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> Node:
        """Start it and, where asked, wait until it answers."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(_SERVE), str(installed()), *map(json.dumps, (self._java, self._settings))]
        with self.log.open("ab") as log:
            # the pipe closes when this process ends, even by kill -9, and the node ends with it
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
        if wait:
            self.wait()
        return self

    def wait(self, nodes: int = 1) -> None:
        """Return when the node sees so many nodes and a master."""
        give_up = time.monotonic() + _START_SECONDS
        with httpx.Client(base_url=self.url, timeout=30) as client:  # one: each reads all certificates of the machine
            while not self._answers(client, nodes):
                if self._process is None or self._process.poll() is not None or time.monotonic() > give_up:
                    raise RuntimeError(
                        f"Elasticsearch did not start:\n{self.log.read_text('utf-8', 'replace')[-4000:]}"
                    )
                time.sleep(0.1)

    def _answers(self, client: httpx.Client, nodes: int) -> bool:
        try:
            asked = client.get("/_cluster/health", params={"wait_for_nodes": f">={nodes}"})
        except httpx.TransportError:  # not yet
            return False
        return asked.status_code == 200 and not asked.json()["timed_out"]

    def kill(self) -> None:
        """As `kill -9` or a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def stop(self) -> None:
        """As an administrator does."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_START_SECONDS)
            self.kill()


def cluster(folder: Path, count: int = 3, heap: str = "256m") -> list[Node]:
    """So many nodes that form one cluster. Start each without waiting, then wait for all."""
    ports = free_ports(count)
    settings = {
        "cluster.initial_master_nodes": ",".join(f"n{number + 1}" for number in range(count)),
        "discovery.seed_hosts": ",".join(f"127.0.0.1:{port}" for port in ports),
    }
    return [
        Node(folder, name=f"n{number + 1}", heap=heap, transport=port, settings=settings)
        for number, port in enumerate(ports)
    ]


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
