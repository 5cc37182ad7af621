"""The demo organisation, and a check of all tickets after each test that uses `sound`."""

from collections.abc import Iterator

import pytest

from tests.worlds import _django_db_helper, _loaded, pytest_collection_modifyitems, world
from tickets.audit.verify import verify
from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.states.ticket import FINAL

__all__ = ["_django_db_helper", "_loaded", "pytest_collection_modifyitems", "sound", "world"]
RESTING = {*FINAL, "draft", "returned"}


@pytest.fixture
def sound(world) -> Iterator[None]:
    """Afterwards every ticket must be consistent: trail, state, open visits and pending tasks (I07, I10)."""
    yield
    tickets = list(Ticket.objects.all())
    assert [str(found) for found in verify(tickets)] == []
    for ticket in tickets:
        is_open = NodeVisit.objects.filter(ticket=ticket, state="open").exists()
        assert is_open is (ticket.state not in RESTING), f"{ticket.number} is {ticket.state}"
        orphans = ApprovalTask.objects.filter(ticket=ticket, state="pending").exclude(visit__state="open")
        assert not orphans.exists(), f"{ticket.number} asks people at closed nodes"
    approved = ApprovalTask.objects.filter(state="approved", decided_by__isnull=False)
    for task in approved.select_related("ticket__content"):
        assert task.decided_by_id not in task.ticket.content.facts.get("editors", ()) or task.digest != (
            task.ticket.content.digest
        ), "an editor's signature stands"
