"""One changing job per host, oldest first, and an action's own limit (A32, F04, F27, I14)."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from automation.actions.document import Action
from automation.actions.library import library
from automation.background.job_slots import next_due
from automation.background.run import run
from automation.background.sweep import sweep
from automation.commands.by_hand import hand_to_people
from automation.commands.claim import claim
from automation.commands.control import cancel, resume, rollback
from automation.commands.finish import finish
from automation.commands.pulse import pulse
from automation.executors.base import HostResult
from automation.executors.verdict import PAUSED, Verdict
from automation.jobs.locks import Wait, waits
from automation.models import Host, Job, JobHost
from templates_engine.store.commands import import_template
from tests.automation.world import HEAD, TEMPLATES, approve, kinds, log_of, publish, submit
from tests.statements import counted
from tickets.background.dispatch import dispatch

pytestmark = pytest.mark.django_db


@pytest.fixture
def rings(monkeypatch) -> list[int]:
    """The jobs that were rung for."""
    heard: list[int] = []
    monkeypatch.setattr(
        "common.doorbell.ring", lambda task, *ids: heard.extend(ids) if task == "automation.run" else None
    )
    return heard


@pytest.fixture
def make(people, hosts, rings):
    """Makes a job that waits: of a change on these hosts, or of a look ("look") at them."""
    publish("sql", "batch: 1")
    publish("look")

    def made(*names: str, key: str = "sql", **form) -> Job:
        values = {"sql": "SELECT 1"} if key == "sql" else {}
        ticket = submit(key, people, list(names), **values, **form)
        approve(ticket, people)
        dispatch()
        return Job.objects.select_related("ticket").get(ticket=ticket)

    return made


@pytest.fixture
def limit(monkeypatch):
    """Lets an action run only so many times at once."""

    def to(key: str, most: int) -> None:
        real = library().action

        def limited(asked: str, version: str | None = None) -> Action | None:
            found = real(asked, version)
            if found and asked == key:
                object.__setattr__(found, "concurrency", most)
                changed.append(found)
            return found

        monkeypatch.setattr(library(), "action", limited)

    changed: list[Action] = []
    yield to
    for action in changed:
        object.__setattr__(action, "concurrency", None)


def end(job: Job, attempt: int = 1, outcome: str = "failed") -> None:
    names = job.hosts.values_list("name", flat=True)
    assert finish(job.pk, attempt, "", Verdict(outcome, {name: HostResult("failed") for name in names}))


def untouched(job: Job) -> bool:
    """Whether nothing of this job has begun."""
    now = Job.objects.get(pk=job.pk)
    return (now.state, now.attempt, log_of(job), now.journal) == ("waiting", 0, "", "") and (
        "job.started" not in kinds(job.ticket)
    )


def test_a_second_change_on_a_host_waits_as_if_nobody_had_come_for_it(make) -> None:
    first, second = make("demo-01", "demo-02"), make("demo-02", "demo-03")
    assert claim(first.pk)
    assert claim(second.pk) is None
    assert untouched(second)
    assert waits([second.pk]) == {second.pk: [Wait(first.pk, is_running=True, host="demo-02")]}
    end(first)
    assert claim(second.pk)


def test_jobs_on_other_hosts_and_jobs_that_only_read_wait_for_nobody(make) -> None:
    first, elsewhere = make("demo-01"), make("demo-02")
    looks = [make("demo-01", key="look"), make("demo-01", key="look")]
    assert all(claim(job.pk) for job in (first, elsewhere, *looks))
    assert claim(make("demo-03").pk)


def test_a_job_that_only_reads_keeps_no_change_waiting(make) -> None:
    assert claim(make("demo-01", key="look").pk)
    assert claim(make("demo-01").pk)


def test_the_cheap_look_decides_nothing(make, monkeypatch) -> None:
    first, second = make("demo-01"), make("demo-01")
    assert claim(first.pk)
    monkeypatch.setattr("automation.commands.claim.has_to_queue", lambda job: False)
    assert claim(second.pk) is None
    assert untouched(second)


def test_the_oldest_goes_first_and_nobody_passes_it(make) -> None:
    first, wide, late = make("demo-01"), make("demo-01", "demo-02"), make("demo-02")
    assert claim(first.pk)
    assert claim(late.pk) is None
    assert next_due(set()) is None
    assert waits([late.pk]) == {late.pk: [Wait(wide.pk, is_running=False, host="demo-02")]}
    end(first)
    assert next_due(set()) == wide.pk
    assert claim(wide.pk)
    assert claim(late.pk) is None
    end(wide)
    assert claim(late.pk)


@pytest.mark.parametrize(
    "because",
    [
        {"not_before": timezone.now() + timedelta(hours=1)},
        {"site": "sz"},
        {"expires_at": timezone.now() - timedelta(days=1)},
        {"put_off_at": Now()},
    ],
)
def test_an_older_job_that_waits_for_something_else_holds_nobody_up(make, because) -> None:
    older, younger = make("demo-01"), make("demo-01")
    assert claim(younger.pk) is None
    Job.objects.filter(pk=older.pk).update(**because)
    assert claim(younger.pk)


def test_F27_a_job_whose_executor_is_away_is_put_off_for_the_others(make, monkeypatch) -> None:
    older, younger = make("demo-01"), make("demo-01")
    monkeypatch.setattr(
        "automation.jobs.unreachable.WHY_UNREACHABLE", {"ansible": lambda _credentials: "nobody answers"}
    )
    run(older.pk)
    assert Job.objects.get(pk=older.pk).put_off_at is not None
    assert claim(younger.pk)


def test_ending_rings_for_those_who_waited_and_can_begin_now(make, rings) -> None:
    first, second, third, other = make("demo-01"), make("demo-01"), make("demo-01"), make("demo-02")
    assert claim(first.pk)
    assert claim(other.pk)
    rings.clear()
    end(first)
    assert rings == [second.pk]
    assert third.pk not in rings


def test_the_sweep_rings_for_nobody_who_has_to_wait(make, rings) -> None:
    first, second = make("demo-01"), make("demo-01")
    assert claim(first.pk)
    Job.objects.filter(pk=second.pk).update(rung_at=None)
    rings.clear()
    sweep()
    assert rings == []
    end(first)
    rings.clear()
    Job.objects.filter(pk=second.pk).update(rung_at=None)
    sweep()
    assert rings == [second.pk]


def test_F04_a_worker_that_died_leaves_no_host_locked(make, rings) -> None:
    first, second = make("demo-01"), make("demo-01")
    assert claim(first.pk)
    Job.objects.filter(pk=first.pk).update(heartbeat_at=Now() - timedelta(seconds=21))
    assert claim(second.pk) is None
    rings.clear()
    sweep()
    assert Job.objects.get(pk=first.pk).outcome == "unknown"
    assert second.pk in rings
    assert claim(second.pk)


def test_a_paused_job_lets_go_of_its_hosts_and_queues_again_when_it_goes_on(make, people, rings) -> None:
    first, second = make("demo-01", "demo-02"), make("demo-02")
    assert claim(first.pk)
    rings.clear()
    assert finish(first.pk, 1, "", Verdict(PAUSED, {"demo-01": HostResult("ok")}))
    assert rings == [second.pk]
    assert claim(second.pk)
    resume(job_id=first.pk, actor=people["erin"], at=timezone.now())
    assert claim(first.pk) is None
    end(second)
    assert claim(first.pk)


def test_a_run_holds_only_the_hosts_that_it_is_limited_to(make) -> None:
    first, second = make("demo-01", "demo-02"), make("demo-02")
    assert claim(first.pk)
    Job.objects.filter(pk=first.pk).update(only=["demo-01"])
    assert claim(second.pk)


def test_people_at_work_hold_their_hosts_until_the_last_is_ticked_off(make) -> None:
    first, second = make("demo-01"), make("demo-01")
    claimed = claim(first.pk)
    assert claimed
    assert hand_to_people(claimed)
    Job.objects.filter(pk=first.pk).update(started_at=Now() - timedelta(days=3))
    sweep()
    assert claim(second.pk) is None


def test_the_way_back_waits_for_the_host_like_any_change(make, people) -> None:
    publish("sql", "rollback: {action: database.run_change, params: {database: '\"orders\"', sql: '\"DROP TABLE y\"'}}")
    first, second = make("demo-01"), make("demo-01")
    assert claim(first.pk)
    end(first)
    assert claim(second.pk)
    rollback(job_id=first.pk, actor=people["erin"], at=timezone.now())
    assert claim(first.pk) is None
    assert waits([first.pk]) == {first.pk: [Wait(second.pk, is_running=True, host="demo-01")]}
    end(second)
    claimed = claim(first.pk)
    assert claimed is not None
    assert claimed.order.params["sql"] == "DROP TABLE y"


def test_an_action_runs_only_as_often_as_it_says(make, limit) -> None:
    limit("database.run_change", 2)
    first, second, third = make("demo-01"), make("demo-02"), make("demo-03")
    assert claim(first.pk)
    assert claim(second.pk)
    assert claim(third.pk) is None
    assert untouched(third)
    key = "database.run_change"
    assert waits([third.pk]) == {
        third.pk: [Wait(first.pk, is_running=True, action=key), Wait(second.pk, is_running=True, action=key)]
    }
    end(first)
    assert claim(third.pk)


def test_an_actions_limit_holds_for_looking_too(make, limit) -> None:
    limit("system.os_version", 1)
    first, second = make("demo-01", key="look"), make("demo-02", key="look")
    assert claim(first.pk)
    assert claim(second.pk) is None


def test_cancelling_who_waits_lets_the_next_one_through(make, people, rings) -> None:
    first, wide, late = make("demo-01"), make("demo-01", "demo-02"), make("demo-02")
    assert claim(first.pk)
    rings.clear()
    cancel(job_id=wide.pk, actor=people["alice"], at=timezone.now())
    assert rings == [late.pk]
    assert claim(late.pk)


def test_A32_an_invented_older_job_delays_until_it_is_refused(make) -> None:
    older, younger = make("demo-02"), make("demo-01")
    JobHost.objects.filter(job=older.pk).update(name="demo-01")
    assert claim(younger.pk) is None
    assert claim(older.pk) is None
    assert Job.objects.get(pk=older.pk).outcome == "refused"
    assert claim(younger.pk)


def test_a_thousand_hosts_cost_no_more_statements_than_one(people, home, rings) -> None:
    names = [f"web-{number:04}" for number in range(1000)]
    Host.objects.bulk_create(Host(name=name, address="10.0.0.1", connection="local") for name in names)
    action, form, params = TEMPLATES["sql"]
    text = HEAD.format(key="sql", action=action, form=form, params=params, more="")
    text = text.replace("required: true}", "required: true, max_items: 1000}", 1)
    import_template(text=text, actor=None, at=timezone.now(), publish_it=True)
    cost = []
    for some in (names[:1], names):
        ticket = submit("sql", people, some, sql="SELECT 1")
        approve(ticket, people)
        dispatch()
        job = Job.objects.get(ticket=ticket)
        with counted() as claiming:
            claimed = claim(job.pk)
        assert claimed
        results = {name: HostResult("ok") for name in some}
        with counted() as pulsing:
            pulse(job.pk, 1, "", results)
        with counted() as ending:
            assert finish(job.pk, 1, "", Verdict("ok", results))
        cost.append((len(claiming), len(pulsing), len(ending)))
    assert cost[0] == cost[1]
    assert cost[0] == (22, 3, 13)
