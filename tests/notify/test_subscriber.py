"""Who is notified of which event, and how often."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notify.models import Card, Delivery
from notify.recipients.subscriber import on_events
from tests.notify.world import let_stand_in, publish, submit
from tickets.background.dispatch import dispatch
from tickets.commands import talk
from tickets.commands.decide import decide
from tickets.commands.withdraw import withdraw
from tickets.models import ApprovalTask, Event
from tickets.rules.rights import Verb

pytestmark = pytest.mark.django_db


def told(event_kind: str) -> set[tuple[str, str]]:
    rows = Delivery.objects.filter(event__kind=event_kind).exclude(kind="wecom_card_update")
    return set(rows.values_list("recipient__username", "kind"))


def all_ways(*names: str, wecom: str = "wecom_text") -> set[tuple[str, str]]:
    return {(name, kind) for name in names for kind in ("in_app", "email", wecom)}


def task_of(ticket, name: str) -> ApprovalTask:
    return ApprovalTask.objects.filter(ticket=ticket, assignee__username=name).latest("pk")


def act(ticket, actor, verb: Verb = "approve", of: str = "") -> None:
    task = task_of(ticket, of or actor.username)
    decide(task_id=task.pk, verb=verb, actor=actor, at=timezone.now(), channel="web", comment="because")
    dispatch()


def test_assignees_and_their_proxies_hear_of_a_task(template, people):
    let_stand_in(people["bob"], people["carol"])
    submit(people["alice"])
    dispatch()
    assert told("task.assigned") == all_ways("bob", "dave", "carol", wecom="wecom_card")
    assert Card.objects.get(user=people["carol"]).task == task_of(Card.objects.first().task.ticket, "bob")


def test_I03_the_applicant_gets_no_card_as_a_proxy(template, people):
    let_stand_in(people["bob"], people["alice"])
    submit(people["alice"])
    dispatch()
    assert {name for name, _kind in told("task.assigned")} == {"bob", "dave"}


def test_I11_an_ended_proxy_hears_nothing(template, people):
    proxy = let_stand_in(people["bob"], people["carol"])
    proxy.revoked_at = timezone.now()
    proxy.save()
    submit(people["alice"])
    dispatch()
    assert "carol" not in {name for name, _kind in told("task.assigned")}


def test_without_wecom_there_is_mail(template, people, settings):
    settings.WECOM_ENABLED = False
    submit(people["alice"])
    dispatch()
    assert told("task.assigned") == {(n, k) for n in ("bob", "dave") for k in ("in_app", "email")}


def test_disabled_people_hear_nothing(template, people):
    submit(people["alice"])
    people["dave"].is_active = False
    people["dave"].save()
    dispatch()
    assert {name for name, _kind in told("task.assigned")} == {"bob"}


def test_the_applicant_hears_of_a_return_with_its_reason(template, people):
    ticket = submit(people["alice"])
    act(ticket, people["bob"], "return")
    assert told("ticket.returned") == all_ways("alice")


def test_the_applicant_hears_of_a_veto(template, people):
    ticket = submit(people["alice"])
    act(ticket, people["dave"], "veto")
    assert told("ticket.vetoed") == all_ways("alice")


def test_the_applicant_hears_of_the_completion_even_when_it_was_her_own_act(template, people):
    ticket = submit(people["alice"])
    act(ticket, people["bob"])
    act(ticket, people["alice"], "confirm")
    assert told("ticket.completed") == all_ways("alice")


def test_a_withdrawal_is_told_to_whoever_was_asked(template, people):
    ticket = submit(people["alice"])
    withdraw(number=ticket.number, actor=people["alice"], at=timezone.now())
    dispatch()
    assert told("ticket.withdrawn") == all_ways("bob", "dave")


def test_a_withdrawal_after_a_decision_is_not_told_to_those_who_were_done(template, people):
    ticket = submit(people["alice"])
    act(ticket, people["bob"])
    withdraw(number=ticket.number, actor=people["alice"], at=timezone.now())
    dispatch()
    assert told("ticket.withdrawn") == set()  # only alice herself was being asked


def test_comments_go_to_the_others(template, people):
    ticket = submit(people["alice"])
    talk.comment(number=ticket.number, actor=people["bob"], at=timezone.now(), text="when?")
    dispatch()
    assert told("ticket.commented") == all_ways("alice", "dave")


def test_reminders_and_copies_go_to_the_people_named(template, people):
    ticket = submit(people["alice"])
    talk.remind(number=ticket.number, actor=people["alice"], at=timezone.now())
    talk.watch(number=ticket.number, actor=people["alice"], at=timezone.now(), users=["heidi"])
    dispatch()
    assert told("ticket.reminded") == all_ways("bob", "dave")
    assert told("ticket.copied") == all_ways("heidi")


def test_F19_hearing_twice_writes_once(template, people):
    ticket = submit(people["alice"])
    events = list(Event.objects.filter(ticket=ticket).select_related("ticket__template_version__template"))
    on_events(events)
    before = set(Delivery.objects.values_list("pk", flat=True))
    on_events(events)
    assert set(Delivery.objects.values_list("pk", flat=True)) == before
    assert Card.objects.count() == 2


def test_a_decision_outdates_every_card_of_the_visit_once(template, people):
    let_stand_in(people["bob"], people["carol"])
    ticket = submit(people["alice"])
    dispatch()
    act(ticket, people["bob"])
    updates = Delivery.objects.filter(kind="wecom_card_update")
    assert sorted(updates.values_list("recipient__username", flat=True)) == ["bob", "carol", "dave"]
    assert set(Card.objects.filter(task__visit__node="leader").values_list("state", flat=True)) == {"stale"}


def test_a_seat_that_is_still_open_keeps_its_card(people):
    publish("all")
    ticket = submit(people["alice"])
    dispatch()
    act(ticket, people["bob"])
    assert Card.objects.get(user=people["bob"]).state == "stale"
    assert Card.objects.get(user=people["dave"]).state == "live"


def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(template, people):
    def statements(count: int) -> int:
        for _ in range(count):
            submit(people["alice"])
        events = list(
            Event.objects.filter(outbox__isnull=False).select_related(
                "ticket__applicant", "ticket__template_version__template", "actor"
            )
        )
        with CaptureQueriesContext(
            connection,
        ) as captured:
            on_events(events)
        dispatch()
        return len(captured)

    assert statements(1) == statements(12)
