"""Each service of compose.yaml receives every setting that its code reads."""

import ast
import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
import yaml

from services.cli.supervise import redis_server
from services.cli.supervise.redis_rights import ROLES
from services.settings import Settings
from tests.support.paths import ROOT

SERVICES = ("producer", "writer", "web", "jobs")
NAMES = {f.name: f.metadata["name"] for f in fields(Settings)}

DERIVED = {
    "retention": ("retention_rules", "retention_max_bytes"),
    "database_file": ("database_url", "data_dir"),
    "backup_folder": ("backup_dir", "data_dir"),
}
"""Properties of Settings, and the fields that they are made from."""


@pytest.mark.parametrize("service", SERVICES)
def test_service_receives_every_setting_that_it_reads(service: str) -> None:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    environment = composed["services"][service]["environment"]
    given = {name.removesuffix("_FILE") for name in environment}
    assert read_by(service) - given == set()
    assert given <= set(NAMES.values())


def test_subscribers_have_the_same_limit_as_with_up(tmp_path: Path) -> None:
    command = " ".join(redis_server.command_line("redis-server", 6379, tmp_path, tmp_path))
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    for option in ("client-output-buffer-limit pubsub", "proto-max-bulk-len"):
        (value,) = re.findall(
            rf"--{option} (.*?)(?= --|$)", composed["services"]["redis"]["command"]
        )
        assert f"--{option} {value} " in command


def test_each_service_has_the_address_of_its_own_user_of_redis() -> None:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    services = composed["services"]
    roles = {service: service for service in SERVICES} | {"stripchart": "operator"}
    for service, role in roles.items():
        secrets = [v for v in services[service]["volumes"] if v.split(":")[1] == "/run/redis"]
        assert secrets == [f"redis-{role}:/run/redis:ro"]
        assert services[service]["environment"]["REDIS_URL_FILE"] == "/run/redis/redis.url"
    made = {v.split(":")[1] for v in services["redis-users"]["volumes"]}
    assert made == {f"/users/{name}" for name in ("redis", *ROLES)}
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert all(re.search(rf"{folder}\b", dockerfile) for folder in made)


def test_redis_syncs_as_the_setting_says() -> None:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    default = Settings.from_environ({}).appendfsync
    command = composed["services"]["redis"]["command"]
    assert f"--appendfsync ${{STRIPCHART_APPENDFSYNC:-{default}}} " in command


def test_settings_that_service_reads_are_found() -> None:
    assert {"REDIS_URL", "STRIPCHART_KEEP", "STRIPCHART_MAX_SERIES"} <= read_by("writer")
    assert {"STRIPCHART_HOST_SECONDS", "STRIPCHART_SOURCES"} <= read_by("producer")
    assert {"STRIPCHART_VIEWERS", "BASE_PATH"} <= read_by("web")
    assert {"STRIPCHART_BACKUPS", "DATA_DIR"} <= read_by("jobs")
    assert "STRIPCHART_VIEWERS" not in read_by("writer")


def test_fields_of_every_settings_property_are_listed() -> None:
    made = {name for name, value in vars(Settings).items() if isinstance(value, property)}
    assert made == set(DERIVED)


@cache
def read_by(service: str) -> set[str]:
    """Return the names of the settings that a service's modules read."""
    read = {name for module in imported_by(service) for name in attributes_of_settings(module)}
    return {NAMES[name] for name in read if name in NAMES}


@cache
def attributes_of_settings(module: Path) -> set[str]:
    """Return the names of the fields of the settings that a module reads."""
    return {
        name
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.Attribute) and is_settings(node.value)
        for name in DERIVED.get(node.attr, (node.attr,))
    }


def is_settings(node: ast.expr) -> bool:
    """Return True for `settings`, `self._settings`, `broker.settings` and the like."""
    name = {ast.Name: "id", ast.Attribute: "attr"}.get(type(node), "")
    return str(getattr(node, name, "")).strip("_") == "settings"


def imported_by(service: str) -> set[Path]:
    """Return the files of a service's package and all that they import, except the settings."""
    queue = [*(ROOT / "services" / service).rglob("*.py")]
    modules: set[Path] = set()
    while queue:
        module = queue.pop()
        if module not in modules:
            modules.add(module)
            queue.extend(imports(module))
    return modules - {ROOT / "services" / "settings.py"}


@cache
def imports(module: Path) -> list[Path]:
    """Return the files of `services` that a module imports, in functions too."""
    imported: list[Path] = []
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            path = ROOT / name.replace(".", "/")
            imported += filter(Path.is_file, (path.with_suffix(".py"), path / "__init__.py"))
    return imported


@cache
def parsed(module: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(module.read_text(encoding="utf-8"))
