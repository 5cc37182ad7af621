"""Shipped Salt actions that change something: dry run, run on a minion, and a check of the result."""

import getpass
import os
import pwd
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

from automation.executors.base import Mode
from tests.hostile import HOSTILE
from tests.salt.test_runs import SHELL
from tests.salt.world import Run, follow, moved, order, play

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
LINES = [text for text in {**HOSTILE, **SHELL}.values() if len(text) < 2000 and text.splitlines() == [text]]
WHOLE = "\n".join(LINES)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2VrZXlmb3J0ZXN0c29ubHlub3RyZWFsMDAw ann@laptop"


def run_moved(what, how: Mode = Mode.RUN, **params) -> Run:
    return follow(order(what, "salt-01", params=params, mode=how))


def test_A27_A29_a_file_is_distributed_byte_for_byte_and_through_no_link(fleet, tmp_path):
    what = moved(tmp_path, "salt.file.distribute", {"^/(etc|opt|srv|usr/local|var/lib)": f"^{tmp_path}/srv"})
    path = tmp_path / "srv" / "app" / "x.conf"
    given: dict[str, Any] = {"path": str(path), "content": WHOLE, "mode": "0644", "owner": getpass.getuser()}
    foreseen = run_moved(what, Mode.CHECK, **given)
    assert foreseen.of("salt-01").changed, foreseen.text
    assert [diff.path for diff in foreseen.diffs] == [str(path)]
    assert not path.exists()
    assert not foreseen.unforeseen
    assert run_moved(what, **given).of("salt-01").status == "changed"
    assert path.read_bytes() == WHOLE.encode()
    assert run_moved(what, **given).of("salt-01").status == "ok"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "srv" / "link").symlink_to(tmp_path / "elsewhere")
    for how in (Mode.CHECK, Mode.RUN):
        refused = run_moved(what, how, **given | {"path": f"{tmp_path}/srv/link/x"})
        assert refused.of("salt-01").status == "failed"
        assert "There is a link in this path." in refused.of("salt-01").message
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_I24_a_private_file_shows_nothing_of_itself_and_what_was_there_is_kept(fleet, tmp_path):
    what = moved(tmp_path, "salt.file.distribute", {"^/(etc|opt|srv|usr/local|var/lib)": f"^{tmp_path}/srv"})
    given: dict[str, Any] = {
        "path": f"{tmp_path}/srv/key",
        "content": "first-value\n",
        "mode": "0600",
        "owner": getpass.getuser(),
    }
    run_moved(what, **given)
    second = run_moved(what, **given | {"content": "second-value\n"})
    assert second.of("salt-01").changed, second.text
    assert (tmp_path / "srv" / "key").stat().st_mode & 0o777 == 0o600
    told = second.text + "".join(diff.text for diff in second.diffs)
    assert "first-value" not in told
    assert "second-value" not in told
    kept = [path.read_text() for path in (fleet.plan.home / "salt-01" / "cache").rglob("*key_*")]
    assert "first-value\n" in kept


@pytest.fixture
def nginx(tmp_path):
    """config.sync for an nginx whose files are the test's; what it loads is noted down."""
    (tmp_path / "etc" / "nginx" / "conf.d").mkdir(parents=True)
    (tmp_path / "etc" / "haproxy").mkdir()
    main = tmp_path / "etc" / "nginx" / "nginx.conf"
    main.write_text(
        f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off; include {tmp_path}/etc/nginx/conf.d/*.conf; }}\n"
    )
    places = {
        "nginx -t": f"nginx -t -c {main} -e stderr",
        "/etc/nginx/conf.d": f"{tmp_path}/etc/nginx/conf.d",
        "/etc/haproxy": f"{tmp_path}/etc/haproxy",
        "if [ -d /run/systemd/system ]": f'echo "$1 $2" >> {tmp_path}/told; exit; if false',
    }
    return moved(tmp_path, "salt.config.sync", places)


def told(tmp_path) -> list[str]:
    path = tmp_path / "told"
    return path.read_text().splitlines() if path.exists() else []


def test_a_configuration_is_written_and_loaded_only_where_the_application_accepts_it(fleet, tmp_path, nginx):
    path = tmp_path / "etc" / "nginx" / "conf.d" / "site.conf"
    good: dict[str, Any] = {
        "application": "nginx",
        "file": "site.conf",
        "content": "# $(id) `id` \\n\nserver { listen 127.0.0.1:81; }",
        "mode": "0644",
    }
    foreseen = run_moved(nginx, Mode.CHECK, **good)
    assert "Accepted by the application: what the command does" in [note for _host, note in foreseen.unforeseen]
    assert [diff.path for diff in foreseen.diffs] == [str(path)]
    assert (path.exists(), told(tmp_path)) == (False, [])
    bad = run_moved(nginx, **good | {"content": "server { nonsense on; }\n"})
    assert bad.of("salt-01").status == "failed"
    assert 'unknown directive "nonsense"' in bad.of("salt-01").message
    assert (path.exists(), told(tmp_path)) == (False, [])
    run = run_moved(nginx, **good)
    assert run.of("salt-01").status == "changed", run.text
    assert path.read_bytes() == good["content"].encode()
    assert told(tmp_path) == ["reload nginx"]
    before = path.stat()
    assert run_moved(nginx, **good).of("salt-01").status == "ok"
    assert told(tmp_path) == ["reload nginx"]
    assert "nonsense" in run_moved(nginx, **good | {"content": "nonsense on;\n"}).of("salt-01").message
    assert path.read_bytes() == good["content"].encode()
    assert path.stat().st_mode == before.st_mode
    assert told(tmp_path) == ["reload nginx"]


def test_haproxy_is_asked_by_itself(fleet, tmp_path, nginx):
    path = tmp_path / "etc" / "haproxy" / "haproxy.cfg"
    path.write_text("defaults\n    mode tcp\n")
    path.chmod(0o640)
    given: dict[str, Any] = {"application": "haproxy", "file": "haproxy.cfg", "mode": "0640"}
    bad = run_moved(nginx, **given, content="defaults\n    mode nonsense\n")
    assert bad.of("salt-01").status == "failed"
    assert path.read_text() == "defaults\n    mode tcp\n"
    timeouts = "".join(f"    timeout {kind} 1s\n" for kind in ("connect", "client", "server"))
    good = f"defaults\n    mode http\n{timeouts}listen x\n    bind 127.0.0.1:82\n"
    run = run_moved(nginx, **given, content=good)
    assert run.of("salt-01").status == "changed", run.text
    assert (path.read_text(), path.stat().st_mode & 0o777) == (good, 0o640)
    assert told(tmp_path) == ["reload haproxy"]
    assert "timeout connect" not in "".join(diff.text for diff in run.diffs)


def test_what_the_kernel_or_syslog_refuses_is_not_kept(fleet, tmp_path):
    for application, folder in (("sysctl", "/etc/sysctl.d"), ("syslog", "/etc/rsyslog.d")):
        what = moved(
            tmp_path, "salt.config.sync", {folder: f"{tmp_path}{folder}", "rsyslogd -N1": 'rsyslogd -N1 -f "$FILE"'}
        )
        run = run_moved(
            what, application=application, file="90-x.conf", content="no.such.setting = $(id)\n", mode="0644"
        )
        assert run.of("salt-01").status == "failed", (application, run.text)
        assert not (tmp_path / folder[1:] / "90-x.conf").exists()


def test_a_package_that_is_there_is_found_so_and_another_is_foreseen(fleet, hosts):
    run = play("salt.package.install", name="coreutils")
    assert (run.hosts["web-salt-01"].status, run.hosts["web-salt-01"].changed) == ("ok", False), run.text
    foreseen = play("salt.package.install", Mode.CHECK, name="baton-no-such-package")
    assert foreseen.hosts["web-salt-01"].status in ("changed", "failed"), foreseen.text
    assert "baton-no-such-package" in foreseen.text


def test_A27_a_script_gets_each_line_as_one_argument(fleet, tmp_path, hosts):
    what = moved(
        tmp_path, "salt.script.run", {"exec df -P -h --": f'printf "%s\\0" "$@" > {tmp_path}/got; exit 0; true'}
    )
    foreseen = run_moved(what, Mode.CHECK, script="disk-usage", arguments=WHOLE)
    assert [note for _host, note in foreseen.unforeseen] == ["Script: what the command does"]
    assert not (tmp_path / "got").exists()
    run = run_moved(what, script="disk-usage", arguments=WHOLE)
    assert run.of("salt-01").status == "changed", run.text
    assert (tmp_path / "got").read_bytes().decode().split("\0")[:-1] == LINES
    shipped = play("salt.script.run", script="disk-usage", arguments="/")
    assert "Mounted on" in shipped.text
    failed = play("salt.script.run", script="disk-usage", arguments="/no/such/folder; id")
    assert failed.hosts["web-salt-01"].status == "failed"
    assert "'/no/such/folder; id'" in failed.hosts["web-salt-01"].message


@pytest.fixture
def account():
    """The name of an account that is gone afterwards."""
    name = f"bt-{uuid.uuid4().hex[:8]}"
    yield name
    subprocess.run(["userdel", "-rf", name], check=False, capture_output=True)


def test_an_account_comes_with_its_key_and_goes_with_its_processes(fleet, hosts, account):
    given: dict[str, Any] = {
        "account": account,
        "public_key": KEY,
        "full_name": "安 {{ 7*7 }} $(id)",
        "shell": "/bin/sh",
    }
    foreseen = play("salt.user.create", Mode.CHECK, **given)
    assert foreseen.hosts["web-salt-01"].changed, foreseen.text
    assert not any(entry.pw_name == account for entry in pwd.getpwall())
    system = play("salt.user.create", Mode.CHECK, **given | {"account": "daemon"})
    assert "belongs to the system" in system.hosts["web-salt-01"].message
    if os.geteuid() != 0:  # nobody else makes an account
        assert play("salt.user.create", **given).hosts["web-salt-01"].status == "failed"
        return
    run = play("salt.user.create", **given)
    assert run.hosts["web-salt-01"].status == "changed", run.text
    entry = pwd.getpwnam(account)
    assert (entry.pw_gecos.split(",")[0], entry.pw_shell) == (given["full_name"], "/bin/sh")
    keys = Path(entry.pw_dir) / ".ssh" / "authorized_keys"
    assert keys.read_text().strip() == KEY
    assert (keys.stat().st_uid, keys.stat().st_mode & 0o777) == (entry.pw_uid, 0o600)
    assert play("salt.user.create", **given).hosts["web-salt-01"].status == "ok"
    assert "belongs to the system" in play("salt.user.remove", account="daemon").hosts["web-salt-01"].message
    stays = subprocess.Popen(["sleep", "600"], user=entry.pw_uid)
    assert play("salt.user.remove", Mode.CHECK, account=account).hosts["web-salt-01"].changed
    assert stays.poll() is None
    run = play("salt.user.remove", account=account)
    assert run.hosts["web-salt-01"].status == "changed", run.text
    assert stays.wait(5) == -9
    assert not keys.exists()
    assert Path(entry.pw_dir).is_dir()
    assert not any(other.pw_name == account for other in pwd.getpwall())
    assert play("salt.user.remove", account=account).hosts["web-salt-01"].status == "ok"
    subprocess.run(["rm", "-rf", entry.pw_dir], check=True)
