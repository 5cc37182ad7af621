"""New proxies are notified at once, with the waiting tasks; their principals are notified, too."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from accounts.commands import change_proxy, grant_proxy, revoke_proxy
from accounts.commands.proxies import begin_due
from accounts.models import AdminEvent, Proxy
from accounts.trail import dispatch as trail
from accounts.trail.proxies import standing
from notify import acts
from notify.channels.email import build
from notify.models import Card, Delivery
from notify.sending.deliver import deliver
from tests.notify.world import TEMPLATE, browser, crank, decide_on_web, publish, submit

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


def grant(people, actor: str = "bob", agent: str = "carol", after: timedelta = timedelta(0), **more) -> Proxy:
    """bob lets carol stand in for three hours."""
    now = timezone.now()
    given = {"templates": None, "reason": "on leave", **more}
    return grant_proxy(
        actor=people[actor], principal="bob", agent=agent, starts_at=now + after, ends_at=now + after + 3 * HOUR,
        at=now, **given,
    )  # fmt: skip


def proxy_acts() -> QuerySet[AdminEvent]:
    """The acts about proxies; the publication of the template is one as well."""
    return AdminEvent.objects.filter(about__startswith="proxy:").order_by("seq")


def told(name: str) -> list[str]:
    """Subjects of the mails to this person about proxies, oldest first."""
    rows = Delivery.objects.filter(recipient__username=name, kind="email", act__isnull=False).order_by("pk")
    return [str(build(row).subject) for row in rows.select_related("recipient")]


def test_the_agent_hears_at_once_for_whom_how_long_and_what_waits(wecom, template, people):
    ticket = submit(people["alice"])
    crank()
    proxy = grant(people)
    trail.dispatch()
    crank()
    (mail,) = Delivery.objects.filter(recipient=people["carol"], kind="email")
    assert mail.state == "sent"
    text = build(mail).body
    assert "You stand in for Bob until" in text
    for said in ("Templates: all", "Done by: Bob", "Reason: on leave", f"1 task\n{ticket.number} Three days off"):
        assert said in text, text
    assert "http://127.0.0.1:8000/lists/todo" in text
    texts = [call.body for call in wecom.of("message/send") if call.body["touser"] == "carol"]
    assert [body["msgtype"] for body in texts].count("textcard") == 1
    news = browser(people["carol"]).get("/api/v1/notifications").json()["results"]
    assert (news[0]["title"].startswith("You stand in for Bob"), news[0]["number"]) == (True, "")
    assert proxy.agent_id == people["carol"].pk
    assert told("bob") == []  # his own act


def test_the_agent_gets_the_cards_of_what_waits_once(wecom, template, people):
    tickets = [submit(people["alice"]) for _ in range(2)]
    decide_on_web(tickets[0], people["dave"])
    own = submit(people["carol"], title="My own")
    crank()
    grant(people)
    trail.dispatch()
    crank()
    cards = wecom.cards("carol")
    assert [card["main_title"]["title"] for card in cards] == ["Three days off"]
    assert {"keyname": "For", "value": "Bob"} in cards[0]["horizontal_content_list"]
    assert not Card.objects.filter(user=people["carol"], task__ticket=own, task__assignee=people["bob"]).exists()
    proxy = Proxy.objects.get()
    change_proxy(actor=people["bob"], proxy_id=proxy.pk, at=timezone.now(), reason="longer")
    trail.dispatch()
    crank()
    assert len(wecom.cards("carol")) == 1
    press = Card.objects.get(user=people["carol"])
    assert press.verbs == ["approve", "return"]


def test_a_scope_of_templates_is_named_and_kept(wecom, template, people):
    submit(people["alice"])
    publish(text=TEMPLATE.replace("key: leave", "key: other"))
    grant(people, templates=["other"])
    trail.dispatch()
    crank()
    text = build(Delivery.objects.get(recipient=people["carol"], kind="email")).body
    assert "Templates: Leave" in text
    assert "0 tasks" in text
    assert wecom.cards("carol") == []


def test_I11_the_principal_hears_who_did_it(wecom, template, people):
    grant(people, actor="admin")
    trail.dispatch()
    crank()
    (subject,) = told("bob")
    assert subject == "By Admin: Carol stands in for you from now on"
    assert "Done by: Admin" in build(Delivery.objects.get(recipient=people["bob"], kind="email")).body


def test_a_change_and_an_end_are_told_to_all_concerned(wecom, template, people):
    proxy = grant(people)
    trail.dispatch()
    change_proxy(actor=people["admin"], proxy_id=proxy.pk, at=timezone.now(), agent="dave")
    trail.dispatch()
    assert told("carol")[-1] == "You no longer stand in for Bob"
    assert told("dave")[-1].startswith("You stand in for Bob until")
    assert told("bob")[-1].startswith("By Admin: Changed: Dave stands in for you")
    revoke_proxy(actor=people["admin"], proxy_id=proxy.pk, at=timezone.now())
    trail.dispatch()
    assert told("dave")[-1] == "You no longer stand in for Bob"
    assert told("bob")[-1] == "By Admin: Dave no longer stands in for you"


def test_I21_a_window_that_starts_later_is_told_now_and_at_its_start_once(wecom, template, people, monkeypatch):
    submit(people["alice"])
    proxy = grant(people, after=HOUR)
    trail.dispatch()
    crank()
    assert told("carol")[0].startswith("You will stand in for Bob from")
    assert wecom.cards("carol") == []
    assert begin_due(timezone.now()) == 0
    then = timezone.now() + 2 * HOUR
    monkeypatch.setattr("django.utils.timezone.now", lambda: then)
    assert [begin_due(then), begin_due(then)] == [1, 0]
    trail.dispatch()
    crank()
    assert told("carol")[1].startswith("You stand in for Bob until")
    assert len(wecom.cards("carol")) == 1
    assert list(proxy_acts().values_list("kind", flat=True)) == ["proxy.granted", "proxy.began"]
    right = standing(people["carol"], people["bob"], "leave", then)
    assert (right["id"], right["act"]) == (proxy.pk, proxy_acts().last().pk), "the act takes nothing from the right"


def test_what_was_taken_back_before_it_went_out_is_not_told(wecom, template, people):
    proxy = grant(people)
    trail.dispatch()
    row = Delivery.objects.get(recipient=people["carol"], kind="wecom_text")
    revoke_proxy(actor=people["bob"], proxy_id=proxy.pk, at=timezone.now())
    assert not deliver(row.pk)
    row.refresh_from_db()
    assert (row.state, row.last_error) == ("dead", "superseded")


def test_an_act_is_heard_once_however_often_it_is_handed_out(wecom, template, people):
    grant(people)
    act = proxy_acts().get()
    acts.on_act(act)
    acts.on_act(act)
    assert Delivery.objects.filter(act=act, recipient=people["carol"]).count() == 3
