"""Programs of others write into a running Stripchart, with their own settings for InfluxDB."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import ManagedProcess
from tests.support.programs import require_program
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

SCRIPTS = Path(__file__).with_name("influx_clients")

GLANCES = """
[global]
check_update=false
[influxdb]
host=localhost
port={port}
protocol=http
user=root
password=root
db=glances_one
prefix=one
tags=room:attic
[influxdb2]
host=localhost
port={port}
protocol=http
user=root
password=root
org=nicolargo
bucket=glances_two
token=EjFUTWe8U-MIseEAkaVIgVnej_TrnbdvEcRkaB1imstW7gapSqy6==
prefix=two
interval=1
"""


def run(*command: str | Path) -> str:
    """Run a program and return what it prints."""
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def series_with(stack: Stack, prefix: str) -> dict[str, float]:
    """Return the last value of each series, as /api/series lists them."""
    return {
        series["name"]: series["value"]
        for series in stack.get("/api/series")["series"]
        if series["name"].startswith(prefix)
    }


def databases(stack: Stack) -> set[str]:
    (result,) = stack.get("/query?q=SHOW%20DATABASES")["results"]
    return {name for (name,) in result["series"][0]["values"]}


def wait_for_values(stack: Stack, prefix: str, values: dict[str, float]) -> None:
    wait_until(f"{prefix} is stored", lambda: series_with(stack, prefix) == values)


@pytest.mark.clients
@pytest.mark.parametrize(("export", "prefix"), [("influxdb", "one"), ("influxdb2", "two")])
def test_glances_exports(shared_stack: Stack, tmp_path: Path, export: str, prefix: str) -> None:
    configuration = tmp_path / "glances.conf"
    configuration.write_text(GLANCES.format(port=shared_stack.port), encoding="utf-8")
    program = Path(sys.executable).with_name("glances")
    command: list[str | Path] = [
        program, "--config", configuration, "--export", export, "--quiet", "--time", "1",
        "--disable-plugin", "all", "--enable-plugin", "cpu,mem,load,fs",
    ]  # fmt: skip
    with ManagedProcess("glances", command, tmp_path, {"HOME": str(tmp_path)}) as glances:

        def is_stored() -> bool:
            assert glances.running, glances.log.read_text()
            return {"cpu", "mem", "load", "fs"} <= {
                name.removeprefix(f"{prefix}.").partition(",")[0]
                for name in series_with(shared_stack, f"{prefix}.")
            }

        wait_until("Glances' values are stored", is_stored)
    values = series_with(shared_stack, f"{prefix}.mem,")
    (total,) = [value for name, value in values.items() if name.endswith(" total")]
    memory = Path("/proc/meminfo").read_text(encoding="ascii").split()
    assert total == int(memory[1]) * 1024
    tagged = [name for name in values if "room=attic" in name]
    assert bool(tagged) == (export == "influxdb")
    assert f"glances_{prefix}" in databases(shared_stack)


@pytest.mark.influx
def test_command_line_of_influxdb_writes(shared_stack: Stack, tmp_path: Path) -> None:
    def influx(*arguments: str | Path) -> str:
        port = str(shared_stack.port)
        return run(require_program("influx"), "-host", "127.0.0.1", "-port", port, *arguments)

    influx("-execute", 'CREATE DATABASE "shell home"')
    assert "shell home\n" in influx("-execute", "SHOW DATABASES")
    influx("-database", "shell home", "-execute", "INSERT shell,host=a value=3.5")
    file = tmp_path / "import.txt"
    file.write_text(
        "# DDL\nCREATE DATABASE pirates\n# DML\n# CONTEXT-DATABASE: pirates\n"
        "shell,host=b value=801 1439856000\nshell,host=c value=29 1439856001\n",
        encoding="utf-8",
    )
    influx("-import", "-path", file, "-precision", "s")
    assert databases(shared_stack) >= {"shell home", "pirates"}
    wait_for_values(
        shared_stack, "shell", {"shell,host=a": 3.5, "shell,host=b": 801.0, "shell,host=c": 29.0}
    )


@pytest.mark.clients
def test_aioinflux_writes(shared_stack: Stack) -> None:
    names = run(sys.executable, SCRIPTS / "aioinflux_client.py", str(shared_stack.port))
    assert "aio" in json.loads(names)
    wait_for_values(shared_stack, "aio", {"aio": 2.5, "aio,host=x y": 1.25, "aio,host=x y n": 3.0})


def run_script(stack: Stack, name: str) -> Any:
    """Run a script of Node and return the JSON that it prints."""
    return json.loads(run(require_program("node"), SCRIPTS / name, str(stack.port)))


@pytest.mark.node
def test_npm_influx_writes(shared_stack: Stack) -> None:
    printed = run_script(shared_stack, "influx.cjs")
    assert printed["online"] is True
    assert "npm home" in printed["after"]
    wait_for_values(
        shared_stack, "npm1", {"npm1": 3.0, "npm1,host=a b": 21.5, "npm1,host=a b on": 1.0}
    )


@pytest.mark.node
def test_npm_influxdb_lite_writes(shared_stack: Stack) -> None:
    run_script(shared_stack, "influxdb_lite.cjs")
    wait_for_values(shared_stack, "lite", {"lite1": 12.34, "lite2,host=linux, too": 5.4})


@pytest.mark.node
def test_npm_influxdb3_client_writes(shared_stack: Stack) -> None:
    printed = run_script(shared_stack, "influxdb3_client.cjs")
    assert printed["status"] == 400
    assert "unable to parse 'js3': missing fields" in printed["message"]
    wait_for_values(shared_stack, "js3", {"js3": 3.5, "js3,host=a": 21.5, "js3,host=b": 1.5})
