"""Seats that were tampered with in the database start nothing (A32)."""

import pytest
from django.db import connection

from tests.factories import NOW, act, begin, breaks, fresh, kinds, move, pending, reassign, user
from tests.tickets.seats import ALL, runs, started
from tickets.commands.execution import ExecutionRefused
from tickets.models import NodeVisit

pytestmark = pytest.mark.usefixtures("world")


def sql(statement: str, *arguments) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        assert cursor.rowcount > 0


class TestTampering:
    def test_A32_a_queue_emptied(self) -> None:
        ticket = started("bob", "dave", mode="sequence")
        sql("UPDATE tickets_nodevisit SET queue = '[]' WHERE ticket_id = %s", ticket.pk)
        act(ticket, "bob")
        with pytest.raises(ExecutionRefused, match="incomplete"):
            begin(ticket)

    def test_A32_an_after_queue_emptied(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="after")
        sql("UPDATE tickets_nodevisit SET queue = '[]' WHERE ticket_id = %s", ticket.pk)
        act(ticket, "bob")
        with pytest.raises(ExecutionRefused, match="incomplete"):
            begin(ticket)

    @pytest.mark.parametrize("state", ["cancelled", "transferred"])
    def test_A32_a_seat_taken_out_of_the_count(self, state) -> None:
        ticket = started("bob", "dave", **ALL)
        task = pending(ticket, "dave").pk
        sql("UPDATE tickets_approvaltask SET state = %s, decided_at = %s WHERE id = %s", state, NOW, task)
        act(ticket, "bob")
        with pytest.raises(ExecutionRefused, match=r"incomplete|forged"):
            begin(ticket)

    def test_A32_an_added_signature_made_a_seat_of_its_own(self) -> None:
        """With `any`, a base seat closes the step alone; carol was only added to bob's."""
        ticket = started("bob", "erin", mode="any")
        move(ticket, "bob", "add_sign", "carol", position="with")
        sql("UPDATE tickets_approvaltask SET added_to_id = NULL, position = '' WHERE id = %s",
            pending(ticket, "carol").pk)  # fmt: skip
        act(ticket, "carol")
        assert fresh(ticket).state == "executing"
        with pytest.raises(ExecutionRefused, match="incomplete"):
            begin(ticket)

    def test_A32_a_seat_made_an_added_signature(self) -> None:
        """A ratio of one seat is less than of three: dave and erin become bob's added signatures, then leave."""
        ticket = started("bob", "dave", "erin", mode={"ratio": 0.6})
        sql("UPDATE tickets_approvaltask SET added_to_id = %s, position = 'with' WHERE ticket_id = %s AND id <> %s",
            pending(ticket, "bob").pk, ticket.pk, pending(ticket, "bob").pk)  # fmt: skip
        move(ticket, "bob", "remove_sign", "dave", "erin")
        act(ticket, "bob")
        assert fresh(ticket).state == "executing"
        with pytest.raises(ExecutionRefused):
            begin(ticket)

    def test_A32_before_turned_into_with_only_changes_the_order(self) -> None:
        """The position says who waits for whom; it never makes a signature unnecessary."""
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="before")
        sql("UPDATE tickets_approvaltask SET position = 'with' WHERE id = %s", pending(ticket, "carol").pk)
        act(ticket, "bob")
        assert fresh(ticket).state == "approving"
        act(ticket, "carol")
        runs(ticket)

    def test_A32_an_added_signature_deleted(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="with")
        sql("DELETE FROM tickets_approvaltask WHERE id = %s", pending(ticket, "carol").pk)
        act(ticket, "bob")
        with pytest.raises(ExecutionRefused, match="incomplete"):
            begin(ticket)

    def test_A32_a_reassigned_seat_moved_to_somebody_else(self) -> None:
        ticket = started("bob")
        reassign(ticket, "a", "erin")
        sql("UPDATE tickets_approvaltask SET assignee_id = %s WHERE id = %s",
            user("heidi").pk, pending(ticket, "erin").pk)  # fmt: skip
        act(ticket, "heidi")
        with pytest.raises(ExecutionRefused):
            begin(ticket)

    def test_A32_a_transfer_in_the_rows_alone(self) -> None:
        ticket = started("bob", "dave", **ALL)
        sql("UPDATE tickets_approvaltask SET state = 'transferred', decided_at = %s, decided_by_id = %s WHERE id = %s",
            NOW, user("dave").pk, pending(ticket, "dave").pk)  # fmt: skip
        act(ticket, "bob")
        assert "task.transferred" not in kinds(ticket)
        with pytest.raises(ExecutionRefused):
            begin(ticket)

    def test_A32_a_visit_said_to_be_passed(self) -> None:
        ticket = started("bob")
        act(ticket, "bob")
        NodeVisit.objects.filter(ticket=ticket, node="a").update(outcome="passed", state="skipped")
        sql("DELETE FROM tickets_approvaltask WHERE ticket_id = %s", ticket.pk)
        with pytest.raises(ExecutionRefused):
            begin(ticket)

    @pytest.mark.parametrize("verb", ["transfer", "add_sign"])
    def test_A32_a_seat_moved_to_an_accomplice_who_brings_in_another(self, verb) -> None:
        """heidi is never asked by the chain; what she does through the front door is no act of an approver."""
        ticket = started("bob", "dave", mode="any")
        sql("UPDATE tickets_approvaltask SET assignee_id = %s WHERE id = %s",
            user("heidi").pk, pending(ticket, "bob").pk)  # fmt: skip
        if verb == "transfer":
            move(ticket, "heidi", "transfer", "frank")
        else:
            move(ticket, "heidi", "add_sign", "frank", position="with")
            sql("UPDATE tickets_approvaltask SET state = 'cancelled', decided_at = %s WHERE id = %s",
                NOW, pending(ticket, "heidi").pk)  # fmt: skip
            sql("UPDATE tickets_approvaltask SET added_to_id = NULL WHERE id = %s", pending(ticket, "frank").pk)
        act(ticket, "frank")
        assert fresh(ticket).state == "executing"
        assert "unasked_decision" in breaks(ticket)
        with pytest.raises(ExecutionRefused, match="unasked"):
            begin(ticket)
