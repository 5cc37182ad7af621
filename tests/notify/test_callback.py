"""The callback: who may come in, what a tap decides, and what the cards say afterwards."""

import base64
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from notify.models import Callback, Card, CardCode, Delivery
from notify.wecom import process, xml
from tests.notify.platform import AGENT, CORP, Tap, address, encrypted_of, envelope, post, said, sealer, tap
from tests.notify.servers import ok
from tests.notify.test_xml import HOSTILE
from tests.notify.world import crank, let_stand_in, publish, submit
from tickets.commands.decide import decide
from tickets.commands.submit import resubmit
from tickets.commands.withdraw import withdraw
from tickets.models import ApprovalTask, Event, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ticket(wecom, template, people) -> Ticket:
    """alice's ticket, with live cards at bob and dave."""
    ticket = submit(people["alice"])
    crank()
    return ticket


def state_of(ticket: Ticket, name: str = "bob") -> str:
    return ApprovalTask.objects.filter(ticket=ticket, assignee__username=name).latest("pk").state


def decisions(ticket: Ticket) -> list[tuple[str, str]]:
    events = Event.objects.filter(ticket=ticket, kind__in=["task.approved", "task.returned", "task.confirmed"])
    return [(event.kind, event.data["channel"]) for event in events.order_by("seq")]


def decide_on_web(ticket: Ticket, actor: User, verb: str = "approve") -> None:
    task = ApprovalTask.objects.filter(ticket=ticket, assignee=actor).latest("pk")
    decide(task_id=task.pk, verb=verb, actor=actor, at=timezone.now(), channel="web", comment="because")


class TestAddress:
    def test_the_echo_comes_back_bare(self):
        encrypted = sealer().encrypt("1616140317555161061")
        url = address(encrypted)
        response = Client().get(url, {**dict(_query(url)), "echostr": encrypted})
        assert (response.status_code, response.content) == (200, b"1616140317555161061")

    @pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce", "echostr"])
    def test_A16_a_missing_parameter_is_refused(self, missing):
        encrypted = sealer().encrypt("1")
        query = {**dict(_query(address(encrypted))), "echostr": encrypted}
        del query[missing]
        response = Client().get("/wecom/callback", query)
        assert (response.status_code, response.content) == (403, b"")

    def test_other_methods_are_not_known(self):
        assert Client().put("/wecom/callback").status_code == 405

    def test_I26_without_keys_nothing_comes_in(self, settings):
        settings.WECOM_TOKEN = ""
        assert post("<xml/>").status_code == 403


def _query(url: str) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl, urlsplit

    return parse_qsl(urlsplit(url).query)


class TestRefusals:
    """Nothing is stored, nothing is told, and all causes look alike."""

    def refused(self, response, status: int = 403) -> None:
        assert (response.status_code, response.content) == (status, b"")
        assert Callback.objects.count() == 0

    def test_A16_a_wrong_signature(self, ticket):
        document = envelope(tap("bob").xml())
        url = address(encrypted_of(document) + "A")
        self.refused(Client().post(url, document, content_type="text/xml"))

    def test_A16_a_repeated_parameter(self, ticket):
        document = envelope(tap("bob").xml())
        url = address(encrypted_of(document)) + "&msg_signature=" + "0" * 40
        self.refused(Client().post(url, document, content_type="text/xml"))

    @pytest.mark.parametrize("change", [{"corp": "wwffffffffffffffff"}, {"agent": "1000003"}, {"agent": ""}])
    def test_A18_another_corp_or_agent_inside(self, ticket, change):
        card = Card.objects.get(user__username="bob")
        self.refused(post(Tap("bob", card.key, "approve", **change).xml()))

    def test_A18_another_receiver(self, ticket):
        self.refused(post(tap("bob").xml(), receiver="wwffffffffffffffff"))

    @pytest.mark.parametrize("timestamp", [-(2**70), 2**70])
    def test_A19_an_impossible_timestamp(self, ticket, timestamp):
        self.refused(post(tap("bob").xml(), at=timestamp))

    @pytest.mark.parametrize("name", [n for n in HOSTILE if n not in ("too long", "nul")])
    def test_A20_hostile_inner_xml(self, ticket, name):
        self.refused(post(HOSTILE[name]))

    @pytest.mark.parametrize("name", [n for n in HOSTILE if n not in ("too long", "nul")])
    def test_A20_hostile_outer_xml(self, ticket, name):
        url = address("A" * 44)
        self.refused(Client().post(url, HOSTILE[name], content_type="text/xml"), 400)

    def test_A20_a_duplicate_encrypt_element(self, ticket):
        first, second = envelope(tap("bob").xml()), encrypted_of(envelope("<xml/>"))
        document = first.replace("</xml>", f"<Encrypt>{second}</Encrypt></xml>")
        self.refused(Client().post(address(encrypted_of(first)), document, content_type="text/xml"), 400)

    def test_A19_ten_megabytes_cost_nothing(self, ticket):
        started = time.monotonic()
        response = Client().post(address("x"), "x" * 10_000_000, content_type="text/xml")
        self.refused(response, 400)
        assert time.monotonic() - started < 1

    @pytest.mark.parametrize("length", ["-1", "1e9", "", "9" * 30])
    def test_A19_a_lying_length(self, ticket, length):
        response = Client().post(address("x"), "x", content_type="text/xml", CONTENT_LENGTH=length)
        assert response.status_code == 400

    @pytest.mark.parametrize("encrypted", ["!!!!", "AAAA", base64.b64encode(b"\0" * 64).decode()])
    def test_A19_a_signed_ciphertext_that_is_none(self, ticket, encrypted):
        document = f"<xml><Encrypt>{encrypted}</Encrypt></xml>"
        self.refused(Client().post(address(encrypted), document, content_type="text/xml"))

    def test_other_events_are_acknowledged_and_not_kept(self, ticket):
        response = post(Tap("bob", "", "", event="enter_agent").xml())
        assert (response.status_code, response.content) == (200, b"")
        assert Callback.objects.count() == 0


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
        _in_threads(10, lambda: process.process_callback(callback.pk))
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
    def test_A24_only_the_exact_userid_is_bob(self, ticket, userid):
        card = Card.objects.get(user__username="bob")
        expected = "done" if userid.strip() == "bob" else "unknown_user"
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
        Card.objects.update(digest="0" * 64)
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
        from tickets.dispatch import dispatch

        ticket = submit(people["alice"])
        dispatch()
        decide_on_web(ticket, people["bob"])
        crank()
        assert wecom.cards("bob") == wecom.cards("dave") == []
        assert wecom.of("message/update_template_card") == []
        cards = Delivery.objects.filter(kind="wecom_card", event__data__node="leader")
        assert set(cards.values_list("state", "last_error")) == {("dead", "superseded")}


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
        from notify.deliver import wake_dependencies

        wecom.script["message/update_template_card"] = [{"errcode": -1, "errmsg": "busy"}]
        post(tap("bob").xml())
        crank()
        assert Delivery.objects.filter(kind="wecom_card_update", state="failed").count() == 1
        Delivery.objects.filter(state__in=["failed", "queued"]).update(due_at=timezone.now())
        wake_dependencies()
        crank()
        assert sorted(n for n in ("bob", "dave") for _ in wecom.updates(n)[-1:]) == ["bob", "dave"]
        assert not Delivery.objects.filter(kind="wecom_card_update").exclude(state="sent").exists()

    def test_F05_a_lost_answer_to_a_card_does_not_make_a_second_card(self, wecom, template, people):
        from notify.deliver import wake_dependencies

        wecom.script["message/send"] = [500, {"errcode": 42014, "errmsg": "task_id used"}]
        submit(people["alice"])
        crank()
        wake_dependencies()
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
        started = time.monotonic()
        post(tap("bob").xml())
        assert time.monotonic() - started < 0.5

    def test_I22_it_is_stored_before_it_is_answered(self, ticket, monkeypatch):
        monkeypatch.setattr("notify.wecom.callback.ring", lambda *args: None)  # the bell is broken
        post(tap("bob").xml())
        assert Callback.objects.filter(processed_at=None).count() == 1
        crank()
        assert state_of(ticket) == "approved"


def _in_threads(count: int, work) -> None:
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        work()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_A05_web_and_card_at_once_make_one_decision(ticket, people):
    one = tap("dave")
    post(one.xml())
    callback = Callback.objects.get()
    outcomes: list[str] = []

    def on_web() -> None:
        from config.errors import DomainError

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

    _in_threads(2, one_of_them)
    crank()
    assert len(decisions(ticket)) == 1
    won_by_card = decisions(ticket)[0][1] == "card"
    callback.refresh_from_db()
    assert callback.outcome == ("done" if won_by_card else "task_already_decided")
    assert outcomes == (["task_already_decided"] if won_by_card else ["web"])


def test_the_constants_are_those_of_the_tests():
    from django.conf import settings

    assert (settings.WECOM_CORP_ID, str(settings.WECOM_AGENT_ID)) == (CORP, AGENT)
    assert xml.MAX_BYTES < 100_000


def test_a_card_that_was_under_way_when_somebody_decided_is_corrected_when_it_lands(wecom, template, people):
    from tickets.dispatch import dispatch

    ticket = submit(people["alice"])

    def decided_meanwhile():
        decide_on_web(ticket, people["dave"])
        dispatch()
        from notify.deliver import deliver

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
