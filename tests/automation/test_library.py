"""All shipped actions, run on demo hosts: what they write, that they are idempotent, what they refuse."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from automation.actions.library import library
from automation.adapters.planner import InventoryPlanner
from automation.executors.ansible import AnsibleExecutor
from automation.executors.base import HostResult, Order
from tests.packages import Packages

pytestmark = [pytest.mark.services, pytest.mark.django_db]
ONE = ("demo-01",)


def play(action: str, hosts: tuple[str, ...] = ONE, **params: Any) -> tuple[dict[str, HostResult], str]:
    """Plan and run; what became of each host, and what was printed."""
    plan = InventoryPlanner().plan(node="run", action=action, params=params, hosts=list(hosts), not_before=None)
    known = library().action(action)
    order = Order("CHG-1", 1, known, plan["version"], plan["params"], plan["targets"])
    results: dict[str, HostResult] = {}
    text = b""
    with AnsibleExecutor().start(order) as execution:
        while execution.exit_code is None:
            execution.renew()
            news = execution.poll(0.5)
            results |= news.hosts
            text += news.text
    return results, text.decode()


def status(action: str, **params: Any) -> str:
    results, text = play(action, **params)
    assert results["demo-01"].status in ("ok", "changed"), text
    return results["demo-01"].status


def test_nginx_sync_config_writes_once(hosts: Path) -> None:
    note = "第一行 {{ 7*7 }}\n}; deny all; #\n"
    given = {"server_name": "www.example.com", "listen": 8080, "upstream": "10.0.0.5:9000", "note": note}
    assert status("nginx.sync_config", **given) == "changed"
    folder = hosts / "demo-01/etc/nginx/conf.d"
    site = (folder / "www.example.com.conf").read_text()
    assert "listen 8080;" in site
    assert "server_name www.example.com;" in site
    assert "proxy_pass http://10.0.0.5:9000;" in site
    assert (folder / "www.example.com.note.txt").read_bytes() == note.encode()
    assert status("nginx.sync_config", **given) == "ok"


def test_A29_a_link_out_of_the_log_folder_is_refused(hosts: Path) -> None:
    (hosts / "demo-01/secret").write_text("top-secret")
    (hosts / "demo-01/var/log/nice.log").symlink_to(hosts / "demo-01/secret")
    results, text = play("system.log_tail", path="/var/log/nice.log")
    assert results["demo-01"].status == "failed"
    assert "leads out of the log folder" in results["demo-01"].message
    assert "top-secret" not in text


def test_grant_access_writes_the_key_once(hosts: Path) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGz alice@laptop"
    given = {"account": "alice", "access": "sudo", "public_key": key, "until": "2026-12-31T00:00:00+08:00"}
    assert status("user.grant_access", **given) == "changed"
    assert status("user.grant_access", **given) == "ok"
    keys = hosts / "demo-01/home/alice/.ssh/authorized_keys"
    assert keys.read_text() == key + "\n"
    assert keys.stat().st_mode & 0o777 == 0o600
    record = (hosts / "demo-01/etc/baton/access/alice").read_text()
    assert record == "account=alice access=sudo until=2026-12-31 ticket=CHG-1\n"


def test_dns_set_record_replaces_its_own_line_only(hosts: Path) -> None:
    zone = hosts / "demo-01/etc/bind/zones/example.com.zone"
    zone.parent.mkdir(parents=True, exist_ok=True)
    zone.write_text("www 600 IN A 10.0.0.1\nww 600 IN A 10.0.0.9\n")
    assert status("dns.set_record", zone="example.com", type="A", name="www", value="10.0.0.2", ttl=60) == "changed"
    assert zone.read_text() == "www 60 IN A 10.0.0.2\nww 600 IN A 10.0.0.9\n"


def test_release_deploy_switches_and_stops_at_the_first_broken_batch(hosts: Path) -> None:
    names = ("demo-01", "demo-02", "demo-03")
    for name in names:
        release = hosts / name / "srv/shop/releases/1.0.0"
        release.mkdir(parents=True)
        (release / "RELEASE").write_text("1.0.0\n")
        (release.parent.parent / "current").symlink_to("releases/1.0.0")
    (hosts / "demo-02/srv/shop/releases/1.1.0").write_text("in the way")
    results, text = play("release.deploy", names, application="shop", version="1.1.0", batch="1")
    assert {name: result.status for name, result in results.items()} == {
        "demo-01": "changed",
        "demo-02": "failed",
    }, text
    serving = [(hosts / name / "srv/shop/current/RELEASE").read_text() for name in names]
    assert serving == ["1.1.0\n", "1.0.0\n", "1.0.0\n"]
    assert (hosts / "demo-01/srv/shop/releases/1.0.0/RELEASE").exists()
    results, text = play("release.rollback", names[:2], application="shop", version="1.1.0")
    assert {name: result.status for name, result in results.items()} == {
        "demo-01": "changed",
        "demo-02": "ok",  # where the version to leave does not serve, nothing is left
    }, text
    assert [(hosts / name / "srv/shop/current/RELEASE").read_text() for name in names] == ["1.0.0\n"] * 3


def test_a_version_that_is_here_is_the_same_package_whatever_its_mode(hosts: Path) -> None:
    packages = Packages()
    shop = hosts / "demo-01/srv/shop"
    for folder in ("packages", "releases/2.0"):
        (shop / folder).mkdir(parents=True)
    (shop / "releases/2.0/RELEASE").write_text("2.0\n")
    (shop / "current").symlink_to("releases/2.0")
    kept = shop / "packages/2.0.tar.gz"
    kept.write_bytes(packages.package)
    kept.chmod(0o600)
    given: dict[str, Any] = {
        "application": "shop",
        "version": "2.0",
        "package": packages.url,
        "sha256": packages.sha256,
    }
    try:
        assert status("release.deploy", **given) in ("ok", "changed")
        packages.package += b"\0"
        given["sha256"] = hashlib.sha256(packages.package).hexdigest()
        results, text = play("release.deploy", **given)
    finally:
        packages.close()
    assert results["demo-01"].status == "failed"
    assert "is here already, from another package" in text
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == packages.sha256
