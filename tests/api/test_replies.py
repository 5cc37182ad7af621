"""The response to a command is the page as a new request shows it, though it is made from memory."""

from typing import Any

import pytest

from tests.api.calls import Api
from tests.factories import LEAVE, NGINX, approval, parallel, template
from tickets.models import ApprovalTask

pytestmark = pytest.mark.usefixtures("world")
CHAIN = [
    approval("first", {"user": "bob"}, {"user": "erin"}, mode="all", due="4h"),
    parallel("fork", [approval("left", {"user": "dave"})], [approval("right", {"role": "sre"})]),
    approval("last", {"manager": 1}, {"chosen_by": "applicant"}),
]
FORM = [
    {"key": "secret", "type": "text", "label": "S", "hidden_at": ["last"]},
    {"key": "note", "type": "text", "label": "N", "editable_at": ["first"]},
]


def task_of(number: str, who: str) -> int:
    found = ApprovalTask.objects.filter(ticket__number=number, state="pending", assignee__username=who)
    return found.latest("pk").pk


def say(who: str, path: str, body: Any = None) -> dict[str, Any]:
    """Act, and compare the answer with the page that this person then opens."""
    answer = Api(who).post(path, body)
    assert answer.status_code in (200, 201), answer.content
    said = answer.json()
    assert said == Api(who).get(f"tickets/{said['number']}").json()
    return said


def test_a_life_with_every_act() -> None:
    template(CHAIN, FORM)
    body = {"template": "t", "form": {"secret": "x", "note": "a"}, "chosen": {"last": ["carol"]}}
    number = say("alice", "tickets", body)["number"]
    say("alice", f"tickets/{number}/comments", {"text": "please"})
    say("alice", f"tickets/{number}/remind")
    say("bob", f"tasks/{task_of(number, 'bob')}/return", {"comment": "why"})
    say("alice", f"tickets/{number}/resubmit", {"form": {"secret": "x", "note": "b"}, "chosen": {"last": ["carol"]}})
    say("bob", f"tasks/{task_of(number, 'bob')}/add_sign", {"users": ["grace"], "position": "before"})
    say("grace", f"tasks/{task_of(number, 'grace')}/approve", {"comment": "fine"})
    say("bob", f"tasks/{task_of(number, 'bob')}/transfer", {"users": ["heidi"]})
    say("heidi", f"tasks/{task_of(number, 'heidi')}/approve", {"form": {"note": "c"}})
    say("erin", f"tasks/{task_of(number, 'erin')}/approve")
    say("admin", f"tickets/{number}/reassign", {"node": "left", "users": ["carol"], "comment": "away"})
    say("carol", f"tasks/{task_of(number, 'carol')}/return", {"comment": "again", "to": "first", "resume": "here"})
    say("alice", f"tickets/{number}/withdraw", {"comment": "enough"})


def test_drafts_and_plans() -> None:
    number = say("alice", "tickets", {"template": "leave", "form": LEAVE, "draft": True})["number"]
    say("alice", f"tickets/{number}/submit")
    say("bob", f"tasks/{task_of(number, 'bob')}/veto", {"comment": "no"})
    number = say("alice", "tickets", {"template": "nginx-config-sync", "form": NGINX})["number"]
    say("bob", f"tasks/{task_of(number, 'bob')}/approve")
    say("dave", f"tasks/{task_of(number, 'dave')}/approve")


def test_sub_tickets() -> None:
    form = {"kind": f"'{LEAVE['kind']}'", "from": f"'{LEAVE['from']}'", "days": "2"}
    child = {"node": "children", "type": "subticket", "template": "leave", "form": form}
    template([approval("first", {"user": "bob"}), child])
    number = say("alice", "tickets", {"template": "t", "form": {}})["number"]
    say("bob", f"tasks/{task_of(number, 'bob')}/approve")
    say("alice", f"tickets/{number}/withdraw", {"comment": "enough"})
