"""The demo tickets step by step: the ways in the README, and what each template adds."""

from typing import Any

import pytest

from tests.factories import (
    LEAVE,
    NGINX,
    NOW,
    act,
    begin,
    breaks,
    finish,
    fresh,
    opened,
    pending,
    submit,
    user,
    waiting,
)  # fmt: skip
from tickets.commands.children import wake_all
from tickets.commands.decide import decide
from tickets.errors import Invalid
from tickets.models import Ticket

pytestmark = pytest.mark.usefixtures("world")
NEWCOMER = {"name": "Ivy", "starts_on": "2026-12-01", "position": "Developer"}
RELEASE = {"application": "shop", "version": "1.4.0", "hosts": ["demo-01", "demo-02"], "notes": "Faster."}
CHANGE = {"database": "shop", "hosts": ["demo-01"], "sql": "SELECT 1", "rollback_sql": "SELECT 2"}
RECORD = {"zone": "example.com", "name": "www", "value": "192.0.2.1", "hosts": ["demo-01"]}
ACCESS = {"account": "alice", "hosts": ["demo-01"], "reason": "logs"}


def hands(ticket: Ticket) -> list[str]:
    """Approve with whoever is asked first, until nobody has to approve any more; who that was."""
    asked = []
    while ticket.tasks.filter(state="pending", visit__type="approval").exists():
        asked.append(waiting(ticket)[0])
        act(ticket, asked[-1])
    return asked


@pytest.mark.parametrize(
    ("key", "form", "way"),
    [
        ("nginx-config-sync", NGINX, ["bob", "dave"]),
        ("leave", LEAVE, ["bob"]),
        ("leave", {**LEAVE, "days": 5}, ["bob", "carol"]),
        ("leave", {**LEAVE, "days": 20}, ["bob", "carol"]),  # bob and carol have signed: the line is not asked again
        ("service-restart", {"service": "nginx", "hosts": ["demo-01"], "reason": "r"}, ["bob"]),
        ("service-restart", {"service": "mysql", "hosts": ["demo-01"], "reason": "r"}, ["bob", "dave"]),
        ("dns-record", RECORD, ["bob", "erin"]),
        ("dns-record", {**RECORD, "public": True, "reason": "shop"}, ["bob", "frank", "erin"]),
        ("server-access", ACCESS, ["bob"]),
        ("server-access", {**ACCESS, "access": "sudo"}, ["bob", "frank"]),
        ("server-access", {**ACCESS, "owner": "grace", "until": "2026-12-31"}, ["bob", "grace"]),
        ("server-access", {**ACCESS, "owner": "bob"}, ["bob"]),  # who signed directly before
        ("database-change", {**CHANGE, "production": False}, ["bob", "dave"]),
        ("database-change", CHANGE, ["bob", "dave", "carol"]),
        ("release-deploy", RELEASE, ["bob", "erin", "grace"]),
    ],
)  # fmt: skip
def test_who_signs(key, form, way) -> None:
    assert hands(submit(key, form)) == way


def test_until_is_the_day_that_was_asked_for() -> None:
    ticket = submit("server-access", {**ACCESS, "until": "2026-12-31"})
    assert ticket.content.plans["grant"]["params"]["until"] == "2026-12-31"


def test_a_release_is_signed_side_by_side_and_runs_in_batches() -> None:
    ticket = submit("release-deploy", {**RELEASE, "tester": "heidi", "sensitive": True})
    act(ticket, "bob")
    assert waiting(ticket) == ["erin", "frank", "heidi"]
    for name in ("frank", "erin", "heidi"):
        assert "deploy" not in opened(ticket)
        act(ticket, name)
    act(ticket, "grace")
    plan = fresh(ticket).content.plans["deploy"]
    assert (plan["batch"], plan["params"]["batch"]) == ([1, "100%"], "1")
    assert opened(ticket) == ["deploy"]


def test_a_change_of_tables_is_reviewed_by_whom_the_applicant_chose() -> None:
    form = {**CHANGE, "changes_tables": True}
    with pytest.raises(Invalid):
        submit("database-change", form)
    assert hands(submit("database-change", form, chosen={"review": ["heidi"]})) == ["bob", "heidi", "dave", "carol"]


def test_the_dba_improves_the_way_back_and_no_signature_is_lost() -> None:
    ticket = submit("database-change", CHANGE)
    act(ticket, "bob")
    act(ticket, "dave", form={"rollback_sql": "SELECT 3"})
    assert fresh(ticket).content.form["rollback_sql"] == "SELECT 3"
    assert waiting(ticket) == ["carol"]


def test_a_purchase_and_a_journey_ask_for_their_papers() -> None:
    lines = [{"what": "Laptop", "count": 6, "price": 9000}]
    purchase = {"supplier": "S", "lines": lines, "total": 54000, "reason": "Old ones"}
    with pytest.raises(Invalid) as refused:
        submit("purchase-request", purchase)
    assert [error["path"] for error in refused.value.errors or []] == ["form.quotes"]
    small = submit("purchase-request", {**purchase, "total": 900})
    assert hands(small) == ["bob", "carol"]
    assert waiting(small) == ["erin", "grace"]


def test_an_employee_arrives_when_every_sub_ticket_is_done() -> None:
    form = {**NEWCOMER, "needs_servers": True, "account": "ivy", "hosts": ["demo-01", "demo-02"], "buddy": "heidi"}
    ticket = submit("new-employee", form)
    assert hands(ticket) == ["bob", "frank"]
    children = {child.title: child for child in Ticket.objects.filter(parent=ticket)}
    assert len(children) == 4
    assert at_work(ticket) == ["access", "accounts", "briefing", "equipment"]
    for title, child in children.items():
        complete(child)
        assert fresh(child).state == "completed", title
    wake_all(NOW)
    assert at_work(ticket) == ["briefing"]
    act(ticket, "frank", "confirm")
    assert waiting(ticket) == ["alice", "heidi"]
    act(ticket, "alice", "confirm")
    assert fresh(ticket).state == "completed"
    assert [breaks(one) for one in (ticket, *children.values())] == [[]] * 5


def test_an_employee_without_servers_and_equipment() -> None:
    ticket = submit("new-employee", {**NEWCOMER, "equipment": []})
    assert hands(ticket) == ["bob"]
    assert at_work(ticket) == ["accounts", "briefing"]
    (child,) = Ticket.objects.filter(parent=ticket)
    assert child.template_version.template.key == "new-account"


def at_work(ticket: Ticket) -> list[str]:
    """The nodes that are open beside the fork they lie in."""
    return [node for node in opened(ticket) if node != "prepare"]


def complete(ticket: Ticket) -> None:
    """Let operations do whatever a sub-ticket asks for."""
    typed: dict[str, dict[str, Any]] = {
        "open": {"mailbox": "ivy@example.com"},
        "prepare": {"assets": [{"number": "A-1"}]},
    }
    while fresh(ticket).state not in ("completed", "executing"):
        task = pending(ticket, "erin")
        verb: Any = "approve" if task.visit.type == "approval" else "confirm"
        decide(
            task_id=task.pk, verb=verb, actor=user("erin"), at=NOW, channel="web", form=typed.get(task.visit.node)
        )  # fmt: skip
    if fresh(ticket).state == "executing":
        begin(ticket, "grant")
        finish(ticket, "grant")
