"""Manual jobs: no worker, no time limit, every result in the trail, one way to end (I13, I14, I17, I25)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from accounts.models import Role, RoleMember, User
from automation.actions.document import load_action
from automation.actions.library import library
from automation.background.run import run
from automation.background.sweep import sweep
from automation.commands.by_hand import tick
from automation.commands.control import cancel, pause, rerun
from automation.errors import CommentNeeded, NotPausable
from automation.journal.book import book
from automation.journal.runs import live
from automation.models import Job
from automation.queries.jobs import allowed_actions
from notify.models import Delivery
from tests.automation import world
from tests.automation.world import approved_job, kinds, log_of
from tickets.audit.verify import verify
from tickets.background.dispatch import dispatch
from tickets.errors import NotAllowed, NotFound, OwnTicket, WrongState
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db
TWO = ["demo-01", "demo-02"]
TASK = "Pull the plug\nand count to {n}: {{ 7*7 }}"


@pytest.fixture(autouse=True)
def template(monkeypatch) -> None:
    field = "  - {key: task, type: textarea, label: Task, required: true}"
    monkeypatch.setitem(world.TEMPLATES, "hand", ("manual.task", field, "task: form.task"))


@pytest.fixture
def job(people, hosts) -> Job:
    """A job that people are at."""
    job = approved_job("hand", people, TWO, task=TASK)
    run(job.pk)
    return fresh(job)


def fresh(job: Job) -> Job:
    return Job.objects.select_related("ticket", "visit", "content").get(pk=job.pk)


def ticked(job: Job, actor, host: str, status: str, comment: str = "") -> Job:
    tick(job_id=job.pk, host=host, actor=actor, at=timezone.now(), status=status, comment=comment)
    job = fresh(job)
    job.ticket.refresh_from_db()
    return job


def test_it_runs_without_a_worker_until_the_last_host_is_ticked_off(people, job) -> None:
    assert (job.state, job.heartbeat_at) == ("running", None)
    Job.objects.update(started_at=Now() - timedelta(days=9))
    sweep()
    job = ticked(job, people["erin"], "demo-01", "changed", "new fan")
    assert (job.state, job.ticket.state) == ("running", "executing")
    job = ticked(job, people["erin"], "demo-02", "ok")
    assert (job.state, job.outcome, job.ticket.state) == ("completed", "ok", "completed")
    assert list(job.hosts.order_by("pk").values_list("name", "status", "changed", "message")) == [
        ("demo-01", "changed", True, "new fan"), ("demo-02", "ok", False, "")
    ]  # fmt: skip
    told = Event.objects.filter(ticket=job.ticket, kind="job.ticked").order_by("seq")
    assert [(event.actor, event.data["hosts"], event.data["comment"]) for event in told] == [
        (people["erin"], {"demo-01": "changed"}, "new fan"), (people["erin"], {"demo-02": "ok"}, "")
    ]  # fmt: skip
    assert "erin: demo-01: changed: new fan" in log_of(job)
    assert list(verify(Ticket.objects.all())) == []


def test_what_failed_or_was_left_out_needs_words_and_ends_as_partial(people, job) -> None:
    for status in ("failed", "skipped"):
        with pytest.raises(CommentNeeded):
            ticked(job, people["erin"], "demo-01", status, "  ")
    ticked(job, people["erin"], "demo-01", "skipped", "scrapped")
    job = ticked(job, people["erin"], "demo-02", "ok")
    assert (job.state, job.outcome, job.ticket.state) == ("failed", "partial", "failed")
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="")
    run(job.pk)
    job = ticked(job, people["erin"], "demo-01", "ok")
    assert (job.state, job.attempt, job.ticket.state) == ("completed", 2, "completed")


def test_a_tick_can_be_corrected_until_the_job_ends(people, job) -> None:
    ticked(job, people["erin"], "demo-01", "failed", "no key to the room")
    ticked(job, people["erin"], "demo-01", "ok", "found it")
    job = ticked(job, people["erin"], "demo-02", "ok")
    assert job.outcome == "ok"
    with pytest.raises(WrongState):
        ticked(job, people["erin"], "demo-01", "failed", "too late")
    assert kinds(job.ticket).count("job.ticked") == 3


def test_A01_only_operators_and_those_named_tick(people, hosts, monkeypatch) -> None:
    action = library().action("manual.task")
    named = replace(action, run={**action.run, "by": [{"user": "heidi"}, {"role": "nobody"}]})
    monkeypatch.setitem(library().shipped, "manual.task", named)
    job = approved_job("hand", people, TWO, task="x")
    run(job.pk)
    job = fresh(job)
    for name in ("alice", "bob"):
        with pytest.raises(NotAllowed):
            ticked(job, people[name], "demo-01", "ok")
    ticked(job, people["heidi"], "demo-01", "ok")  # and sees the ticket since it was handed to her
    with pytest.raises(NotFound):
        ticked(job, people["heidi"], "demo-03", "ok")
    dispatch()
    heard = Delivery.objects.filter(event__kind="job.handed", kind="in_app")
    assert {row.recipient.username for row in heard} == {"heidi"}


def test_I03_nobody_ticks_off_his_own_ticket_nor_what_he_changed(people, hosts, monkeypatch) -> None:
    action = library().action("manual.task")
    named = replace(action, run={**action.run, "by": [{"user": "alice"}]})
    monkeypatch.setitem(library().shipped, "manual.task", named)
    RoleMember.objects.create(role=Role.objects.get(key="sre"), user=people["alice"])
    job = approved_job("hand", people, TWO, task="x")
    run(job.pk)
    job, at = fresh(job), timezone.now()
    alice = User.objects.get(username="alice")
    with pytest.raises(OwnTicket):
        ticked(job, alice, "demo-01", "ok")
    assert (allowed_actions(alice, job, at), allowed_actions(people["erin"], job, at)) == (
        ["cancel"],
        ["tick", "cancel"],
    )
    dispatch()
    heard = Delivery.objects.filter(event__kind="job.handed", kind="in_app")
    assert "erin" in {row.recipient.username for row in heard}, "as nobody is named who may"
    job.content.facts["editors"] = [people["erin"].pk]
    assert allowed_actions(people["erin"], job, at) == ["cancel"]
    assert kinds(job.ticket).count("job.ticked") == 0


def test_operators_hear_of_it_where_the_action_names_nobody(people, job) -> None:
    dispatch()
    heard = Delivery.objects.filter(event__kind="job.handed", kind="in_app")
    assert {row.recipient.username for row in heard} == {"erin"}


def test_a_stranger_does_not_even_see_it(people, job) -> None:
    with pytest.raises(NotFound):
        ticked(job, people["heidi"], "demo-01", "ok")


def test_cancelling_needs_no_worker(people, job) -> None:
    ticked(job, people["erin"], "demo-01", "ok")
    cancel(job_id=job.pk, actor=people["alice"], at=timezone.now())
    job = fresh(job)
    assert (job.state, job.outcome) == ("cancelled", "cancelled")
    assert dict(job.hosts.values_list("name", "status")) == {"demo-01": "ok", "demo-02": "not_reached"}
    with pytest.raises(WrongState):
        ticked(job, people["erin"], "demo-02", "ok")


def test_pausing_means_nothing_to_people(people, job) -> None:
    with pytest.raises(NotPausable):
        pause(job_id=job.pk, actor=people["erin"], at=timezone.now())


def test_I14_the_journal_has_begin_and_the_executors_end(people, job) -> None:
    with book().held(create=False) as held:
        [line] = live(held)
        ends = [entry for lines in held.lines.values() for entry in lines if entry["do"] == "end"]
    assert line["job"] == job.pk
    assert [entry["outcome"] for entry in ends] == ["handed"]


def test_A28_the_instructions_are_read_and_never_evaluated(people, job) -> None:
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(people["erin"], backend="accounts.backends.PasswordBackend")
    shown = browser.get(f"/api/v1/jobs/{job.pk}").json()
    assert shown["instructions"] == {"zh": TASK, "en": TASK}
    assert shown["allowed_actions"] == ["tick", "cancel"]
    answer = browser.post(f"/api/v1/jobs/{job.pk}/hosts/demo-01", {"status": "ok"}, content_type="application/json")
    assert answer.status_code == 200
    assert [host["status"] for host in answer.json()["hosts"]] == ["ok", "waiting"]
    wrong = browser.post(f"/api/v1/jobs/{job.pk}/hosts/demo-01", {"status": "unknown"}, content_type="application/json")
    assert wrong.status_code == 422


def test_A32_a_row_made_to_look_like_work_by_hand_is_not_ticked_off(people, hosts) -> None:
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1")
    Job.objects.filter(pk=job.pk).update(state="running", heartbeat_at=None)
    with pytest.raises(WrongState):
        ticked(job, people["erin"], "demo-01", "ok")


@pytest.mark.parametrize(
    "run_section", ["{}", "{instructions: {zh: x}}", "{instructions: {zh: x, en: x}, by: [{group: a}]}", "{x: 1}"]
)
def test_a_broken_section_stops_the_start(tmp_path, run_section: str) -> None:
    from automation.actions.document import LibraryError
    from automation.actions.library import LIBRARY

    text = (LIBRARY / "manual.task/action.yaml").read_text()
    folder = tmp_path / "manual.task"
    folder.mkdir()
    (folder / "action.yaml").write_text(text[: text.index("run:")] + f"run: {run_section}\n")
    with pytest.raises(LibraryError, match="run"):
        load_action(folder)


def test_I14_a_host_outside_the_run_is_not_ticked_off(people, job) -> None:
    """A rerun is for the hosts that it was let begin on; what was done before stands."""
    ticked(job, people["erin"], "demo-01", "ok")
    ticked(job, people["erin"], "demo-02", "failed", "no power")
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="")
    run(job.pk)
    with pytest.raises(NotFound):
        ticked(job, people["erin"], "demo-01", "failed", "by mistake")
    job = ticked(job, people["erin"], "demo-02", "ok")
    assert (job.state, job.outcome) == ("completed", "ok")
