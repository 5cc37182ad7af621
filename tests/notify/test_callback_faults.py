"""Taps that come twice, late or in parallel, and a platform or worker that fails in between."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from common.errors import DomainError
from notify.models import Callback, Card, CardCode, Delivery
from notify.sending.deliver import deliver, end_pauses
from notify.wecom import process
from tests.notify.platform import post, said, tap
from tests.notify.servers import ok
from tests.notify.world import (
    crank,
    decide_on_web,
    decisions,
    in_threads,
    state_of,
    submit,
)
from tests.within import within
from tickets.background.dispatch import dispatch
from tickets.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


class TestRepetition:
    def test_A17_a_tap_in_three_copies_decides_once_and_is_answered_alike(self, ticket):
        one = tap("bob")
        answers = [said(post(one.xml())) for _ in range(3)]
        assert answers == ["Working…"] * 3
        crank()
        assert decisions(ticket) == [("task.approved", "card")]
        assert Callback.objects.count() == 1

    def test_A17_fifty_copies_at_once(self, ticket):
        one, statuses = tap("bob").xml(), []
        barrier = threading.Barrier(50)

        def send() -> None:
            barrier.wait()
            statuses.append(post(one).status_code)
            connection.close()

        threads = [threading.Thread(target=send) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [200] * 50
        callback = Callback.objects.get()
        in_threads(10, lambda: process.process_callback(callback.pk))
        crank()
        assert decisions(ticket) == [("task.approved", "card")]

    def test_A17_a_replay_months_later_changes_nothing_and_hears_the_truth(self, ticket):
        one = tap("bob")
        post(one.xml())
        crank()
        rows = (Event.objects.count(), Delivery.objects.count(), CardCode.objects.count())
        response = post(one.xml(), at=int(time.time()) - 90 * 86400)
        crank()
        assert said(response).startswith("Approved by Bob at ")
        assert (Event.objects.count(), Delivery.objects.count(), CardCode.objects.count()) == rows

    def test_A17_a_late_tap_is_marked(self, ticket, caplog):
        post(tap("bob").xml(), at=int(time.time()) - 301)
        assert Callback.objects.get().is_late
        assert "callback.late" in caplog.text

    def test_without_a_code_the_content_is_the_identity(self, ticket):
        content = tap("bob").xml()
        content = content[: content.index("<ResponseCode>")] + "</xml>"
        post(content)
        post(content)
        assert Callback.objects.count() == 1
        crank()
        assert decisions(ticket) == [("task.approved", "card")]

    def test_two_quick_taps_end_with_the_truth(self, ticket, wecom):
        post(tap("bob").xml())
        post(tap("bob").xml())
        crank()
        assert decisions(ticket) == [("task.approved", "card")]
        assert sorted(Callback.objects.values_list("outcome", flat=True)) == ["done", "task_already_decided"]
        assert all(text.startswith("Approved by Bob") for text in wecom.updates("bob"))
        assert not CardCode.objects.filter(origin="click", used_at=None).exclude(card__state="settled").exists()


class TestFaults:
    def test_F25_a_used_up_code_never_touches_the_decision(self, ticket, wecom):
        wecom.script["message/update_template_card"] = [{"errcode": 42022, "errmsg": "used"}] * 2
        post(tap("bob").xml())
        crank()
        assert state_of(ticket) == "approved"
        updates = Delivery.objects.filter(kind="wecom_card_update")
        assert set(updates.values_list("state", "attempts")) == {("dead", 1)}
        assert set(Card.objects.filter(task__visit__node="leader").values_list("state", flat=True)) == {"settled"}

    def test_F21_a_busy_platform_gets_the_correction_later(self, ticket, wecom):
        wecom.script["message/update_template_card"] = [{"errcode": -1, "errmsg": "busy"}]
        post(tap("bob").xml())
        crank()
        assert Delivery.objects.filter(kind="wecom_card_update", state="failed").count() == 1
        Delivery.objects.filter(state__in=["failed", "queued"]).update(due_at=timezone.now())
        end_pauses()
        crank()
        assert sorted(n for n in ("bob", "dave") for _ in wecom.updates(n)[-1:]) == ["bob", "dave"]
        assert not Delivery.objects.filter(kind="wecom_card_update").exclude(state="sent").exists()

    def test_F05_a_lost_answer_to_a_card_does_not_make_a_second_card(self, wecom, template, people):
        wecom.script["message/send"] = [500, {"errcode": 42014, "errmsg": "task_id used"}]
        submit(people["alice"])
        crank()
        end_pauses()
        Delivery.objects.filter(state="failed").update(due_at=timezone.now() - timedelta(hours=1))
        crank()
        assert set(Delivery.objects.filter(kind="wecom_card").values_list("state", flat=True)) == {"sent"}
        keys = [card["task_id"] for card in wecom.cards()]
        assert len(set(keys)) == 2
        assert keys[0] == keys[1]

    def test_a_person_out_of_range_is_given_up_on_and_the_others_are_not(self, wecom, template, people):
        wecom.script["message/send"] = [{"errcode": 81013, "errmsg": "all invalid"}]
        submit(people["alice"])
        crank()
        states = sorted(Delivery.objects.filter(kind="wecom_card").values_list("state", flat=True))
        assert states == ["dead", "sent"]

    def test_I20_F24_WeCom_down_and_the_web_decides(self, wecom, template, people):
        wecom.script["gettoken"] = [500] * 20
        ticket = submit(people["alice"])
        crank()
        decide_on_web(ticket, people["bob"])
        crank()
        assert state_of(ticket) == "approved"

    def test_F37_a_tap_that_breaks_its_worker_is_put_aside(self, ticket, wecom, monkeypatch):
        def broken(**kwargs):
            raise RuntimeError("bug")

        monkeypatch.setattr(process, "decide", broken)
        post(tap("bob").xml())
        callback = Callback.objects.get()
        for _ in range(process.MAX_ATTEMPTS):
            Callback.objects.update(due_at=timezone.now())
            process.process_callback(callback.pk)
        crank()
        callback.refresh_from_db()
        assert (callback.outcome, callback.attempts) == ("error", process.MAX_ATTEMPTS)
        assert state_of(ticket) == "pending"
        assert wecom.updates("bob") == ["Not done: see details"]

    def test_F22_the_answer_takes_a_fraction_of_a_second(self, ticket):
        post(tap("heidi", card=Card.objects.first()).xml())  # warm up
        with within(0.5):
            post(tap("bob").xml())

    def test_I22_it_is_stored_before_it_is_answered(self, ticket, monkeypatch):
        monkeypatch.setattr("notify.wecom.callback.ring", lambda *args: None)  # the bell is broken
        post(tap("bob").xml())
        assert Callback.objects.filter(processed_at=None).count() == 1
        crank()
        assert state_of(ticket) == "approved"


def test_A05_web_and_card_at_once_make_one_decision(ticket, people):
    one = tap("dave")
    post(one.xml())
    callback = Callback.objects.get()
    outcomes: list[str] = []

    def on_web() -> None:
        try:
            decide_on_web(ticket, people["bob"])
            outcomes.append("web")
        except DomainError as error:
            outcomes.append(error.code)

    turns = iter([on_web, lambda: process.process_callback(callback.pk)])
    lock = threading.Lock()

    def one_of_them() -> None:
        with lock:
            work = next(turns)
        work()

    in_threads(2, one_of_them)
    crank()
    assert len(decisions(ticket)) == 1
    won_by_card = decisions(ticket)[0][1] == "card"
    callback.refresh_from_db()
    assert callback.outcome == ("done" if won_by_card else "task_already_decided")
    assert outcomes == (["task_already_decided"] if won_by_card else ["web"])


def test_a_card_that_was_under_way_when_somebody_decided_is_corrected_when_it_lands(wecom, template, people):
    ticket = submit(people["alice"])

    def decided_meanwhile():
        decide_on_web(ticket, people["dave"])
        dispatch()
        for delivery in Delivery.objects.filter(kind="wecom_card_update"):
            deliver(delivery.pk)
        connection.close()
        return ok(msgid="m1", response_code="send-m1")

    dispatch()
    wecom.script["message/send"] = [decided_meanwhile]
    crank()
    assert len(wecom.cards()) >= 1
    first = wecom.of("message/send")[0].body["touser"]
    assert wecom.updates(first)[0].startswith("Approved by Dave at ")
