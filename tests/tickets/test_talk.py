"""Comments, reminders, copies, the rating."""

from datetime import timedelta

import pytest

from accounts.models import User
from tests.api.calls import Api
from tests.factories import NOW, act, approval, breaks, fresh, kinds, submit, template, user
from tickets.commands import talk
from tickets.errors import Invalid, NotAllowed, NotFound, RemindedAlready, WrongState
from tickets.models import Event, Participant
from tickets.queries.visible import may_see

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def ticket():
    template([approval("a", {"manager": 1})], rating=True)
    return submit()


def call(command, ticket, who="alice", at=NOW, **more):
    return command(number=ticket.number, actor=user(who), at=at, **more)


def test_whoever_sees_it_may_comment(ticket) -> None:
    for who in ("alice", "bob", "admin"):
        call(talk.comment, ticket, who, text=f"by {who}")
    with pytest.raises(NotFound):
        call(talk.comment, ticket, "heidi", text="me too")
    said = Event.objects.filter(ticket=ticket, kind="ticket.commented").order_by("seq")
    assert [(e.actor.username, e.data["text"]) for e in said] == [(w, f"by {w}") for w in ("alice", "bob", "admin")]
    assert breaks(ticket) == []


def test_a_comment_stands_in_no_approvers_way(ticket) -> None:
    version = ticket.version
    call(talk.comment, ticket, text="wait")
    assert fresh(ticket).version == version


def test_a_reminder_every_ten_minutes(ticket) -> None:
    call(talk.remind, ticket)
    assert Event.objects.get(ticket=ticket, kind="ticket.reminded").data["assignees"] == ["bob"]
    for minutes in (0, 5, 9.99):
        with pytest.raises(RemindedAlready) as refused:
            call(talk.remind, ticket, at=NOW + timedelta(minutes=minutes))
        assert "10:10" in refused.value.detail  # in the company's zone
    call(talk.remind, ticket, at=NOW + timedelta(minutes=10))
    assert kinds(ticket).count("ticket.reminded") == 2


def test_nobody_reminds_himself(ticket) -> None:
    template([{"node": "c", "type": "confirm", "assignees": [{"applicant": True}]}])
    mine = submit()
    with pytest.raises(WrongState):
        call(talk.remind, mine)
    assert "remind" not in Api("alice").get(f"tickets/{mine.number}").json()["allowed_actions"]
    call(talk.remind, mine, "admin")
    assert Event.objects.get(ticket=mine, kind="ticket.reminded").data["assignees"] == ["alice"]


def test_who_may_remind(ticket) -> None:
    call(talk.remind, ticket, "admin")
    for who, error in (("bob", NotAllowed), ("heidi", NotFound)):
        with pytest.raises(error):
            call(talk.remind, ticket, who, at=NOW + timedelta(hours=1))


def test_nobody_to_remind(ticket) -> None:
    act(ticket, "bob")
    with pytest.raises(WrongState):
        call(talk.remind, ticket)


def test_watchers_see_it_from_then_on(ticket) -> None:
    assert not may_see(user("heidi"), ticket, NOW)
    call(talk.watch, ticket, users=["heidi", "heidi", "grace"])
    assert may_see(user("heidi"), ticket, NOW)
    assert Event.objects.filter(ticket=ticket, kind="ticket.copied").get().data["users"] == ["grace", "heidi"]
    call(talk.watch, ticket, users=["heidi"])
    assert Participant.objects.filter(ticket=ticket, user=user("heidi")).count() == 1


def test_watchers_must_exist_and_be_here(ticket) -> None:
    User.objects.filter(username="grace").update(is_active=False)
    with pytest.raises(Invalid) as refused:
        call(talk.watch, ticket, users=["heidi", "nobody", "grace"])
    assert [error["path"] for error in refused.value.errors] == ["users[1]", "users[2]"]
    assert not may_see(user("heidi"), ticket, NOW)
    with pytest.raises(NotFound):
        call(talk.watch, ticket, "heidi", users=["heidi"])


def test_a_rating_once_by_the_applicant_when_it_is_done(ticket) -> None:
    with pytest.raises(WrongState):
        call(talk.rate, ticket, score=5)
    act(ticket, "bob")
    for who, error in (("bob", NotAllowed), ("admin", NotAllowed), ("heidi", NotFound)):
        with pytest.raises(error):
            call(talk.rate, ticket, who, score=5)
    call(talk.rate, ticket, score=4, comment="quick")
    assert (fresh(ticket).rating, fresh(ticket).rating_comment) == (4, "quick")
    with pytest.raises(WrongState):
        call(talk.rate, ticket, score=1)
    assert fresh(ticket).rating == 4
    assert breaks(ticket) == []


def test_no_rating_where_the_template_asks_for_none() -> None:
    template([approval("a", {"manager": 1})])
    ticket = submit()
    act(ticket, "bob")
    with pytest.raises(WrongState):
        call(talk.rate, ticket, score=5)


def test_a_vetoed_ticket_is_not_rated(ticket) -> None:
    act(ticket, "bob", "veto")
    with pytest.raises(WrongState):
        call(talk.rate, ticket, score=1)
