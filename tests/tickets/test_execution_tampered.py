"""Whatever is changed in the database is named by the audit and never runs (I07, A32)."""

from datetime import timedelta

import orjson
import pytest
from django.core.management import call_command
from django.db import connection

from tests.factories import (
    NGINX,
    NOW,
    act,
    approval,
    automation_visit,
    breaks,
    fresh,
    move,
    pending,
    submit,
    template,
    user,
)
from tests.tickets.running import approved, begin, settle
from tickets.audit.verify import verify
from tickets.commands import execution
from tickets.commands.execution import ExecutionRefused
from tickets.errors import WrongState
from tickets.models import ApprovalTask, ContentVersion, Event, NodeVisit, Ticket
from tickets.trail.digests import content_digest, plan_digest
from tickets.trail.events import chain_hash

pytestmark = pytest.mark.usefixtures("world")
HOSTS = {"key": "hosts", "type": "hosts", "label": "H", "required": True}
RUN = {"node": "run", "type": "automation", "action": "service.restart", "targets": "form.hosts",
       "params": {"service": "'nginx'"}}  # fmt: skip
FORM = {"hosts": ["demo-01"]}


@pytest.fixture
def ticket() -> Ticket:
    return approved()


def sql(statement: str, *arguments) -> None:
    """As somebody who owns the database would: no trigger fires."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, arguments)
        assert cursor.rowcount > 0
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def event(ticket, kind: str) -> Event:
    return Event.objects.filter(ticket=ticket, kind=kind).latest("seq")


def changed_comment(ticket) -> None:
    sql('UPDATE tickets_event SET data = data || \'{"comment": "x"}\' WHERE id = %s', event(ticket, "task.approved").pk)


def changed_actor(ticket) -> None:
    sql("UPDATE tickets_event SET actor_id = %s WHERE id = %s", user("heidi").pk, event(ticket, "task.approved").pk)


def changed_time(ticket) -> None:
    moved = NOW + timedelta(days=1)
    sql("UPDATE tickets_event SET at = %s WHERE id = %s", moved, event(ticket, "task.approved").pk)


def changed_hash(ticket) -> None:
    sql("UPDATE tickets_event SET hash = repeat('0', 64) WHERE id = %s", event(ticket, "ticket.submitted").pk)


def removed_event(ticket) -> None:
    sql("DELETE FROM tickets_event WHERE id = %s", event(ticket, "task.approved").pk)


def removed_first_event(ticket) -> None:
    sql("DELETE FROM tickets_event WHERE ticket_id = %s AND seq = 1", ticket.pk)


def removed_last_event(ticket) -> None:
    sql("DELETE FROM tickets_event WHERE id = %s", Event.objects.filter(ticket=ticket).latest("seq").pk)


def inserted_event(ticket) -> None:
    now = fresh(ticket)
    sql(
        "INSERT INTO tickets_event (ticket_id, seq, at, kind, data, hash)"
        " VALUES (%s, %s, %s, 'job.rerun', '{\"node\": \"run\", \"round\": 1}', repeat('0', 64))",
        ticket.pk, now.event_seq + 1, NOW,
    )  # fmt: skip
    sql("UPDATE tickets_ticket SET event_seq = event_seq + 1, event_hash = repeat('0', 64) WHERE id = %s", ticket.pk)


def inserted_decision(ticket) -> None:
    real = ApprovalTask.objects.filter(ticket=ticket, state="approved").first()
    sql(
        "INSERT INTO tickets_approvaltask (ticket_id, visit_id, assignee_id, decided_by_id, state, channel, comment,"
        " decided_at, created_at, digest, reason, position)"
        " VALUES (%s, %s, %s, %s, 'approved', 'web', '', %s, %s, %s, '\"\"', '')",
        ticket.pk, real.visit_id, user("erin").pk, user("erin").pk, NOW, NOW, real.digest,
    )  # fmt: skip


def changed_decider(ticket) -> None:
    sql("UPDATE tickets_approvaltask SET decided_by_id = %s WHERE ticket_id = %s", user("erin").pk, ticket.pk)


def removed_decision(ticket) -> None:
    sql("DELETE FROM tickets_approvaltask WHERE ticket_id = %s AND assignee_id = %s", ticket.pk, user("bob").pk)


def changed_decision_state(ticket) -> None:
    sql("UPDATE tickets_approvaltask SET state = 'vetoed' WHERE ticket_id = %s", ticket.pk)


def changed_form(ticket) -> None:
    sql('UPDATE tickets_contentversion SET form = form || \'{"note": "evil"}\' WHERE ticket_id = %s', ticket.pk)


def changed_plan(ticket) -> None:
    sql(
        "UPDATE tickets_contentversion SET plans = jsonb_set(plans, '{run,params,note}', '\"evil\"')"
        " WHERE ticket_id = %s", ticket.pk,
    )  # fmt: skip


def changed_plan_with_new_digests(ticket) -> None:
    """A digest has no key: whoever changes a plan can make its digests fit again."""
    content = fresh(ticket).content
    plan = content.plans["run"]
    plan["params"]["note"] = "evil"
    plan["digest"] = plan_digest(plan)
    digest = content_digest(
        template_version_id=ticket.template_version_id, form=content.form, facts=content.facts, plans=content.plans,
        children={},
    )  # fmt: skip
    plans = orjson.dumps(content.plans).decode()
    sql("UPDATE tickets_contentversion SET plans = %s, digest = %s WHERE id = %s", plans, digest, content.pk)


def changed_target(ticket) -> None:
    sql(
        "UPDATE tickets_contentversion SET plans = jsonb_set(plans, '{run,targets,0,address}', '\"10.6.6.6\"')"
        " WHERE ticket_id = %s", ticket.pk,
    )  # fmt: skip


def changed_template_version(ticket) -> None:
    sql("UPDATE tickets_ticket SET template_version_id = template_version_id - 1 WHERE id = %s", ticket.pk)


def changed_applicant(ticket) -> None:
    sql("UPDATE tickets_ticket SET applicant_id = %s WHERE id = %s", user("heidi").pk, ticket.pk)


TAMPERING = {
    changed_comment: "changed_event",
    changed_actor: "changed_event",
    changed_time: "changed_event",
    changed_hash: "changed_event",
    removed_event: "missing_event",
    removed_first_event: "missing_event",
    removed_last_event: "cut_chain",
    inserted_event: "changed_event",
    inserted_decision: "forged_decision",
    changed_decider: "changed_decision",
    removed_decision: "lost_decision",
    changed_decision_state: "forged_decision",
    changed_form: "changed_content",
    changed_plan: "changed_content",
    changed_plan_with_new_digests: "changed_content",
    changed_target: "changed_content",
    changed_template_version: "changed_content",
    changed_applicant: "changed_applicant",
}


@pytest.mark.parametrize(("tamper", "what"), TAMPERING.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_A32_is_named_by_the_audit_and_never_runs(ticket, tamper, what, capsys) -> None:
    other = submit("nginx-config-sync", NGINX)
    tamper(ticket)
    found = list(verify(Ticket.objects.filter(pk__in=[ticket.pk, other.pk]).order_by("pk")))
    assert what in {broken.what for broken in found}
    assert {broken.number for broken in found} == {ticket.number}
    with pytest.raises(ExecutionRefused):
        begin(ticket)
    assert automation_visit(ticket).started_at is None
    with pytest.raises(SystemExit):
        call_command("audit", "verify")
    assert f"BROKEN {ticket.number}" in capsys.readouterr().out


@pytest.mark.parametrize("state", ["approving", "completed", "failed", "returned", "draft", "vetoed", "withdrawn"])
def test_A32_a_flipped_state_is_named(ticket, state) -> None:
    sql("UPDATE tickets_ticket SET state = %s WHERE id = %s", state, ticket.pk)
    assert "changed_state" in breaks(ticket)
    with pytest.raises((WrongState, ExecutionRefused)):
        begin(ticket)


def test_A32_a_state_flipped_to_executing_runs_nothing() -> None:
    """The whole move by hand: state, visit, no approval."""
    ticket = submit("nginx-config-sync", NGINX)
    act(ticket, "bob")
    sql("UPDATE tickets_ticket SET state = 'executing' WHERE id = %s", ticket.pk)
    NodeVisit.objects.filter(ticket=ticket, state="open").update(state="closed")
    visit = NodeVisit.objects.create(ticket=ticket, node="run", round=1, type="automation", opened_at=NOW)
    with pytest.raises(ExecutionRefused):
        execution.begin(visit_id=visit.pk, job_id=1, at=NOW)


def test_A32_a_cleared_start_does_not_begin_again(ticket) -> None:
    begin(ticket)
    sql("UPDATE tickets_nodevisit SET started_at = NULL WHERE id = %s", automation_visit(ticket).pk)
    with pytest.raises(ExecutionRefused, match="begun"):
        begin(ticket)


def test_A32_a_failed_ticket_set_back_does_not_begin_again(ticket) -> None:
    begin(ticket)
    settle(ticket, ok=False, outcome="unknown")
    sql("UPDATE tickets_ticket SET state = 'executing' WHERE id = %s", ticket.pk)
    sql("UPDATE tickets_nodevisit SET started_at = NULL, outcome = '' WHERE id = %s", automation_visit(ticket).pk)
    with pytest.raises(ExecutionRefused):
        begin(ticket)


def test_A32_a_seat_that_was_moved_is_named() -> None:
    """erin moves bob's seat to herself and signs through the front door."""
    ticket = submit("nginx-config-sync", NGINX)
    sql("UPDATE tickets_approvaltask SET assignee_id = %s WHERE id = %s", user("erin").pk, pending(ticket).pk)
    act(ticket, "erin")
    act(ticket, "dave")
    assert "unasked_decision" in breaks(ticket)
    with pytest.raises(ExecutionRefused):
        begin(ticket)


def test_A32_a_seat_that_was_moved_after_its_decision_is_named(ticket) -> None:
    given = ApprovalTask.objects.get(ticket=ticket, decided_by__username="bob")
    other = ApprovalTask.objects.get(ticket=ticket, decided_by__username="dave")
    for column, value in (("assignee_id", user("heidi").pk), ("visit_id", other.visit_id)):
        sql(f"UPDATE tickets_approvaltask SET {column} = %s WHERE id = %s", value, given.pk)
        assert breaks(ticket) == ["changed_decision"]
        sql(f"UPDATE tickets_approvaltask SET {column} = %s WHERE id = %s", getattr(given, column), given.pk)
    assert breaks(ticket) == []


def test_A32_a_seat_that_was_handed_on_elsewhere_was_not_handed_on_here() -> None:
    """bob transferred his seat at the first step; that says nothing about the second one."""
    bob = {"user": "bob"}
    template([approval("a", bob), approval("b", bob, {"user": "dave"}, mode="all"), RUN], [HOSTS])
    ticket = move(submit(form=FORM), "bob", "transfer", "erin")
    act(ticket, "erin")
    sql(
        "UPDATE tickets_approvaltask SET state = 'transferred', decided_at = %s, decided_by_id = %s WHERE id = %s",
        NOW, user("bob").pk, pending(ticket, "bob").pk,
    )  # fmt: skip
    assert breaks(ticket) == ["forged_decision"]


def test_A32_a_seat_that_was_removed_does_not_lower_the_quorum() -> None:
    template([approval("a", {"role": "sre"}, mode="all"), RUN], [HOSTS])
    ticket = submit(form=FORM)
    sql("DELETE FROM tickets_approvaltask WHERE id = %s", pending(ticket, "grace").pk)
    act(ticket, "erin")
    assert fresh(ticket).state == "executing"
    with pytest.raises(ExecutionRefused, match="incomplete"):
        begin(ticket)


def test_A32_the_seal_needs_the_key(ticket, settings) -> None:
    settings.AUDIT_KEY = "another-key-of-more-than-32-characters"
    with pytest.raises(ExecutionRefused):
        begin(ticket)
    assert "changed_event" in breaks(ticket)


def test_A32_a_whole_forged_chain_without_the_key(ticket, settings) -> None:
    """Every event hashed anew, with a guessed key."""
    right = settings.AUDIT_KEY
    settings.AUDIT_KEY = "guessed-key-of-more-than-32-characters"
    previous = ""
    for row in Event.objects.filter(ticket=ticket).order_by("seq"):
        previous = chain_hash(row, previous)
        sql("UPDATE tickets_event SET hash = %s WHERE id = %s", previous, row.pk)
    sql("UPDATE tickets_ticket SET event_hash = %s WHERE id = %s", previous, ticket.pk)
    settings.AUDIT_KEY = right
    assert "changed_event" in breaks(ticket)


def test_I07_no_trigger_no_change(ticket) -> None:
    """The application's own role cannot change events or contents at all."""
    from django.db import DatabaseError, transaction

    for rows in (Event.objects.filter(ticket=ticket), ContentVersion.objects.filter(ticket=ticket)):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(ticket=ticket)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows._raw_delete(rows.db)


def test_the_audit_of_an_untouched_house_is_clean(ticket, capsys) -> None:
    begin(ticket)
    settle(ticket, ok=True)
    call_command("audit", "verify")
    assert capsys.readouterr().out.startswith("OK")
    call_command("audit", "verify", ticket=ticket.number)
