"""End to end with the real sandbox process: card out, tap in, all cards updated; and its faults."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from notify.management.commands.wecom import sandbox_environment
from notify.models import Callback, Delivery
from notify.sending.deliver import end_pauses
from tests.notify.world import crank, submit
from tickets.commands.decide import decide
from tickets.commands.submit import resubmit
from tickets.models import ApprovalTask, Event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]
ROOT = Path(__file__).resolve().parents[2]


class Sandbox:
    """Plain HTTP to the stand-in's switches, inboxes and buttons."""

    def __init__(self, url: str) -> None:
        self.url = url

    def inbox(self, user: str) -> list[dict[str, Any]]:
        return requests.get(f"{self.url}/sandbox/inbox/{user}", timeout=10).json()["messages"]

    def cards(self, user: str) -> list[dict[str, Any]]:
        return [message for message in self.inbox(user) if message["msgtype"] == "template_card"]

    def press(self, user: str, key: str) -> dict[str, Any]:
        body = {"msgid": self.cards(user)[-1]["msgid"], "key": key}
        return requests.post(f"{self.url}/sandbox/inbox/{user}/press", json=body, timeout=30).json()

    def faults(self, **switches: Any) -> None:
        requests.post(f"{self.url}/sandbox/faults", json=switches, timeout=10).raise_for_status()

    def journal(self, kind: str) -> list[dict[str, Any]]:
        return requests.get(f"{self.url}/sandbox/journal", params={"kind": kind}, timeout=10).json()["entries"]


def eventually(question: Callable[[], Any], within_s: float = 15) -> Any:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.02)
    pytest.fail("waited in vain")


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=1).ok
    except requests.ConnectionError:
        return False


@pytest.fixture(scope="module")
def process(live_server, tmp_path_factory) -> Iterator[Sandbox]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        **sandbox_environment(str(port)),
        "SANDBOX_HOME": str(tmp_path_factory.mktemp("sandbox")),
        "SANDBOX_CALLBACK_URL": f"{live_server.url}/wecom/callback",
        "SANDBOX_TRUSTED_ORIGIN": live_server.url,
        "SANDBOX_CALLBACK_PAUSE_S": "0.05",
    }
    child = subprocess.Popen([sys.executable, "-m", "sandbox.wecom"], cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{port}"
    eventually(lambda: answers(f"{url}/healthz"))
    yield Sandbox(url)
    child.terminate()
    child.wait(timeout=10)


@pytest.fixture
def sandbox(process, settings, people, template, live_server) -> Sandbox:
    settings.WECOM_API_BASE = process.url
    settings.BATON_URL = live_server.url
    requests.post(f"{process.url}/sandbox/forget", timeout=10).raise_for_status()
    return process


def later() -> None:
    """The time of every retry has come."""
    end_pauses()
    Delivery.objects.filter(state__in=["queued", "failed"]).update(due_at=timezone.now() - timedelta(seconds=1))
    crank()


def grey(sandbox: Sandbox, user: str) -> str | None:
    return sandbox.cards(user)[-1]["replace_text"]


def test_a_tap_decides_and_every_card_tells_the_truth(sandbox, people):
    ticket = submit(people["alice"])
    crank()
    assert grey(sandbox, "bob") is None
    assert sandbox.press("bob", "approve") == {"ok": True, "attempts": 1, "error": None}
    assert grey(sandbox, "bob") == "Working…"
    crank()
    assert ApprovalTask.objects.get(ticket=ticket, assignee=people["bob"]).channel == "card"
    for name in ("bob", "dave"):
        assert grey(sandbox, name).startswith("Approved by Bob at ")


def test_the_console_can_verify_our_address(sandbox):
    answer = requests.post(f"{sandbox.url}/sandbox/callbacks/verify", timeout=10).json()
    assert answer == {"ok": True, "error": None}


@pytest.mark.parametrize("parallel", [False, True])
def test_A17_F23_a_duplicated_callback_decides_once(sandbox, people, parallel):
    ticket = submit(people["alice"])
    crank()
    sandbox.faults(callbacks={"duplicate": 1, "parallel": parallel})
    assert sandbox.press("bob", "approve")["ok"]
    crank()
    assert Callback.objects.count() == 1
    assert Event.objects.filter(ticket=ticket, kind="task.approved").count() == 1
    assert grey(sandbox, "bob").startswith("Approved by Bob at ")


def test_F23_a_held_callback_after_a_web_decision(sandbox, people):
    ticket = submit(people["alice"])
    crank()
    sandbox.faults(callbacks={"hold": True})
    sandbox.press("dave", "return")
    task = ApprovalTask.objects.get(ticket=ticket, assignee=people["bob"])
    decide(task_id=task.pk, verb="approve", actor=people["bob"], at=timezone.now(), channel="web")
    crank()
    requests.post(f"{sandbox.url}/sandbox/callbacks/release", json={}, timeout=30).raise_for_status()
    crank()
    assert Event.objects.filter(ticket=ticket, kind="task.returned").count() == 0
    assert grey(sandbox, "dave").startswith("Approved by Bob at ")


@pytest.mark.parametrize("how", ["expire", "revoke"])
def test_F21_a_token_that_ended_is_replaced_unnoticed(sandbox, people, how):
    submit(people["alice"])
    crank()
    sandbox.faults(tokens=how)
    submit(people["alice"])
    crank()
    assert len(sandbox.cards("bob")) == 2
    assert set(Delivery.objects.exclude(kind="email").values_list("state", flat=True)) == {"sent"}


@pytest.mark.parametrize(
    "trouble",
    [
        {"endpoint": "message/send", "errcode": -1, "times": 1},
        {"endpoint": "message/send", "errcode": 45009, "times": 1},
        {"endpoint": "message/send", "http": 500, "times": 1},
    ],
    ids=str,
)
def test_F21_a_busy_platform_gets_each_card_once(sandbox, people, trouble):
    sandbox.faults(**trouble)
    submit(people["alice"])
    crank()
    assert Delivery.objects.filter(kind="wecom_card", state="failed").count() == 1
    later()
    assert [len(sandbox.cards(name)) for name in ("bob", "dave")] == [1, 1]


def test_F21_forty_tasks_for_one_person_all_arrive(sandbox, people, settings):
    """WeCom drops what is over 30 a minute without an error; the minute is long at first, and short for the rest."""
    settings.WECOM_PACE = [(30, 600.0)]
    sandbox.faults(member_window_s=600)
    for _ in range(40):
        submit(people["alice"])
    crank()
    waiting = Delivery.objects.filter(recipient=people["bob"], kind="wecom_card", state="queued")
    assert (len(sandbox.cards("bob")), waiting.count()) == (30, 10)
    assert set(waiting.values_list("held_by", "attempts")) == {("pace", 0)}
    settings.WECOM_PACE = [(30, 2.0)]
    sandbox.faults(member_window_s=2)
    eventually(lambda: later() or not waiting.exists())
    assert len({card["task_id"] for card in sandbox.cards("bob")}) == 40
    assert sandbox.journal("dropped") == []


def test_F21_many_news_for_one_person_are_few_messages(sandbox, people, settings):
    settings.WECOM_PACE = [(30, 2.0)]
    sandbox.faults(member_window_s=2)
    numbers = []
    for _ in range(20):
        ticket = submit(people["alice"])
        task = ApprovalTask.objects.get(ticket=ticket, assignee=people["bob"])
        decide(task_id=task.pk, verb="veto", actor=people["bob"], at=timezone.now(), channel="web", comment="no")
        numbers.append(ticket.number)
    crank()
    messages = [message for message in sandbox.inbox("alice") if message["msgtype"] == "text"]
    said = "".join(message["text"]["content"] for message in messages)
    assert (len(messages), [number for number in numbers if number not in said]) == (3, [])
    assert set(Delivery.objects.filter(kind="wecom_text").values_list("state", flat=True)) == {"sent"}


def test_the_same_words_said_twice_arrive_twice(sandbox, people):
    ticket = submit(people["alice"])
    for _ in range(2):
        task = ApprovalTask.objects.filter(ticket=ticket, assignee=people["bob"]).latest("pk")
        decide(task_id=task.pk, verb="return", actor=people["bob"], at=timezone.now(), channel="web", comment="no")
        resubmit(number=ticket.number, actor=people["alice"], at=timezone.now(), form=None)
        crank()
    titles = [message["textcard"]["title"] for message in sandbox.inbox("alice")]
    assert titles == ["Returned to you: Three days off"] * 2


def test_F05_the_same_news_sent_again_arrives_once(sandbox, people):
    ticket = submit(people["alice"])
    task = ApprovalTask.objects.filter(ticket=ticket, assignee=people["bob"]).latest("pk")
    decide(task_id=task.pk, verb="return", actor=people["bob"], at=timezone.now(), channel="web", comment="no")
    sandbox.faults(endpoint="message/send", http=502, lost=True, times=9)
    crank()
    sandbox.faults(reset=True)
    later()
    assert len(sandbox.inbox("alice")) == 1
    assert Delivery.objects.get(kind="wecom_text", recipient=people["alice"]).state == "sent"


def test_F05_a_lost_answer_makes_no_second_card(sandbox, people):
    sandbox.faults(endpoint="message/send", http=502, lost=True, times=1)
    submit(people["alice"])
    crank()
    later()
    assert [len(sandbox.cards(name)) for name in ("bob", "dave")] == [1, 1]
    assert set(Delivery.objects.filter(kind="wecom_card").values_list("state", flat=True)) == {"sent"}


def test_F21_I20_down_and_up_again(sandbox, people):
    sandbox.faults(down=True)
    submit(people["alice"])
    crank()
    assert Delivery.objects.filter(kind="wecom_card", state="sent").count() == 0
    sandbox.faults(down=False)
    later()
    assert [len(sandbox.cards(name)) for name in ("bob", "dave")] == [1, 1]


def test_F22_F24_our_endpoint_down_then_the_next_tap_counts(sandbox, people):
    ticket = submit(people["alice"])
    crank()
    sandbox.faults(callbacks={"drop": 1})
    assert not sandbox.press("bob", "approve")["ok"]
    crank()
    assert ApprovalTask.objects.get(ticket=ticket, assignee=people["bob"]).state == "pending"
    assert sandbox.press("bob", "approve")["ok"]
    crank()
    assert ApprovalTask.objects.get(ticket=ticket, assignee=people["bob"]).state == "approved"


def test_A24_a_member_who_left_the_visible_range(sandbox, people):
    sandbox.faults(members={"bob": "out_of_range"})
    submit(people["alice"])
    crank()
    states = dict(Delivery.objects.filter(kind="wecom_card").values_list("recipient__username", "state"))
    assert states == {"bob": "dead", "dave": "sent"}


def test_news_without_a_decision_is_a_text_card(sandbox, people):
    ticket = submit(people["alice"])
    task = ApprovalTask.objects.get(ticket=ticket, assignee=people["bob"])
    decide(task_id=task.pk, verb="veto", actor=people["bob"], at=timezone.now(), channel="web", comment="no")
    crank()
    (message,) = [m for m in sandbox.inbox("alice") if m["msgtype"] == "textcard"]
    assert message["textcard"]["title"] == "Refused: Three days off"
    assert message["textcard"]["url"].endswith(f"&next=%2Ftickets%2F{ticket.number}")


def test_wecom_check_says_what_is_right_and_what_to_mend(sandbox, settings, capsys):
    call_command("wecom", "check")
    assert "ok" in capsys.readouterr().out
    settings.WECOM_SECRET = "wrong"
    with pytest.raises(CommandError, match="WECOM_SECRET is wrong"):
        call_command("wecom", "check")
    settings.WECOM_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(CommandError, match="WECOM_API_BASE"):
        call_command("wecom", "check")


@pytest.mark.parametrize("agent", ["Mozilla/5.0 wxwork/4.1.0", "Mozilla/5.0 (X11)"])
def test_A23_A24_the_log_in_goes_through_the_stand_ins_pages(sandbox, settings, live_server, people, agent):
    settings.WECOM_LOGIN_BASE = settings.WECOM_OAUTH_BASE = sandbox.url
    browser = requests.Session()
    browser.headers["User-Agent"] = agent
    start = f"{live_server.url}/wecom/login?next=/healthz"
    away = browser.get(start, allow_redirects=False, timeout=10).headers["Location"]
    address, _hash, _fragment = away.partition("#")
    back = browser.get(f"{address}&sandbox_user=bob", allow_redirects=False, timeout=10).headers["Location"]
    assert back.startswith(f"{live_server.url}/wecom/login/callback?")
    home = browser.get(back, allow_redirects=False, timeout=10)
    assert (home.status_code, home.headers["Location"]) == (302, "/healthz")
    assert browser.get(f"{live_server.url}/api/v1/notifications", timeout=10).status_code == 200
    assert browser.get(back, timeout=10).status_code == 403  # neither state nor code work twice


def test_A24_a_visitor_is_nobody(sandbox, settings, live_server, people):
    settings.WECOM_LOGIN_BASE = sandbox.url
    browser = requests.Session()
    away = browser.get(f"{live_server.url}/wecom/login", allow_redirects=False, timeout=10).headers["Location"]
    back = browser.get(f"{away}&sandbox_user=~external", timeout=10)
    assert (back.status_code, 'data-reason="unknown"' in back.text) == (403, True)


def test_wecom_sync_brings_the_directory_over(sandbox, people, capsys):
    call_command("wecom", "sync", "--dry-run")
    assert "+ user grace Grace 顾蕾" in capsys.readouterr().out
    call_command("wecom", "sync")
    call_command("wecom", "sync")
    assert capsys.readouterr().out.strip().endswith("9 people in 6 departments; 0 changed")
    grace = User.objects.get(username="grace")
    assert (grace.manager.username, grace.department.name) == ("erin", "运维部")
