"""Fields hidden from or read-only for some people, on every read path (I23); webhooks; fields locked after a return."""

from datetime import timedelta
from typing import Any

import pytest

from automation.jobs.log import append
from automation.models import Job
from tests.api.calls import Api
from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    approval,
    fresh,
    kinds,
    last_event,
    move,
    pending,
    proxy,
    restart,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tickets.background.dispatch import dispatch
from tickets.commands import talk
from tickets.errors import Invalid
from tickets.queries.hidden import shown_plan

pytestmark = pytest.mark.usefixtures("sound")
SALARY = {"key": "salary", "type": "number", "label": "S", "hidden_at": ["b"], "editable_at": ["a"]}
NAME = {"key": "name", "type": "text", "label": "N"}
SECRET = "735311"


@pytest.fixture
def ticket():
    """bob sees the salary at `a`, carol at `b` does not; grace only reads along."""
    tell = {"node": "tell", "type": "cc", "to": [{"user": "grace"}]}
    template([tell, approval("a", {"user": "bob"}), approval("b", {"user": "carol"})], [NAME, SALARY])
    ticket = submit(form={"name": "x", "salary": 735310})
    return act(ticket, "bob", form={"salary": int(SECRET)})


def answers(who: str, ticket) -> str:
    """Everything this person can read of the ticket, as one text."""
    api = Api(who)
    paths = [f"tickets/{ticket.number}", f"tickets/{ticket.number}/events", "tickets", "tasks", "notifications"]
    found = [api.get(path) for path in paths]
    assert [answer.status_code for answer in found] == [200] * len(paths)
    return " ".join(answer.content.decode() for answer in found)


@pytest.mark.parametrize(("who", "sees"), [
    ("alice", True), ("bob", True), ("admin", True), ("carol", False), ("grace", False),
])  # fmt: skip
def test_I23_who_reads_it(ticket, who, sees) -> None:
    text = answers(who, ticket)
    assert (SECRET in text) is sees
    assert ("735310" in text) is sees
    shown = Api(who).get(f"tickets/{ticket.number}").json()
    assert ("salary" in shown["form"]) is sees
    assert ("salary" in [field["key"] for field in shown["form_fields"]]) is sees
    events = Api(who).get(f"tickets/{ticket.number}/events").json()["results"]
    (edited,) = [event["data"] for event in events if event["kind"] == "ticket.edited"]
    assert [change["field"] for change in edited["diff"]] == (["salary"] if sees else [])


def test_I23_a_proxy_sees_what_the_principal_sees(ticket) -> None:
    from django.utils import timezone

    now = timezone.now()
    proxy("carol", "frank", now - timedelta(hours=1), now + timedelta(hours=1))
    assert SECRET not in answers("frank", ticket)
    proxy("bob", "erin", now - timedelta(hours=1), now + timedelta(hours=1))
    assert SECRET in Api("erin").get(f"tickets/{ticket.number}").content.decode()


def test_I23_a_seat_at_a_node_that_shows_it_shows_it(ticket) -> None:
    move(ticket, "carol", "transfer", "bob")
    assert SECRET in answers("bob", ticket)
    move(ticket, "bob", "transfer", "erin")
    assert SECRET not in answers("erin", ticket)


def test_I23_an_answer_to_a_command_hides_too(ticket) -> None:
    answer = Api("carol").post(f"tasks/{pending(ticket, 'carol').pk}/approve", {})
    assert answer.status_code == 200
    assert SECRET not in answer.content.decode()


def test_I23_the_child_of_a_hidden_value(ticket) -> None:
    """What signs must be seen: a template that hides from a signer what a sub-ticket takes is refused."""
    from templates_engine.errors import TemplateRefused

    template([approval("x", {"user": "dave"})], [{"key": "what", "type": "number", "label": "W"}], key="child")
    node = {"node": "sub", "type": "subticket", "template": "child", "form": {"what": "form.salary"}}
    with pytest.raises(TemplateRefused):
        template([approval("b", {"user": "carol"}), node],
                 [{**SALARY, "editable_at": ["b"], "hidden_at": ["b"]}], key="u")  # fmt: skip


def test_I23_a_plan_with_a_hidden_value_is_masked_for_readers() -> None:
    service = {"key": "service", "type": "select", "label": "S", "options": ["nginx", "mysql"], "required": True,
               "hidden_at": ["after"]}  # fmt: skip
    template(
        [
            {"node": "tell", "type": "cc", "to": [{"user": "grace"}]},
            approval("a", {"user": "bob"}),
            restart(params={"service": "form.service"}),
            {"node": "after", "type": "confirm", "assignees": [{"user": "carol"}]},
        ],
        [HOSTS, service],
    )
    ticket = submit(form={"hosts": ["demo-01"], "service": "mysql"})
    for who, sees in [("bob", True), ("alice", True), ("grace", False)]:
        plans = Api(who).get(f"tickets/{ticket.number}").json()["plans"]
        assert ("mysql" in str(plans)) is sees, who
        assert plans[0]["digest"] == fresh(ticket).content.plans["run"]["digest"]


class TestRun:
    """What a run takes from a field that `after` hides: bob signs it, grace only reads along, though she operates."""

    TELL = {"node": "tell", "type": "cc", "to": [{"user": "grace"}]}
    AFTER = {"node": "after", "type": "confirm", "assignees": [{"user": "carol"}]}

    def job(self, *fields, **more) -> Job:
        template([self.TELL, approval("a", {"user": "bob"}), restart(**more), self.AFTER], list(fields))
        ticket = act(submit(form={field["key"]: "mysql" for field in fields} | HOST), "bob")
        dispatch()
        job = Job.objects.get(ticket=ticket)
        job.hosts.update(message="mysql on demo-01 is up")
        append(job, "mysql on demo-01 is up")
        return job

    def read(self, who: str, job: Job) -> str:
        paths = [f"jobs/{job.pk}", f"jobs/{job.pk}/log", f"tickets/{job.ticket.number}"]
        return " ".join(Api(who).get(path).content.decode() for path in [*paths, f"{paths[-1]}/events"])

    def test_I23_its_values(self) -> None:
        service = {"key": "service", "type": "text", "label": "S", "required": True, "hidden_at": ["after"]}
        job = self.job(HOSTS, service, params={"service": "form.service"})
        for who, sees in [("alice", True), ("bob", True), ("admin", True), ("grace", False)]:
            assert ("mysql" in self.read(who, job)) is sees, who
        shown = Api("grace").get(f"jobs/{job.pk}").json()
        assert (shown["plan"]["params"], shown["command"]) == ({"service": "•••"}, [])
        assert [(host["name"], host["message"]) for host in shown["hosts"]] == [("demo-01", "")]
        log = Api("grace").get(f"jobs/{job.pk}/log").json()
        assert Api("grace").get(f"jobs/{job.pk}/log", offset=log["next_offset"]).json()["text"] == ""

    def test_I23_its_hosts(self) -> None:
        job = self.job({**HOSTS, "hidden_at": ["after"]})
        for who, sees in [("alice", True), ("bob", True), ("grace", False)]:
            assert ("demo-01" in self.read(who, job)) is sees, who

    def test_I23_its_hosts_are_not_guessed_by_a_filter(self) -> None:
        job = self.job({**HOSTS, "hidden_at": ["after"]})
        plain = self.job(HOSTS)
        for who in ("alice", "bob", "admin"):
            found = Api(who).get("jobs", host="demo-01").json()["results"]
            assert [row["id"] for row in found] == [plain.pk, job.pk], who
        assert [row["id"] for row in Api("grace").get("jobs").json()["results"]] == [plain.pk, job.pk]
        assert [row["id"] for row in Api("grace").get("jobs", host="demo-01").json()["results"]] == [plain.pk]

    def test_I23_its_values_in_the_action_s_own_way_back(self) -> None:
        node: Any = {"type": "automation", "action": "a.do", "params": {"name": "form.secret"}, "rollback": "previous"}
        back = {"action": "a.undo", "version": "1", "executor": "ansible", "params": {"other": "mysql"}}
        plan = {"params": {"name": "mysql"}, "command": [{"en": "mysql"}], "rollback": back}
        assert "mysql" not in str(shown_plan(plan, node, {"secret"}))
        assert shown_plan(plan, node, {"else"}) == plan

    def test_I23_what_nobody_hides_is_whole(self) -> None:
        secret = {"key": "secret", "type": "text", "label": "S", "hidden_at": ["after"]}
        job = self.job(HOSTS, secret)
        text = self.read("grace", job)
        assert "demo-01 is up" in text
        assert "•••" not in text


def test_I23_until_when_a_hidden_moment_lets_it_wait() -> None:
    when = {"key": "when", "type": "datetime", "label": "W", "hidden_at": ["b"]}
    wait = {"node": "w", "type": "wait", "until": "form.when"}
    template([approval("a", {"user": "bob"}), wait, approval("b", {"user": "carol"})], [when])
    ticket = act(submit(form={"when": "2027-03-04T05:06:00+08:00"}), "bob")
    talk.watch(number=ticket.number, actor=user("alice"), at=NOW, users=["grace"])
    for who, sees in [("bob", True), ("grace", False)]:
        assert ("2027-03-0" in Api(who).get(f"tickets/{ticket.number}").content.decode()) is sees


class TestWebhook:
    def chain(self, **more):
        return [{"node": "tell", "type": "webhook", "url": "https://hooks.example.com/x", **more},
                approval("a", {"user": "bob"})]  # fmt: skip

    def test_the_event_is_the_request_and_the_chain_goes_on(self) -> None:
        template(self.chain(body={"who": "applicant.username", "what": "form.name", "n": 3}), [NAME])
        ticket = submit(form={"name": "x"})
        event = last_event(ticket, "webhook.requested")
        assert (event["url"], event["body"]) == (
            "https://hooks.example.com/x", {"who": "alice", "what": "x", "n": 3},
        )  # fmt: skip
        assert waiting(ticket) == ["bob"]
        assert visit(ticket, "tell").outcome == "called"

    def test_I23_its_body_is_not_for_those_from_whom_a_field_is_hidden(self) -> None:
        template([*self.chain(body={"pay": "form.salary"}), approval("b", {"user": "carol"})], [NAME, SALARY])
        ticket = submit(form={"salary": int(SECRET)})
        act(ticket, "bob")
        assert SECRET in answers("alice", ticket)
        assert SECRET not in answers("carol", ticket)

    def test_once_a_visit(self) -> None:
        template(self.chain())
        ticket = submit()
        act(ticket, "bob", "return", comment="?", resume="here")
        resubmit(ticket)
        assert kinds(ticket).count("webhook.requested") == 1
        act(ticket, "bob", "return", comment="?")
        resubmit(ticket)
        assert kinds(ticket).count("webhook.requested") == 2


class TestReadonly:
    FIELD = {"key": "amount", "type": "number", "label": "A", "readonly_at": ["b"]}

    @pytest.fixture
    def ticket(self):
        template([approval("a", {"user": "bob"}), approval("b", {"user": "carol"})], [NAME, self.FIELD])
        return act(submit(form={"name": "x", "amount": 5}), "bob")

    def test_returned_from_there_it_stays_as_it_was(self, ticket) -> None:
        act(ticket, "carol", "return", comment="the name, please")
        for changed in (6, None):
            with pytest.raises(Invalid) as refused:
                resubmit(ticket, {"name": "y", "amount": changed})
            assert [(e["path"], e["code"]) for e in refused.value.errors] == [("form.amount", "not_editable")]
        assert fresh(ticket).state == "returned"
        resubmit(ticket, {"name": "y"})
        assert fresh(ticket).content.form == {"name": "y", "amount": 5}

    def test_returned_from_elsewhere_it_may_change(self) -> None:
        template([approval("a", {"user": "bob"}), approval("b", {"user": "carol"})], [NAME, self.FIELD])
        ticket = submit(form={"name": "x", "amount": 5})
        act(ticket, "bob", "return", comment="the amount, please")
        resubmit(ticket, {"name": "x", "amount": 6})
        assert fresh(ticket).content.form["amount"] == 6
        assert NOW
