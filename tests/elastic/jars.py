"""The jars of a real Elasticsearch, laid out once in the cache as a distribution lays them out.

They come from Maven Central by `jgo`, in Python alone, and each must have the digest in `jars.sha256`. It is the
server without the modules that a distribution adds: no language analysers, no scripts, no security. After a change of
VERSION, `python -m tests.elastic.jars` writes the digests of what was downloaded.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from archive.locks import held
from archive.places import cache_dir

VERSION = "9.5.3"
DIGESTS = Path(__file__).with_name("jars.sha256")
_ENDPOINT = f"org.elasticsearch:elasticsearch:{VERSION}+org.elasticsearch.plugin:transport-netty4:{VERSION}"
_TRANSPORT = ("netty", "transport-netty4", "elasticsearch-ssl-config")  # a distribution has them as a module
_MODULE = "modules/transport-netty4"
_LOGGING = """\
status = error
appender.c.type = Console
appender.c.name = c
appender.c.layout.type = PatternLayout
appender.c.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.c.ref = c
"""


def installed() -> Path:
    """The folder of the installation, made where it is missing: 45 MB, half a minute."""
    home = cache_dir() / f"elasticsearch-{VERSION}"
    if not home.is_dir():
        with held(cache_dir(), "elasticsearch"):
            if not home.is_dir():
                _install(home)
    return home


def _install(home: Path) -> None:
    jars = _downloaded()
    if (found := _listing(jars)) != DIGESTS.read_text("utf-8"):
        other = sorted(set(found.splitlines()) ^ set(DIGESTS.read_text("utf-8").splitlines()))
        raise ValueError(f"the jars of Elasticsearch {VERSION} are not those of {DIGESTS.name}: {other}")
    with tempfile.TemporaryDirectory(prefix="elasticsearch-", dir=home.parent) as name:
        aside = Path(name) / "home"
        for folder in ("lib", "config", "plugins", _MODULE):
            (aside / folder).mkdir(parents=True)
        for jar in jars:
            shutil.copy(jar, aside / (_MODULE if jar.name.startswith(_TRANSPORT) else "lib"))
        with zipfile.ZipFile(aside / _MODULE / f"transport-netty4-{VERSION}.jar") as transport:
            for described in ("plugin-descriptor.properties", "entitlement-policy.yaml"):
                lines = transport.read(f"META-INF/es-plugins/transport-netty4/{described}").decode().splitlines(True)
                # named as a Java module it would not be found on the class path
                text = "".join(line for line in lines if not line.startswith("modulename"))
                (aside / _MODULE / described).write_text(text, "utf-8")
        (aside / "config" / "log4j2.properties").write_text(_LOGGING, "utf-8")
        aside.rename(home)


def _downloaded() -> list[Path]:
    import jgo

    return sorted(jgo.build(_ENDPOINT).all_jars, key=lambda jar: jar.name)


def _listing(jars: list[Path]) -> str:
    return "".join(f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in jars)


if __name__ == "__main__":
    sys.exit(DIGESTS.write_text(_listing(_downloaded()), "utf-8") == 0)
