"""What the database itself refuses, without our code (I01, I04)."""

import pytest
from django.db import IntegrityError, transaction

from tests.factories import LEAVE, NOW, pending, submit, user
from tickets.models import ApprovalTask, NodeVisit

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def seat() -> ApprovalTask:
    """bob's, who is asked about alice's leave."""
    return pending(submit("leave", LEAVE))


def test_I01_a_node_is_open_once(seat) -> None:
    now = seat.visit
    second = NodeVisit(ticket=now.ticket, node=now.node, round=now.round + 1, type=now.type, opened_at=NOW)
    with pytest.raises(IntegrityError, match="visit_open_once"), transaction.atomic():
        second.save()
    second.state, second.closed_at = NodeVisit.State.CLOSED, NOW
    second.save()


def test_I04_a_person_sits_once_at_a_step(seat) -> None:
    second = ApprovalTask(ticket=seat.ticket, visit=seat.visit, assignee=user("bob"), created_at=NOW)
    with pytest.raises(IntegrityError, match="task_one_seat_a_person"), transaction.atomic():
        second.save()
    second.assignee = user("dave")
    second.save()
