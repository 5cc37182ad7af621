"""Dry runs of all shipped actions on a demo host: they succeed, report the changes, and change nothing."""

from pathlib import Path
from typing import Any

import pytest

from automation.actions.document import load_action
from automation.actions.library import LIBRARY
from automation.actions.schema import with_defaults
from automation.dry_runs.summary_words import words
from automation.executors.base import Mode, Order
from tests.automation.playing import Played, play
from tickets.models.content import Target

pytestmark = [pytest.mark.services, pytest.mark.django_db]
TARGET: Target = {"name": "demo-01", "address": "hosts/demo-01", "connection": "local"}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGz alice@laptop"
GIVEN: dict[str, tuple[dict[str, Any], str]] = {
    "nginx.sync_config": ({"server_name": "a.example", "listen": 80, "upstream": "b:1", "note": ""}, "+server {"),
    "service.restart": ({"service": "nginx"}, "restarted by CHG-1"),
    "user.grant_access": ({"account": "alice", "access": "sudo", "public_key": KEY, "until": ""}, "account=alice"),
    "dns.set_record": ({"zone": "a.example", "name": "w", "type": "A", "value": "10.0.0.1", "ttl": 60}, "+w 60 IN A"),
    "database.run_change": ({"database": "orders", "sql": "SELECT 1"}, "keeps others out"),
    "config.sync": ({"application": "nginx", "file": "a.conf", "content": "# a\n"}, "+# a"),
    "package.install": ({"name": "curl"}, "+curl present"),
    "user.create": ({"account": "ann", "public_key": KEY}, "account=ann"),
    "user.remove": ({"account": "erin", "remove_home": True}, "absent"),
    "file.distribute": ({"path": "/etc/a/b", "content": "b\n"}, "+b"),
    "release.rollback": ({"application": "shop"}, "releases/1"),
    "release.deploy": ({"application": "shop", "version": "1.0.0", "batch": "100%"}, "+1.0.0"),
}

LOOKS: dict[str, tuple[dict[str, Any], str]] = {
    "system.kernel_modules": ({"name": "nf_"}, "nf_tables  307200 bytes"),
    "config.show": ({"application": "nginx"}, "password=********"),
    "system.os_version": ({}, "Baton Demo Linux 1 (demo-01)"),
    "service.status": ({"service": "nginx"}, "On a demonstration host"),
    "system.last_logins": ({"limit": 1}, "grace"),
    "system.log_tail": ({"path": "/var/log/nginx/error.log", "lines": 1}, "temporary file"),
}


def contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() if path.is_file() else b"" for path in root.rglob("*")}


def dry_run(key: str, params: dict[str, Any]) -> Played:
    """A dry run of this action, with the defaults that a plan would have."""
    action = load_action(LIBRARY / key)
    order = Order("CHG-1", 1, action, action.version, with_defaults(action.params, params), [TARGET], mode=Mode.CHECK)
    return play(order)


@pytest.mark.parametrize("key", GIVEN)
def test_a_dry_run_of_it_ends_well(key: str, hosts: Path) -> None:
    params, change = GIVEN[key]
    (hosts / "demo-01/home/erin").mkdir(parents=True)
    shop = hosts / "demo-01/srv/shop"
    for version in ("1", "2"):
        (shop / "releases" / version).mkdir(parents=True)
    (shop / "current").symlink_to("releases/2")
    (shop / "previous").symlink_to("releases/1")
    before = contents(hosts)
    played = dry_run(key, params)
    assert played.statuses == {"demo-01": "changed"}, played.text
    assert change in "".join(diff.text for diff in played.diffs)
    assert played.unforeseen == []
    assert contents(hosts) == before
    if key == "file.distribute":
        check_counts(played)


def check_counts(played: Played) -> None:
    """A folder that would be made counts as one."""
    places = [(diff.path, diff.text) for diff in played.diffs]
    assert sorted(path for path, _text in places) == ["/etc/a/", "/etc/a/b"]
    counts = {"hosts": 1, "changed": 1, "failed": 0, "unforeseen": 0}
    assert words(counts, places) == {
        "zh": "1 台，改 1 个文件，改 1 个目录",
        "en": "1 host, 1 file changed, 1 folder changed",
    }


@pytest.mark.parametrize("key", LOOKS)
def test_what_only_looks_shows_the_same_in_a_dry_run_and_changes_nothing(key: str, hosts: Path) -> None:
    """The other way, as a run, on a real machine: tests/automation/test_library_far.py."""
    params, shown = LOOKS[key]
    before = contents(hosts)
    played = dry_run(key, params)
    assert load_action(LIBRARY / key).is_read_only
    assert played.statuses == {"demo-01": "ok"}, played.text
    assert shown in played.text
    assert (played.diffs, played.unforeseen) == ([], [])
    assert contents(hosts) == before


def test_no_shipped_action_for_ansible_is_left_out() -> None:
    shipped = {path.name for path in LIBRARY.iterdir() if path.is_dir()}
    ansible = {key for key in shipped if load_action(LIBRARY / key).executor == "ansible"}
    assert ansible - {*GIVEN, *LOOKS} == {"script.run", "shell.audit_install", "shell.audit_remove"}  # on real machines
