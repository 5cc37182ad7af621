"""Plans with stages: signed as one, run one after another; outputs of hosts are untrusted (I13, I15, A27, A32)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from automation.actions.library import library
from automation.background.run import run
from automation.commands.claim import claim
from automation.commands.control import cancel, pause, rerun, rollback
from automation.dry_runs.recheck import limit_of
from automation.dry_runs.repeat import can_foresee
from automation.errors import NotPausable
from automation.executors.host_words import STAGES_LEFT
from automation.models import Job
from automation.models.dry_run import DryRun
from automation.queries.jobs import allowed_actions
from templates_engine.errors import TemplateRefused
from tests.automation.foreseeing import foresee
from tests.automation.pipelines import NOTE, REPORT, STAGES, known, pretended, publish_stages, staged, staged_job
from tests.automation.world import approve, kinds, log_of
from tickets.audit.verify import verify
from tickets.background.dispatch import dispatch
from tickets.models import Event, Ticket
from tickets.trail.digests import plan_digest

pytestmark = pytest.mark.django_db
TWO = ["demo-01", "demo-02"]
FREE = "dry_run: none"


@pytest.fixture(autouse=True)
def _actions(monkeypatch, hosts):
    monkeypatch.setattr("common.doorbell.ring", lambda *what: None)
    with known():
        yield


@pytest.fixture
def changed() -> Iterator[Callable[..., None]]:
    """Another form of an action, as if it shipped, until the end of the test."""
    with ExitStack() as until:

        def change(key: str, **more: Any) -> None:
            until.enter_context(known(**{key: replace(library().action(key), **more)}))

        yield change


@pytest.fixture
def line():
    with pretended() as executors:
        yield executors


def ran(job: Job) -> Job:
    run(job.pk)
    return Job.objects.select_related("ticket", "visit", "content").get(pk=job.pk)


def statuses(job: Job) -> list[str]:
    return list(job.hosts.order_by("pk").values_list("status", flat=True))


def finished(job: Job) -> dict:
    return Event.objects.filter(ticket=job.ticket_id, kind="job.finished").latest("seq").data


def test_I15_stages_are_pinned_and_signed_with_the_plan(people) -> None:
    plan = staged(people, TWO).content.plans["run"]
    assert [stage["action"] for stage in plan["stages"]] == [REPORT, NOTE]
    assert [stage["version"] for stage in plan["stages"]] == [library().action(key).version for key in (REPORT, NOTE)]
    assert plan["stages"][0] == {key: plan[key] for key in ("action", "version", "executor", "params")}
    assert plan["stages"][1]["take"] == {"word": {"from": 1, "output": "word"}}
    other = plan | {"stages": [plan["stages"][0], plan["stages"][1] | {"version": "0" * 64}]}
    assert plan_digest(other) != plan["digest"]


def test_an_output_of_another_type_is_refused_in_the_template(people) -> None:
    with pytest.raises(TemplateRefused) as refused:
        publish_stages(STAGES.replace("output: word", "output: number"))
    (found,) = [each for each in refused.value.errors if each["code"] == "other_type"]
    assert found["path"] == "chain[1].stages[1].params.word"


def test_approvers_see_stage_by_stage_and_the_highest_risk(people, client, changed) -> None:
    changed(NOTE, risk="high")
    ticket = staged(people, TWO)
    client.force_login(people["bob"], backend="accounts.backends.PasswordBackend")
    plan = client.get(f"/api/v1/tickets/{ticket.number}").json()["plans"][0]
    assert plan["command"][1] == {"zh": "记下 [1.word]", "en": "note [1.word]"}
    assert (len(plan["command"]), plan["risk"]) == (2, "high")
    parts = client.get(f"/api/v1/tickets/{ticket.number}/plans/run/machine").json()
    assert "[1.word]" in str(parts)


def test_a_stage_takes_what_the_one_before_handed_over(people, line) -> None:
    job = ran(staged_job(people, TWO))
    assert (job.state, job.outcome) == ("completed", "ok"), log_of(job)
    assert line.ran() == [(REPORT, TWO), (NOTE, TWO)]
    assert line.orders[1].params == {"word": "blue"}
    assert len({order.key for order in line.orders}) == 2
    assert statuses(job) == ["changed", "changed"]
    assert [stage["took"] for stage in finished(job)["stages"]] == [{}, {"word": '"blue"'}]
    assert "Stage 2 of 2: test.note" in log_of(job)
    assert 'word = "blue" from stage 1' in log_of(job)
    assert not list(verify(Ticket.objects.filter(pk=job.ticket_id)))


def test_a_stage_is_through_with_every_batch_before_the_next_begins(people, line) -> None:
    seen: list[list[str]] = []
    job = staged_job(people, TWO, more="batch: 1")
    line.before_end = lambda _run: seen.append(statuses(job))
    job = ran(job)
    assert line.ran() == [(REPORT, TWO[:1]), (REPORT, TWO[1:]), (NOTE, TWO[:1]), (NOTE, TWO[1:])]
    assert len({order.key for order in line.orders}) == 4
    assert job.outcome == "ok", log_of(job)
    assert "changed" not in [status for now in seen[:3] for status in now], "no host is done before its last stage"


@pytest.mark.parametrize("on_failure", ["stop", "continue"])
def test_a_failed_stage_stops_the_rest_and_a_rerun_begins_with_the_first(people, line, on_failure) -> None:
    line.fate[REPORT, "demo-02"] = "failed"
    job = ran(staged_job(people, TWO, more=f"batch: 1, on_failure: {on_failure}"))
    assert line.ran() == [(REPORT, TWO[:1]), (REPORT, TWO[1:])]
    assert (job.outcome, statuses(job)) == ("failed", ["not_reached", "failed"])
    assert job.hosts.get(name="demo-01").message == STAGES_LEFT
    assert job.hosts.get(name="demo-01").touched, "its first stage has changed it"
    assert len(finished(job)["stages"]) == 1
    line.fate.clear()
    first = line.orders[0].key
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="")
    job = ran(job)
    assert line.ran()[2:] == [(REPORT, TWO[:1]), (REPORT, TWO[1:]), (NOTE, TWO[:1]), (NOTE, TWO[1:])]
    assert (job.outcome, line.orders[2].key != first) == ("ok", True)


def test_a_failed_last_stage_leaves_the_hosts_that_are_done(people, line) -> None:
    line.fate[NOTE, "demo-02"] = "failed"
    job = ran(staged_job(people, TWO, more="batch: 1"))
    assert (job.outcome, statuses(job)) == ("partial", ["changed", "failed"])
    line.fate.clear()
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="")
    assert ran(job).outcome == "ok"
    assert line.ran()[4:] == [(REPORT, TWO[1:]), (NOTE, TWO[1:])]


HOSTILE = {
    "another pattern": ("{{ lookup('pipe', 'id') }}", "does not declare"),
    "another type": (7, "does not declare"),
    "a list": (["a"], "does not declare"),
    "nothing": (None, "does not declare"),
    "too long for the next one": ("abcdefghijklmno", "does not take this"),
    "much too long": ("a" * 20_000, "longer than 10000"),
    "not a number": (float("nan"), "no plain value"),
    "a secret": ("********", "holds a secret"),
    "a call of Salt": ("__slot__:salt:cmd.run(id)", "does not declare"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_A27_what_hosts_hand_over_is_judged_before_anything_runs_with_it(people, line, name) -> None:
    line.word, why = HOSTILE[name]
    job = ran(staged_job(people, TWO))
    assert [key for key, _hosts in line.ran()] == [REPORT], log_of(job)
    assert (job.outcome, statuses(job)) == ("failed", ["not_reached", "not_reached"])
    assert why in job.hosts.first().message
    assert "Stage 2 was not begun" in log_of(job)


def test_A27_a_credential_is_not_handed_on(people, line, settings) -> None:
    settings.WECOM_SECRET = line.word = "verysecretword"
    job = ran(staged_job(people, TWO))
    assert "holds a secret" in job.hosts.first().message
    assert "verysecretword" not in log_of(job) + str(finished(job))


def test_hosts_that_disagree_stop_the_run(people, line) -> None:
    line.words["demo-02"] = "red"
    job = ran(staged_job(people, TWO))
    assert [key for key, _hosts in line.ran()] == [REPORT]
    said = job.hosts.first().message
    assert 'different values of word in stage 1: "blue" on demo-01 and "red" on demo-02' in said


def test_a_stage_that_does_not_begin_or_gets_lost(people, line) -> None:
    line.refuses = NOTE
    job = ran(staged_job(people, TWO))
    assert (job.outcome, statuses(job)) == ("failed", ["not_reached", "not_reached"])
    line.refuses = ""
    line.fate[REPORT, "demo-01"] = "lost"
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="again")
    assert ran(job).outcome == "unknown"


def test_stages_do_not_pause_and_a_cancel_begins_no_further_one(people, line, monkeypatch) -> None:
    job = staged_job(people, TWO, more="batch: 1")
    tried = []

    def ask(_run) -> None:
        tried.append(allowed_actions(people["erin"], Job.objects.get(pk=job.pk), timezone.now()))
        with pytest.raises(NotPausable):
            pause(job_id=job.pk, actor=people["erin"], at=timezone.now())
        cancel(job_id=job.pk, actor=people["erin"], at=timezone.now())
        line.before_end = None

    line.before_end = ask
    monkeypatch.setattr("automation.executors.following.PULSE_S", 0)
    ended = ran(job)
    assert tried == [["cancel"]]
    assert NOTE not in [key for key, _hosts in line.ran()]
    assert (ended.outcome, statuses(ended)) == ("cancelled", ["cancelled", "cancelled"])


def test_a_way_back_is_one_run_on_what_was_touched(people, line) -> None:
    back = f"rollback: {{action: {NOTE}, params: {{word: '\"old\"'}}}}"
    line.fate[NOTE, "demo-02"] = "failed"
    job = ran(staged_job(people, TWO, more=f"batch: 1, {back}"))
    line.fate.clear()
    rollback(job_id=job.pk, actor=people["erin"], at=timezone.now())
    job = ran(job)
    assert (job.outcome, statuses(job)) == ("rolled_back", ["rolled_back", "rolled_back"])
    assert [order.params for order in line.orders[4:]] == [{"word": "old"}, {"word": "old"}]


def test_A32_a_changed_stage_starts_nothing(people, line) -> None:
    job = staged_job(people, TWO)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE tickets_contentversion SET plans = jsonb_set(plans, '{run,stages,1,params,word}', '\"evil\"')"
            " WHERE ticket_id = %s",
            [job.ticket_id],
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    assert claim(job.pk) is None
    assert line.orders == []
    assert kinds(job.ticket).count("execution.refused") == 1


def test_I13_a_later_stage_whose_version_is_gone_starts_nothing(people, line, changed) -> None:
    job = staged_job(people, TWO)
    changed(NOTE, version="0" * 64)
    job = ran(job)
    assert (job.outcome, line.orders) == ("refused", [])
    assert f"changed_action: {NOTE}" in log_of(job)


def test_a_dry_run_foresees_the_stages_that_take_nothing(people, line) -> None:
    both = f"[{{action: {NOTE}, params: {{word: \"'a'\"}}}}, {{action: {REPORT}}}, {STAGES[1:-1].split('}, ', 1)[1]}]"
    both = both.replace("from: 1", "from: 2")
    line.fate[NOTE, "demo-02"] = "ok"
    ticket = staged(people, TWO, both)
    made = foresee(ticket)
    assert (made.state, [order.action.key for order in line.orders]) == ("done", [NOTE])
    steps = made.hosts.get(name="demo-01").unforeseen
    assert steps == [
        f"stage 2, {REPORT}: cannot be run dry",
        f"stage 3, {NOTE}: takes what an earlier stage hands over",
    ]


def test_a_later_stage_that_fails_in_a_dry_run_could_not_be_foreseen(people, line) -> None:
    both = f"[{{action: {NOTE}, params: {{word: \"'a'\"}}}}, {{action: {NOTE}, params: {{word: \"'b'\"}}}}]"
    ticket = staged(people, TWO, both, more="dry_run: required")
    calls = []
    line.before_end = lambda run: (
        calls.append(run) or line.fate.update({(NOTE, "demo-02"): "failed" if len(calls) > 1 else "ok"})
    )
    made = foresee(ticket)
    assert (made.state, made.summary["failed"], made.summary["unforeseen"]) == ("done", 0, 1)
    approve(ticket, people)


REPORT_THEN_NOTE = f"[{{action: {REPORT}}}, {{action: {NOTE}, params: {{word: \"'a'\"}}}}]"


def test_what_any_stage_asks_for_holds_for_the_plan_a_second_dry_run_too(people, line, changed) -> None:
    """The first one cannot be run dry, and has no second dry run of its own."""
    changed(NOTE, recheck=3)
    ticket = staged(people, TWO, REPORT_THEN_NOTE, more="dry_run: required")
    plan = ticket.content.plans["run"]
    assert (plan["dry_run"], limit_of(plan), can_foresee(plan)) == ("required", 3, True)
    foresee(ticket)
    approve(ticket, people)
    dispatch()
    job = Job.objects.get(ticket=ticket)
    assert claim(job.pk) is None
    assert DryRun.objects.get(job=job, purpose="recheck").state == "waiting"
    changed(REPORT, recheck=1)
    assert limit_of(plan) == 1, "the strictest"


@pytest.mark.parametrize(("only_reads", "state"), [(True, "failed"), (False, "done")])
def test_what_fails_behind_a_stage_that_only_reads_is_no_guess(people, line, changed, only_reads, state) -> None:
    changed(REPORT, is_read_only=only_reads)
    line.fate[NOTE, "demo-02"] = "failed"
    made = foresee(staged(people, TWO, REPORT_THEN_NOTE))
    assert (made.state, made.summary["failed"]) == (state, int(only_reads))
