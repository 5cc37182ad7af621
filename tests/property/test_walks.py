"""Random people act at random on tickets of random templates: the invariants hold after every step (T3)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from common.errors import DomainError
from templates_engine.store.commands import check, import_template
from tests.factories import NOW, automation_visit, document, proxy, user
from tickets.audit.verify import verify
from tickets.commands import execution, talk
from tickets.commands.decide import decide
from tickets.commands.submit import create, resubmit
from tickets.commands.withdraw import withdraw
from tickets.models import ApprovalTask, Event, NodeVisit, Ticket
from tickets.queries.detail import ticket_detail
from tickets.queries.stuck import stuck_tickets
from tickets.states.ticket import FINAL

pytestmark = pytest.mark.usefixtures("world")
BOUNDED = settings(
    max_examples=120, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
CAST = ["alice", "bob", "carol", "dave", "erin", "grace", "heidi", "admin"]
RULES = st.lists(
    st.sampled_from(
        [{"manager": 1}, {"manager": 2}, {"role": "sre"}, {"role": "dba"}, {"role": "security"}, {"user": "heidi"},
         {"department_head": 1}, {"department_head": 2}, {"applicant": True}]
    ),
    min_size=1, max_size=3,
)  # fmt: skip
MODES = st.sampled_from(["any", "all", "sequence", {"ratio": 0.5}, {"ratio": 1}])
FORM: list[dict[str, Any]] = [
    {"key": "n", "type": "number", "label": "N", "required": True},
    {"key": "hosts", "type": "hosts", "label": "H"},
]
RUN = {"type": "automation", "action": "service.restart", "targets": "form.hosts", "params": {"service": "'nginx'"}}


@st.composite
def approvals(draw, *, safe: bool) -> dict:
    node = {"type": "approval", "approvers": draw(RULES), "mode": draw(MODES)}
    node["on_empty"] = draw(st.sampled_from(["escalate", "block"] if safe else ["approve", "escalate", "block"]))
    node["on_self"] = draw(st.sampled_from(["escalate"] if safe else ["approve", "escalate", "allow"]))
    return node


@st.composite
def chains(draw) -> list[dict]:
    """A chain of up to five nodes; where it runs a job, its approvals are strict and stand before it."""
    runs = draw(st.booleans())
    node = st.one_of(
        approvals(safe=runs),
        st.builds(lambda rules: {"type": "confirm", "assignees": rules}, RULES),
        st.builds(lambda rules: {"type": "cc", "to": rules}, RULES),
    )
    small = st.lists(node, max_size=2)
    branch = st.builds(
        lambda first, second: {
            "type": "branch",
            "cases": [{"when": "form.n > 1", "chain": first}, {"otherwise": True, "chain": second}],
        },
        small, small,
    )  # fmt: skip
    chain = draw(st.lists(st.one_of(node, branch), min_size=1, max_size=3))
    if runs:
        chain = [draw(approvals(safe=True)), *chain]
        chain.insert(draw(st.integers(1, len(chain))), dict(RUN))
    counter = iter(range(100))
    return [_named(item, counter) for item in chain]


def _named(node: dict, counter) -> dict:
    named = {"node": f"n{next(counter)}", **node}
    if "cases" in named:
        named["cases"] = [{**case, "chain": [_named(n, counter) for n in case["chain"]]} for case in named["cases"]]
    return named


LIKELY = ["approve"] * 6 + ["confirm"] * 3 + ["resubmit", "begin", "done"] * 2
VERBS = [*LIKELY, "return", "here", "veto", "withdraw", "comment", "broken", "rerun", "resolve", "leave", "foreign"]
STEPS = st.lists(st.tuples(st.sampled_from(VERBS), st.sampled_from(CAST), st.integers(0, 3)), max_size=25)


def act(ticket: Ticket, verb: str, name: str, pick: int, at) -> None:
    """One thing that somebody tries. Raises DomainError where it is refused."""
    actor = User.objects.get(username=name)
    tasks = list(ApprovalTask.objects.filter(ticket=ticket).order_by("-state", "id").select_related("assignee"))
    pending = [task for task in tasks if task.state == "pending"]
    if verb in ("approve", "confirm", "return", "here", "veto") and tasks:
        task = (pending or tasks)[pick % len(pending or tasks)]
        say: Any = {"here": "return"}.get(verb, verb)
        resume: Any = "here" if verb == "here" else "restart"
        decide(task_id=task.pk, verb=say, actor=task.assignee, at=at, channel="web", comment="x", resume=resume)
    elif verb == "foreign" and tasks:
        decide(task_id=tasks[pick % len(tasks)].pk, verb="approve", actor=actor, at=at, channel="card")
    elif verb == "resubmit":
        form = None if pick < 2 else {"n": pick, "hosts": ["demo-01"]}
        resubmit(number=ticket.number, actor=user("alice"), at=at, form=form)
    elif verb == "withdraw" and pick == 0:
        withdraw(number=ticket.number, actor=user("alice"), at=at)
    elif verb == "comment":
        talk.comment(number=ticket.number, actor=actor, at=at, text="x")
    elif verb == "leave" and pick == 0 and name not in ("alice", "admin"):
        User.objects.filter(username=name).update(is_active=False)
    elif verb in ("begin", "done", "broken", "rerun", "resolve") and NodeVisit.objects.filter(
        ticket=ticket, type="automation"
    ):
        machine(verb, automation_visit(ticket).pk, at)


def machine(verb: str, visit: int, at) -> None:
    if verb == "begin":
        execution.begin(visit_id=visit, job_id=1, at=at)
    elif verb in ("done", "broken"):
        execution.settle(visit_id=visit, job_id=1, at=at, ok=verb == "done", outcome=verb, hosts={})
    else:
        command = execution.rerun if verb == "rerun" else execution.resolve
        command(visit_id=visit, job_id=1, actor=user("admin"), at=at, comment="x")


def rows(ticket: Ticket) -> tuple:
    return (
        Ticket.objects.values_list().get(pk=ticket.pk),
        list(ApprovalTask.objects.filter(ticket=ticket).order_by("id").values_list()),
        list(NodeVisit.objects.filter(ticket=ticket).order_by("id").values_list()),
        Event.objects.filter(ticket=ticket).count(),
    )


def require_invariants(ticket: Ticket) -> None:
    now = Ticket.objects.get(pk=ticket.pk)
    visits = list(NodeVisit.objects.filter(ticket=now))
    tasks = list(ApprovalTask.objects.filter(ticket=now).select_related("visit", "assignee"))
    opened = [visit for visit in visits if visit.state == "open"]
    pending = [task for task in tasks if task.state == "pending"]
    assert [str(found) for found in verify([now])] == []
    assert len(opened) <= 1  # without parallel nodes there is one token
    seats = [(task.visit_id, task.assignee_id) for task in tasks if task.state != "cancelled"]
    assert len(seats) == len(set(seats))  # I04
    assert all(task.visit.state == "open" for task in pending)
    signed = [(task.visit_id, task.decided_by_id) for task in tasks if task.state == "approved"]
    assert len(signed) == len(set(signed))  # I04
    assert all(task.digest for task in tasks if task.decided_by_id)  # I05
    if now.state in FINAL:
        assert not opened
        assert now.finished_at
    elif now.state in ("executing", "failed"):
        assert [visit.type for visit in opened] == ["automation"]
    elif now.state == "approving":  # I10
        assert len(opened) == 1
        able = any(task.assignee.is_active for task in pending)
        assert able != stuck_tickets(Ticket.objects.filter(pk=now.pk)).exists()
    else:
        assert (now.state, opened) == ("returned", [])
    for name in ("alice", "admin"):
        shown = ticket_detail(user(name), now.number, NOW)
        if now.state in FINAL:  # I08
            assert not {"approve", "veto", "return", "withdraw", "resubmit"} & set(shown["allowed_actions"])


@BOUNDED
@given(chain=chains(), steps=STEPS, n=st.integers(0, 3), proxied=st.booleans())
def test_T03_the_invariants_hold_after_every_step(chain, steps, n, proxied) -> None:
    text = document(chain, FORM, key="walk")
    if not check(text).ok:
        return
    with transaction.atomic():
        import_template(text=text, actor=None, at=NOW, publish_it=True)
        if proxied:
            proxy("bob", "heidi", NOW, NOW + timedelta(days=1))
        ticket = create(template="walk", form={"n": n, "hosts": ["demo-01"]}, actor=user("alice"), at=NOW)
        require_invariants(ticket)
        for minute, (verb, name, pick) in enumerate(steps, start=1):
            before = rows(ticket)
            try:
                with transaction.atomic():
                    act(ticket, verb, name, pick, NOW + timedelta(minutes=minute))
            except DomainError:
                assert rows(ticket) == before  # a refusal leaves no trace
            if before != rows(ticket):
                require_invariants(ticket)
        transaction.set_rollback(True)
