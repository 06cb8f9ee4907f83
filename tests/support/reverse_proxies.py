"""Reverse proxies in front of a stack: nginx and Caddy, with a given configuration."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.ports import free_port
from tests.support.processes import ManagedProcess
from tests.support.programs import require_program
from tests.support.waiting import wait_until

# Nginx started by root would serve as another user, who may not enter the folder of a test.
_NGINX = """
daemon off;
worker_processes 1;
user root;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""


class Proxy:
    """A reverse proxy.

    Attributes:
        port: The port that it serves.
    """

    def __init__(self, process: ManagedProcess, port: int) -> None:
        self.port = port
        self._process = process

    def wait_until_ready(self) -> None:
        """Wait until it accepts connections."""
        self._process.wait_until_ready(self._accepts)

    def _accepts(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False


@contextmanager
def nginx(folder: Path, servers: str) -> Iterator[Proxy]:
    """Run nginx.

    Args:
        folder: The folder of its files.
        servers: The `server` blocks. They listen on port 80, which becomes a free one.
    """
    port = free_port()
    folder.mkdir(exist_ok=True)
    servers = servers.replace("listen 80;", f"listen 127.0.0.1:{port};")
    file = folder / "nginx.conf"
    file.write_text(_NGINX.format(folder=folder, servers=servers), encoding="utf-8")
    command: list[str | Path] = [require_program("nginx"), "-e", "stderr", "-c", file]
    yield from _serve(ManagedProcess("nginx", command, folder), port)


@contextmanager
def caddy(folder: Path, sites: str) -> Iterator[Proxy]:
    """Run Caddy.

    Args:
        folder: The folder of its files.
        sites: The sites. Their addresses are `http://charts.example`, and get a free port.
    """
    port = free_port()
    folder.mkdir(exist_ok=True)
    sites = sites.replace("http://charts.example", f"http://charts.example:{port}")
    file = folder / "Caddyfile"
    file.write_text(f"{{\n  admin off\n}}\n{sites}", encoding="utf-8")
    command: list[str | Path] = [
        require_program("caddy"), "run", "--adapter", "caddyfile", "--config", file,
    ]  # fmt: skip
    home = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    yield from _serve(ManagedProcess("caddy", command, folder, home), port)


@contextmanager
def caddy_with_https(folder: Path, text: str, upstream: str) -> Iterator[tuple[Proxy, Path]]:
    """Run Caddy with deploy/caddy/Caddyfile, for the name 127.0.0.1.

    Args:
        folder: The folder of its files.
        text: The file.
        upstream: Where Stripchart listens.

    Returns:
        The proxy, and the certificate of the authority that Caddy makes for local names.
    """
    port = free_port()
    folder.mkdir(exist_ok=True)
    file = folder / "Caddyfile"
    ports = f"http_port {free_port()}\nhttps_port {port}\nskip_install_trust"
    file.write_text(text.replace("admin off", f"admin off\n{ports}"), encoding="utf-8")
    command: list[str | Path] = [
        require_program("caddy"), "run", "--adapter", "caddyfile", "--config", file,
    ]  # fmt: skip
    variables = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    variables |= {"STRIPCHART_DOMAIN": "127.0.0.1", "STRIPCHART_UPSTREAM": upstream}
    authority = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    for proxy in _serve(ManagedProcess("caddy", command, folder, variables), port):
        # It listens before it has made its certificate.
        wait_until("Caddy has a certificate", lambda: authority.exists() and _has_tls(port))
        yield proxy, authority


def _has_tls(port: int) -> bool:
    context = ssl._create_unverified_context()  # noqa: S323 (a test verifies it afterwards)
    with (
        suppress(OSError),
        socket.create_connection(("127.0.0.1", port)) as plain,
        context.wrap_socket(plain),
    ):
        return True
    return False


def _serve(process: ManagedProcess, port: int) -> Iterator[Proxy]:
    with process:
        proxy = Proxy(process, port)
        proxy.wait_until_ready()
        yield proxy
