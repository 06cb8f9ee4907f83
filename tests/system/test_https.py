"""The files of deploy/ for HTTPS, in front of a running Stripchart."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.support.doctor import run_doctor
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.reverse_proxies import caddy_with_https, nginx
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS

pytestmark = [pytest.mark.redis, pytest.mark.long]

_DEPLOY: Final = ROOT / "deploy"


@contextmanager
def nginx_with_https(folder: Path, upstream: str) -> Iterator[tuple[int, Path]]:
    """Run nginx with our file and a certificate of its own. Returns port and certificate."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl on PATH")
    folder.mkdir()
    key, certificate = folder / "privkey.pem", folder / "fullchain.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    text = (_DEPLOY / "nginx" / "stripchart.conf").read_text(encoding="utf-8")
    port = free_port()
    for printed, real in (
        ("127.0.0.1:5000", upstream),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/letsencrypt/live/charts.example", str(folder)),
    ):
        assert printed in text
        text = text.replace(printed, real)
    with nginx(folder, text) as plain:
        with closing(HTTPConnection("127.0.0.1", plain.port, timeout=TIMEOUT_SECONDS)) as client:
            client.request("POST", "/api/readings?a=b", headers={"Host": "charts.example"})
            answer = client.getresponse()
            redirect = answer.status, answer.headers["Location"]
            assert redirect == (308, "https://charts.example/api/readings?a=b")
        yield port, certificate


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("nginx", marks=pytest.mark.nginx),
        pytest.param("caddy", marks=pytest.mark.caddy),
    ],
)
def test_page_works_over_https(program: str, shared_stack: Stack, tmp_path: Path) -> None:
    upstream = f"127.0.0.1:{shared_stack.port}"
    with ExitStack() as stack:
        if program == "nginx":
            port, authority = stack.enter_context(nginx_with_https(tmp_path / "nginx", upstream))
        else:
            text = (_DEPLOY / "caddy" / "Caddyfile").read_text(encoding="utf-8")
            proxy, authority = stack.enter_context(
                caddy_with_https(tmp_path / "caddy", text, upstream)
            )
            port = proxy.port
        trust = ssl.create_default_context(cafile=authority)
        client = HTTPSConnection("127.0.0.1", port, context=trust, timeout=TIMEOUT_SECONDS)
        with closing(client):
            client.request("GET", "/")
            assert client.getresponse().status == 200
        settings = {"STRIPCHART_PUBLIC_URL": f"https://127.0.0.1:{port}"}
        doctor = {**shared_stack.environment, **settings}
        assert run_doctor({**doctor, "SSL_CERT_FILE": str(authority)})["proxy"] == (
            "ok", f"https://127.0.0.1:{port} leads to the page",
        )  # fmt: skip
        state, text = run_doctor(doctor)["proxy"]
        assert state == "wrong"
        assert "has no certificate that this machine trusts" in text


def test_files_of_traefik_belong_together() -> None:
    static, dynamic = (
        yaml.safe_load((_DEPLOY / "traefik" / name).read_text(encoding="utf-8"))
        for name in ("traefik.yml", "stripchart.yml")
    )
    router = dynamic["http"]["routers"]["stripchart"]
    assert set(router["entryPoints"]) <= set(static["entryPoints"])
    assert router["tls"]["certResolver"] in static["certificatesResolvers"]
    assert router["service"] in dynamic["http"]["services"]
    assert static["providers"]["file"]["filename"].endswith("/stripchart.yml")
