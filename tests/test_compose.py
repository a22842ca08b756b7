"""The container files: pinned, without secrets, nobody root; and as Docker composes them where it is here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import cli
from search.engines.elastic.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = sorted((ROOT / "scripts" / "compose").glob("*.sh"))
FILES = ("compose.yaml", "compose.cluster.yaml")
PINNED = re.compile(r"[a-z]+:\d+\.\d+\.\d+[\w.-]*")


def composed(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / name).read_text("utf-8")))


def services(name: str) -> dict[str, dict[str, Any]]:
    return dict(composed(name)["services"])


def volumes_of(service: dict[str, Any]) -> list[str]:
    return [volume.split(":")[0] for volume in service.get("volumes", ())]


def dockerfile(word: str) -> list[str]:
    return re.findall(rf"^{word} (.+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)


def faults_in(file: Path) -> str:
    """What the published schema of compose files finds in one; nothing can be fetched meanwhile."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    nowhere = {**os.environ, "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    checked = subprocess.run(command, env=nowhere, capture_output=True, text=True, check=False)
    return "" if checked.returncode == 0 else checked.stdout + checked.stderr


@pytest.mark.parametrize("name", FILES)
def test_they_are_as_the_specification_of_compose_wants_them(name: str) -> None:
    assert faults_in(ROOT / name) == ""


def test_a_word_that_compose_does_not_know_would_be_noticed(tmp_path: Path) -> None:
    spoilt = tmp_path / "compose.yaml"
    spoilt.write_text((ROOT / FILES[0]).read_text("utf-8").replace("healthcheck:", "heathcheck:"), "utf-8")
    assert "heathcheck" in faults_in(spoilt)


@pytest.mark.parametrize("files", [FILES[:1], FILES], ids=["one node", "three nodes"])
def test_docker_composes_them(files: tuple[str, ...], tmp_path: Path) -> None:
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        pytest.skip("no docker compose here")
    named = [part for name in files for part in ("--file", name)]
    made = subprocess.run(
        ["docker", "compose", *named, "config", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (made.returncode, made.stderr) == (0, "")


def test_every_image_is_of_one_version() -> None:
    images = [service["image"] for name in FILES for service in services(name).values() if "image" in service]
    assert [image for image in [*images, *dockerfile("FROM")] if not PINNED.fullmatch(image)] == []


def test_nobody_is_root() -> None:
    assert [user.split(":")[0] for user in dockerfile("USER")] == ["1000"]
    others = [service for service in services(FILES[0]).values() if "build" not in service]
    assert {service["user"] for service in others} == {"1000:0"}
    assert all(service["cap_drop"] == ["ALL"] for service in services(FILES[0]).values())


def test_what_serves_is_watched() -> None:
    assert dockerfile("HEALTHCHECK")
    assert services(FILES[0])["elasticsearch"]["healthcheck"]["test"]


def test_the_portal_starts_on_an_empty_volume() -> None:
    (command,) = dockerfile("CMD")
    assert cli.build_parser().parse_args(json.loads(command)).create


def test_no_secret_stands_in_a_file() -> None:
    for name in FILES:
        for service in services(name).values():
            secret = [key for key in service.get("environment", {}) if re.search(r"PASSWORD|KEY|TOKEN", key)]
            assert [key for key in secret if not key.endswith("_FILE")] == []
    files = {secret["file"] for secret in composed(FILES[0])["secrets"].values()}
    assert {file.split("/")[1] for file in files} == {"secrets"}
    for ignored in (".gitignore", ".dockerignore"):
        assert any(line.strip("/") == "secrets" for line in (ROOT / ignored).read_text("utf-8").splitlines())


def test_every_volume_is_declared_and_every_folder_is_there() -> None:
    declared = {name for file in FILES for name in composed(file)["volumes"]}
    used = {volume for file in FILES for service in services(file).values() for volume in volumes_of(service)}
    folders = {name for name in used if name.startswith(".")}
    assert used - folders == declared
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_the_portal_sees_no_key_of_a_node() -> None:
    assert "certificates" not in volumes_of(services(FILES[0])["portal"])


@pytest.mark.parametrize("file", FILES)
def test_the_portal_takes_the_settings(file: str, tmp_path: Path) -> None:
    told: dict[str, str] = {**services(FILES[0])["portal"]["environment"], **services(file)["portal"]["environment"]}
    for name in ("ONRECORD_SEARCH_PASSWORD_FILE", "ONRECORD_SEARCH_CA"):
        (tmp_path / name).write_text("a secret", "utf-8")
        told[name] = str(tmp_path / name)
    settings = Settings.read(told)
    nodes = {"elasticsearch", *services(file)} & {"elasticsearch", "elasticsearch2", "elasticsearch3"}
    assert settings.urls == tuple(f"https://{node}:9200" for node in sorted(nodes))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_read_by_bash(script: Path) -> None:
    assert subprocess.run(["bash", "-n", script], capture_output=True, check=False).stderr == b""


def test_the_role_is_the_one_in_the_documentation() -> None:
    page = (ROOT / "docs" / "how-to" / "elasticsearch.md").read_text("utf-8")
    told = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)]
    assert json.loads((ROOT / "scripts" / "compose" / "role.json").read_text("utf-8")) in told
