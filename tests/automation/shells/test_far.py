"""The collector on a real machine: installed by an approved job, used over SSH, lines sent, then removed."""

import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import timezone

from automation.actions.document import load_action
from automation.actions.library import LIBRARY
from automation.background.run import run
from automation.executors.base import Mode, Order
from automation.models import Host, Job
from automation.models.shell import ShellHost, ShellLine
from templates_engine.store.commands import import_template
from tests.automation.farm import Farm, Machine
from tests.automation.playing import play
from tests.automation.world import HEAD, approve, log_of, make_people
from tickets.background.dispatch import dispatch
from tickets.commands import submit as submitting

pytestmark = [
    pytest.mark.services,
    pytest.mark.timeout(400),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("shipped_actions"),
]
SEND = "/usr/local/lib/baton-shell/send"
SPOOL = "var/spool/baton-shell"
MISCHIEF = [
    "echo '\\xff\\e[31m $(id) `id`'",
    f"ls /{SPOOL}/in",
    f"ls /{SPOOL}/kept",
    f"rm -rf /{SPOOL}/in/*",
    f"ln -s /etc/shadow /{SPOOL}/in/0.1.1",
    f"mkfifo /{SPOOL}/in/0.1.2",
    f"mkdir -p /{SPOOL}/in/d/e",
]


@pytest.fixture
def far(farm: Farm, settings) -> Machine:
    """A machine with a host key where one belongs, and an account for ann."""
    machine = farm.machine("shell-01")
    farm.admit(settings.AUTOMATION_HOME)
    (machine.root / "etc/cron.d").mkdir(exist_ok=True)
    for end in ("", ".pub"):
        machine.run("cp", f"/baton-farm/host{end}", f"/etc/ssh/ssh_host_ed25519_key{end}")
    if "ann:" not in (machine.root / "etc/passwd").read_text():
        machine.run("useradd", "--create-home", "--shell", "/bin/bash", "--password", "*", "ann")
    machine.run("chmod", "0644", "/baton-farm/authorized")
    machine.run("rm", "-rf", f"/{SPOOL}")
    Host.objects.create(name="shell-01", address=machine.address, port=machine.port, user="root")
    return machine


def carry_out(action: str, people: dict, **params: str) -> Job:
    """The whole way: a template, a ticket, a yes, a job that ran."""
    given = ", ".join(f"{name}: \"'{value}'\"" for name, value in params.items())
    key = action.replace(".", "-").replace("_", "-")
    text = HEAD.format(key=key, action=action, form="", params=given, more="")
    import_template(text=text, actor=None, at=timezone.now(), publish_it=True)
    ticket = submitting.create(
        template=key, form={"hosts": ["shell-01"]}, actor=people["alice"], at=timezone.now(), title="Please"
    )
    approve(ticket, people)
    dispatch()
    job = Job.objects.get(ticket=ticket)
    run(job.pk)
    job.refresh_from_db()
    assert job.state == "completed", log_of(job)
    return job


def type_there(farm: Farm, far: Machine, user: str, *lines: str) -> str:
    """An interactive log-in over SSH with a terminal; what it showed."""
    unknown = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
    command = ["ssh", "-tt", "-i", str(farm.folder / "id"), *unknown, "-p", str(far.port), f"{user}@{far.address}"]
    typed = "".join(f"{line}\n" for line in lines).encode() + b"exit\n"
    done = subprocess.run(command, input=typed, capture_output=True, timeout=60, check=False)
    assert done.returncode in (0, 1), done.stderr.decode()
    return done.stdout.decode()


def left_there(far: Machine) -> str:
    return far.run("find", "/etc", "/usr/local", "/var/spool", "/var/lib/systemd", "-xdev", "-name", "*baton-shell*")


def typed(user: str) -> list[str]:
    return list(ShellLine.objects.filter(user=user).order_by("seq").values_list("command", flat=True))


def test_from_an_approval_to_lines_and_back(farm: Farm, far: Machine, live_server) -> None:
    people = make_people()
    before = (far.root / "etc/bash.bashrc").read_text()
    job = carry_out("shell.audit_install", people, url=live_server.url)
    host = ShellHost.objects.get()
    assert (host.name, host.enrolled_job, host.enrolled_by) == ("shell-01", job, "alice")
    assert far.host_key.startswith(host.public_key)
    assert "shell-01 is enrolled, with its key SHA256:" in log_of(job)
    assert "* * * * * root" in (far.root / "etc/cron.d/baton-shell").read_text()

    root = ["cd /tmp", "  echo a hidden one", "for n in 1 2", "do echo $n", "done", "bash", "id -u", "exit"]
    type_there(farm, far, "root", *root)
    shown = type_there(farm, far, "ann", *MISCHIEF)
    assert shown.count("Permission denied") >= 2, shown
    assert far.run(SEND) == ""
    once = ["cd /tmp", "  echo a hidden one", "for n in 1 2; do echo $n; done", "bash", "id -u", "exit", "exit"]
    assert Counter(typed("root")) == Counter(once)
    assert typed("ann") == [*MISCHIEF, "exit"]
    assert {line.user for line in ShellLine.objects.all()} == {"root", "ann"}
    first = ShellLine.objects.get(command="  echo a hidden one")
    assert (first.cwd, first.source, first.tty[:4]) == ("/tmp", "127.0.0.1", "pts/")
    assert abs(first.at - first.received_at).total_seconds() < 300
    host.refresh_from_db()
    assert (host.last_seq, host.lost) == (ShellLine.objects.count(), 0)
    assert list((far.root / SPOOL / "in").iterdir()) == []
    assert list((far.root / SPOOL / "kept/taken").iterdir()) == []

    carry_out("shell.audit_remove", people)
    host.refresh_from_db()
    assert host.removed_at is not None
    assert left_there(far) == ""
    assert (far.root / "etc/bash.bashrc").read_text() == before
    assert "hello" in type_there(farm, far, "ann", "echo hello")


def test_it_is_foreseen_and_what_is_missing_is_said_first(far: Machine) -> None:
    action = load_action(LIBRARY / "shell.audit_install")
    order = Order("CHG-1", 1, action, action.version, {"url": "https://b", "ca": ""}, [far.target()], mode=Mode.CHECK)
    played = play(order)
    assert (played.statuses, played.unforeseen) == ({"shell-01": "changed"}, []), played.text
    (far.root / "etc/ssh/ssh_host_ed25519_key").unlink()
    played = play(replace(order, mode=Mode.RUN))
    assert played.statuses == {"shell-01": "failed"}
    assert "There is no /etc/ssh/ssh_host_ed25519_key." in played.results["shell-01"].message
    assert left_there(far) == ""


@pytest.fixture
def collecting(far: Machine, live_server) -> Machine:
    """The same machine with the sender put there by hand, and enrolled."""
    far.run("install", "-d", "-m", "0755", str(Path(SEND).parent), "/etc/baton-shell", f"/{SPOOL}")
    far.run("install", "-d", "-m", "0700", f"/{SPOOL}/kept", f"/{SPOOL}/kept/taken")
    far.run("install", "-d", "-m", "1733", f"/{SPOOL}/in")
    shutil.copy(LIBRARY / "shell.audit_install/send", far.root / SEND[1:])
    (far.root / SEND[1:]).chmod(0o755)
    (far.root / "etc/baton-shell/config").write_text(f"{live_server.url}\nshell-01\n")
    ShellHost.objects.create(name="shell-01", public_key=key_of(far), enrolled_at=timezone.now())
    return far


def key_of(far: Machine) -> str:
    return " ".join(far.host_key.split()[:2])


def record(*fields: bytes) -> bytes:
    return b"".join(field + b"\0" for field in fields)


def put(far: Machine, user: str, name: str, data: bytes) -> None:
    """What somebody's own program writes into the spool."""
    inside = ["nsenter", f"--target={far.pid}", "--mount", "--pid", "--root", "--wd", "su", user, "-c"]
    command = f"cat > /{SPOOL}/in/{name}"
    subprocess.run([*inside, command], input=data, check=True)


def test_what_a_user_forges_is_his_own_and_only_text(collecting: Machine) -> None:
    far = collecting
    noon = b"1796000000"
    odd = b'"}],"x":[{"\\\n$(id)`id`\x1b[2J\xff'
    put(far, "ann", "0.1.1", record(noon, b"1.261130", b"pts/9", b"10.0.0.1", b"/root\n\xff", odd))
    put(far, "ann", "0.1.2", record(b"a[$(touch /tmp/pwned)]", odd, odd, odd, odd, b"second") + b"cut off")
    put(far, "ann", "0.1.3", b"".join(record(noon, b"", b"", b"", b"", b"%d" % n) for n in range(30)))
    far.run("sed", "-i", "s/records_max=2000/records_max=20/", SEND)
    far.run(SEND)
    assert not (far.root / "tmp/pwned").exists()
    assert {line.user for line in ShellLine.objects.all()} == {"ann"}
    first = ShellLine.objects.get(session="1.261130")
    assert first.command == '"}],"x":[{"\\\n$(id)`id`\\u001b[2J\\xff'
    assert (first.cwd, first.source) == ("/root\\n\\xff", "10.0.0.1")
    second = ShellLine.objects.get(command="second")
    assert abs(second.at - second.received_at).total_seconds() < 300
    host = ShellHost.objects.get()
    assert ShellLine.objects.count() == 22
    far.run("sed", "-i", "s/total_max=5000/total_max=1/", SEND)  # what is too much for one turn waits for the next
    for name in "abc":
        put(far, "ann", f"0.2.{name}", record(noon, b"", b"", b"", b"", b"waits"))
    for sent in (23, 24, 25):
        far.run(SEND)
        assert ShellLine.objects.count() == sent
    put(far, "ann", "0.1.4", record(noon, b"", b"", b"", b"", b"after"))
    far.run(SEND)
    host.refresh_from_db()
    assert (host.last_seq, host.lost) == (36, 10)


def test_F19_nothing_is_lost_or_doubled_while_baton_is_away(collecting: Machine, live_server) -> None:
    far = collecting
    config, queue = far.root / "etc/baton-shell/config", far.root / SPOOL / "kept/queue"
    where = config.read_text()
    one = record(b"1796000000", b"1", b"", b"", b"/", b"one")
    put(far, "ann", "a", one)
    config.write_text(where.replace(live_server.url, "http://127.0.0.1:9"))
    away = far.run("sh", "-c", f"{SEND} 2>&1 || echo failed")
    assert "Baton took nothing" in away
    assert "failed" in away
    put(far, "ann", "b", one.replace(b"one", b"two"))
    config.write_text(where)
    waiting = queue.read_text()
    ShellHost.objects.update(public_key="ssh-ed25519 " + "A" * 68)
    assert "HTTP 401" in far.run("sh", "-c", f"{SEND} 2>&1 || true")
    ShellHost.objects.update(public_key=key_of(far))
    assert len(queue.read_text().splitlines()) == len(waiting.splitlines()) + 1
    before = queue.read_text()
    far.run(SEND)
    assert typed("ann") == ["one", "two"]
    host = ShellHost.objects.get()
    queue.write_text(before.replace("0 0\n", f"{host.pk} 0\n"))  # the answer was lost: all of it is sent again
    far.run(SEND)
    put(far, "ann", "c", one.replace(b"one", b"three"))
    far.run(SEND)
    host.refresh_from_db()
    assert typed("ann") == ["one", "two", "three"]
    assert (host.last_seq, host.lost) == (3, 0)
    queue.unlink()  # the spool was wiped: the numbers go on all the same
    put(far, "ann", "d", one.replace(b"one", b"four"))
    far.run(SEND)
    assert typed("ann") == ["one", "two", "three", "four"]
