"""Cases found by random walks, each reduced to its minimum; kept as regression tests."""

import pytest

from tests.factories import NOW, approval, breaks, fresh, pending, submit, template, waiting
from tests.races.acts import add_sign, person_at, reassign, remove_sign, say, transfer
from tickets.commands import children
from tickets.models import NodeVisit, Ticket

pytestmark = pytest.mark.usefixtures("world")
SRE = {"role": "sre"}


def test_a_transferred_seat_keeps_the_signature_that_was_added_before_it() -> None:
    """dave, asked by erin before her own, does not become a seat of the node when erin hands hers to heidi."""
    template([approval("any", SRE), person_at("behind", "carol")])
    ticket = submit()
    erin = pending(ticket, "erin").pk
    add_sign(erin, "erin", "before", "dave")()
    transfer(erin, "erin", "heidi")()
    assert waiting(ticket) == ["dave", "grace", "heidi"]
    say(pending(ticket, "dave").pk, "approve", "dave")()
    assert waiting(ticket) == ["grace", "heidi"]
    say(pending(ticket, "heidi").pk, "approve", "heidi")()
    assert waiting(ticket) == ["carol"]
    assert breaks(ticket) == []


def test_I12_a_child_that_ends_lets_its_parent_go_on() -> None:
    template([approval("do", SRE)], key="kid")
    template([{"node": "kids", "type": "subticket", "template": "kid", "form": {}}, person_at("behind", "carol")])
    parent = submit()
    kid = Ticket.objects.get(parent=parent)
    assert waiting(parent) == []
    say(pending(kid, "erin").pk, "approve", "erin")()
    children.wake(visit_id=NodeVisit.objects.get(ticket=parent, state="open").pk, at=NOW)
    assert (fresh(kid).state, waiting(parent)) == ("completed", ["carol"])
    assert [breaks(ticket) for ticket in (parent, kid)] == [[], []]


def test_signatures_added_to_every_reassigned_seat_are_still_needed() -> None:
    template([approval("all", SRE, mode="all"), person_at("behind", "carol")])
    ticket = submit()
    for name, added in (("erin", "dave"), ("grace", "frank")):
        add_sign(pending(ticket, name).pk, name, "with", added)()
    reassign(ticket, "all", "heidi")()
    assert waiting(ticket) == ["dave", "frank", "heidi"]
    for name in ("heidi", "dave"):
        say(pending(ticket, name).pk, "approve", name)()
    assert waiting(ticket) == ["frank"]
    say(pending(ticket, "frank").pk, "approve", "frank")()
    assert waiting(ticket) == ["carol"]
    assert breaks(ticket) == []


def test_I03_who_edits_the_way_does_not_sign_what_he_edited() -> None:
    form = [{"key": "n", "type": "number", "label": "N", "required": True, "editable_at": ["small"]}]
    way = {
        "node": "way", "type": "branch",
        "cases": [{"when": "form.n > 5", "chain": [approval("big", SRE)]},
                  {"otherwise": True, "chain": [approval("small", SRE)]}],
    }  # fmt: skip
    template([way], form)
    ticket = submit(form={"n": 1})
    say(pending(ticket, "erin").pk, "approve", "erin", form={"n": 9})()
    assert waiting(ticket) == ["grace"]
    assert breaks(ticket) == []


def test_I04_reassigning_to_somebody_whose_signature_was_added_is_refused() -> None:
    template([approval("any", SRE)])
    ticket = submit()
    add_sign(pending(ticket, "erin").pk, "erin", "before", "bob")()
    with pytest.raises(Exception) as refused:
        reassign(ticket, "any", "bob")()
    assert getattr(refused.value, "code", repr(refused.value)) == "invalid"
    remove_sign(pending(ticket, "erin").pk, "erin", "bob")()
    assert waiting(ticket) == ["erin", "grace"]
