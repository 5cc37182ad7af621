"""What a card shows, and that it keeps all limits for any input."""

from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notify.channels.wecom_card import _card_of
from notify.models import Card, Delivery
from notify.wecom import cards, words
from sandbox.wecom.cards.check import check_card
from templates_engine.text import localize
from tests.hostile import HOSTILE
from tests.notify.world import crank, let_stand_in, submit
from tickets import ports
from tickets.background.dispatch import dispatch
from tickets.commands.signers import add_sign
from tickets.content.signing import waiting_plans
from tickets.models import ApprovalTask, NodeVisit

pytestmark = pytest.mark.django_db


def face_of(name: str) -> cards.Face:
    delivery = Delivery.objects.filter(kind="wecom_card", recipient__username=name).latest("pk")
    return cards.face(_card_of(delivery))


def within_limits(body: dict[str, Any]) -> None:
    """wecom.md 2.3–2.5, written out once more."""
    check_card(body)
    assert len(body["task_id"].encode()) <= 128
    assert len(body["source"]["desc"]) <= 20
    assert 1 <= len(body["main_title"]["title"]) <= 36
    assert len(body["main_title"]["desc"]) <= 44
    assert len(body["sub_title_text"]) <= 112
    assert 1 <= len(body["horizontal_content_list"]) <= 6
    for row in body["horizontal_content_list"]:
        assert 1 <= len(row["keyname"]) <= 5
        assert 1 <= len(row["value"]) <= 26
    assert 1 <= len(body["button_list"]) <= 6
    for button in body["button_list"]:
        assert 1 <= len(button["text"]) <= 10
        assert len(button.get("key", "").encode()) <= 1024
    assert len(body["card_action"]["url"].encode()) <= 2048


def texts(body: dict[str, Any]) -> list[str]:
    rows = [text for row in body["horizontal_content_list"] for text in row.values()]
    return [*body["main_title"].values(), body["sub_title_text"], *rows]


def test_a_card_says_what_who_and_offers_the_verbs(template, people):
    ticket = submit(people["alice"], days=3)
    dispatch()
    face = face_of("bob")
    within_limits(face.body)
    assert face.body["main_title"] == {"title": "Three days off", "desc": f"{ticket.number} · Leader"}
    assert [(b["text"], b.get("key"), b["type"]) for b in face.body["button_list"]] == [
        ("Approve", "approve", 0),
        ("Return", "return", 0),
        ("Details", None, 1),
    ]
    rows = {row["keyname"]: row["value"] for row in face.body["horizontal_content_list"]}
    assert rows == {"Type": "Leave", "From": "Alice · 平台组", "Days": "3", "·": "Reason: family"}
    assert face.digest == ticket.content.digest
    assert face.body["sub_title_text"] == "", "nothing runs: no digest"
    assert (
        face.body["button_list"][-1]["url"]
        == f"http://127.0.0.1:8000/wecom/login?inside=1&next=%2Ftickets%2F{ticket.number}"
    )


def test_the_words_of_the_contract_in_chinese(template, people):
    people["bob"].language = "zh-hans"
    people["bob"].save()
    submit(people["alice"])
    dispatch()
    assert [button["text"] for button in face_of("bob").body["button_list"]] == ["同意", "退回", "详情"]


def test_a_confirm_node_offers_confirm(template, people, wecom):
    from tickets.commands.decide import decide
    from tickets.models import ApprovalTask

    submit(people["alice"])
    task = ApprovalTask.objects.get(assignee=people["bob"])
    decide(task_id=task.pk, verb="approve", actor=people["bob"], at=timezone.now(), channel="web")
    dispatch()
    assert [button["text"] for button in face_of("alice").body["button_list"]] == ["Confirm", "Details"]


def test_a_proxy_sees_for_whom(template, people):
    let_stand_in(people["bob"], people["carol"])
    submit(people["alice"])
    dispatch()
    body = face_of("carol").body
    rows = {row["keyname"]: row["value"] for row in body["horizontal_content_list"]}
    assert rows["For"] == "Bob"
    assert body["main_title"]["desc"].startswith("for Bob · ")
    people["carol"].language = "zh-hans"
    people["carol"].save()
    body = face_of("carol").body
    assert body["main_title"]["desc"].startswith("代 Bob · ")
    assert {"keyname": "代", "value": "Bob"} in body["horizontal_content_list"]
    assert "Bob" not in face_of("bob").body["main_title"]["desc"]
    within_limits(body)


@pytest.mark.parametrize(
    ("label", "value", "row"),
    [
        ("Hosts", "demo-01, demo-02", ("Hosts", "demo-01, demo-02")),
        ("Purpose", "read the log", ("·", "Purpose: read the log")),
        ("Server name", "shop.example.com", ("·", "Server…: shop.example.com")),
        ("Server name", "payments.example.com", ("Serv…", "payments.example.com")),  # the value is what is signed
        ("Owner of the hosts", "a" * 40, ("·", "Owner of th…: aaaaaaaaaaa…")),
        ("预计完成日期", "2026-12-01", ("·", "预计完成日期: 2026-12-01")),
    ],
)
def test_a_label_too_long_for_its_column_stands_before_its_value(label, value, row):
    assert (cards.row(label, value)["keyname"], cards.row(label, value)["value"]) == row


def test_fixed_words_fit_their_column():
    assert all(len(localize(text, language)) <= 5 for text in words.ROWS.values() for language in ("zh", "en"))


@pytest.mark.parametrize(("count", "said"), [(1, "1 host"), (2, "2 hosts")])
def test_one_host_is_one(monkeypatch, count, said):
    monkeypatch.setattr(ports, "_planner", Planner("low"))
    plan: Any = {"action": "service.restart", "targets": [{}] * count}
    line = cards._plan_line(plan, "en")
    assert line == f"Restart a service · {said}"


class Planner:
    """Describes every plan alike."""

    def __init__(self, risk: str) -> None:
        self.risk = risk

    def describe(self, plan: Any) -> dict[str, Any]:
        return {"name": {"zh": "服务重启", "en": "Restart a service"}, "risk": self.risk, "command": [], "summary": ""}


@pytest.mark.parametrize(("risk", "keys"), [("low", ["approve", "return"]), ("high", ["return"])])
def test_A25_high_risk_is_not_for_one_tap(template, people, monkeypatch, risk, keys):
    submit(people["alice"])
    dispatch()
    monkeypatch.setattr(ports, "_planner", Planner(risk))
    delivery = Delivery.objects.filter(kind="wecom_card").first()
    card = _card_of(delivery)
    plan = {"node": "run", "digest": "d", "action": "service.restart", "targets": [{}] * 3}
    monkeypatch.setattr(cards, "waiting_plans", lambda content, visits: [plan])
    face = cards.face(card)
    assert face.verbs == keys
    assert [b["key"] for b in face.body["button_list"] if b["type"] == 0] == keys
    assert "Restart a service · 3 hosts" in face.body["sub_title_text"]
    assert ("High risk" in face.body["sub_title_text"]) == (risk == "high")
    assert {"keyname": "Plan", "value": "Restart a service · 3 hos…"} in face.body["horizontal_content_list"]
    within_limits(face.body)


def test_A25_what_sub_tickets_would_run_is_approved_with_the_parent(template, people):
    ticket = submit(people["alice"])
    grandchild = {"plans": {"c": {"action": "c"}}, "children": {}}
    child = {"plans": {"b": {"action": "b"}}, "children": {"deeper": [grandchild]}}
    ticket.content.plans, ticket.content.children = {"a": {"action": "a"}}, {"open": [child]}
    assert [plan["action"] for plan in waiting_plans(ticket.content, [])] == ["a", "b", "c"]
    made = NodeVisit(node="open", type="subticket", state="open")
    assert [plan["action"] for plan in waiting_plans(ticket.content, [made])] == ["a"]


def test_I04_whoever_wanted_signatures_first_cannot_approve_from_a_card(template, people):
    ticket = submit(people["alice"])
    task = ApprovalTask.objects.get(ticket=ticket, assignee=people["bob"])
    at = timezone.now()
    add_sign(task_id=task.pk, actor=people["bob"], at=at, users=["heidi"], position="before", channel="web")
    dispatch()
    bob, heidi = face_of("bob"), face_of("heidi")
    assert (bob.verbs, heidi.verbs) == (["return"], ["approve", "return"])
    assert "not to be approved here now" in bob.body["sub_title_text"]
    within_limits(bob.body)


def test_A21_keys_are_random_and_unique(template, people):
    submit(people["alice"])
    submit(people["alice"])
    dispatch()
    keys = set(Card.objects.values_list("key", flat=True))
    assert len(keys) == 4
    assert all(len(key) >= 32 for key in keys)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(words=st.lists(st.text(max_size=300), min_size=4, max_size=4))
def test_every_limit_holds_for_any_text(template, people, words):
    title, why, name, label = words
    if not Card.objects.exists():
        submit(people["alice"])
        dispatch()
    card = _card_of(Delivery.objects.filter(kind="wecom_card").first())
    ticket = card.task.ticket
    ticket.title, ticket.content.form = title, {"why": why, "days": 3}
    ticket.applicant.name = name
    ticket.template_version.document["form"][0]["label"] = label
    ticket.template_version.document["name"] = label or "x"
    within_limits(cards.face(card).body)


@pytest.mark.parametrize("name", HOSTILE)
def test_A43_A28_hostile_texts_are_shown_as_they_are(template, people, name):
    text = HOSTILE[name][:100_000]
    submit(people["alice"], title=text[:200] or "x")
    dispatch()
    card = _card_of(Delivery.objects.filter(kind="wecom_card").first())
    card.task.ticket.content.form = {"why": text}
    body = cards.face(card).body
    within_limits(body)
    joined = "".join(texts(body))
    assert not set(joined) & set("\x00\x07\x1b\n\r\t\u202e\u200b\u2066\u2028")


@pytest.mark.django_db(transaction=True)
def test_one_message_per_person_with_codes_of_its_own(template, people, wecom):
    submit(people["alice"])
    crank()
    sends = [call.body for call in wecom.of("message/send") if call.body["msgtype"] == "template_card"]
    assert sorted(body["touser"] for body in sends) == ["bob", "dave"]
    assert all(body["agentid"] == 1000002 for body in sends)
    for card in Card.objects.all():
        assert card.msgid
        assert card.verbs == ["approve", "return"]
        assert [code.origin for code in card.codes.all()] == ["send"]
