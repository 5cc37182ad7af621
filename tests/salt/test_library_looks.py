"""Shipped read-only Salt actions, run on a minion."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from automation.actions.library import library
from tests.salt.world import LIBRARY, follow, moved, order, play
from tickets.errors import PlanRefused

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def test_A29_A35_the_end_of_a_log_whatever_bytes_it_holds_and_no_link_out(fleet, tmp_path):
    logs = tmp_path / "var" / "log"
    (logs / "app").mkdir(parents=True)
    lines = [b"first", b"$(id) `id` {{ 7*7 }}", b"bytes \xff\xfe, \x1b[31mred", b'{"retcode": 0, "success": true}']
    (logs / "app" / "x.log").write_bytes(b"\n".join(lines) + b"\n")
    (tmp_path / "secret").write_text("not for you\n")
    (logs / "out").symlink_to(tmp_path / "secret")
    what = moved(tmp_path, "salt.system.log_tail", {"/var/log": str(logs)})
    run = follow(order(what, "salt-01", params={"path": f"{logs}/app/x.log", "lines": 3}))
    assert run.of("salt-01").status == "ok", run.text
    assert "$(id) `id` {{ 7*7 }}" in run.text
    assert "bytes \ufffd" in run.text
    assert "first" not in run.text
    out = follow(order(what, "salt-01", params={"path": f"{logs}/out", "lines": 3}))
    assert (out.of("salt-01").status, out.of("salt-01").message) == ("failed", "This path leads out of the log folder.")
    assert "not for you" not in out.text
    none = follow(order(what, "salt-01", params={"path": f"{logs}/none", "lines": 3}))
    assert none.of("salt-01").message == f"There is no {logs}/none."


def test_log_ins_modules_and_configurations_as_the_host_says(fleet, hosts):
    assert play("salt.system.last_logins", limit=3).hosts["web-salt-01"].status == "ok"
    modules = play("salt.system.kernel_modules", name="no_such_module_at_all")
    assert modules.hosts["web-salt-01"].status == "ok"
    everything = play("salt.system.kernel_modules")
    try:
        named = {line.split()[0] for line in Path("/proc/modules").read_text().splitlines()}
    except OSError:
        assert "This kernel has no modules to load." in everything.text
    else:
        assert all(f"{name}  " in everything.text for name in named)
        assert not any(f"{name}  " in modules.text for name in named)
    shown = play("salt.config.show", application="nginx")
    if Path("/etc/nginx/nginx.conf").exists():
        assert shown.hosts["web-salt-01"].status == "ok", shown.text
        assert "--- /etc/nginx/nginx.conf\n" in shown.text
        assert "worker_connections" in shown.text
    else:
        assert "There is no configuration of nginx" in shown.hosts["web-salt-01"].message


@pytest.mark.parametrize(
    ("key", "params"),
    [
        ("salt.system.log_tail", {"path": "/var/log/../../etc/shadow"}),
        ("salt.system.log_tail", {"path": "/var/log/-f"}),
        ("salt.system.log_tail", {"path": "/var/log/x\n"}),
        ("salt.system.log_tail", {"path": "/var/log/x", "lines": "1; id"}),
        ("salt.system.last_logins", {"limit": 0}),
        ("salt.system.kernel_modules", {"name": "$(id)"}),
        ("salt.config.show", {"application": "../../etc/shadow"}),
        ("salt.config.sync", {"application": "nginx", "file": "../x.conf", "content": "x"}),
        ("salt.config.sync", {"application": "haproxy", "file": "other.cfg", "content": "x"}),
        ("salt.package.install", {"name": "-o=x"}),
        ("salt.package.install", {"name": "a b"}),
        ("salt.package.install", {"name": "a", "version": ">1 $(id)"}),
        ("salt.user.create", {"account": "root", "public_key": "ssh-ed25519 AAAA"}),
        ("salt.user.create", {"account": "x", "public_key": 'command="id" ssh-ed25519 AAAA'}),
        ("salt.user.create", {"account": "x", "public_key": "ssh-ed25519 AAAA", "full_name": "a:b"}),
        ("salt.user.remove", {"account": "../x"}),
        ("salt.file.distribute", {"path": "/etc/../x", "content": "x"}),
        ("salt.file.distribute", {"path": "/opt/x", "content": "x", "owner": "a b"}),
        ("salt.script.run", {"script": "../x"}),
    ],
)
def test_A27_A29_values_that_could_be_more_never_leave_the_form(hosts, key, params):
    with pytest.raises(PlanRefused):
        play(key, **params)


def test_what_both_engines_offer_has_the_same_parameters():
    """Salt's have more where Salt needs to be told more; a version of a package says `latest` itself."""
    keys = library().keys()
    twins = [key for key in keys if key.startswith("salt.") and key.removeprefix("salt.") in keys]
    assert len(twins) == 13
    for key in twins:
        ours, theirs = (set(library().action(name).params["properties"]) for name in (key, key.removeprefix("salt.")))
        assert theirs - ours <= {"state"}, key
        assert ours - theirs <= {"mode"}, key


def load(path) -> ModuleType:
    """A file of an action as a module."""
    spec = importlib.util.spec_from_file_location("of_action", path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_I24_both_engines_read_and_mask_the_same(tmp_path, capsys):
    ours = load(LIBRARY / "salt.config.show" / "show.py")
    text = (LIBRARY / "config.show" / "library" / "read_configuration.py").read_text()
    assert (
        text[text.index("FILES = {") : text.index("def main()")] in (LIBRARY / "salt.config.show/show.py").read_text()
    )
    folder = tmp_path / "etc" / "nginx" / "conf.d"
    folder.mkdir(parents=True)
    (folder / "a.conf").write_text(
        "password=hunter2;\nlisten 80;\n-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"
    )
    (tmp_path / "outside").write_text("elsewhere\n")
    (folder / "b.conf").symlink_to(tmp_path / "outside")
    ours.main("nginx", str(tmp_path))
    said = capsys.readouterr().out
    assert "listen 80;" in said
    assert "not shown" in said
    assert not any(secret in said for secret in ("hunter2", "MIIB", "elsewhere"))
    with pytest.raises(SystemExit):
        ours.main("haproxy", str(tmp_path))
