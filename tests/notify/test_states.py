"""The table in the docstring matches the state machine, and a stale copy cannot be saved."""

import pytest
from django.db import transaction
from django.utils import timezone
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from notify.models import Delivery
from notify.states import DeliveryFlow
from tests.notify.world import submit
from tickets.models import Event


def documented(flow) -> set[tuple[str, ...]]:
    rows = [line.split("|") for line in flow.__doc__.splitlines() if line.count("|") == 3]
    return {tuple(cell.strip() for cell in row[:3]) for row in rows[2:]}


def test_docstring_table_is_the_machine():
    edges = Delivery._meta.get_field("state").get_all_transitions(Delivery)
    assert documented(DeliveryFlow) == {(e.name, str(e.source), str(e.target)) for e in edges}


@pytest.fixture
def delivery(template, people) -> Delivery:
    event = Event.objects.filter(ticket=submit(people["alice"])).first()
    now = timezone.now()
    return Delivery.objects.create(event=event, recipient=people["bob"], kind="email", created_at=now, due_at=now)


@pytest.mark.django_db
def test_sent_is_not_sent_again(delivery):
    delivery.succeed(at=timezone.now(), receipt="r")
    delivery.save()
    with pytest.raises(TransitionNotAllowed):
        delivery.fail(error="x", retry_at=timezone.now())


@pytest.mark.django_db
def test_a_stale_copy_is_refused(delivery):
    other = Delivery.objects.get(pk=delivery.pk)
    other.succeed(at=timezone.now(), receipt="r")
    other.save()
    delivery.give_up(error="late")
    with pytest.raises(ConcurrentTransition), transaction.atomic():
        delivery.save()
    assert Delivery.objects.get(pk=delivery.pk).state == "sent"


@pytest.mark.django_db
def test_state_cannot_be_assigned(delivery):
    with pytest.raises(AttributeError):
        delivery.state = "sent"
