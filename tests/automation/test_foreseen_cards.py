"""Dry runs in cards and mails; an outdated card decides nothing (A22)."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from notify.channels.wecom_card import _card_of
from notify.models import Card, Delivery
from notify.texts.mail_content import write
from notify.wecom import cards
from notify.wecom.outcome import outcome_text
from tests.automation.foreseeing import Fake, faked, foresee
from tests.automation.world import publish, submit
from tickets.background.dispatch import dispatch
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake() -> Iterator[Fake]:
    with faked() as executor:
        yield executor


@pytest.fixture
def ticket(people, hosts, fake, settings, monkeypatch) -> Ticket:
    settings.WECOM_ENABLED = True
    bob = people["bob"]
    bob.wecom_userid, bob.email = "bob", "bob@example.com"
    bob.save()
    monkeypatch.setattr("notify.wecom.cards.is_high_risk", lambda plans: False)  # else no card offers a yes at all
    publish("sql", "dry_run: required")
    return submit("sql", people, ["demo-01", "demo-02"], sql="SELECT 1")


def card_of(ticket: Ticket) -> Card:
    return Card.objects.filter(task__ticket=ticket).latest("pk")


def test_A22_a_yes_by_tap_is_offered_with_the_result_and_the_card_before_says_so(ticket: Ticket) -> None:
    dispatch()
    before = card_of(ticket)
    face = cards.face(_card_of(before.delivery))
    assert "approve" not in face.verbs
    assert face.body["sub_title_text"].startswith("The dry run has no result yet")
    foresee(ticket)
    dispatch()
    before.refresh_from_db()
    assert (before.state, outcome_text(before)) == ("stale", "Dry run done: see new card")
    after = card_of(ticket)
    assert after.pk != before.pk
    face = cards.face(_card_of(after.delivery))
    assert "approve" in face.verbs
    assert "Foreseen: 2 hosts, 1 file changed, 1 service restarted" in face.body["sub_title_text"]
    assert face.digest == ticket.content.digest
    updates = Delivery.objects.filter(kind="wecom_card_update", recipient__username="bob")
    assert updates.count() == 1


def test_a_card_sent_before_an_offered_result_says_where_it_will_be(people, ticket: Ticket) -> None:
    """It is not changed when the result comes: its one code is for the decision, and a yes needs no result."""
    publish("sql", "dry_run: offered")
    offered = submit("sql", people, ["demo-01"], sql="SELECT 1")
    dispatch()
    card = card_of(offered)
    assert "Dry run: see details" in cards.face(_card_of(card.delivery)).body["sub_title_text"]
    foresee(offered)
    dispatch()
    card.refresh_from_db()
    assert (card_of(offered).pk, card.state) == (card.pk, "live")
    assert not Delivery.objects.filter(kind="wecom_card_update", event__ticket=offered).exists()
    face = cards.face(_card_of(card.delivery))
    assert "Foreseen: 1 host, 1 file changed, 1 service restarted" in face.body["sub_title_text"], "as any later card"
    publish("sql", "dry_run: none")
    without = submit("sql", people, ["demo-01"], sql="SELECT 1")
    dispatch()
    assert "Dry run" not in cards.face(_card_of(card_of(without).delivery)).body["sub_title_text"]


def test_a_mail_tells_the_dry_run(ticket: Ticket) -> None:
    foresee(ticket)
    dispatch()
    with translation.override("en"):
        letter = write(Delivery.objects.filter(kind="email", recipient__username="bob").latest("pk"))
    rows = dict(row for section in letter.sections for row in section.rows)
    assert rows["Dry run"] == "2 hosts, 1 file changed, 1 service restarted"
    assert letter.message.heading == "Its dry run is done, please decide: Please"
