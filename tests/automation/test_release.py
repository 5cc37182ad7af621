"""A release in groups, end to end: haproxy and nginx in front of two web nodes, under constant requests."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from automation.actions.document import load_action
from automation.actions.library import LIBRARY
from automation.actions.schema import findings, with_defaults
from automation.executors.base import Mode, Order
from tests.automation.farm import Farm, Machine, free_port
from tests.automation.playing import Played, play
from tests.house import wait_for

pytestmark = [pytest.mark.services, pytest.mark.timeout(900)]
WEB = ("web-01", "web-02")
SERVICE = """#!/bin/sh
# The application: whatever stands in the release as `run`.
case $1 in
  stop|restart) [ -f /run/shop.pid ] && kill $(cat /run/shop.pid) 2>/dev/null; rm -f /run/shop.pid ;;
esac
case $1 in
  start|restart)
    cd /srv/shop/current/ || exit 1
    setsid sh ./run {address} {port} >/dev/null 2>&1 </dev/null &
    echo $! >/run/shop.pid ;;
esac
"""
GOOD = "exec python3 -m http.server --bind $1 $2\n"
HAPROXY = """
global
    stats socket /run/haproxy/admin.sock mode 600 level admin
defaults
    mode http
    option redispatch
    retries 3
    timeout client 5s
    timeout server 5s
    timeout connect 2s
frontend shop
    bind 127.0.0.1:{front}
    default_backend shop
backend shop
    option httpchk GET /version
{servers}
"""
NGINX = """
upstream shop {{
{servers}
}}
server {{ listen 127.0.0.1:{front}; location / {{ proxy_pass http://shop; }} }}
"""
STATES = """
import socket
haproxy = socket.socket(socket.AF_UNIX)
haproxy.connect("/run/haproxy/admin.sock")
haproxy.sendall(b"show stat\\n")
print(haproxy.makefile().read())
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_details: Any) -> None:
        """Nothing."""


@dataclass
class Site:
    """The machines, and where each front listens."""

    nodes: dict[str, Machine]
    balancer: Machine
    port: int
    haproxy: int
    nginx: int
    packages: Path
    url: str

    def package(self, version: str, run: str = GOOD) -> dict[str, Any]:
        """A package of this version; where it is and its sum."""
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w:gz") as archive:
            for name, text in (("run", run), ("version", version)):
                entry = tarfile.TarInfo(name)
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text.encode()))
        (self.packages / f"shop-{version}.tar.gz").write_bytes(data.getvalue())
        return {"package": f"{self.url}/shop-{version}.tar.gz", "sha256": hashlib.sha256(data.getvalue()).hexdigest()}

    def run(
        self, key: str, hosts: tuple[str, ...] = WEB, mode: Mode = Mode.RUN, batch: Any = None, **params: Any
    ) -> Played:
        """Carry an action out on these nodes; the balancer is one of the plan's hosts."""
        action = load_action(LIBRARY / key)
        own = action.params["properties"]
        usual = {"application": "shop", "service": "shop", "port": self.port, "test_path": "/version"}
        usual |= {name: value for name, value in {"balancer": "lb-01", "backend": "shop"}.items() if name in own}
        values = with_defaults(action.params, usual | params)
        assert list(findings(action.params, values, "p")) == []
        everybody = {name: machine.target() for name, machine in (self.nodes | {"lb-01": self.balancer}).items()}
        targets = [everybody[name] for name in hosts]
        return play(
            Order(
                "REL-1", 1, action, action.version, values, targets, batch, mode=mode, plan_hosts=[*everybody.values()]
            )
        )

    def served(self) -> list[str]:
        """The version that each node serves by itself."""
        return [get(f"http://{machine.address}:{self.port}/version") for machine in self.nodes.values()]

    def states(self) -> list[str]:
        """What haproxy says of each node."""
        rows = [line.split(",") for line in self.balancer.run("python3", "-c", STATES).splitlines()]
        return [row[17] for row in rows if row[:1] == ["shop"] and row[1] in WEB]


def get(url: str) -> str:
    with urlopen(url, timeout=5) as answer:
        return answer.read().decode()


class Visitors:
    """Ask for a page again and again meanwhile; every answer is kept."""

    def __init__(self, port: int) -> None:
        self.answers: list[str] = []
        self._url, self._done = f"http://127.0.0.1:{port}/version", threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> "Visitors":
        self._thread.start()
        return self

    def __exit__(self, *_details: Any) -> None:
        self._done.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._done.wait(0.05):
            try:
                self.answers.append(get(self._url))
            except (URLError, OSError) as error:
                self.answers.append(f"failed: {error}")


def lay_out(machine: Machine) -> None:
    """1.0 serves there."""
    shop = machine.root / "srv/shop"
    release = shop / "releases/1.0"
    release.mkdir(parents=True)
    for name, text in {"run": GOOD, "version": "1.0", "RELEASE": "1.0\n"}.items():
        (release / name).write_text(text)
    (shop / "current").symlink_to("releases/1.0")
    machine.run("service", "shop", "start")


@pytest.fixture
def site(farm: Farm, settings, tmp_path: Path) -> Iterator[Site]:
    """A node that serves 1.0, one without any release, and a machine with both balancers."""
    nodes, balancer = {name: farm.machine(name) for name in WEB}, farm.machine("lb-01")
    farm.admit(settings.AUTOMATION_HOME)
    port, haproxy, nginx = free_port(), free_port(), free_port()
    for machine in nodes.values():
        service = machine.root / "etc/init.d/shop"
        service.write_text(SERVICE.format(address=machine.address, port=port))
        service.chmod(0o755)
    lay_out(nodes["web-01"])
    servers = [
        f"    server {name} {machine.address}:{port} check inter 300ms fall 2 rise 1\n"
        for name, machine in nodes.items()
    ]
    etc = balancer.root / "etc"
    (etc / "haproxy/haproxy.cfg").write_text(HAPROXY.format(front=haproxy, servers="".join(servers)))
    servers = [f"    server {machine.address}:{port} max_fails=0;\n" for machine in nodes.values()]
    (etc / "nginx/conf.d/shop.conf").write_text(NGINX.format(front=nginx, servers="".join(servers)))
    (etc / "nginx/sites-enabled/default").unlink(missing_ok=True)
    balancer.run("sh", "-c", "mkdir -p /run/haproxy && haproxy -D -f /etc/haproxy/haproxy.cfg && nginx")
    packages = tmp_path / "packages"
    packages.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=packages))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(nodes, balancer, port, haproxy, nginx, packages, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()


def test_a_release_goes_out_in_groups_and_comes_back(site: Site) -> None:
    new, old = site.package("1.1"), site.nodes["web-01"].root / "srv/shop/current"
    foreseen = site.run("release.deploy", WEB[:1], Mode.CHECK, version="1.1", **new)
    assert foreseen.statuses == {"web-01": "changed"}, foreseen.text
    assert str(old.readlink()) == "releases/1.0"
    assert not (old.parent / "releases/1.1").exists()
    assert "haproxy shop/web-01" in {diff.path for diff in foreseen.diffs}

    with Visitors(site.nginx) as visitors:  # web-02 first: it serves before web-01 is taken out
        played = site.run("release.deploy", (*WEB[::-1], "lb-01"), batch=1, version="1.1", balancer_kind="nginx", **new)
    assert played.statuses == {**dict.fromkeys(WEB, "changed"), "lb-01": "ok"}, played.text
    assert site.served() == ["1.1"] * 2
    assert set(visitors.answers) == {"1.0", "1.1"}  # and not one that failed
    assert "down" not in (site.balancer.root / "etc/nginx/conf.d/shop.conf").read_text()

    wait_for(lambda: site.states() == ["UP"] * 2, "haproxy with both")
    with Visitors(site.haproxy) as visitors:
        broken = site.run("release.deploy", version="1.2", batch=1, **site.package("1.2", run="exit 1\n"))
    assert broken.statuses == {"web-01": "failed", "web-02": "skipped"}, broken.text
    assert "1.2 does not serve" in broken.results["web-01"].message
    assert "1.1 serves again" in broken.results["web-01"].message
    assert site.served() == ["1.1"] * 2
    assert site.states() == ["UP"] * 2
    assert set(visitors.answers) == {"1.1"}
    assert not (site.nodes["web-02"].root / "srv/shop/releases/1.2").exists()

    back = site.run("release.rollback", WEB[:1], version="1.1")
    assert back.statuses == {"web-01": "changed"}, back.text
    assert site.served() == ["1.0", "1.1"]
