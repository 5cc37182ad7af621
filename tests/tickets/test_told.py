"""After any change, those concerned are told which value changed from what to what, in their language (I05, I23)."""

import pytest
from django.utils import translation

from accounts.models import User
from notify.channels.email import build
from notify.channels.wecom_text import text_card
from notify.models import Delivery
from notify.texts.messages import compose
from tests.api.calls import Api
from tests.factories import act, approval, resubmit, submit, template, user
from tickets.background.dispatch import dispatch
from tickets.models import Event

pytestmark = pytest.mark.usefixtures("world")
AMOUNT = {"key": "amount", "type": "money", "label": {"zh": "金额", "en": "Amount"}, "editable_at": ["b"]}
KIND = {"key": "kind", "type": "select", "label": {"zh": "类别", "en": "Kind"}, "editable_at": ["b"],
        "options": [{"value": "pc", "label": {"zh": "电脑", "en": "Computer"}},
                    {"value": "desk", "label": {"zh": "桌子", "en": "Desk"}}]}  # fmt: skip
WHO = {"key": "who", "type": "user", "label": {"zh": "使用人", "en": "User"}, "editable_at": ["b"]}
SECRET = {
    "key": "secret",
    "type": "text",
    "label": {"zh": "密", "en": "Secret"},
    "editable_at": ["b"],
    "hidden_at": ["a"],
}
FORM = {"amount": 100, "kind": "pc", "who": "heidi", "secret": "s3cr3t-old"}


def decided(a=None):
    template([approval("a", {"user": "bob"}, name={"zh": "上级", "en": "Leader"}, **(a or {})),
              approval("b", {"user": "carol"}), approval("c", {"user": "dave"})],
             [AMOUNT, KIND, WHO, SECRET])  # fmt: skip
    User.objects.filter(username="bob").update(language="en")
    User.objects.filter(username="alice").update(language="zh-hans")
    return act(submit(form=FORM), "bob")


def news(kind: str = "ticket.edited") -> dict[str, dict[str, str]]:
    """Username → the facts of the news of this kind."""
    dispatch()
    told = {}
    for delivery in Delivery.objects.filter(event__kind=kind, kind="in_app").select_related("event", "recipient"):
        with translation.override(delivery.person.language):
            told[delivery.person.username] = dict(compose(delivery.event, delivery.person).facts)
    return told


def test_an_edit_that_asks_again() -> None:
    ticket = decided()
    act(ticket, "carol", form={"amount": 99999, "kind": "desk", "who": "grace"}, comment="typo")
    told = news()
    assert told.keys() == {"alice", "bob"}
    bob = told["bob"]
    assert (bob["Amount"], bob["Kind"]) == ("CN¥100.00 → CN¥99,999.00", "Computer → Desk")
    assert bob["User"] == f"{user('heidi').name} → {user('grace').name}"
    assert bob["Decided again at"] == "Leader"
    assert bob["Your decision"] == "no longer counts, you will be asked again"
    alice = told["alice"]
    assert (alice["类别"], alice["再次审批"]) == ("电脑 → 桌子", "上级")
    assert "你的处理" not in alice


def test_an_edit_that_only_informs() -> None:
    ticket = decided({"on_edit": "inform"})
    act(ticket, "carol", form={"amount": ""})
    told = news()
    assert told.keys() == {"alice", "bob"}
    assert told["bob"]["Amount"] == "CN¥100.00 → empty"
    assert told["bob"]["Your decision"] == "stands"
    assert "Decided again at" not in told["bob"]


def test_I23_what_is_hidden_is_not_told() -> None:
    ticket = decided()
    act(ticket, "carol", form={"secret": "s3cr3t-new"})
    told = news()
    assert told["alice"]["密"] == "s3cr3t-old → s3cr3t-new"
    assert "s3cr3t" not in str(told["bob"])
    assert told["bob"]["Changed"] == "fields that are not shown to you"
    for delivery in Delivery.objects.filter(event__kind="ticket.edited", recipient__username="bob").exclude(
        kind="in_app"
    ):
        assert "s3cr3t" not in str(build(delivery).message())
        assert "s3cr3t" not in str(text_card(delivery))
    assert "s3cr3t" not in Api("bob").get("notifications").content.decode()
    assert "s3cr3t-new" in Api("alice").get("notifications").content.decode()


@pytest.mark.parametrize("resume", ["here", "restart"])
def test_a_resubmission_tells_everybody_whose_decision_there_was(resume) -> None:
    ticket = decided()
    act(ticket, "carol", "return", comment="?", resume=resume)
    resubmit(ticket, {**FORM, "amount": 250})
    told = news("ticket.resubmitted")
    assert told.keys() == {"bob", "carol"}
    assert told["bob"]["Amount"] == "CN¥100.00 → CN¥250.00"
    stands = "stands" if resume == "here" else "no longer counts, you will be asked again"
    assert told["bob"]["Your decision"] == stands


def test_an_unchanged_resubmission_is_no_news() -> None:
    ticket = decided()
    act(ticket, "carol", "return", comment="?", resume="here")
    resubmit(ticket)
    assert news("ticket.resubmitted") == {}


def test_long_values_leave_room_for_what_they_became() -> None:
    ticket = decided()
    act(ticket, "carol", form={"secret": "z" * 400})
    delivery = Delivery(
        event=Event.objects.get(ticket=ticket, kind="ticket.edited"), recipient=user("alice"), kind="wecom_text"
    )
    card = text_card(delivery)["textcard"]["description"]
    assert "s3cr3t-old → zzz" in card
    assert "z" * 400 in str(dict(compose(delivery.event, user("alice")).facts)["密"])
