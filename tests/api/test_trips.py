"""Round trips to PostgreSQL of what people do all day, with BEGIN, COMMIT and what the pool sends: exact numbers.

Raise a number only on purpose: change it here and say why.
"""

import pytest

from tests.api.calls import Api
from tests.factories import approval, pending, template
from tests.statements import trips
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)
CHAIN = [approval("leader", {"manager": 1}), approval("some", {"role": "sre"})]
NEW = {"template": "t", "form": {}}


def test_trips(demo) -> None:
    template(CHAIN)
    alice, bob = Api("alice"), Api("bob")
    numbers = [alice.post("tickets", NEW).json()["number"] for _i in range(3)]
    tasks = [pending(ticket).pk for ticket in Ticket.objects.order_by("pk")]
    for call, expected in (
        (lambda: bob.get("tickets", box="todo"), 1),
        (lambda: bob.get("me"), 1),
        (lambda: bob.get(f"tickets/{numbers[0]}"), 2),
        (lambda: alice.post("tickets", NEW), 4),
        (lambda: alice.post("tickets", NEW, Idempotency_Key="k"), 7),
        (lambda: alice.post("tickets", NEW, Idempotency_Key="k"), 2),
        (lambda: bob.post(f"tasks/{tasks[0]}/approve"), 5),
        (lambda: bob.post(f"tasks/{tasks[1]}/approve", Idempotency_Key="k"), 7),
    ):
        with trips() as found:
            answer = call()
        assert answer.status_code in (200, 201)
        assert len(found) == expected, found
