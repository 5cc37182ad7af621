"""One approval starts at most one run (I14, A33), whatever returns, joins and dedup do in between."""

from datetime import timedelta

import pytest
from django.db import connection

from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    approval,
    begin,
    finish,
    fresh,
    one,
    opened,
    parallel,
    proxy,
    restart,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tickets.commands import execution
from tickets.commands.execution import ExecutionRefused

pytestmark = pytest.mark.usefixtures("sound")
CHECK = {"node": "check", "type": "confirm", "assignees": [{"user": "erin"}]}


@pytest.fixture
def half_done():
    """A job that failed in one branch, while the other one is still asked."""
    template([one("first", "bob"), parallel("fork", [restart()], [one("r", "dave")])], [HOSTS])
    ticket = submit("t", HOST)
    act(ticket, "bob")
    begin(ticket)
    finish(ticket, ok=False)
    return ticket


def test_I14_a_job_that_had_begun_is_not_reopened_by_a_return(half_done) -> None:
    act(half_done, "dave", "return", comment="why", resume="here")
    resubmit(half_done)
    assert waiting(half_done) == ["bob"]
    assert opened(half_done) == ["first"]
    act(half_done, "bob")
    assert begin(half_done, job=2).plan["action"] == "service.restart"


def test_I14_T11_the_executor_refuses_a_used_approval_by_itself(half_done) -> None:
    act(half_done, "dave", "return", comment="why", resume="here")
    with connection.cursor() as cursor:  # whoever can write to the database wants it reopened all the same
        cursor.execute("""UPDATE tickets_ticket SET reopen = '["fork", "run", "r"]' WHERE id = %s""", [half_done.pk])
    resubmit(half_done)
    assert opened(half_done) == ["fork", "r", "run"]
    with pytest.raises(ExecutionRefused, match="used"):
        begin(half_done, job=2)
    assert visit(half_done, "run").started_at is None


def test_I04_T11_the_executor_counts_people_by_itself(monkeypatch) -> None:
    """Were a proxy let sign both seats of a step, the trail would still show one person where two are asked."""
    template([approval("both", {"user": "bob"}, {"user": "dave"}, mode="all"), restart()], [HOSTS])
    ticket = submit("t", HOST)
    proxy("dave", "bob", NOW, NOW + timedelta(hours=1))
    act(ticket, "bob")
    monkeypatch.setattr("tickets.rules.rights.has_signed", lambda *_seats: False)
    assert act(ticket, "bob", seat="dave").state == "executing"
    with pytest.raises(ExecutionRefused, match="incomplete: both"):
        begin(ticket)


@pytest.mark.parametrize("dedup", ["all", "adjacent"])
def test_I14_dedup_counts_no_signature_that_has_started_the_job(dedup) -> None:
    template([one("first", "bob"), one("second", "bob"), restart(), CHECK], [HOSTS], dedup=dedup)
    ticket = submit("t", HOST)
    act(ticket, "bob")
    assert opened(ticket) == ["run"]  # at the second step his signature of the first is enough
    begin(ticket)
    finish(ticket)
    act(ticket, "erin", "return", comment="once more")
    resubmit(ticket)
    assert waiting(ticket) == ["bob"]
    act(ticket, "bob")
    begin(ticket, job=2)
    finish(ticket, job=2)
    assert act(ticket, "erin", "confirm").state == "completed"


def test_a_rerun_of_the_same_plan_needs_no_new_approval(half_done) -> None:
    execution.rerun(visit_id=visit(half_done, "run").pk, job_id=1, actor=user("admin"), at=NOW)
    assert fresh(half_done).state == "executing"
    begin(half_done)
    finish(half_done)
    assert act(half_done, "dave").state == "completed"


def test_I14_a_rerun_that_has_not_begun_is_still_one_of_a_job_that_had(half_done) -> None:
    execution.rerun(visit_id=visit(half_done, "run").pk, job_id=1, actor=user("admin"), at=NOW)
    act(half_done, "dave", "return", comment="why", resume="here")
    resubmit(half_done)
    assert opened(half_done) == ["first"]
