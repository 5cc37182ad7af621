"""What a tap decides, and what the cards show afterwards."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from config import progress
from notify.models import Callback, Card, Delivery
from notify.wecom.seals import seal_card
from tests.notify.platform import Tap, post, said, tap
from tests.notify.world import (
    crank,
    decide_on_web,
    decisions,
    let_stand_in,
    publish,
    state_of,
    submit,
)
from tickets.background.dispatch import dispatch
from tickets.commands.submit import resubmit
from tickets.commands.withdraw import withdraw
from tickets.models import ApprovalTask, Event, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


class TestDeciding:
    def test_a_tap_is_answered_at_once_and_decided_after(self, ticket):
        response = post(tap("bob").xml())
        assert said(response) == "Working…"
        assert state_of(ticket) == "pending"
        crank()
        assert state_of(ticket) == "approved"
        assert decisions(ticket) == [("task.approved", "card")]
        assert Callback.objects.get().outcome == "done"

    def test_the_answer_is_in_the_language_of_the_person(self, ticket, people):
        User.objects.filter(username="bob").update(language="zh-hans")
        assert said(post(tap("bob").xml())) == "处理中…"

    def test_a_return_carries_a_comment(self, ticket, people):
        post(tap("bob", "return").xml())
        crank()
        event = Event.objects.get(ticket=ticket, kind="ticket.returned")
        assert event.data["comment"] == "Returned from WeCom"
        assert Ticket.objects.get(pk=ticket.pk).state == "returned"

    def test_a_confirm_node_is_confirmed(self, ticket, people):
        post(tap("bob").xml())
        crank()
        post(tap("alice", "confirm").xml())
        crank()
        assert Ticket.objects.get(pk=ticket.pk).state == "completed"

    def test_all_cards_tell_the_truth_afterwards(self, ticket, wecom):
        post(tap("bob").xml())
        crank()
        when = f"{timezone.localtime():%H:}"
        for name in ("bob", "dave"):
            (text,) = wecom.updates(name)
            assert text.startswith(f"Approved by Bob at {when}")
        assert set(Card.objects.filter(task__visit__node="leader").values_list("state", flat=True)) == {"settled"}

    def test_the_tapped_card_is_corrected_with_the_code_of_the_tap(self, ticket, wecom):
        one = tap("bob")
        post(one.xml())
        crank()
        used = {
            call.body["userids"][0]: call.body["response_code"] for call in wecom.of("message/update_template_card")
        }
        assert used["bob"] == one.code
        assert used["dave"].startswith("send-")

    def test_a_proxy_decides_for_the_principal(self, wecom, template, people):
        let_stand_in(people["bob"], people["carol"])
        ticket = submit(people["alice"])
        crank()
        post(tap("carol").xml())
        crank()
        task = ApprovalTask.objects.get(ticket=ticket, assignee=people["bob"])
        assert (task.decided_by, task.on_behalf_of) == (people["carol"], people["bob"])
        assert wecom.updates("bob")[0].startswith("Approved by Carol for Bob at ")


class TestNotAllowed:
    """A real signature, and still nothing is decided."""

    def after(self, ticket: Ticket, one: Tap) -> str:
        assert post(one.xml()).status_code == 200
        crank()
        assert decisions(ticket) == []
        assert state_of(ticket) == "pending"
        return Callback.objects.latest("pk").outcome

    def test_A21_somebody_else_taps_bobs_card(self, ticket, wecom):
        card = Card.objects.get(user__username="bob")
        assert self.after(ticket, Tap("heidi", card.key, "approve")) == "not_yours"
        assert self.after(ticket, Tap("dave", card.key, "approve")) == "not_yours"
        assert wecom.of("message/update_template_card") == []

    @pytest.mark.parametrize("userid", ["BOB", "Bob", "bob ", "bob@example.com", "", "nobody"])
    def test_A24_only_bobs_userid_is_bob_in_whatever_case(self, ticket, userid):
        card = Card.objects.get(user__username="bob")
        expected = "done" if userid.strip().lower() == "bob" else "unknown_user"
        post(Tap(userid, card.key, "approve").xml())
        crank()
        assert Callback.objects.get().outcome == expected

    def test_A24_a_disabled_person(self, ticket, people):
        User.objects.filter(username="bob").update(is_active=False)
        assert self.after(ticket, tap("bob")) == "unknown_user"

    @pytest.mark.parametrize("key", ["veto", "confirm", "withdraw", "approve ", "APPROVE", "", "__class__", "x" * 2000])
    def test_A21_a_verb_the_card_does_not_offer(self, ticket, key):
        outcome = self.after(ticket, tap("bob", key)) if key.strip() != "approve" else "unknown_verb"
        assert outcome == "unknown_verb"

    @pytest.mark.parametrize("task_id", ["", "nope", "1", "LEV-1", "'; --"])
    def test_A21_an_unknown_card(self, ticket, task_id):
        assert self.after(ticket, Tap("bob", task_id, "approve")) == "unknown_card"

    def test_I11_a_proxy_whose_time_is_over(self, wecom, template, people):
        proxy = let_stand_in(people["bob"], people["carol"])
        ticket = submit(people["alice"])
        crank()
        proxy.ends_at = timezone.now() - timedelta(seconds=1)
        proxy.save()
        assert self.after(ticket, tap("carol")) == "not_found"
        assert wecom.updates("carol") == ["Not done: see details"]


class TestSuperseded:
    def test_A22_F23_a_tap_after_a_web_decision_hears_the_truth(self, ticket, people, wecom):
        late = tap("dave")
        decide_on_web(ticket, people["bob"])
        crank()
        post(late.xml())
        crank()
        assert decisions(ticket) == [("task.approved", "web")]
        assert Callback.objects.get().outcome == "task_already_decided"
        assert [text[:15] for text in wecom.updates("dave")] == ["Approved by Bob"] * 2

    def test_A22_a_tap_after_the_withdrawal(self, ticket, people, wecom):
        late = tap("bob")
        withdraw(number=ticket.number, actor=people["alice"], at=timezone.now())
        crank()
        post(late.xml())
        crank()
        assert decisions(ticket) == []
        assert wecom.updates("bob") == ["Withdrawn by the applicant"] * 2

    def test_A22_a_card_of_an_earlier_round_decides_nothing(self, ticket, people, wecom):
        old = tap("bob")
        decide_on_web(ticket, people["dave"], "return")
        crank()
        resubmit(number=ticket.number, actor=people["alice"], at=timezone.now(), form={"why": "other"})
        crank()
        post(old.xml())
        crank()
        assert state_of(ticket) == "pending"
        assert wecom.updates("bob")[-1].startswith("Returned by Dave at ")
        assert Card.objects.filter(user=people["bob"]).latest("pk").state == "live"

    def test_I05_A06_content_that_changed_since_the_card(self, ticket, wecom):
        card = Card.objects.get(user__username="bob")
        card.digest = "0" * 64
        seal_card(card)
        card.save()
        post(tap("bob").xml())
        crank()
        assert state_of(ticket) == "pending"
        assert Callback.objects.get().outcome == "stale_version"
        assert wecom.updates("bob") == ["It changed: see details"]

    def test_a_decision_by_one_of_all_leaves_the_other_card_alone(self, wecom, people):
        publish("all")
        ticket = submit(people["alice"])
        crank()
        post(tap("bob").xml())
        crank()
        assert wecom.updates("dave") == []
        post(tap("dave").xml())
        crank()
        assert decisions(ticket) == [("task.approved", "card")] * 2

    def test_a_card_that_was_never_sent_is_not_sent_any_more(self, wecom, template, people):
        ticket = submit(people["alice"])
        dispatch()
        decide_on_web(ticket, people["bob"])
        crank()
        assert wecom.cards("bob") == wecom.cards("dave") == []
        assert wecom.of("message/update_template_card") == []
        cards = Delivery.objects.filter(kind="wecom_card", event__data__node="leader")
        assert set(cards.values_list("state", "last_error")) == {("dead", "superseded")}


class TestForgedRows:
    """Whoever can write to the database is nobody's hand (I02, A32)."""

    def test_I02_A32_an_inserted_tap_decides_nothing_and_is_counted(self, ticket, wecom):
        card, now = Card.objects.get(user__username="bob"), timezone.now()
        row = Callback(identity="f" * 64, userid="bob", card_key=card.key, verb="approve", received_at=now, due_at=now)
        row.save()
        crank()
        row.refresh_from_db()
        assert (row.outcome, row.attempts, row.processed_at is not None) == ("unsealed", 1, True)
        assert decisions(ticket) == []
        assert progress.unsealed()[0] == 1
        assert wecom.updates("bob") == ["Not done: see details"]

    @pytest.mark.parametrize(
        "change",
        [{"userid": "dave"}, {"verb": "return"}, {"card_key": "other"}, {"identity": "e" * 64},
         {"response_code": "mine"}, {"seal": ""}],
    )  # fmt: skip
    def test_I02_A32_a_stored_tap_that_was_changed_decides_nothing(self, ticket, change):
        other = Card.objects.get(user__username="dave").key
        post(tap("bob").xml())
        Callback.objects.update(**{key: other if value == "other" else value for key, value in change.items()})
        crank()
        assert decisions(ticket) == []
        assert Callback.objects.get().outcome == "unsealed"

    @pytest.mark.parametrize("change", ["task", "digest", "verbs", "user", "key"])
    def test_I05_A32_a_card_row_that_was_changed_decides_nothing(self, people, ticket, wecom, change):
        card = Card.objects.get(user__username="bob")
        theirs = submit(people["alice"], "Another one")
        crank()
        task = ApprovalTask.objects.get(ticket=theirs, assignee=people["bob"])
        shown = Card.objects.get(task=task)
        new = {
            "task": {"task": task, "digest": shown.digest},
            "digest": {"digest": shown.digest},
            "verbs": {"verbs": ["approve", "veto"]},
            "user": {"user": people["dave"]},
            "key": {"key": "x" * 32},
        }
        Card.objects.filter(pk=card.pk).update(**new[change])
        card.refresh_from_db()
        post(Tap("dave" if change == "user" else "bob", card.key, "approve").xml())
        crank()
        assert decisions(ticket) == decisions(theirs) == []
        assert Callback.objects.get().outcome == "unsealed"
        assert progress.unsealed()[0] == 1

    def test_F39_a_tap_stored_before_the_keys_changed_still_counts(self, ticket, settings):
        post(tap("bob").xml())
        settings.AUDIT_KEYS = {"new": "n" * 40}
        crank()
        assert decisions(ticket) == [("task.approved", "card")]
