"""F41: a report shows the state of one moment."""

import io
import threading

import pytest
from django.db import connection, connections

from accounts.models import User
from reports.commands.monthly import _claim, export_monthly, write_monthly
from reports.errors import ReportRunning
from reports.month import Month
from reports.queries.summary import summary
from reports.queries.tickets import ticket_rows, version_names
from reports.snapshot import snapshot
from tests.reports.world import person, reader, sh, ticket

pytestmark = pytest.mark.django_db(transaction=True)
NOVEMBER, NOW = Month(2026, 11), sh("2026-12-01 08:00")


def elsewhere(act):
    """Run this on a connection of its own, committed when it returns."""
    failures = []

    def run():
        try:
            act()
        except Exception as error:  # noqa: BLE001 (handed to the test)
            failures.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not failures, failures


def test_F41_tickets_that_arrive_meanwhile_are_not_in_half_of_the_report():
    alice = person("alice")
    ticket(alice, "2026-11-01 09:00", number="CHG-1")
    with snapshot():
        before = summary(NOVEMBER)
        elsewhere(lambda: ticket(User.objects.get(username="alice"), "2026-11-02 09:00", number="CHG-2"))
        assert [row.number for row in ticket_rows(NOVEMBER)] == ["CHG-1"]
        assert len(version_names(NOVEMBER)) == 1
        assert summary(NOVEMBER) == before
    assert summary(NOVEMBER)["total"] == 2


def test_F41_a_report_cannot_write():
    with pytest.raises(Exception, match="read-only transaction"), snapshot():
        person("alice")
    assert not User.objects.exists()


def test_F41_rows_come_through_a_server_side_cursor(monkeypatch):
    monkeypatch.setattr("reports.queries.run.CHUNK", 2)
    alice = person("alice")
    for day in range(1, 6):
        ticket(alice, f"2026-11-0{day} 09:00")
    with snapshot():
        rows = ticket_rows(NOVEMBER)
        next(rows)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_cursors WHERE name <> ''")
            assert cursor.fetchone() == (1,)
        assert len(list(rows)) == 4


def test_A47_one_workbook_at_a_time_for_one_person():
    erin, other = reader(), reader("frank")
    outcomes: dict[str, object] = {}

    def ask(user):
        try:
            export_monthly(NOVEMBER, NOW, user=user).close()
            outcomes[user.username] = "written"
        except ReportRunning as error:
            outcomes[user.username] = error.status

    with snapshot():
        _claim(erin)
        elsewhere(lambda: ask(erin))
        elsewhere(lambda: ask(other))
    assert outcomes == {"erin": 429, "frank": "written"}
    elsewhere(lambda: ask(erin))
    assert outcomes["erin"] == "written"


def test_a_report_without_a_person_needs_no_turn():
    file = io.BytesIO()
    write_monthly(file, NOVEMBER, NOW)
    assert file.getvalue().startswith(b"PK")
