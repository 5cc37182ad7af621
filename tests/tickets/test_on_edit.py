"""on_edit: who is asked again after a change of a field that no job uses, and what stands (I05, I13)."""

import pytest

from tests.factories import (
    HOST,
    HOSTS,
    HOUR,
    NOW,
    act,
    approval,
    begin,
    breaks,
    finish,
    fresh,
    last_event,
    move,
    one,
    opened,
    parallel,
    proxy,
    restart,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tickets.audit import ledger
from tickets.engine.release import ExecutionRefused, _is_approved
from tickets.engine.walk import lock
from tickets.models import Event, NodeVisit

pytestmark = pytest.mark.usefixtures("sound")
PLACES = ["b", "l", "r", "a"]


def field(key: str, kind: str, **more):
    return {"key": key, "type": kind, "label": key.upper(), "editable_at": ["b"], **more}


COLUMNS = [{"key": "what", "type": "text", "label": "W"}, {"key": "sum", "type": "money", "label": "S"}]
FIELDS = [
    field("amount", "money"), field("count", "number"), field("who", "user"), field("team", "users"),
    field("department", "department"), field("machines", "hosts"), field("rows", "table", columns=COLUMNS),
    field("note", "text"), field("flag", "switch"), field("day", "date"), field("pick", "select", options=["x", "y"]),
]  # fmt: skip
FORM = {
    "amount": 100, "count": 1, "who": "frank", "team": ["frank"], "department": "dev", "machines": ["demo-01"],
    "rows": [{"what": "pen", "sum": 1}], "note": "old", "flag": False, "day": "2026-12-01", "pick": "x",
}  # fmt: skip
WEIGHTY = [
    {"amount": 99999}, {"count": 2}, {"who": "erin"}, {"team": ["frank", "erin"]}, {"department": "ops"},
    {"machines": ["demo-02"]}, {"rows": [{"what": "pen", "sum": 2}]},
    {"rows": [{"what": "pen", "sum": 1}, {"what": "x"}]},
    {"amount": ""},
]  # fmt: skip
LIGHT = [
    {"note": "new"}, {"flag": True}, {"day": "2026-12-02"}, {"pick": "y"}, {"rows": [{"what": "ink", "sum": 1}]},
]  # fmt: skip


def simple(a=None, b=None, *, job: bool = False):
    """Approved by bob, about to be judged by carol, then by dave."""
    chain = [
        one("a", "bob", **(a or {})),
        one("b", "carol", **(b or {})),
        one("c", "dave"),
        *([restart()] if job else []),
    ]
    template(chain, [*FIELDS, *([HOSTS] if job else [])])
    return act(submit(form={**FORM, **(HOST if job else {})}), "bob")


class TestWho:
    @pytest.mark.parametrize("change", WEIGHTY, ids=str)
    def test_I05_a_field_of_weight_asks_those_before_again(self, change) -> None:
        ticket = simple()
        act(ticket, "carol", form=change)
        event = last_event(ticket, "ticket.edited")
        assert (event["voided"], event["again"]) == (False, ["a"])
        assert waiting(ticket) == ["bob"]
        act(ticket, "bob")
        assert waiting(ticket) == ["dave"]  # carol has signed what she changed
        assert act(ticket, "dave").state == "completed"

    @pytest.mark.parametrize("change", LIGHT, ids=str)
    def test_other_fields_only_inform(self, change) -> None:
        ticket = simple()
        act(ticket, "carol", form=change)
        assert last_event(ticket, "ticket.edited")["again"] == []
        assert waiting(ticket) == ["dave"]

    @pytest.mark.parametrize(("own", "there", "change", "asked"), [
        ("inform", None, {"amount": 99999}, "dave"),
        ("ask_again", None, {"note": "new"}, "bob"),
        (None, "inform", {"amount": 99999}, "dave"),
        (None, "ask_again", {"note": "new"}, "bob"),
        ("ask_again", "inform", {"note": "new"}, "bob"),
        ("inform", "ask_again", {"amount": 99999}, "dave"),
    ])  # fmt: skip
    def test_the_step_that_signed_has_the_last_word(self, own, there, change, asked) -> None:
        said = [{"on_edit": word} if word else {} for word in (own, there)]
        ticket = simple(*said)
        act(ticket, "carol", form=change)
        assert waiting(ticket) == [asked]

    def test_a_confirmation_is_asked_again_only_where_it_says_so(self) -> None:
        def done(**more):
            do = {"node": "do", "type": "confirm", "assignees": [{"user": "frank"}], **more}
            template([one("a", "bob"), do, one("b", "carol")], FIELDS)
            ticket = act(submit(form=FORM), "bob")
            act(ticket, "frank", "confirm")
            act(ticket, "carol", form={"amount": 5})
            return ticket

        ticket = done()
        act(ticket, "bob")
        assert fresh(ticket).state == "completed"
        ticket = done(on_edit="ask_again")
        act(ticket, "bob")
        assert waiting(ticket) == ["frank"]
        assert act(ticket, "frank", "confirm").state == "completed"

    def test_nobody_before_is_nobody_to_ask(self) -> None:
        template([one("b", "carol"), one("c", "dave")], FIELDS)
        ticket = submit(form=FORM)
        act(ticket, "carol", form={"amount": 5})
        assert waiting(ticket) == ["dave"]

    def test_I05_colleagues_who_signed_at_the_same_step(self) -> None:
        people = [{"user": name} for name in ("carol", "dave", "erin")]
        template([approval("b", *people, mode="all"), one("c", "frank")], FIELDS)
        ticket = submit(form=FORM)
        act(ticket, "dave")
        act(ticket, "carol", form={"amount": 5})
        assert waiting(ticket) == ["dave", "erin"]
        assert visit(ticket, "b").round == 2
        act(ticket, "erin")
        act(ticket, "dave")
        assert waiting(ticket) == ["frank"]

    def test_a_second_edit_asks_the_first_editor_again(self) -> None:
        amount = {**FIELDS[0], "editable_at": ["a", "b"]}
        template([one("a", "bob"), one("b", "carol"), restart()], [HOSTS, amount])
        ticket = act(submit(form={**HOST, "amount": 1}), "bob")
        act(ticket, "carol", form={"amount": 2})
        act(ticket, "bob", form={"amount": 3})
        assert waiting(ticket) == ["carol"]
        act(ticket, "carol")
        assert begin(ticket)

    def test_people_whom_the_change_names_void_it_all(self) -> None:
        """Whoever decides who signs does not sign himself (I03)."""
        template([approval("a", {"form_user": "who"}), approval("b", {"user": "carol"}, {"user": "dave"})], FIELDS)
        ticket = act(submit(form=FORM), "frank")
        act(ticket, "carol", form={"who": "erin"})
        assert last_event(ticket, "ticket.edited")["voided"] is True
        assert waiting(ticket) == ["erin"]
        act(ticket, "erin")
        assert waiting(ticket) == ["dave"]


class TestBeforeTheJob:
    def test_I13_nothing_runs_on_decisions_that_fell(self) -> None:
        ticket = simple(job=True)
        act(ticket, "carol", form={"amount": 99999})
        for who in ("bob", "dave"):
            act(ticket, who)
        assert begin(ticket)
        seal = last_event(ticket, "execution.approved")
        assert {decision["by"] for decision in seal["decisions"]} == {user(n).pk for n in ("bob", "carol", "dave")}
        assert len(seal["decisions"]) == 3
        assert breaks(ticket) == []

    def test_I13_a_forged_visit_does_not_make_the_fallen_decision_good(self) -> None:
        """The step that is asked again is closed behind the engine's back: its first round signed another content."""
        ticket = simple(job=True)
        act(ticket, "carol", form={"amount": 99999})
        content = fresh(ticket).content
        assert content.facts["again"] == {"a": 1}
        NodeVisit.objects.filter(ticket=ticket, node="a", round=2).update(outcome="approved", state="done")
        walk = lock(NOW, number=ticket.number)
        book = ledger.read(Event.objects.filter(ticket=ticket).order_by("seq"))
        assert not _is_approved("any", book["a", 1], walk.standing_at("a"))
        assert _is_approved("any", book["b", 1], walk.standing_at("b"))
        NodeVisit.objects.filter(ticket=ticket, node="a", round=2).update(outcome="", state="open")

    def test_I14_what_has_run_is_not_approved_again(self) -> None:
        template([one("a", "bob"), restart(), one("b", "carol"), restart("again")], [HOSTS, *FIELDS])
        ticket = act(submit(form={**FORM, **HOST}), "bob")
        begin(ticket)
        finish(ticket)
        act(ticket, "carol", form={"amount": 5})
        assert last_event(ticket, "ticket.edited")["again"] == []
        assert opened(ticket) == ["again"]
        assert begin(ticket, "again")

    def test_I13_a_job_that_waits_beside_waits_for_them(self) -> None:
        template([one("a", "bob"), parallel("fork", [restart()], [one("b", "carol")])], [HOSTS, *FIELDS])
        ticket = act(submit(form={**FORM, **HOST}), "bob")
        act(ticket, "carol", form={"amount": 5})
        assert opened(ticket) == ["a"]
        act(ticket, "bob")
        assert opened(ticket) == ["fork", "run"]
        assert begin(ticket)
        assert finish(ticket).state == "completed"

    def test_I13_a_job_beside_does_not_lean_on_who_is_asked_again_elsewhere(self) -> None:
        left = [one("x", "bob"), one("b", "carol"), one("y", "dave")]
        template([one("z", "erin", on_edit="inform"), parallel("fork", left, [restart()])], [HOSTS, *FIELDS])
        ticket = act(act(submit(form={**FORM, **HOST}), "erin"), "bob")
        act(ticket, "carol", form={"amount": 5})
        assert waiting(ticket) == ["bob"]
        assert begin(ticket)
        finish(ticket)
        act(ticket, "bob")
        assert act(ticket, "dave").state == "completed"

    def test_I17_beside_a_job_that_runs_they_are_told(self) -> None:
        template([one("a", "bob"), parallel("fork", [restart()], [one("b", "carol")])], [HOSTS, *FIELDS])
        ticket = act(submit(form={**FORM, **HOST}), "bob")
        begin(ticket)
        act(ticket, "carol", form={"amount": 5})
        assert last_event(ticket, "ticket.edited")["again"] == []
        assert finish(ticket).state == "completed"

    def test_I13_begin_refuses_while_somebody_is_asked_again(self) -> None:
        """A failed job beside: its rerun finds the step before it open."""
        template([one("a", "bob"), one("b", "carol"), restart()], [HOSTS, *FIELDS])
        ticket = act(submit(form={**FORM, **HOST}), "bob")
        act(ticket, "carol")
        NodeVisit.objects.filter(ticket=ticket, node="a").update(outcome="edited")
        with pytest.raises(ExecutionRefused):
            begin(ticket)
        NodeVisit.objects.filter(ticket=ticket, node="a").update(outcome="approved")
        assert begin(ticket)


class TestWhere:
    def edited_in(self, *chain, fields=None, decided=(), by="carol"):
        form = [{**known, "editable_at": PLACES} if known["key"] == "amount" else known for known in FIELDS]
        present = {node["node"] for node in _flat(chain)}
        form = [{**one, "editable_at": [n for n in one["editable_at"] if n in present]} for one in form]
        template([*chain, restart()], [HOSTS, *form])
        ticket = submit(form={**FORM, **HOST})
        for who in decided:
            act(ticket, who)
        act(ticket, by, form={"amount": 5})
        return ticket

    def to_the_end(self, ticket, *expected: str) -> None:
        for who in expected:
            assert who in waiting(ticket), (who, waiting(ticket))
            act(ticket, who)
        assert waiting(ticket) == []
        assert begin(ticket)

    def test_the_other_branch_is_done(self) -> None:
        fork = parallel("fork", [one("x", "bob")], [one("b", "carol"), one("c", "dave")])
        ticket = self.edited_in(fork, decided=["bob"])
        assert waiting(ticket) == ["bob", "dave"]
        self.to_the_end(ticket, "bob", "dave")

    def test_the_other_branch_goes_on(self) -> None:
        fork = parallel("fork", [one("x", "bob"), one("y", "erin"), one("z", "frank")], [one("b", "carol")])
        ticket = self.edited_in(fork, decided=["bob", "erin"])
        assert waiting(ticket) == ["bob"]
        act(ticket, "bob")
        self.to_the_end(ticket, "erin", "frank")

    def test_both_branches_of_a_fork_that_is_done(self) -> None:
        fork = parallel("fork", [one("x", "bob")], [one("y", "erin")])
        cc = {"node": "tell", "type": "cc", "to": [{"user": "heidi"}]}
        ticket = self.edited_in(one("z", "frank"), fork, cc, one("b", "carol"), decided=["frank", "bob", "erin"])
        assert waiting(ticket) == ["frank"]
        act(ticket, "frank")
        assert waiting(ticket) == ["bob", "erin"]
        self.to_the_end(ticket, "erin", "bob")
        assert NodeVisit.objects.filter(ticket=ticket, node="tell").count() == 1  # nobody is told twice

    def test_before_the_fork(self) -> None:
        fork = parallel("fork", [one("x", "erin"), one("y", "frank")], [one("b", "carol")])
        ticket = self.edited_in(one("z", "bob"), fork, decided=["bob"])
        assert waiting(ticket) == ["bob"]
        act(ticket, "bob")
        self.to_the_end(ticket, "erin", "frank")

    def test_the_mode_of_the_step_that_is_asked_again(self) -> None:
        five = [{"user": name} for name in ("bob", "dave", "erin", "frank", "grace")]
        ticket = self.edited_in(approval("z", *five, mode={"ratio": 0.6}), one("b", "carol"),
                                decided=["bob", "dave", "erin"])  # fmt: skip
        assert waiting(ticket) == ["bob", "dave", "erin", "frank", "grace"]
        self.to_the_end(ticket, "grace", "frank", "dave")

    def test_dedup_that_leaned_on_it(self) -> None:
        """carol's step was passed for bob, who had signed; now he has not."""
        ticket = self.edited_in(one("x", "bob"), one("y", "bob", dedup="all"), one("b", "carol"), decided=["bob"])
        assert waiting(ticket) == ["bob"]
        assert visit(ticket, "y").round == 1
        act(ticket, "bob")
        assert visit(ticket, "y").round == 2
        assert visit(ticket, "y").outcome == "passed"
        assert begin(ticket)

    def test_after_a_return_that_comes_back(self) -> None:
        ticket = submit_three = self.edited_in(one("a", "bob"), one("x", "erin"), one("b", "carol"), one("y", "dave"),
                                               decided=["bob", "erin"])  # fmt: skip
        assert submit_three is ticket
        for who in ("bob", "erin"):
            act(ticket, who)
        act(ticket, "dave", "return", to="a", comment="?", resume="here")
        act(ticket, "bob", form={"amount": 6})
        assert last_event(ticket, "ticket.edited")["again"] == ["x", "b"]
        self.to_the_end(ticket, "erin", "carol", "dave")

    def test_returned_to_the_applicant_while_somebody_is_asked_again(self) -> None:
        ticket = self.edited_in(one("x", "bob"), one("b", "carol"), one("y", "dave"), decided=["bob"])
        act(ticket, "bob", "return", comment="?", resume="here")
        resubmit(ticket, {**FORM, **HOST, "amount": 7})
        assert waiting(ticket) == ["bob"]
        self.to_the_end(ticket, "bob", "dave")

    def test_whoever_was_handed_the_seat_is_asked_again(self) -> None:
        template([one("a", "bob"), one("b", "carol"), one("c", "dave")], FIELDS)
        ticket = submit(form=FORM)
        move(ticket, "bob", "transfer", "heidi", comment="yours")
        act(ticket, "heidi")
        act(ticket, "carol", form={"amount": 5})
        assert waiting(ticket) == ["heidi"]

    def test_what_a_proxy_signed_falls_too(self) -> None:
        proxy("bob", "grace", NOW - HOUR, NOW + HOUR)
        template([one("a", "bob"), one("b", "carol"), one("c", "dave")], FIELDS)
        ticket = submit(form=FORM)
        act(ticket, "grace", seat="bob")
        act(ticket, "carol", form={"amount": 5})
        assert waiting(ticket) == ["bob"]


def _flat(chain):
    for node in chain:
        yield node
        for part in node.get("branches", []):
            yield from _flat(part["chain"])
