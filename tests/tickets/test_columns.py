"""Two code versions on one database: unknown columns are ignored, known ones are all written (F15)."""

import pytest
from django.db import connection
from django.db.models import Model

from tests.factories import NOW, act, approval, breaks, submit, template
from tickets.engine import saving
from tickets.models import ApprovalTask, ContentVersion, Event, NodeVisit, Participant, Ticket, Timer

pytestmark = pytest.mark.usefixtures("world")
# model → the columns that its statements write, and those that the database or the statement itself fills in.
WRITTEN: dict[type[Model], tuple[set[str], set[str]]] = {
    Ticket: ({*saving.NEW_TICKET}, {"id"}),
    ContentVersion: ({*saving.CONTENT}, set()),
    NodeVisit: ({*saving.NEW_VISIT}, {"id", "ticket_id"}),
    ApprovalTask: ({*saving.NEW_TASK}, {"id", "ticket_id", "visit_id"}),
    Event: ({*saving.EVENT}, {"id", "ticket_id"}),
    Participant: ({"user_id", "kind", "proxy_id"}, {"id", "ticket_id", "seen_at"}),
    Timer: ({"kind", "due_at"}, {"id", "visit_id", "fired_at"}),
}
TABLES = [Ticket, ContentVersion, NodeVisit, ApprovalTask]


@pytest.mark.parametrize("model", WRITTEN, ids=lambda model: model.__name__)
def test_F15_no_column_is_forgotten_by_the_hand_written_statements(model) -> None:
    written, filled_in = WRITTEN[model]
    assert {field.attname for field in model._meta.concrete_fields} == written | filled_in


def test_F15_columns_that_newer_code_has_added_do_not_stop_this_code() -> None:
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"ALTER TABLE {model._meta.db_table} ADD COLUMN of_tomorrow timestamptz DEFAULT now()")
    template([approval("first", {"manager": 1}), approval("second", {"role": "dba"})])
    ticket = submit(at=NOW)
    act(ticket, "bob")
    act(ticket, "dave")
    ticket.refresh_from_db()
    assert ticket.state == "completed"
    assert breaks(ticket) == []
