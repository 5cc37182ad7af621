"""The preview of approvers matches those really asked: random templates, both walked to the end."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given

from templates_engine.approvers.modes import needed
from templates_engine.store import queries
from templates_engine.store.commands import check
from tests.factories import NOW, proxy, submit, template, user
from tests.model.documents import FORMS, flat, templates
from tests.model.engine import furnish, publish
from tests.model.test_walks import bounded
from tickets.background import timers
from tickets.commands import execution
from tickets.commands.decide import decide
from tickets.models import ApprovalTask, Event, NodeVisit, Ticket

pytestmark = pytest.mark.usefixtures("world")
MOST = 60


@bounded(120)
@given(document=templates(), form=FORMS)
def test_I03_the_preview_asks_whom_the_walk_asks(document, form) -> None:
    with transaction.atomic():
        furnish()
        if check(json.dumps(document)).ok:
            _hold(document, form)
        transaction.set_rollback(True)


def _hold(document, form) -> None:
    for node in flat(document["chain"]):
        node.pop("due", None)  # time decides nothing here
        node.pop("on_timeout", None)
    publish(document)
    key = document["key"]
    for principal, agent in (("bob", "alice"), ("erin", "frank")):
        proxy(principal, agent, NOW - timedelta(days=1), NOW + timedelta(days=9))
    path = queries.simulate(queries.version_of(key, None).pk, form=form, applicant=user("alice"), at=NOW)["path"]
    ticket = submit(key, form)
    _walk(ticket)
    story = f"{json.dumps(document)} {form}"
    foreseen = {step["node"]: step for step in path}
    asked, passed, stuck = _asked(ticket)
    visited = set(NodeVisit.objects.filter(ticket=ticket).values_list("node", flat=True))
    assert visited <= foreseen.keys(), story
    if Ticket.objects.get(pk=ticket.pk).state == "completed":
        assert visited == foreseen.keys(), story
    nodes = {node["node"]: node for node in flat(document["chain"])}
    vague = False  # whether an approval before was open to several: then nobody knows whom dedup will pass
    for name in (step["node"] for step in path if step["node"] in visited):
        node, step = nodes[name], foreseen[name]
        if node["type"] not in ("approval", "confirm"):
            continue
        expected, found = set(step["assignees"]), asked.get(name, set())
        told = f"{name}: the preview says {sorted(expected)}, asked are {sorted(found)}\n{story}"
        assert step["blocked"] == (name in stuck), told
        assert found <= expected, told
        assert vague or found == expected, told
        assert expected - found <= passed.get(name, set()), told
        _require_agents(step, node)
        mode = node.get(
            "mode", "sequence" if any("managers_up_to" in rule for rule in node.get("approvers", [])) else "any"
        )
        if node["type"] == "approval" and document["dedup"] != "none":
            vague = vague or (len(expected) > 1 and needed(mode, len(expected)) < len(expected))


def _require_agents(step, node) -> None:
    """A stand-in that the preview offers is one whom the walk would let decide: never the applicant on an approval."""
    for row in step["agents"]:
        assert row["principal"] in step["assignees"]
        assert node["type"] != "approval" or row["agent"] != "alice"


def _walk(ticket) -> None:
    """Everybody says yes, jobs run, waits end."""
    at = NOW
    for _turn in range(MOST):
        task = ApprovalTask.objects.filter(ticket=ticket, state="pending").select_related("visit").order_by("pk").last()
        job = NodeVisit.objects.filter(ticket=ticket, state="open", type="automation").first()
        if task is not None:
            decide(task_id=task.pk, verb="confirm" if task.visit.type == "confirm" else "approve",
                   actor=task.assignee, channel="web", at=at)  # fmt: skip
        elif job is not None:
            execution.begin(visit_id=job.pk, job_id=1, at=at)
            execution.settle(visit_id=job.pk, job_id=1, at=at, ok=True, outcome="completed", hosts={})
        else:
            at += timedelta(hours=3)
            if not timers.fire_due(at):
                return


def _asked(ticket) -> tuple[dict[str, set[str]], dict[str, set[str]], set[str]]:
    """(node → whom it asked or meant to; node → who was passed there, by name where that is said; nodes stuck)."""
    asked: dict[str, set[str]] = {}
    passed: dict[str, set[str]] = {}
    stuck: set[str] = set()
    everybody = set(ApprovalTask.objects.filter(ticket=ticket).values_list("assignee__username", flat=True))
    for event in Event.objects.filter(ticket=ticket).order_by("seq"):
        node = event.data.get("node", "")
        if event.kind == "task.assigned":
            seats = [*event.data["assignees"], *event.data.get("later", ())]
            asked.setdefault(node, set()).update(seat["username"] for seat in seats)
        elif event.kind == "task.passed":
            passed.setdefault(node, set()).update(event.data.get("assignees", everybody))
        elif event.kind == "ticket.stuck":
            stuck.add(node)
    return asked, passed, stuck


class TestStandIns:
    """1.4: the preview offered the applicant as stand-in on his own ticket."""

    def agents(self, key: str) -> list[list[str]]:
        found = queries.simulate(queries.version_of(key, None).pk, form={}, applicant=user("alice"), at=NOW)
        return [[row["agent"] for row in step["agents"]] for step in found["path"]]

    def test_I03_never_the_applicant_at_an_approval(self) -> None:
        ask = {"node": "a", "type": "approval", "approvers": [{"user": "bob"}]}
        do = {"node": "b", "type": "confirm", "assignees": [{"user": "bob"}]}
        template([ask, do])
        for agent in ("alice", "grace"):
            proxy("bob", agent, NOW - timedelta(days=1), NOW + timedelta(days=9))
        assert self.agents("t") == [["grace"], ["alice", "grace"]]

    def test_a_title_that_nobody_typed_decides_as_it_will(self) -> None:
        """Conditions over the title see the one that the ticket will get."""
        ask = {"node": "a", "type": "approval", "approvers": [{"user": "bob"}]}
        cases = [{"when": "ticket.title == 'T'", "chain": [ask]}, {"otherwise": True, "chain": []}]
        way = {"node": "way", "type": "branch", "cases": cases}
        template([way])
        assert len(self.agents("t")) == 1
