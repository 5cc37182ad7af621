"""去重: people who approved the same content are not asked again; the executor checks it, too (I04, I05, I13)."""

from datetime import timedelta

import pytest

from templates_engine.text import localize
from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    approval,
    begin,
    fresh,
    last_event,
    move,
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
from tickets.errors import SecondSeat
from tickets.queries.detail import ticket_detail

pytestmark = pytest.mark.usefixtures("sound")
NOTE = {"key": "note", "type": "text", "label": "N"}


def at(node: str, *names: str, **more):
    return approval(node, *({"user": name} for name in names), **more)


def started(*chain, dedup: str = "all", form=None):
    template([*chain, restart()], [HOSTS, NOTE], dedup=dedup)
    return submit(form={**HOST, **(form or {})})


@pytest.mark.parametrize(("dedup", "asked"), [
    ("none", ["bob", "carol", "bob", "carol"]),
    ("adjacent", ["bob", "carol", "bob", "carol"]),
    ("all", ["bob", "carol"]),
])  # fmt: skip
def test_a_b_a_b(dedup, asked) -> None:
    ticket = started(at("a", "bob"), at("b", "carol"), at("c", "bob"), at("d", "carol"), dedup=dedup)
    said = []
    while fresh(ticket).state == "approving":
        said += waiting(ticket)
        act(ticket, waiting(ticket)[0])
    assert said == asked
    assert begin(ticket)


@pytest.mark.parametrize(("dedup", "asked"), [("none", 3), ("adjacent", 1), ("all", 1)])
def test_a_a_a(dedup, asked) -> None:
    """Adjacent: the node passed for bob is no approval of his, but the one before it is the last that was given."""
    ticket = started(at("a", "bob"), at("b", "bob"), at("c", "bob"), dedup=dedup)
    for _yes in range(asked):
        assert waiting(ticket) == ["bob"]
        act(ticket, "bob")
    assert begin(ticket)


def test_a_passed_node_says_why() -> None:
    ticket = started(at("a", "bob"), at("b", "bob"))
    act(ticket, "bob")
    passed = last_event(ticket, "task.passed")
    assert passed["node"] == "b"
    assert "assignees" not in passed
    assert "bob" in localize(passed["reason"], "zh")
    assert "bob" in localize(passed["reason"], "en")
    assert (visit(ticket, "b").state, visit(ticket, "b").outcome) == ("skipped", "passed")


@pytest.mark.parametrize(("mode", "asked"), [
    ("any", []),
    ("all", ["carol", "dave"]),
    ("sequence", ["carol"]),
    ({"ratio": 0.3}, []),
    ({"ratio": 0.5}, ["carol", "dave"]),
    ({"ratio": 0.9}, ["carol", "dave"]),
])  # fmt: skip
def test_I13_in_every_mode_and_begin_accepts(mode, asked) -> None:
    """bob has signed at `a`; at `b` he sits with carol and dave."""
    ticket = started(at("a", "bob"), at("b", "bob", "carol", "dave", mode=mode))
    act(ticket, "bob")
    assert waiting(ticket) == asked
    if asked:
        passed = last_event(ticket, "task.passed")
        assert passed["assignees"] == ["bob"]
    while waiting(ticket):
        act(ticket, waiting(ticket)[0])
    assert fresh(ticket).state == "executing"
    assert begin(ticket)


def test_a_ratio_is_of_those_who_are_still_asked() -> None:
    """Half of four, of whom bob has signed: half of the three others."""
    ticket = started(at("a", "bob"), at("b", "bob", "carol", "dave", "erin", mode={"ratio": 0.5}))
    act(ticket, "bob")
    for _yes in range(2):
        assert fresh(ticket).state == "approving"
        act(ticket, waiting(ticket)[0])
    assert fresh(ticket).state == "executing"
    assert begin(ticket)


def test_all_of_them_have_signed() -> None:
    ticket = started(at("a", "bob", "carol", mode="all"), at("b", "carol", "bob", mode="all"))
    act(ticket, "bob")
    act(ticket, "carol")
    assert visit(ticket, "b").outcome == "passed"
    assert begin(ticket)


def test_a_sequence_asks_only_the_others_in_their_order() -> None:
    ticket = started(at("a", "dave"), at("b", "erin", "dave", "bob", mode="sequence"))
    act(ticket, "dave")
    for who in ("erin", "bob"):
        assert waiting(ticket) == [who]
        act(ticket, who)
    assert begin(ticket)


def test_not_across_the_branches_of_a_fork() -> None:
    ticket = started(parallel("fork", [at("l", "bob")], [at("x", "dave"), at("r", "bob")]))
    act(ticket, "bob")
    act(ticket, "dave")
    assert waiting(ticket) == ["bob"]
    act(ticket, "bob")
    assert begin(ticket)


def test_behind_and_before_a_fork() -> None:
    ticket = started(at("a", "bob"), parallel("fork", [at("l", "bob")], [at("r", "dave")]), at("z", "dave"))
    act(ticket, "bob")
    assert waiting(ticket) == ["dave"]
    act(ticket, "dave")
    assert visit(ticket, "z").outcome == "passed"
    assert begin(ticket)


def test_I05_not_after_a_change_of_the_content() -> None:
    ticket = started(at("a", "bob"), at("b", "carol"), at("c", "bob"), form={"note": "x"})
    act(ticket, "bob")
    act(ticket, "carol", "return", comment="?")
    resubmit(ticket, {**HOST, "note": "y"})
    assert waiting(ticket) == ["bob"]
    act(ticket, "bob")
    assert waiting(ticket) == ["carol"]
    act(ticket, "carol")
    assert visit(ticket, "c").outcome == "passed"
    assert begin(ticket)


def test_I05_after_an_unchanged_resubmit_the_old_signatures_stand() -> None:
    ticket = started(at("a", "bob"), at("b", "carol"), form={"note": "x"})
    act(ticket, "bob")
    act(ticket, "carol", "return", comment="?")
    resubmit(ticket)
    assert waiting(ticket) == ["carol"]
    act(ticket, "carol")
    assert begin(ticket)


def test_I05_not_after_a_change_of_a_ticket_that_runs_nothing() -> None:
    """Two days were approved; thirty are another matter, although no plan changed."""
    days = {"key": "days", "type": "number", "label": "D"}
    template([at("a", "bob"), at("b", "carol")], [days], dedup="all")
    ticket = submit(form={"days": 2})
    act(ticket, "bob")
    act(ticket, "carol", "return", comment="more?")
    resubmit(ticket, {"days": 30})
    assert waiting(ticket) == ["bob"]


def test_I05_after_an_edit_that_changes_nothing_that_runs_they_stand() -> None:
    chain = [at("a", "bob"), at("b", "carol"), at("c", "bob"), restart()]
    template(chain, [HOSTS, {**NOTE, "editable_at": ["b"]}], dedup="all")
    ticket = submit(form={**HOST, "note": "x"})
    act(ticket, "bob")
    act(ticket, "carol", form={"note": "y"})
    assert visit(ticket, "c").outcome == "passed"
    assert begin(ticket)


def test_adjacent_means_the_approval_before_it_not_the_node() -> None:
    tell = {"node": "tell", "type": "cc", "to": [{"user": "grace"}]}
    ticket = started(at("a", "bob"), tell, at("b", "bob"), dedup="adjacent")
    act(ticket, "bob")
    assert fresh(ticket).state == "executing"
    assert begin(ticket)


def test_a_node_may_say_otherwise() -> None:
    ticket = started(at("a", "bob"), at("b", "bob", dedup="none"))
    act(ticket, "bob")
    assert waiting(ticket) == ["bob"]


def test_who_decided_counts_not_whose_seat_it_was() -> None:
    """heidi signed for bob: bob has seen nothing himself, heidi has."""
    from datetime import timedelta

    ticket = started(at("a", "bob"), at("b", "bob", "erin", mode="all"), at("c", "heidi"))
    proxy("bob", "heidi", NOW, NOW + timedelta(hours=1))
    act(ticket, "heidi", seat="bob")
    assert waiting(ticket) == ["bob", "erin"]
    act(ticket, "bob")
    act(ticket, "erin")
    assert visit(ticket, "c").outcome == "passed"
    assert begin(ticket)


def test_an_added_signature_counts_as_having_approved() -> None:
    ticket = started(at("a", "bob"), at("b", "carol"))
    move(ticket, "bob", "add_sign", "carol", position="with")
    act(ticket, "carol")
    act(ticket, "bob")
    assert visit(ticket, "b").outcome == "passed"
    assert begin(ticket)


@pytest.mark.parametrize("dedup", ["adjacent", "all"])
def test_the_signature_of_a_step_that_was_returned_does_not_count(dedup) -> None:
    """bob signed at `a` with carol still to come; she returned it: the step was never approved."""
    ticket = started(at("a", "bob", "carol", mode="all"), at("b", "dave"), dedup=dedup)
    act(ticket, "bob")
    act(ticket, "carol", "return", comment="?")
    resubmit(ticket)
    assert waiting(ticket) == ["bob", "carol"]


def test_I04_who_was_passed_takes_no_second_seat_as_a_proxy() -> None:
    template([at("a", "bob"), at("b", "bob", "carol", mode="all"), restart()], [HOSTS], dedup="all")
    proxy("carol", "bob", NOW, NOW + timedelta(hours=1))
    ticket = submit(form=HOST)
    act(ticket, "bob")
    assert (waiting(ticket), visit(ticket, "b").passed) == (["carol"], ["bob"])
    with pytest.raises(SecondSeat):
        act(ticket, "bob", seat="carol")
    (seat,) = (task for task in ticket_detail(user("bob"), ticket.number, NOW)["tasks"] if task["node"] == "b")
    assert "approve" not in seat["allowed_actions"]
    act(ticket, "carol")
    assert begin(ticket).plan


def test_a_confirmation_is_no_approval() -> None:
    confirm = {"node": "x", "type": "confirm", "assignees": [{"user": "bob"}]}
    ticket = started(confirm, at("a", "bob"))
    act(ticket, "bob", "confirm")
    assert waiting(ticket) == ["bob"]


def test_a_node_to_which_a_ticket_is_returned_asks_again() -> None:
    """Who returns a ticket wants the step looked at again: a signature of before does not answer that."""
    ticket = started(at("a", "bob"), at("b", "carol"))
    act(ticket, "bob")
    act(ticket, "carol", "return", to="a", comment="look again")
    assert waiting(ticket) == ["bob"]
    act(ticket, "bob")
    act(ticket, "carol")
    assert begin(ticket)
