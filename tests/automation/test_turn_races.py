"""Racing claims for a host or an action's slot, each with its own connection and commit (F31, I14)."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from automation.commands.claim import Claim, claim
from automation.commands.control import cancel
from automation.commands.finish import finish
from automation.executors.base import HostResult
from automation.executors.verdict import Verdict
from automation.models import Host, Job
from tests.automation.world import approve, kinds, publish, submit
from tests.races.crowd import race
from tickets.background.dispatch import dispatch
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)
CONTENDERS = 20


@pytest.fixture
def make(people, hosts, monkeypatch) -> Callable[..., Job]:
    """Makes a change that waits. The look before the claim is left out, so that all come to the door at once."""
    monkeypatch.setattr("common.doorbell.ring", lambda *what: None)
    monkeypatch.setattr("automation.commands.claim.has_to_queue", lambda job: False)
    publish("sql")

    def made(*names: str) -> Job:
        ticket = submit("sql", people, list(names), sql="SELECT 1")
        approve(ticket, people)
        dispatch()
        return Job.objects.get(ticket=ticket)

    return made


def claimed(jobs: list[Job]) -> list[Claim]:
    """Who got through, of all these at once. Nobody fails."""
    outcomes = race([lambda job=job: claim(job.pk) for job in jobs])
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    return [outcome for outcome in outcomes if outcome is not None]


def end(won: Claim) -> None:
    results = {target["name"]: HostResult("failed") for target in won.order.targets}
    assert finish(won.job_id, won.attempt, "", Verdict("failed", results))


def test_I14_of_twenty_changes_on_one_host_one_begins_at_a_time(make) -> None:
    sets = (["demo-01"], ["demo-01", "demo-02"], ["demo-03", "demo-01"])
    jobs = [make(*sets[number % 3]) for number in range(CONTENDERS)]
    for round_ in range(3):
        [won] = claimed([job for job in jobs if Job.objects.get(pk=job.pk).state == "waiting"])
        running = Job.objects.filter(state="running")
        assert [job.pk for job in running] == [won.job_id]
        waiting = Job.objects.filter(state="waiting")
        assert waiting.count() == CONTENDERS - 1 - round_
        assert not waiting.exclude(attempt=0, journal="", log_size=0).exists()
        assert all("job.started" not in kinds(Ticket.objects.get(pk=job.ticket_id)) for job in waiting)
        end(won)


def test_an_actions_limit_holds_against_all_who_come_at_once(make, monkeypatch) -> None:
    from automation.actions.library import library

    Host.objects.bulk_create(Host(name=f"h{number}", connection="local") for number in range(6))
    jobs = [make(f"h{number}") for number in range(6)]
    action = library().action("database.run_change")
    assert action is not None
    before = action.concurrency
    object.__setattr__(action, "concurrency", 2)
    try:
        assert len(claimed(jobs)) == 2
        assert claimed(jobs) == []
        job = Job.objects.filter(state="running")[0]
        [name] = job.hosts.values_list("name", flat=True)
        assert finish(job.pk, job.attempt, "", Verdict("failed", {name: HostResult("failed")}))
        assert len(claimed(jobs)) == 1
    finally:
        object.__setattr__(action, "concurrency", before)


def test_F31_cancel_against_start_has_one_winner_and_the_next_one_goes_on(make, people) -> None:
    for _round in range(3):
        first, second = make("demo-01"), make("demo-01")
        start, _cancelled = race([
            lambda job=first: claim(job.pk),
            lambda job=first: cancel(job_id=job.pk, actor=people["alice"], at=timezone.now()),
        ])  # fmt: skip
        now = Job.objects.get(pk=first.pk)
        if start is None:
            assert (now.state, now.attempt) == ("cancelled", 0)
            assert "job.started" not in kinds(Ticket.objects.get(pk=now.ticket_id))
        else:
            assert now.state == "running"
            assert now.cancel_requested_at is not None
            assert claim(second.pk) is None
            end(start)
        [won] = claimed([second])
        end(won)
