"""Claim, send, settle: at least once, by one worker at a time, and not forever."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from notify.channels.errors import ChannelError
from notify.models import Delivery
from notify.ports import CHANNELS
from notify.sending import deliver as module
from notify.sending.claim import LEASE, claim
from notify.sending.deliver import MAX_ATTEMPTS, backoff, deliver, deliver_next
from notify.sending.sweep import sweep
from tests.notify.world import let_stand_in, submit
from tickets.models import Event


def swap(monkeypatch: pytest.MonkeyPatch, kind: str, send: Callable[[Delivery], str]) -> None:
    """Let this channel send with this function."""
    monkeypatch.setitem(CHANNELS, kind, replace(CHANNELS[kind], send=send))


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """Mail goes here instead of out."""
    gone: list[int] = []

    def record(delivery: Delivery) -> str:
        assert not connection.in_atomic_block, "no outward call inside a transaction (I19)"
        gone.append(delivery.pk)
        return "receipt"

    swap(monkeypatch, "email", record)
    return gone


@pytest.fixture
def refuse(monkeypatch):
    """Let mail fail in a given way."""

    def fail_with(**how: bool) -> None:
        def channel(delivery: Delivery) -> str:
            raise ChannelError("no", **how)

        swap(monkeypatch, "email", channel)

    return fail_with


def make(people, count: int = 1) -> list[Delivery]:
    now = timezone.now()
    ticket = submit(people["alice"])
    events = list(Event.objects.filter(ticket=ticket).exclude(kind="task.assigned"))
    users = [people[name] for name in ("alice", "bob", "carol", "dave", "heidi", "admin")]
    pairs = [(event, user) for event in events for user in users][:count]
    return Delivery.objects.bulk_create(
        Delivery(event=event, recipient=user, kind="email", created_at=now, due_at=now - timedelta(seconds=count - i))
        for i, (event, user) in enumerate(pairs)
    )


def again(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def expire(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        lease_until=timezone.now() - timedelta(seconds=1), due_at=timezone.now() - timedelta(seconds=1)
    )


@pytest.mark.django_db(transaction=True)
class TestOne:
    def test_it_goes_out_once(self, template, people, sent):
        (delivery,) = make(people)
        assert deliver(delivery.pk)
        assert not deliver(delivery.pk)
        row = again(delivery)
        assert (row.state, row.attempts, row.receipt) == ("sent", 1, "receipt")
        assert row.sent_at is not None
        assert sent == [delivery.pk]

    def test_what_is_not_due_waits(self, template, people, sent):
        (delivery,) = make(people)
        Delivery.objects.update(due_at=timezone.now() + timedelta(minutes=1))
        assert not deliver(delivery.pk)
        assert sent == []

    def test_a_temporary_failure_is_tried_later(self, template, people, refuse):
        (delivery,) = make(people)
        refuse()
        deliver(delivery.pk)
        row = again(delivery)
        assert (row.state, row.attempts, row.last_error, row.lease_until) == ("failed", 1, "no", None)
        assert row.due_at > timezone.now() + timedelta(seconds=2)

    def test_a_permanent_failure_is_not(self, template, people, refuse):
        (delivery,) = make(people)
        refuse(permanent=True)
        deliver(delivery.pk)
        assert again(delivery).state == "dead"

    def test_F21_what_takes_no_more_for_now_costs_no_attempt(self, template, people, refuse):
        (delivery,) = make(people)
        refuse(is_full=True)
        for _ in range(MAX_ATTEMPTS + 2):
            expire(delivery)
            module.end_pauses()
            deliver(delivery.pk)
        row = again(delivery)
        assert (row.state, row.attempts) == ("failed", 0)

    def test_eight_attempts_are_enough(self, template, people, refuse):
        (delivery,) = make(people)
        refuse()
        for _ in range(MAX_ATTEMPTS):
            expire(delivery)
            deliver(delivery.pk)
        row = again(delivery)
        assert (row.state, row.attempts) == ("dead", MAX_ATTEMPTS)

    def test_a_bug_in_a_channel_is_a_failure_of_its_row_only(self, template, people, sent, monkeypatch):
        first, second = make(people, 2)

        def broken(delivery: Delivery) -> str:
            if delivery.pk == first.pk:
                raise KeyError("bug")
            sent.append(delivery.pk)
            return ""

        swap(monkeypatch, "email", broken)
        sweep()
        assert (again(first).state, again(second).state) == ("failed", "sent")


@pytest.mark.django_db(transaction=True)
class TestCrashes:
    def test_F04_a_killed_worker_loses_nothing(self, template, people, sent):
        (delivery,) = make(people)
        claimed = claim(["email"], timezone.now())  # and the worker is killed here
        assert claimed is not None
        assert not deliver(delivery.pk)
        expire(delivery)
        sweep()
        assert (again(delivery).state, again(delivery).attempts) == ("sent", 2)
        assert sent == [delivery.pk]

    def test_F05_killed_after_the_effect_it_repeats(self, template, people, sent):
        (delivery,) = make(people)
        claimed = claim(["email"], timezone.now())
        assert claimed is not None
        CHANNELS["email"].send(claimed)  # sent, and the worker is killed before it settles
        expire(delivery)
        sweep()
        assert sent == [delivery.pk] * 2
        assert again(delivery).state == "sent"

    def test_F37_a_row_that_kills_its_workers_is_put_aside(self, template, people, sent):
        killer, innocent = make(people, 2)
        for _ in range(MAX_ATTEMPTS):
            expire(killer)
            assert claim(["email"], timezone.now(), killer.pk) is not None  # killed each time
        expire(killer)
        sweep()
        assert again(killer).state == "dead"
        assert again(innocent).state == "sent"
        assert sent == [innocent.pk]

    def test_a_worker_whose_lease_ran_out_settles_nothing(self, template, people, sent):
        (delivery,) = make(people)
        slow = claim(["email"], timezone.now())
        assert slow is not None
        expire(delivery)
        quick = claim(["email"], timezone.now())
        assert quick is not None
        module.settle_failed(slow, ChannelError("too slow", permanent=True))
        assert again(delivery).state == "queued"
        module.settle_sent(quick, "r")
        assert again(delivery).state == "sent"


@pytest.mark.django_db(transaction=True)
def test_F09_ten_workers_send_each_row_once(template, people, sent):
    rows = make(people, 18)
    barrier = threading.Barrier(10)

    def worker() -> None:
        barrier.wait()
        sweep()
        close_old_connections()
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == sorted(row.pk for row in rows)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


@pytest.mark.django_db(transaction=True)
def test_F09_fifty_claims_of_one_row_give_it_to_one(template, people):
    (delivery,) = make(people)
    barrier, won = threading.Barrier(50), []

    def contender() -> None:
        barrier.wait()
        claimed = claim(["email"], timezone.now(), delivery.pk)
        if claimed is not None:
            won.append(claimed)
        connection.close()

    threads = [threading.Thread(target=contender) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert again(delivery).lease_until - timezone.now() > LEASE - timedelta(seconds=30)


@pytest.mark.django_db(transaction=True)
class TestOutage:
    def test_F42_a_dead_mail_server_costs_one_attempt_not_one_per_mail(self, template, people, refuse):
        rows = make(people, 10)
        refuse(is_down=True)
        sweep()
        assert sorted(again(row).attempts for row in rows) == [0] * 9 + [1]
        assert not deliver_next("mail")

    def test_F42_other_dependencies_go_on(self, template, people, refuse, monkeypatch):
        (mail,) = make(people)
        now = timezone.now()
        card = Delivery.objects.create(
            event=mail.event, recipient=people["bob"], kind="wecom_text", created_at=now, due_at=now
        )
        swap(monkeypatch, "wecom_text", lambda delivery: "ok")
        refuse(is_down=True)
        sweep()
        assert again(card).state == "sent"
        assert again(mail).state == "failed"

    def test_F38_what_waited_goes_out_oldest_first_and_bounded(self, template, people, sent, monkeypatch):
        rows = make(people, 12)
        monkeypatch.setattr("notify.sending.sweep.DELIVERIES_MAX", 5)
        sweep()
        assert sent == [row.pk for row in rows[:5]]


def test_backoff_grows_to_an_hour_with_jitter():
    first = {backoff(1).total_seconds() for _ in range(50)}
    assert len(first) > 10
    assert all(3.75 <= seconds <= 6.25 for seconds in first)
    assert all(2700 <= backoff(MAX_ATTEMPTS).total_seconds() <= 4500 for _ in range(20))


@pytest.mark.django_db(transaction=True)
def test_I18_a_lost_bell_is_found_by_the_sweep(template, people, sent):
    with transaction.atomic():
        (delivery,) = make(people)
    sweep()
    assert sent == [delivery.pk]


@pytest.mark.django_db(transaction=True)
class TestOver:
    """What nobody needs any more is dropped, quietly (F38)."""

    def sweep_after(self, sent, change) -> set[tuple[str, str]]:
        from tickets.background.dispatch import dispatch

        dispatch()
        change()
        sweep()
        rows = Delivery.objects.filter(kind="email", state="dead").values_list("recipient__username", "last_error")
        return set(rows)

    def test_a_reminder_of_what_is_done(self, template, people, sent):
        from tickets.commands import talk
        from tickets.commands.decide import decide
        from tickets.models import ApprovalTask

        ticket = submit(people["alice"])
        talk.remind(number=ticket.number, actor=people["alice"], at=timezone.now())
        task = ApprovalTask.objects.get(ticket=ticket, assignee=people["bob"])
        act = {"task_id": task.pk, "verb": "approve", "actor": people["bob"], "channel": "web"}
        dead = self.sweep_after(sent, lambda: decide(**act, at=timezone.now()))
        assert dead == {("bob", "superseded"), ("dave", "superseded")}
        assert Delivery.objects.filter(event__kind="task.assigned", kind="email", state="sent").count() == 2

    def test_I11_a_proxy_whose_time_has_ended(self, template, people, sent):
        proxy = let_stand_in(people["bob"], people["carol"])
        submit(people["alice"])

        def end() -> None:
            proxy.revoked_at = timezone.now()
            proxy.save()

        assert self.sweep_after(sent, end) == {("carol", "superseded")}

    def test_people_who_left(self, template, people, sent):
        submit(people["alice"])

        def leave() -> None:
            people["dave"].is_active = False
            people["dave"].save()

        assert self.sweep_after(sent, leave) == {("dave", "superseded")}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "ahead",
    [
        {"created_at": timedelta(hours=1), "due_at": timedelta(hours=1)},
        {"attempts": 3, "state": "failed", "due_at": timedelta(hours=3)},
        {"lease_until": timedelta(hours=1)},
    ],
)
def test_F32_what_a_clock_put_off_that_was_set_back_since_goes_now(template, people, sent, ahead) -> None:
    [delivery] = make(people)
    moments = {key: timezone.now() + value if isinstance(value, timedelta) else value for key, value in ahead.items()}
    Delivery.objects.filter(pk=delivery.pk).update(**moments)
    sweep()
    assert sent == [delivery.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "waits",
    [
        {"attempts": 3, "state": "failed", "due_at": timedelta(hours=1)},
        {"due_at": timedelta(minutes=30)},
        {"lease_until": LEASE},
    ],
)
def test_what_waits_as_it_should_goes_on_waiting(template, people, sent, waits) -> None:
    [delivery] = make(people)
    moments = {key: timezone.now() + value if isinstance(value, timedelta) else value for key, value in waits.items()}
    Delivery.objects.filter(pk=delivery.pk).update(**moments)
    sweep()
    assert sent == []
