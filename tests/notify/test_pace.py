"""WeCom silently drops excess messages to a member: how many may be sent, and what waits instead (F21)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from notify.models import Delivery
from notify.sending import pace
from notify.sending.claim import TOGETHER_MAX, claim
from notify.sending.deliver import deliver, deliver_next, end_pauses
from tests.notify.world import browser, crank, decide_on_web, happen, submit
from tickets.background.dispatch import dispatch
from tickets.models import Ticket

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
LIMITS = [(30, 60.0), (1000, 3600.0)]


def ago(*seconds: float) -> list[datetime]:
    return [NOW - timedelta(seconds=value) for value in seconds]


class TestWhen:
    def test_there_is_room_for_thirty(self):
        assert pace.free_at(ago(*range(29)), NOW, LIMITS, urgent=True) is None
        assert pace.free_at(ago(*range(30)), NOW, LIMITS, urgent=True) is not None

    def test_news_leaves_room_for_cards(self):
        assert pace.free_at(ago(*range(20)), NOW, LIMITS, urgent=False) is not None
        assert pace.free_at(ago(*range(20)), NOW, LIMITS, urgent=True) is None

    def test_the_hour_counts_too(self):
        spread = ago(*(70 + 3 * step for step in range(1000)))
        assert pace.free_at(spread, NOW, LIMITS, urgent=True) == max(ago(70 + 3 * 998)) + pace.window(3600)

    def test_after_a_burst_it_waits_once_for_all_of_it(self):
        burst = ago(*(step / 10 for step in range(30)))
        assert pace.free_at(burst, NOW, LIMITS, urgent=True) == NOW + pace.window(60)

    def test_F32_what_was_sent_in_the_future_tells_nothing(self):
        ahead = ago(*(-3600 - step for step in range(40)))
        assert pace.free_at(ahead, NOW, LIMITS, urgent=True) is None
        assert pace.remembered([*ahead, NOW], NOW, LIMITS) == [NOW]

    @given(st.lists(st.floats(0, 200), max_size=200), st.integers(1, 40), st.floats(1, 100), st.booleans())
    def test_no_window_ever_holds_more_than_its_limit(self, gaps, most, seconds, urgent):
        """However the wishes come, whoever obeys sends at most `most` in any `seconds`."""
        sent: list[datetime] = []
        now = NOW
        for gap in gaps:
            now = max(now, NOW) + timedelta(seconds=gap / 50)
            until = pace.free_at(sent, now, [(most, seconds)], urgent=urgent)
            now = until or now
            assert pace.free_at(sent, now, [(most, seconds)], urgent=urgent) is None, "what it promised holds"
            sent.append(now)
        for first in sent:
            assert sum(first <= stamp < first + timedelta(seconds=seconds) for stamp in sent) <= most


@pytest.fixture
def slow(settings):
    """Two messages in ten minutes: nothing comes free during a test."""
    settings.WECOM_PACE = [(2, 600.0)]


def news(ticket: Ticket, people, count: int) -> None:
    """So many comments by bob, for alice to read."""
    for index in range(count):
        happen(ticket, "ticket.commented", people["bob"], text=f"word {index}")


def texts(wecom, user: str = "alice") -> list[dict]:
    return [call.body for call in wecom.of("message/send") if call.body["touser"] == user]


@pytest.mark.django_db(transaction=True)
class TestClaim:
    def test_what_is_too_much_waits_and_says_so(self, wecom, slow, template, people):
        for _ in range(3):
            submit(people["alice"])
        crank()
        rows = Delivery.objects.filter(recipient=people["bob"], kind="wecom_card").order_by("pk")
        assert list(rows.values_list("state", "held_by", "attempts")) == [
            ("sent", "", 1), ("sent", "", 1), ("queued", "pace", 0),
        ]  # fmt: skip
        assert rows[2].due_at > timezone.now() + timedelta(minutes=9)
        assert len(wecom.cards("bob")) == 2
        shown = browser(people["bob"]).get("/api/v1/deliveries?kind=wecom_card").json()["results"]
        assert [(row["state"], row["held_by"]) for row in shown] == [
            ("queued", "pace"), ("sent", None), ("sent", None),
        ]  # fmt: skip

    def test_one_persons_flood_holds_up_nobody_else(self, wecom, slow, template, people):
        for _ in range(5):
            submit(people["alice"])
        dispatch()
        happen(Ticket.objects.first(), "ticket.commented", people["bob"], text="hello")
        crank()
        assert len(texts(wecom, "alice")) == 1

    def test_mail_is_not_paced(self, wecom, slow, template, people):
        for _ in range(5):
            submit(people["alice"])
        crank()
        assert Delivery.objects.filter(recipient=people["bob"], kind="email", state="sent").count() == 5

    def test_what_was_never_sent_takes_no_place(self, wecom, slow, template, people):
        tickets = [submit(people["alice"]) for _ in range(3)]
        dispatch()
        for ticket in tickets[:2]:
            decide_on_web(ticket, people["dave"])
        crank()
        assert len(wecom.cards("bob")) == 1
        submit(people["alice"])
        crank()
        assert len(wecom.cards("bob")) == 2

    def test_a_restart_forgets_nothing(self, wecom, slow, template, people):
        for _ in range(2):
            submit(people["alice"])
        crank()
        submit(people["alice"])
        dispatch()
        late = Delivery.objects.filter(recipient=people["bob"], kind="wecom_card").latest("pk")
        assert not deliver(late.pk)  # any worker, the first thing it does
        assert claim(["wecom_card"], timezone.now(), late.pk) is None

    def test_news_that_waited_long_uses_all_the_room(self, settings, wecom, template, people):
        settings.WECOM_PACE = [(3, 600.0)]
        for _ in range(2):
            submit(people["alice"])
        crank()
        happen(Ticket.objects.first(), "ticket.commented", people["alice"], text="hello")
        dispatch()
        row = Delivery.objects.get(recipient=people["bob"], kind="wecom_text")
        assert not deliver(row.pk)
        Delivery.objects.filter(pk=row.pk).update(
            created_at=timezone.now() - pace.PATIENCE * 2, due_at=timezone.now() - timedelta(seconds=1)
        )
        assert deliver(row.pk)


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_a_pile_of_news_is_one_message(self, wecom, template, people):
        ticket = submit(people["alice"], title="<a href='x'>Three & four</a>")
        news(ticket, people, 3)
        crank()
        (body,) = texts(wecom)
        content = body["text"]["content"]
        assert content.startswith("3 messages\n")
        assert content.count("<a href=") == 3, "no markup but ours"
        assert f"next=%2Ftickets%2F{ticket.number}" in content
        rows = Delivery.objects.filter(kind="wecom_text", recipient=people["alice"])
        assert set(rows.values_list("state", "receipt")) == {("sent", rows[0].receipt)}

    def test_two_stay_two(self, wecom, template, people):
        news(submit(people["alice"]), people, 2)
        crank()
        assert [body["msgtype"] for body in texts(wecom)] == ["textcard", "textcard"]

    def test_every_one_is_named_and_every_message_fits(self, wecom, template, people):
        ticket = submit(people["alice"], title="很长的标题" * 30)
        news(ticket, people, 2 * TOGETHER_MAX)
        crank()
        bodies = texts(wecom)
        assert len(bodies) == 2
        for body in bodies:
            assert len(body["text"]["content"].encode()) <= 2048
            assert body["text"]["content"].count("<a href=") == TOGETHER_MAX

    def test_F05_what_failed_together_is_tried_again_together(self, wecom, template, people):
        wecom.script["message/send"] = [500]
        ticket = submit(people["alice"])
        news(ticket, people, 3)
        dispatch()
        deliver_next("wecom")  # a card or the news, whichever: one of them meets the 500
        rows = Delivery.objects.filter(kind="wecom_text", recipient=people["alice"])
        rows.exclude(state="sent").update(due_at=timezone.now() - timedelta(seconds=1))
        first = rows.earliest("pk")
        wecom.script["message/send"] = [500]
        end_pauses()
        deliver(first.pk)
        news(ticket, people, 1)
        dispatch()
        end_pauses()
        rows.exclude(state="sent").update(due_at=timezone.now() - timedelta(seconds=1))
        crank()
        many = [body for body in texts(wecom) if body["msgtype"] == "text"]
        assert len(many) == 2
        assert many[0] == many[1], "the same words, which WeCom knows again"
        assert set(rows.values_list("state", flat=True)) == {"sent"}

    def test_a_wish_that_is_over_is_not_told(self, wecom, template, people):
        ticket = submit(people["alice"])
        news(ticket, people, 3)
        dispatch()
        people["alice"].is_active = False
        people["alice"].save()
        crank()
        assert texts(wecom) == []
        told = Delivery.objects.filter(kind="wecom_text", recipient=people["alice"])
        assert set(told.values_list("state", flat=True)) == {"dead"}
