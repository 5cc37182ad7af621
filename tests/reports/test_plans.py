"""Statements for a month read only that month's rows: PostgreSQL's plans with about 12k tickets."""

import re

import pytest
from django.db import connection

from reports.month import Month
from reports.queries import statements
from reports.queries.run import _parameters
from tests.reports.world import person, task, ticket
from tickets.models import ApprovalTask, NodeVisit, Ticket

MONTHS, EACH = 24, 500

COPIES = """
INSERT INTO {table} ({columns})
SELECT {values} FROM {table} AS seed, generate_series(1, %s) AS month, generate_series(1, %s) AS n WHERE seed.id = %s
"""


def multiply(row, **changed: str) -> None:
    """Copies of this row, MONTHS × EACH of them; `changed` says in SQL what differs."""
    table = row._meta.db_table
    columns = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    values = [changed.get(column, f"seed.{column}") for column in columns]
    sql = COPIES.format(table=table, columns=", ".join(columns), values=", ".join(values))
    with connection.cursor() as cursor:
        cursor.execute(sql, [MONTHS, EACH, row.pk])


@pytest.fixture
def crowd(db) -> None:
    """Two years of finished tickets, each decided once."""
    alice, bob = person("alice"), person("bob")
    one = ticket(alice, "2025-01-03 09:30", "2025-01-03 12:15", number="X-0")
    decided = task(one, bob, "2025-01-03 09:30", "2025-01-03 11:00", due_at=None)
    later = "+ (month || ' months')::interval + (n || ' minutes')::interval"
    ends = {f"{name}_at": f"seed.{name}_at {later}" for name in ("created", "submitted", "finished")}
    multiply(one, number="'X-' || month || '-' || n", **ends)
    visit = NodeVisit.objects.get(pk=decided.visit_id)
    the_ticket = "(SELECT id FROM tickets_ticket t WHERE t.number = 'X-' || month || '-' || n)"
    multiply(visit, node="month || '-' || n", ticket_id=the_ticket)
    at = {f"{name}_at": f"seed.decided_at {later}" for name in ("created", "decided", "due")}
    the_visit = "(SELECT id FROM tickets_nodevisit v WHERE v.node = month || '-' || n)"
    multiply(decided, visit_id=the_visit, ticket_id=the_ticket, **at)
    assert Ticket.objects.count() == ApprovalTask.objects.count() == MONTHS * EACH + 1
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_ticket, tickets_approvaltask, tickets_nodevisit")


NAMES = ("STATES", "COMPLETED", "ON_TIME", "BY_TEMPLATE", "BY_HANDLER", "BY_DAY", "VERSIONS", "TICKETS")


def test_a_month_is_found_by_index(crowd) -> None:
    whole = {}
    with connection.cursor() as cursor:
        for name in NAMES:
            cursor.execute("EXPLAIN " + getattr(statements, name), _parameters(Month(2026, 3)))
            plan = "\n".join(row[0] for row in cursor.fetchall())
            if re.search(r"Seq Scan on tickets_(ticket|approvaltask)\b", plan):
                whole[name] = plan
    assert whole == {}
