"""Recipients of rarer events, their texts, and which cards become outdated."""

import pytest
from django.utils import timezone, translation

from accounts.models import Role, RoleMember
from notify.models import Card, Delivery
from notify.texts.messages import compose, news_text
from tests.api.calls import Api
from tests.notify.test_subscriber import act, all_ways, told
from tests.notify.world import happen, let_stand_in, submit
from tickets.background.dispatch import dispatch
from tickets.commands.decide import decide
from tickets.commands.signers import add_sign
from tickets.models import ApprovalTask, Event, Ticket

pytestmark = pytest.mark.django_db
NODE = {"node": "leader", "name": {"zh": "直属上级", "en": "Leader"}, "round": 1}


@pytest.fixture
def ours(template, people) -> Ticket:
    ticket = submit(people["alice"])
    dispatch()
    return ticket


def tell(ticket: Ticket, kind: str, actor=None, **data) -> Event:
    event = happen(ticket, kind, actor, **NODE | data)
    dispatch()
    return event


def said_to(event: Event, user) -> tuple[str, dict[str, str]]:
    with translation.override(user.language):
        message = compose(Event.objects.get(pk=event.pk), user)
    return message.heading, dict(message.facts)


def test_a_transfer_is_told_to_the_assignee_only_where_a_proxy_did_it(ours, people):
    given = {"task": 1, "channel": "web", "comment": "please", "digest": "", "assignee": "bob", "users": ["heidi"]}
    tell(ours, "task.transferred", people["bob"], **given)
    assert told("task.transferred") == set()
    event = tell(ours, "task.transferred", people["carol"], **given)
    assert told("task.transferred") == all_ways("bob")
    heading, facts = said_to(event, people["bob"])
    assert heading == "Transferred for you: Three days off"
    assert (facts["Now with"], facts["Carol"]) == ("Heidi", "please")


def test_a_removed_signature_is_told_to_whose_it_was(ours, people):
    event = tell(ours, "task.sign_removed", people["bob"], task=1, assignee="bob", users=["heidi"], comment="no need")
    assert told("task.sign_removed") == all_ways("heidi")
    assert said_to(event, people["heidi"])[0] == "Your signature is no longer needed: Three days off"


@pytest.mark.parametrize(
    ("kind", "heading"),
    [
        ("task.reassigned", "Reassigned to others: Three days off"),
        ("task.escalated", "Overdue, escalated: Three days off"),
    ],
)
def test_those_from_whom_it_was_taken_hear_where_it_went(ours, people, kind: str, heading: str):
    event = tell(ours, kind, **{"from": ["bob", "dave"], "users": ["carol", "heidi"], "comment": ""})
    assert told(kind) == all_ways("bob", "dave")
    words, facts = said_to(event, people["dave"])
    assert (words, facts["Now with"]) == (heading, "Carol, Heidi")


@pytest.mark.parametrize(
    ("action", "heading"),
    [
        ("approve", "Passed, as nobody decided in time: Three days off"),
        ("veto", "Refused, as nobody decided in time: Three days off"),
        ("remind", None),
        ("escalate", None),
        ("transfer", None),
    ],
)
def test_the_applicant_hears_what_time_decided_and_not_what_it_only_moved(ours, people, action: str, heading):
    event = tell(ours, "task.timed_out", action=action, assignees=["bob", "dave"])
    assert told("task.timed_out") == (all_ways("alice") if heading else set())
    if heading:
        assert said_to(event, people["alice"])[0] == heading


def test_an_edit_is_told_to_the_applicant_and_to_everybody_who_decided_before(ours, people):
    act(ours, people["bob"])
    given = {"content": 2, "digest": "b" * 64, "diff": [{"field": "why", "before": "x", "after": "secret"}]}
    event = tell(ours, "ticket.edited", people["dave"], voided=False, comment="", **given)
    assert told("ticket.edited") == all_ways("alice", "bob")
    assert said_to(event, people["bob"])[0] == "Changed by Dave: Three days off"
    Delivery.objects.filter(event=event).delete()
    event = tell(ours, "ticket.edited", people["dave"], voided=True, comment="see field", **given)
    assert told("ticket.edited") == all_ways("alice", "bob")
    heading, facts = said_to(event, people["bob"])
    assert heading == "Changed by Dave, please decide again: Three days off"
    assert facts["Reason"] == "x → secret"


def test_a_stuck_ticket_goes_to_every_active_administrator_on_every_channel(ours, people):
    people["heidi"].is_admin = True
    people["heidi"].save()
    people["carol"].is_admin, people["carol"].is_active = True, False
    people["carol"].save()
    event = tell(ours, "ticket.stuck", problem={"zh": "没有人", "en": "Nobody is left."})
    assert told("ticket.stuck") == all_ways("admin", "heidi")
    heading, facts = said_to(event, people["admin"])
    assert (heading, facts["System"]) == ("Stuck, needs an administrator: Three days off", "Nobody is left.")


def test_a_failed_child_is_told_to_the_applicant_and_a_completed_one_is_not(ours, people):
    tell(ours, "subticket.ended", child="LEV-1", state="completed")
    assert told("subticket.ended") == set()
    event = tell(ours, "subticket.ended", child="LEV-2", state="vetoed")
    assert told("subticket.ended") == all_ways("alice")
    heading, facts = said_to(event, people["alice"])
    assert heading == "A sub-ticket was not completed: Three days off"
    assert (facts["Sub-ticket"], facts["State"]) == ("LEV-2", "Vetoed")


def test_a_failure_is_told_to_those_who_can_mend_it(ours, people):
    tell(ours, "ticket.failed", reason="partial")
    assert told("ticket.failed") == all_ways("alice", "admin")  # nobody holds the right: the administrators
    Delivery.objects.filter(event__kind="ticket.failed").delete()
    role = Role.objects.create(key="sre", name="SRE", permissions=["automation.operate"])
    for name in ("heidi", "alice"):
        RoleMember.objects.create(role=role, user=people[name])
    tell(ours, "ticket.failed", reason="partial")
    assert told("ticket.failed") == all_ways("alice", "heidi")


@pytest.mark.parametrize(("language", "words"), [("en", "Done on some hosts only"), ("zh-hans", "只有部分主机完成")])
def test_a_failure_is_told_in_words(ours, people, language, words):
    event = tell(ours, "ticket.failed", reason="partial")
    people["alice"].language = language
    assert words in said_to(event, people["alice"])[1].values()
    with translation.override(language):
        assert news_text(event, people["alice"]) == words


class TestSignaturesWantedFirst:
    """Bob wants heidi's, and heidi carol's, before his own."""

    def ask(self, ticket, people, by: str, whom: str, position: str = "before") -> None:
        task = ApprovalTask.objects.get(ticket=ticket, assignee=people[by])
        at = timezone.now()
        add_sign(task_id=task.pk, actor=people[by], at=at, users=[whom], position=position, channel="web")
        dispatch()

    def test_he_hears_when_it_is_his_turn_again_and_so_does_his_proxy(self, ours, people):
        let_stand_in(people["bob"], people["admin"])
        self.ask(ours, people, "bob", "heidi")
        self.ask(ours, people, "bob", "carol")
        assert {name for name, _kind in told("task.assigned")} == {"bob", "dave", "heidi", "carol"}
        act(ours, people["heidi"])
        assert told("task.approved") == set()
        act(ours, people["carol"])
        assert told("task.approved") == all_ways("bob", "admin")
        event = Event.objects.filter(kind="task.approved").latest("seq")
        words, facts = said_to(event, people["bob"])
        assert words == "The signatures that you asked for are given, it is your turn: Three days off"
        assert facts["Carol"] == "because"

    def test_a_signature_under_a_signature_is_waited_for(self, ours, people):
        self.ask(ours, people, "bob", "heidi")
        self.ask(ours, people, "heidi", "carol", "with")
        act(ours, people["heidi"])
        assert told("task.approved") == set()
        act(ours, people["carol"])
        assert told("task.approved") == all_ways("bob")

    def test_a_proxy_hears_whose_turn_it_is_again(self, ours, people):
        let_stand_in(people["bob"], people["heidi"])
        self.ask(ours, people, "bob", "carol")
        act(ours, people["carol"])
        assert told("task.approved") == all_ways("bob", "heidi")
        event = Event.objects.get(ticket=ours, kind="task.approved")
        assert said_to(event, people["heidi"])[1]["You act for"] == "Bob"
        (news,) = [row for row in Api("heidi").get("notifications").json()["results"] if row["kind"] == event.kind]
        assert news["title"].startswith("For Bob: ")


def test_I11_news_of_what_a_proxy_did_names_both(ours, people):
    let_stand_in(people["bob"], people["carol"])
    task = ApprovalTask.objects.get(ticket=ours, assignee=people["bob"])
    decide(task_id=task.pk, verb="veto", actor=people["carol"], at=timezone.now(), channel="web", comment="no")
    dispatch()
    event = Event.objects.get(ticket=ours, kind="ticket.vetoed")
    _heading, facts = said_to(event, people["alice"])
    assert facts["Carol for Bob"] == "no"
    edited = happen(ours, "ticket.edited", people["carol"], **NODE)
    edited.on_behalf_of = people["bob"]
    with translation.override("en"):
        assert compose(edited, people["alice"]).heading == "Changed by Carol for Bob: Three days off"


def test_A04_whoever_must_sign_himself_hears_so(ours, people):
    event = tell(ours, "task.left", people["carol"], users=["dave"])
    assert told("task.left") == all_ways("dave")
    heading, _facts = said_to(event, people["dave"])
    assert heading == "Only you can sign, your proxy Carol has signed for somebody else: Three days off"


def test_I03_whoever_changed_what_runs_is_not_asked_to_approve_it_as_a_proxy(template, people):
    let_stand_in(people["bob"], people["carol"])
    ticket = submit(people["alice"])
    content = ticket.content
    content.pk, content.number, content.facts = None, 2, {**content.facts, "editors": [people["carol"].pk]}
    content.save()
    Ticket.objects.filter(pk=ticket.pk).update(content=content)
    dispatch()
    assert told("task.assigned") == all_ways("bob", "dave", wecom="wecom_card")


class TestReminders:
    def test_proxies_are_reminded_too_and_nobody_twice(self, ours, people):
        let_stand_in(people["bob"], people["carol"])
        let_stand_in(people["dave"], people["carol"])
        let_stand_in(people["dave"], people["bob"])
        let_stand_in(people["dave"], people["alice"])  # never as a proxy on her own ticket (I03)
        event = tell(ours, "ticket.reminded", assignees=["bob", "dave"])
        assert told("ticket.reminded") == all_ways("bob", "dave", "carol")
        assert Delivery.objects.filter(event=event).count() == 9
        heading, facts = said_to(event, people["carol"])
        assert heading == "For Bob, Dave: Still waiting for you: Three days off"
        assert facts["You act for"] == "Bob, Dave"
        assert "You act for" not in said_to(event, people["bob"])[1]

    def test_a_reminder_brings_no_second_card(self, ours, people):
        before = set(Card.objects.values_list("pk", flat=True))
        tell(ours, "ticket.reminded", assignees=["bob", "dave"])
        assert set(Card.objects.values_list("pk", flat=True)) == before
        assert not Delivery.objects.filter(event__kind="ticket.reminded", kind="wecom_card").exists()


@pytest.mark.parametrize(
    "kind",
    ["task.transferred", "task.sign_removed", "task.reassigned", "task.escalated", "task.timed_out", "ticket.edited"],
)
def test_whatever_takes_a_task_away_outdates_its_card(ours, people, kind: str):
    task = ApprovalTask.objects.get(ticket=ours, assignee=people["bob"])
    ApprovalTask.objects.filter(pk=task.pk).update(state="transferred", decided_at=timezone.now())
    given = {"from": ["bob"], "users": ["heidi"], "assignee": "bob", "action": "escalate", "voided": True}
    event = tell(ours, kind, people["bob"], **given, assignees=["bob"], digest="", comment="")
    updates = Delivery.objects.filter(event=event, kind="wecom_card_update")
    assert list(updates.values_list("recipient__username", flat=True)) == ["bob"]
    assert set(Card.objects.filter(state="live").values_list("user__username", flat=True)) == {"dave"}
