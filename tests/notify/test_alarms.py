"""An alarm about shells is sent in the app, by mail and in WeCom, and links to its ticket (I19, I23)."""

from typing import Any

import pytest

from accounts.trail import dispatch as trail
from notify.channels.email import build
from notify.models import Delivery
from tests.automation.shells.props import FORM, enrolled, publish, rule, typed
from tests.automation.shells.props import crank as look
from tests.notify.world import browser, crank

pytestmark = pytest.mark.django_db(transaction=True)
OPENS: dict[str, Any] = {"template": "incident", "applicant": "alice", "form": FORM, "tell": [{"user": "carol"}]}


def news(person) -> list[dict]:
    return browser(person).get("/api/v1/notifications").json()["results"]


def test_whoever_the_rule_names_and_the_applicant_hear_of_it_on_every_channel(wecom, people) -> None:
    publish()
    rule(people["admin"], **OPENS)
    typed(enrolled(), "rm -rf / --password=hunter2", source="10.9.8.7")
    (alarm,) = look()
    for _again in range(2):
        trail.dispatch()
        crank()
    for name in ("carol", "alice"):
        rows = Delivery.objects.filter(recipient=people[name], act__isnull=False)
        assert sorted(rows.values_list("kind", "state")) == [
            ("email", "sent"), ("in_app", "sent"), ("wecom_text", "sent"),
        ]  # fmt: skip
        first = next(one for one in news(people[name]) if one["kind"] == "shell.alarm")
        assert first["title"] == "Alarm: root typed “rm -rf /” on web-01"
        text = build(rows.get(kind="email")).body
        for said in ("Host: web-01", "Log-in user: root", "From address: 10.9.8.7", f"Ticket: {alarm.ticket.number}"):
            assert said in text, text
        assert "hunter2" not in text
    assert news(people["alice"])[0]["url"].endswith(f"/tickets/{alarm.ticket.number}")
    assert news(people["carol"])[0]["url"] == "http://127.0.0.1:8000/", "I23: she may see neither ticket nor record"
    sent = [call.body for call in wecom.of("message/send") if call.body["touser"] == "carol"]
    assert [body["msgtype"] for body in sent] == ["textcard"]
    assert "hunter2" not in str(sent)
    assert news(people["heidi"]) == []


def test_what_went_wrong_is_told_to_administrators_with_the_reason(wecom, people) -> None:
    publish()
    rule(people["admin"], **OPENS)
    people["alice"].is_active = False
    people["alice"].save()
    typed(enrolled(), "rm -rf /")
    look()
    trail.dispatch()
    crank()
    (told,) = news(people["admin"])
    assert told["text"].startswith("No ticket was opened")
    assert told["url"].endswith("/admin/shells/alarms")
    mail = Delivery.objects.get(recipient=people["admin"], kind="email")
    assert "Problem: No ticket was opened" in build(mail).body


def test_A47_a_flood_is_told_once(wecom, people) -> None:
    publish()
    rule(people["admin"], **OPENS)
    host = enrolled()
    for number in range(7):
        typed(host, "rm -rf /", session=f"s{number}")
    look()
    trail.dispatch()
    titles = [one["title"] for one in news(people["carol"])]
    assert titles.count("Too many alarms: “rm -rf /” on web-01") == 1
    assert len(titles) == 6
