"""Reachability checks of hosts: requested by operators, run by the executor of their site, stored with their age."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from automation.commands.host_checks import check_waiting
from automation.executors.salt.client import Salt
from automation.hosts.checks import greeting
from automation.models import Host
from tests.api.calls import Api

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@contextmanager
def listening(say: bytes | None) -> Iterator[int]:
    """A port that says this to whoever comes, or nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def serve() -> None:
            try:
                while True:
                    connection, _address = server.accept()
                    held.append(connection)
                    if say is not None:
                        connection.sendall(say)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        for connection in held:
            connection.close()


@pytest.mark.parametrize(
    ("say", "result", "words"),
    [
        (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "ok", "SSH-2.0-OpenSSH_9.2p1 Debian-2"),
        (b"SSH-\x1b[31m\xff\xfe<script>\r\n", "ok", "SSH-\\u001b[31m"),
        (b"HTTP/1.1 400 Bad Request\r\n", "unreachable", "no SSH server"),
        (None, "unreachable", "1"),
    ],
    ids=["ssh", "hostile", "http", "silent"],
)
def test_A35_only_an_ssh_server_answers(say, result, words) -> None:
    with listening(say) as port:
        found = greeting("127.0.0.1", port, answer_s=1.0)
    assert found.result == result
    assert words in found.message
    assert "\x1b" not in found.message


def test_a_port_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert greeting("127.0.0.1", port).result == "unreachable"
    assert greeting("no-such-host.invalid", 22).result == "unreachable"


def ask(*names: str) -> None:
    answer = Api("admin").post("hosts/check", {"names": list(names)})
    assert (answer.status_code, answer.json()) == (202, {"asked": len(names)})


@pytest.mark.parametrize("check", ["ok", "unreachable", "unusable", "unknown", "never"])
def test_hosts_are_found_by_what_the_last_check_said(check) -> None:
    for result in ("ok", "unreachable", "unusable", "unknown", ""):
        Host.objects.create(name=f"host-{result or 'never'}", check_result=result, groups=["checked"])
    found = Api("admin").get("hosts", check=check, group="checked").json()["results"]
    assert [row["name"] for row in found] == [f"host-{check}"]


def test_a_check_is_asked_for_done_and_kept_with_its_time(tmp_path, settings) -> None:
    settings.HOME = settings.AUTOMATION_HOME = tmp_path
    (tmp_path / "hosts/demo-01").mkdir(parents=True)
    with listening(b"SSH-2.0-x\r\n") as port:
        Host.objects.create(name="web-01", address="127.0.0.1", port=port)
        ask("demo-01", "demo-02", "web-01")
        row = Api("heidi").get("hosts/web-01").json()
        assert row["check_requested_at"] is not None
        assert check_waiting() == 3
    rows = {row["name"]: row for row in Api("admin").get("hosts").json()["results"]}
    assert [rows[name]["check_result"] for name in ("demo-01", "demo-02", "demo-03", "web-01")] == [
        "ok", "unreachable", "", "ok",
    ]  # fmt: skip
    assert rows["web-01"]["check_message"] == "SSH-2.0-x; No log-in was tried: the fleet's key is not here."
    assert rows["web-01"]["checked_at"] is not None
    assert rows["web-01"]["check_requested_at"] is None
    assert check_waiting() == 0


def test_an_executor_checks_the_hosts_of_its_own_site_and_nothing_stale(settings) -> None:
    now = timezone.now()
    Host.objects.create(name="far-01", site="sz", check_requested_at=now)
    Host.objects.create(name="old-01", check_requested_at=now - timedelta(hours=1))
    assert check_waiting() == 0
    settings.SITE = "sz"
    assert check_waiting() == 1
    assert Host.objects.get(name="far-01").check_result == "unreachable"


@pytest.fixture
def salt(monkeypatch, settings) -> Callable[[dict], None]:
    """A salt-api that answers with these grains."""
    settings.SALT_API_URL, settings.SALT_API_USERNAME = "https://salt.example.com", "baton"
    settings.SALT_API_PASSWORD = "x"
    monkeypatch.setattr(Salt, "log_in", lambda self: None)

    def answer(said: dict) -> None:
        monkeypatch.setattr(Salt, "grains", lambda self, minions, names: said)

    return answer


def test_a_minion_that_says_a_sentence_does_not_answer(salt) -> None:
    for name in ("m1", "m2", "m3", "m4"):
        Host.objects.create(name=name, connection="salt", minion=name)
    salt({"m1": {"os": "Debian"}, "m2": False, "m3": "Minion did not return. [No response]"})
    ask("m1", "m2", "m3", "m4")
    check_waiting()
    results = Host.objects.filter(name__startswith="m").order_by("name").values_list("check_result", flat=True)
    assert list(results) == ["ok", "unreachable", "unreachable", "unreachable"]
    assert Host.objects.get(name="m1").facts == {"os": "Debian"}


def test_a_salt_that_cannot_be_asked_calls_no_host_down(settings) -> None:
    settings.SALT_API_URL = ""
    Host.objects.create(name="m1", connection="salt", minion="m1", facts={"os": "Debian"})
    ask("m1")
    check_waiting()
    host = Host.objects.get(name="m1")
    assert (host.check_result, host.facts) == ("unknown", {"os": "Debian"})
    assert "SALT_API_URL" in host.check_message


def test_a_host_with_two_ways_answers_when_both_do(salt) -> None:
    with listening(b"SSH-2.0-x\r\n") as port:
        Host.objects.create(name="web-01", address="127.0.0.1", port=port, minion="m1")
        for said, result in (({"m1": {"os": "Debian"}}, "ok"), ({}, "unreachable")):
            salt(said)
            ask("web-01")
            check_waiting()
            assert Host.objects.get(name="web-01").check_result == result


def test_what_is_not_there_is_not_checked() -> None:
    assert Api("admin").post("hosts/check", {"names": ["demo-01", "nobody"]}).status_code == 404
    assert Api("admin").post("hosts/check", {"names": []}).status_code == 422
    assert not Host.objects.filter(check_requested_at__isnull=False).exists()


def test_hosts_check_from_the_command_line(capsys, tmp_path, settings) -> None:
    settings.HOME = tmp_path
    call_command("hosts", "check", "demo-01")
    assert capsys.readouterr().out.startswith("demo-01\t")
    assert Host.objects.get(name="demo-01").check_result == "unreachable"
    assert Host.objects.get(name="demo-01").checked_at is not None
    with pytest.raises(CommandError, match="no such host: nobody"):
        call_command("hosts", "check", "demo-01", "nobody")
