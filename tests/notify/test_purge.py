"""Old deliveries are deleted in batches; those still needed stay."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notify.models import Card, Delivery
from notify.sending import purge as module
from notify.sending.purge import purge
from tests.notify.world import decide_on_web
from tickets.background.dispatch import dispatch
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def age(days: int) -> None:
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=days))


def settle_all() -> None:
    Delivery.objects.filter(state__in=["queued", "failed"]).update(state="dead")


def test_what_is_old_and_settled_goes_and_the_trail_stays(ticket: Ticket, people, settings):
    decide_on_web(ticket, people["bob"])
    dispatch()
    settle_all()
    age(settings.DELIVERY_DAYS + 1)
    Card.objects.update(state="settled")
    events = Event.objects.count()
    count = Delivery.objects.count()
    assert count > 6
    assert purge(timezone.now()) == count
    assert (Delivery.objects.count(), Card.objects.count(), Event.objects.count()) == (0, 0, events)


def test_young_waiting_and_tappable_rows_stay(ticket: Ticket, people, settings):
    age(settings.DELIVERY_DAYS - 1)
    assert purge(timezone.now()) == 0
    age(settings.DELIVERY_DAYS + 1)
    waiting = Delivery.objects.filter(kind="email").update(state="failed", sent_at=None)
    assert waiting == 2
    purge(timezone.now())
    assert set(Delivery.objects.values_list("kind", "recipient__username")) == {
        *(("email", name) for name in ("bob", "dave")),
        *(("wecom_card", name) for name in ("bob", "dave")),
    }
    assert Card.objects.filter(state="live").count() == 2


def test_it_goes_batch_by_batch(ticket: Ticket, people, settings, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)
    Card.objects.update(state="settled")
    settle_all()
    age(settings.DELIVERY_DAYS + 1)
    count = Delivery.objects.count()
    assert purge(timezone.now()) == count
    assert not Delivery.objects.exists()
    monkeypatch.setattr(module, "BUDGET_S", -1.0)
    assert purge(timezone.now()) == 0
