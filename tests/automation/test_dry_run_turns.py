"""Nobody's dry runs wait behind fifty of somebody else's, and nobody begins too many in a minute (A47)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from automation.dry_runs import repeat
from automation.dry_runs.commands import claim, make
from automation.dry_runs.fair_turns import next_waiting
from automation.dry_runs.run import run
from automation.models.dry_run import DryRun
from tests.automation.foreseeing import Fake, faked
from tests.automation.world import publish
from tickets.background.dispatch import dispatch
from tickets.commands.submit import create
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
People = dict[str, User]


@pytest.fixture
def fake(people: People, hosts) -> Iterator[Fake]:
    publish("sql")
    with faked() as executor:
        yield executor


def hand_in(who: User, count: int = 1) -> list[Ticket]:
    form = {"hosts": ["demo-01"], "sql": "SELECT 1"}
    made = [create(template="sql", form=form, actor=who, at=timezone.now()) for _each in range(count)]
    dispatch()
    return made


def drained() -> list[str]:
    """Whose dry runs were made one after another, until none may begin any more."""
    order = []
    while (pk := next_waiting()) is not None:
        run(pk)
        row = DryRun.objects.select_related("ticket__applicant").get(pk=pk)
        assert row.state == "done"
        order.append(row.ticket.applicant.username)
    return order


def test_A47_each_person_has_a_turn_however_many_another_one_waits_for(people: People, fake: Fake) -> None:
    hand_in(people["alice"], 5)
    hand_in(people["heidi"], 2)
    assert drained() == ["alice", "heidi", "alice", "heidi", "alice", "alice", "alice"]


def test_A47_what_an_approver_asks_for_once_more_is_his(people: People, fake: Fake) -> None:
    [first, *_rest] = hand_in(people["alice"], 3)
    run(DryRun.objects.get(ticket=first).pk)
    DryRun.objects.filter(ticket=first).update(created_at=timezone.now() - repeat.PAUSE)
    again = repeat.of_plan(number=first.number, node="run", actor=people["bob"], at=timezone.now())
    assert next_waiting() == again.pk


def test_A47_in_a_minute_nobody_begins_more_than_his_quota_and_nothing_is_lost(
    people: People, fake: Fake, settings
) -> None:
    settings.QUOTAS = settings.QUOTAS | {"runs": 2}
    hand_in(people["alice"], 4)
    assert drained() == ["alice", "alice"]
    waiting = DryRun.objects.filter(state="waiting").earliest("pk")
    assert claim(waiting.pk) is None, "nor where a bell rings for it"
    waiting.refresh_from_db()
    assert (waiting.state, waiting.tries) == ("waiting", 0)
    hand_in(people["heidi"])
    assert drained() == ["heidi"]
    DryRun.objects.filter(state="done").update(started_at=Now() - timedelta(seconds=61))
    assert drained() == ["alice", "alice"]


def test_a_second_dry_run_of_what_is_approved_comes_first_and_counts_for_nobody(
    people: People, fake: Fake, settings
) -> None:
    settings.QUOTAS = settings.QUOTAS | {"runs": 1}
    [ticket, *_rest] = hand_in(people["alice"], 3)
    assert drained() == ["alice"]
    row = make(ticket, ticket.content, ticket.content.plans["run"], purpose=DryRun.Purpose.RECHECK)
    assert row is not None
    assert next_waiting() == row.pk
    assert claim(row.pk) is not None


def test_F32_a_begin_in_the_future_keeps_nobody_waiting(people: People, fake: Fake, settings) -> None:
    settings.QUOTAS = settings.QUOTAS | {"runs": 1}
    hand_in(people["alice"], 2)
    assert drained() == ["alice"]
    DryRun.objects.filter(state="done").update(started_at=Now() + timedelta(hours=1))
    assert drained() == ["alice"]
