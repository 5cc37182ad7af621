"""Sub-tickets that end while their parent does something else (I12)."""

import pytest

from tests.factories import approval, breaks, fresh, pending, submit, template, user, waiting
from tests.races.acts import person_at, say, taking_back, wake
from tests.races.crowd import lost, race, won
from tickets.commands import children
from tickets.models import NodeVisit, Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("crew")]
HOSTS = [{"key": "hosts", "type": "hosts", "label": "H", "required": True}]


def family(**more):
    """A parent that waits for one child on each of two hosts, decided by erin or grace."""
    template([approval("do", {"role": "sre"})], key="kid")
    node = {"node": "kids", "type": "subticket", "template": "kid", "for_each": "form.hosts", "form": {}, **more}
    template([node, person_at("behind", "carol")], HOSTS)
    parent = submit(form={"hosts": ["demo-01", "demo-02"]})
    kids = list(Ticket.objects.filter(parent=parent).order_by("id"))
    assert len(kids) == 2
    return parent, kids, [pending(kid, "erin").pk for kid in kids]


def settle(parent) -> None:
    """What the sweep does after the race."""
    for visit in NodeVisit.objects.filter(ticket=parent, type="subticket", state="open"):
        children.wake(visit_id=visit.pk, at=parent.created_at)


def test_I12_a_child_ends_while_its_parent_is_withdrawn() -> None:
    for _round in range(4):
        parent, kids, tasks = family()
        outcomes = race([*[taking_back(parent)] * 3, *[say(task, "approve", "erin") for task in tasks], wake(parent)])
        settle(parent)
        assert fresh(parent).state == "withdrawn"
        assert {fresh(kid).state for kid in kids} <= {"completed", "withdrawn"}
        assert set(lost(outcomes)) <= {"task_already_decided", "wrong_state"}
        assert waiting(parent) == waiting(kids[0]) == waiting(kids[1]) == []
        assert [breaks(ticket) for ticket in (parent, *kids)] == [[], [], []]


@pytest.mark.parametrize("wait", ["all", "any"])
def test_I12_all_children_end_at_once_and_the_parent_goes_on_once(wait) -> None:
    for _round in range(3):
        parent, kids, tasks = family(wait=wait)
        outcomes = race([*[say(task, "approve", "erin") for task in tasks * 5], *[wake(parent)] * 5])
        assert len(won(outcomes)) == 7
        settle(parent)
        assert waiting(parent) == ["carol"]
        assert NodeVisit.objects.filter(ticket=parent, node="behind").count() == 1
        assert [fresh(kid).state for kid in kids] == ["completed", "completed"]
        assert [breaks(ticket) for ticket in (parent, *kids)] == [[], [], []]


@pytest.mark.parametrize(("on_child_failure", "state"), [("return", "returned"), ("veto", "vetoed")])
def test_I12_a_child_fails_while_another_ends(on_child_failure, state) -> None:
    for _round in range(3):
        parent, kids, tasks = family(on_child_failure=on_child_failure)
        fails, ends = say(tasks[0], "veto", "erin", comment="x"), say(tasks[1], "approve", "erin")
        race([fails, ends, *[wake(parent)] * 5])
        settle(parent)
        assert fresh(parent).state == state
        assert fresh(kids[0]).state == "vetoed"
        assert fresh(kids[1]).state in ("completed", "withdrawn")
        assert waiting(parent) == waiting(kids[1]) == []
        assert [breaks(ticket) for ticket in (parent, *kids)] == [[], [], []]


def test_I12_a_childs_signature_is_not_its_parents() -> None:
    parent, kids, tasks = family()
    race([say(task, "approve", "erin") for task in tasks])
    settle(parent)
    assert waiting(parent) == ["carol"]
    assert user("erin").tasks.filter(ticket=parent).count() == 0
    assert {fresh(kid).parent_id for kid in kids} == {parent.pk}
