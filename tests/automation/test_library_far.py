"""All shipped actions on a real machine over SSH: dry run, run, and a check of the result."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from automation.actions.document import Action, load_action
from automation.actions.library import LIBRARY
from automation.actions.schema import findings, with_defaults
from automation.executors.base import Mode, Order
from tests.automation.farm import Farm, Machine, free_port
from tests.automation.playing import Played, play
from tests.hostile import CODE, CONTROL, SHAPE

pytestmark = [pytest.mark.services, pytest.mark.timeout(400)]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGz alice@laptop"
HOSTILE = [*CODE.values(), *CONTROL.values(), SHAPE["rtl"], "!unsafe x", "-rf /", "'\"`\\$(id)", "*?[a-z]~"]
Run = Callable[..., Played]


@pytest.fixture
def far(farm: Farm, settings) -> Machine:
    """A machine that is not ours to spoil, and is spoilt all the same."""
    machine = farm.machine("far-01")
    farm.admit(settings.AUTOMATION_HOME)
    return machine


@pytest.fixture
def run(far: Machine) -> Run:
    """Runs one action there, with the defaults that a plan would have."""

    def carry_out(key: str, how: Mode = Mode.RUN, action: Action | None = None, **params: Any) -> Played:
        action = action or load_action(LIBRARY / key)
        values = with_defaults(action.params, params)
        assert list(findings(action.params, values, "p")) == []
        return play(Order("CHG-1", 1, action, action.version, values, [far.target()], mode=how))

    return carry_out


def done(played: Played, status: str = "changed") -> Played:
    assert played.statuses == {"far-01": status}, played.text
    return played


def diff_of(played: Played) -> str:
    return "".join(f"{diff.path}: {diff.text}" for diff in played.diffs)


def test_what_only_looks_changes_nothing(run: Run, far: Machine) -> None:
    (far.root / "var/log/app.log").write_bytes(b"first\nse\xffcond\nlast\n")
    (far.root / "etc/haproxy/haproxy.cfg").write_text(
        "global\n    log /dev/log local0\nlisten stats\n    stats auth admin:hunter2hunter\n"
        "userlist u\n    user a password $5$abcdef\n    server db postgres://app:hunter2hunter@10.0.0.1/x\n"
    )
    (far.root / "etc/haproxy/conf.d").mkdir(exist_ok=True)
    (far.root / "etc/haproxy/conf.d/out.cfg").symlink_to("/etc/shadow")
    shown = done(run("config.show", application="haproxy"), "ok").text
    assert "stats auth admin:********" in shown
    assert "log /dev/log local0" in shown
    assert "a link out of this folder" in shown
    assert not [secret for secret in ("hunter2", "$5$", "root:") if secret in shown]
    modules = Path("/proc/modules")
    loaded = modules.read_text().split(" ")[0] if modules.exists() else "no modules to load"
    assert loaded in done(run("system.kernel_modules"), "ok").text
    assert "last" in (text := done(run("system.log_tail", path="/var/log/app.log", lines=2), "ok").text)
    assert "se\ufffdcond" in text
    assert "first" not in text
    assert "Debian" in done(run("system.os_version"), "ok").text
    assert done(run("system.last_logins", limit=3), "ok")


def test_config_sync_of_nginx_is_checked_before_it_is_loaded(run: Run, far: Machine) -> None:
    """A28: what stands in the file is text to everybody but nginx."""
    port = free_port()
    (far.root / "etc/nginx/sites-enabled/default").unlink(missing_ok=True)
    far.run("service", "nginx", "start")
    hostile = "".join(f"# {line}\n" for text in HOSTILE for line in text.replace("\r", "\n").split("\n"))
    good = f"server {{ listen 127.0.0.1:{port}; return 200 'pong'; }}\n{hostile}"
    given = {"application": "nginx", "file": "pong.conf"}
    foreseen = done(run("config.sync", Mode.CHECK, content=good, **given))
    assert "/etc/nginx/conf.d/pong.conf: " in diff_of(foreseen)
    assert [step for _, step in foreseen.unforeseen] == ["The application accepts it"]
    file = far.root / "etc/nginx/conf.d/pong.conf"
    assert not file.exists()
    done(run("config.sync", content=good, **given))
    assert file.read_bytes() == good.encode()
    assert page(port) == "pong"
    failed = done(run("config.sync", content="server { listen nowhere;\n", **given), "failed")
    assert "nginx refused the new file" in failed.results["far-01"].message
    assert "pong.conf" in failed.results["far-01"].message  # nginx's own words
    assert file.read_bytes() == good.encode()
    assert [path.name for path in file.parent.iterdir()] == ["pong.conf"]
    assert page(port) == "pong"
    assert not Path("/tmp/baton-pwned").exists()


def page(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        return answer.read().decode()


RSYSLOG = """#!/bin/sh
case $1 in
  status) kill -0 $(cat /run/rsyslogd.pid) ;;
  *) kill $(cat /run/rsyslogd.pid) 2>/dev/null; rm -f /run/rsyslogd.pid; rsyslogd ;;
esac
"""


def test_config_sync_of_haproxy_and_syslog(run: Run, far: Machine) -> None:
    init = far.root / "etc/init.d/rsyslog"
    init.write_text(RSYSLOG)
    init.chmod(0o755)
    haproxy = far.root / "etc/haproxy/haproxy.cfg"
    times = "".join(f"    timeout {what} 5s\n" for what in ("client", "server", "connect"))
    good = f"defaults\n{times}listen a\n    bind 127.0.0.1:{free_port()}\n"
    haproxy.write_text(good)
    far.run("service", "haproxy", "start")
    given = {"application": "haproxy", "file": "haproxy.cfg"}
    done(run("config.sync", content=good + "# more\n", **given))
    assert haproxy.read_text() == good + "# more\n"
    failed = done(run("config.sync", content="no such section\n", **given), "failed")
    assert "haproxy refused the new file" in failed.results["far-01"].message
    assert haproxy.read_text() == good + "# more\n"

    done(run("config.sync", application="syslog", file="50-app.conf", content="local3.* /var/log/app3.log\n"))
    assert far.run("pgrep", "rsyslogd")
    failed = done(run("config.sync", application="syslog", file="60-bad.conf", content="$NoSuchThing on\n"), "failed")
    assert "syslog refused" in failed.results["far-01"].message
    assert not (far.root / "etc/rsyslog.d/60-bad.conf").exists()


def test_config_sync_of_sysctl_loads_all_or_nothing(run: Run, far: Machine) -> None:
    domain = {"application": "sysctl", "file": "70-app.conf"}
    done(run("config.sync", content="kernel.domainname = good.example\n", **domain))
    assert far.run("sysctl", "-n", "kernel.domainname") == "good.example\n"
    bad = "kernel.domainname = bad.example\nkernel.no_such_setting = 1\n"
    failed = done(run("config.sync", content=bad, **domain), "failed")
    assert "no_such_setting" in failed.results["far-01"].message
    assert far.run("sysctl", "-n", "kernel.domainname") == "good.example\n"
    assert (far.root / "etc/sysctl.d/70-app.conf").read_text() == "kernel.domainname = good.example\n"


def test_accounts_come_and_go(run: Run, far: Machine) -> None:
    name = "Ann $(id) {{ 7*7 }} \u202e"
    given = {"account": "ann", "full_name": name, "public_key": KEY}
    assert "user ann" in diff_of(done(run("user.create", Mode.CHECK, **given)))
    assert "ann:" not in (far.root / "etc/passwd").read_text()
    done(run("user.create", **given))
    entry = far.run("getent", "passwd", "ann").strip().split(":")
    assert (entry[4], entry[6]) == (name, "/bin/bash")
    keys = far.root / "home/ann/.ssh/authorized_keys"
    assert keys.read_text() == KEY + "\n"
    assert (keys.stat().st_uid, keys.stat().st_mode & 0o777) == (int(entry[2]), 0o600)
    assert far.run("getent", "shadow", "ann").split(":")[1].startswith("!")  # no password opens it
    done(run("user.grant_access", account="ann", public_key=KEY, until="2031-02-03T00:00:00+08:00"))
    assert far.run("getent", "shadow", "ann").split(":")[7] == str(22313)
    far.run("sh", "-c", "su ann -c 'sleep 7777 >/dev/null 2>&1 </dev/null &'")
    assert run("user.remove", Mode.CHECK, account="ann", remove_home=True).statuses == {"far-01": "changed"}
    assert keys.exists()
    done(run("user.remove", account="ann", remove_home=True))
    assert "ann:" not in (far.root / "etc/passwd").read_text()
    assert not (far.root / "home/ann").exists()
    assert "sleep 7777" not in far.run("ps", "ax", "-o", "args")
    for key, params in (("user.remove", {}), ("user.create", {"public_key": KEY})):
        failed = done(run(key, account="daemon", **params), "failed")
        assert "belongs to the system" in failed.results["far-01"].message
    assert "daemon:" in (far.root / "etc/passwd").read_text()


def test_files_arrive_byte_for_byte_and_through_no_link(run: Run, far: Machine) -> None:
    content = "\n".join(HOSTILE) + "\r\n\n"
    given = {"path": "/etc/app/settings.ini", "content": content, "mode": "0640", "owner": "daemon"}
    foreseen = diff_of(done(run("file.distribute", Mode.CHECK, **given)))
    assert "keeps others out" in foreseen
    done(run("file.distribute", **given))
    file = far.root / "etc/app/settings.ini"
    assert file.read_bytes() == content.encode()
    assert (file.stat().st_mode & 0o777, file.stat().st_uid) == (0o640, 1)
    done(run("file.distribute", **given), "ok")
    (far.root / "etc/app/link").symlink_to("/root")
    failed = done(run("file.distribute", path="/etc/app/link/x", content="x"), "failed")
    assert "link in this path" in failed.results["far-01"].message
    assert not (far.root / "root/x").exists()


def test_a_script_gets_its_arguments_as_they_are(run: Run, far: Machine) -> None:
    """A27: with a script of our own hung in beside those that ship."""
    shipped = load_action(LIBRARY / "script.run")
    scripts = {path.removeprefix("scripts/") for path in shipped.files if path.startswith("scripts/")}
    assert set(shipped.params["properties"]["script"]["enum"]) == scripts
    assert "Filesystem" in done(run("script.run", script="disk-usage", arguments="/")).text
    foreseen = done(run("script.run", Mode.CHECK, script="listening-ports"), "ok")
    assert [step for _, step in foreseen.unforeseen] == ["What the script does"]
    from automation.actions.files import content_version

    files = {**shipped.files, "scripts/listening-ports": b"#!/bin/sh\nprintf '%s\\0' \"$@\" > /root/arrived\n"}
    ours = replace(shipped, files=files, version=content_version(files))
    arguments = [text for text in HOSTILE if "\n" not in text]
    done(run("script.run", action=ours, script="listening-ports", arguments="\n".join(arguments)))
    arrived = (far.root / "root/arrived").read_bytes().split(b"\0")[:-1]
    assert arrived == [text.encode() for text in arguments]
    assert not list((far.root / "tmp").glob("baton-*"))


def test_a_package_is_installed_and_updated(run: Run, far: Machine) -> None:
    repository(far)
    foreseen = run("package.install", Mode.CHECK, name="baton-probe", version="1.0")
    assert foreseen.statuses == {"far-01": "changed"}, foreseen.text
    assert "package" in diff_of(foreseen) or "baton-probe" in diff_of(foreseen)
    done(run("package.install", name="baton-probe", version="1.0"))
    assert far.run("dpkg-query", "-W", "-f", "${Version}", "baton-probe") == "1.0"
    done(run("package.install", name="baton-probe", state="latest"))
    assert far.run("dpkg-query", "-W", "-f", "${Version}", "baton-probe") == "2.0"
    failed = done(run("package.install", name="no-such-package"), "failed")
    assert "no-such-package" in failed.results["far-01"].message


def repository(machine: Machine) -> None:
    """A repository of two versions of an empty package on the machine itself, and no other."""
    place = machine.root / "srv/repository"
    for version in ("1.0", "2.0"):
        control = place / f"build-{version}/DEBIAN/control"
        control.parent.mkdir(parents=True)
        control.parent.chmod(0o755)  # whatever this process takes from others
        control.write_text(
            f"Package: baton-probe\nVersion: {version}\nArchitecture: all\n"
            "Maintainer: x <x@example.com>\nDescription: x\n"
        )
        machine.run("dpkg-deb", "--build", f"/srv/repository/build-{version}", f"/srv/repository/p-{version}.deb")
    entries = []
    for version in ("1.0", "2.0"):
        file = place / f"p-{version}.deb"
        about = (place / f"build-{version}/DEBIAN/control").read_text()
        sum_ = machine.run("sha256sum", f"/srv/repository/{file.name}").split()[0]
        entries.append(f"{about}Filename: ./{file.name}\nSize: {file.stat().st_size}\nSHA256: {sum_}\n")
    (place / "Packages").write_text("\n".join(entries))
    lists = machine.root / "etc/apt"
    for path in [*lists.glob("sources.list*"), *lists.glob("sources.list.d/*")]:
        if path.is_file():
            path.unlink()
    (lists / "sources.list").write_text("deb [trusted=yes] file:/srv/repository ./\n")
    machine.run("sh", "-c", "chmod -R a+rX /srv/repository /etc/apt && apt-get -qq update")


def test_services_and_names(run: Run, far: Machine) -> None:
    """rndc is a stand-in that writes down how it was called."""
    rndc = far.root / "usr/sbin/rndc"
    rndc.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\" > /root/rndc\n")
    rndc.chmod(0o755)
    value = "".join(chr(code) for code in range(35, 127) if chr(code) != "\\")
    record = {"zone": "a.example", "name": "_x", "type": "TXT", "value": value}
    assert "+_x 600 IN TXT" in diff_of(done(run("dns.set_record", Mode.CHECK, **record)))
    done(run("dns.set_record", **record))
    assert (far.root / "etc/bind/zones/a.example.zone").read_text() == f'_x 600 IN TXT "{value}"\n'
    assert (far.root / "root/rndc").read_bytes() == b"reload\0a.example\0"
    far.run("sh", "-c", "rm -f /etc/nginx/sites-enabled/default; service nginx start")
    pid = (far.root / "run/nginx.pid").read_text()
    assert "service nginx: restarted" in diff_of(done(run("service.restart", Mode.CHECK, service="nginx")))
    assert (far.root / "run/nginx.pid").read_text() == pid
    done(run("service.restart", service="nginx"))
    done(run("service.status", service="nginx", watch_s=1), "ok")
    assert (far.root / "run/nginx.pid").read_text() != pid
    far.run("sh", "-c", "service nginx stop")
    down = done(run("service.status", service="nginx"), "failed")
    assert down.results["far-01"].message.startswith("The service nginx does not run.")
    assert not (far.root / "run/nginx.pid").exists(), "to look starts nothing"
    far.run("sh", "-c", "service nginx start")
    failed = done(run("service.restart", service="no-such-service"), "failed")
    assert "no-such-service" in failed.results["far-01"].message
    site: dict[str, Any] = {
        "server_name": "www.example.com",
        "listen": free_port(),
        "upstream": "127.0.0.1:1",
        "note": "\n".join(HOSTILE),
    }
    done(run("nginx.sync_config", **site))
    assert (far.root / "etc/nginx/conf.d/www.example.com.note.txt").read_bytes() == site["note"].encode()
    assert (far.root / "etc/nginx/conf.d/www.example.com.conf").exists()


FREE_TEXT = {("config.sync", "content"), ("file.distribute", "content"), ("database.run_change", "sql"),
             ("nginx.sync_config", "note"), ("script.run", "arguments")}  # fmt: skip
ODD = [
    *CODE.values(),
    "a b",
    "a\nb",
    "a\n",
    "-x",
    "--help",
    "a;id",
    "$(id)",
    "`id`",
    "a|b",
    "*",
    "../x",
    "/a/../b",
    "~root",
    "а",
    "a\u202eb",
]


@pytest.mark.parametrize("key", sorted(path.name for path in LIBRARY.iterdir() if path.is_dir()))
def test_A27_every_other_text_is_refused_by_its_form(key: str) -> None:
    action = load_action(LIBRARY / key)
    if action.executor != "ansible":
        return
    for name, schema in action.params["properties"].items():
        if schema["type"] in ("integer", "boolean") or (key, name) in FREE_TEXT or "enum" in schema:
            continue
        through = [text for text in ODD if not _refused(action, name, text)]
        if (key, name) == ("user.create", "full_name"):
            assert all("\n" not in text and ":" not in text for text in through)  # one field of passwd, exactly
        else:
            assert through == [], (key, name)


def _refused(action: Action, name: str, text: str) -> bool:
    beside = {"type": "A"} if action.key == "dns.set_record" else {}
    wrong = list(findings(action.params, {**beside, name: text}, "p"))
    return any(found["path"] == f"p.{name}" and found["code"] != "required" for found in wrong)
