"""Watching ends with the right to see (I11, I23)."""

from datetime import timedelta

import pytest

from accounts.commands import revoke_proxy
from common.paging import Page
from notify.recipients.by_event import recipients
from tests.factories import HOUR, NOW, act, approval, breaks, move, proxy, submit, template, user
from tickets.commands import talk
from tickets.errors import NotFound
from tickets.models import Event, Participant
from tickets.queries.counts import counts
from tickets.queries.detail import ticket_detail
from tickets.queries.lists import ticket_list
from tickets.queries.visible import may_see

pytestmark = pytest.mark.usefixtures("world")
LATER = NOW + 2 * HOUR


@pytest.fixture
def ticket():
    template([approval("a", {"manager": 1})])
    return submit()


def sees(who: str, ticket, at=NOW) -> bool:
    """Whether every read path that knows copies shows it; they must agree (I23)."""
    someone = user(who)
    paths = {
        may_see(someone, ticket, at),
        bool(ticket_list(someone, "all", {}, Page(10, None), at)["results"]),
    }
    try:
        paths.add(ticket_detail(someone, ticket.number, at)["number"] == ticket.number)
    except NotFound:
        paths.add(False)
    assert len(paths) == 1
    return paths.pop()


def copies(who: str, at=NOW) -> tuple[int, int]:
    """How many are in the box of copies, and how many of them are counted as not looked at."""
    someone = user(who)
    return len(ticket_list(someone, "cc", {}, Page(10, None), at)["results"]), counts(someone, at)["cc"]


def watch(ticket, who: str, *users: str, at=NOW) -> None:
    talk.watch(number=ticket.number, actor=user(who), at=at, users=list(users))


def test_I11_a_proxy_who_adds_himself_loses_it_with_the_window(ticket) -> None:
    proxy("bob", "carol", NOW - HOUR, NOW + HOUR)
    watch(ticket, "carol", "carol")
    assert copies("carol") == (1, 1)
    assert sees("carol", ticket)
    assert not sees("carol", ticket, LATER)
    assert copies("carol", LATER) == (0, 0)
    assert breaks(ticket) == []


def test_I11_so_does_whoever_he_lets_see_it_and_whoever_they_let(ticket) -> None:
    held = proxy("bob", "carol", NOW - HOUR, NOW + HOUR)
    watch(ticket, "carol", "heidi")
    watch(ticket, "heidi", "frank")
    assert sees("heidi", ticket)
    assert sees("frank", ticket)
    revoke_proxy(actor=user("bob"), proxy_id=held.pk, at=NOW + timedelta(minutes=1))
    for who in ("carol", "heidi", "frank"):
        assert not sees(who, ticket, NOW + timedelta(minutes=2)), who
    with pytest.raises(NotFound):
        watch(ticket, "heidi", "heidi", at=NOW + timedelta(minutes=2))


@pytest.mark.parametrize("first", ["proxy", "owner"])
def test_whoever_sees_it_anyway_lets_others_see_it_for_good(ticket, first) -> None:
    proxy("bob", "carol", NOW - HOUR, NOW + HOUR)
    for who in ("carol", "alice") if first == "proxy" else ("alice", "carol"):
        watch(ticket, who, "heidi")
    assert sees("heidi", ticket, LATER)
    watch(ticket, "heidi", "frank", at=LATER)
    assert sees("frank", ticket, LATER)


def test_a_later_proxy_lends_sight_again(ticket) -> None:
    proxy("bob", "carol", NOW - HOUR, NOW + HOUR)
    watch(ticket, "carol", "heidi")
    proxy("bob", "carol", NOW + HOUR, NOW + 5 * HOUR)
    assert not sees("heidi", ticket, LATER)
    watch(ticket, "carol", "heidi", at=LATER)
    assert sees("heidi", ticket, LATER)


def test_I11_comments_are_told_to_nobody_who_lost_sight(ticket) -> None:
    short = proxy("bob", "carol", NOW - HOUR, NOW.replace(year=2098))
    watch(ticket, "carol", "heidi")
    talk.comment(number=ticket.number, actor=user("alice"), at=NOW, text="one")
    told = Event.objects.filter(kind="ticket.commented").order_by("seq")
    names = {person.user_id for person in recipients([told[0]])}
    assert names == {user("bob").pk, user("heidi").pk}
    revoke_proxy(actor=user("bob"), proxy_id=short.pk, at=NOW)
    assert {person.user_id for person in recipients([told[0]])} == {user("bob").pk}


def test_I11_whoever_acted_for_somebody_lends_his_eyes_to_nobody(ticket) -> None:
    proxy("bob", "carol", NOW - HOUR, NOW + HOUR)
    proxy("carol", "grace", NOW - HOUR, NOW + 5 * HOUR)
    act(ticket, "carol", seat="bob")
    assert sees("carol", ticket, LATER)  # what she signed herself
    assert not sees("grace", ticket)
    assert not sees("grace", ticket, LATER)


def test_I11_handing_a_seat_on_is_told_to_no_agent_for_ever(ticket) -> None:
    proxy("bob", "carol", NOW - HOUR, NOW + HOUR)
    move(ticket, "carol", "transfer", "dave", seat="bob")
    assert Participant.objects.get(ticket=ticket, user=user("carol")).kind == "agent"
    talk.comment(number=ticket.number, actor=user("alice"), at=LATER, text="one")
    event = Event.objects.filter(kind="ticket.commented").latest("seq")
    assert user("carol").pk not in {person.user_id for person in recipients([event])}
