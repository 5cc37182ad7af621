"""What approvers see of a plan as it will be executed (A27, I23)."""

import json
from pathlib import Path

import pytest
from django.test import Client

from automation.actions.library import shipped
from automation.actions.run_input import PART_MAX, machine_view
from tests.automation.world import publish, submit
from tickets.models.content import Target

pytestmark = pytest.mark.django_db
TARGETS: list[Target] = [{"name": "web-1", "address": "ops@web-1:22", "connection": "ssh"}]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch) -> None:
    monkeypatch.setattr("common.doorbell.ring", lambda *what: None)


def test_every_part_of_a_run_is_there_and_pinned() -> None:
    action = shipped()["nginx.sync_config"]
    parts = machine_view(action, {"server_name": "a.example.com"}, TARGETS)
    assert [(part["kind"], part["title"]) for part in parts] == [
        ("argv", "ansible-playbook"), ("values", "params"), ("values", "hosts"), ("playbook", "playbook.yml"),
        ("file", "site.conf.j2"),
    ]  # fmt: skip
    assert json.loads(parts[1]["text"]) == {"server_name": "a.example.com"}
    assert json.loads(parts[2]["text"]) == TARGETS
    assert parts[3]["text"].encode() == action.files["playbook.yml"]


def test_A27_odd_characters_are_seen_and_long_texts_are_cut() -> None:
    action = shipped()["database.run_change"]
    parts = machine_view(action, {"database": "orders", "sql": "\u202edrop\u200b\x1b[2J" + "x" * PART_MAX}, TARGETS)
    values = next(part for part in parts if part["title"] == "params")["text"]
    assert "\\u202edrop\\u200b\\u001b[2J" in values
    assert not {"\u202e", "\u200b", "\x1b"} & set(values)
    assert len(values) < PART_MAX + 200


def test_by_the_ticket_for_those_who_may_see_it(people, hosts: Path) -> None:
    publish("sql")
    ticket = submit("sql", people, ["demo-01"], sql="SELECT 1")
    answers = {}
    for name in ("alice", "bob", "heidi"):
        browser = Client()
        browser.force_login(people[name])
        answers[name] = browser.get(f"/api/v1/tickets/{ticket.number}/plans/run/machine")
    assert {name: answer.status_code for name, answer in answers.items()} == {"alice": 200, "bob": 200, "heidi": 404}
    parts = answers["bob"].json()["parts"]
    assert json.loads(parts[1]["text"]) == {"database": "orders", "sql": "SELECT 1"}
    browser = Client()
    browser.force_login(people["bob"])
    assert browser.get(f"/api/v1/tickets/{ticket.number}/plans/leader/machine").status_code == 404


def test_the_way_back_is_read_there_too_and_told_apart(people, hosts: Path) -> None:
    publish("sql", more="rollback: {action: service.restart, params: {service: '\"nginx\"'}}")
    ticket = submit("sql", people, ["demo-01"], sql="SELECT 1")
    browser = Client()
    browser.force_login(people["bob"])
    parts = browser.get(f"/api/v1/tickets/{ticket.number}/plans/run/machine").json()["parts"]
    params = {part["title"]: json.loads(part["text"]) for part in parts if part["title"].endswith(": params")}
    assert params == {
        "database.run_change: params": {"database": "orders", "sql": "SELECT 1"},
        "service.restart: params": {"service": "nginx"},
        "service.status: params": {"service": "nginx", "watch_s": 2},
    }
