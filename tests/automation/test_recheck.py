"""复查: a second dry run right before the run; changes other than those signed stop the job (I05)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone, translation

from automation.actions.document import load_action
from automation.actions.library import LIBRARY, action_of
from automation.background import run as real
from automation.commands import control
from automation.commands.claim import claim
from automation.dry_runs import recheck
from automation.dry_runs.drift import drift
from automation.dry_runs.run import run
from automation.executors.base import Mode
from automation.models import Job
from automation.models.dry_run import DryRun
from notify.models import Delivery
from notify.texts.mail_content import write
from tests.automation.foreseeing import FILE, SERVICE, Fake, faked, foresee
from tests.automation.world import approve, kinds, log_of, publish, submit
from tickets.audit.verify import verify
from tickets.background.dispatch import dispatch
from tickets.commands.withdraw import withdraw
from tickets.errors import DryRunFailed, WrongState
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db
OTHER = ("/etc/sysctl.d/99-more.conf", "--- before\n+++ after\n@@ -0,0 +1 @@\n+vm.swappiness = 1\n")


@pytest.fixture
def fake() -> Iterator[Fake]:
    with faked() as executor:
        executor.places = [FILE]
        yield executor


@pytest.fixture
def ticket(people, hosts, fake) -> Ticket:
    """One that was foreseen and approved, and whose job is due."""
    publish("conf", "dry_run: required")
    made = submit("conf", people, ["demo-01", "demo-02"], text="vm.swappiness = 10\n")
    foresee(made)
    approve(made, people)
    dispatch()
    return made


def job_of(ticket: Ticket) -> Job:
    return Job.objects.filter(ticket=ticket).latest("pk")


def rechecked(ticket: Ticket) -> DryRun:
    """Ring for the job, and make the second dry run that it waits for."""
    real.run(job_of(ticket).pk)
    row = DryRun.objects.get(ticket=ticket, purpose="recheck", state="waiting")
    run(row.pk)
    row.refresh_from_db()
    ticket.refresh_from_db()
    return row


def breaks(ticket: Ticket) -> list[str]:
    return [found.what for found in verify([Ticket.objects.get(pk=ticket.pk)])]


@pytest.fixture
def limit(monkeypatch) -> None:
    """Two changes may differ."""
    ours = action_of
    monkeypatch.setattr(recheck, "action_of", lambda plan: replace(ours(plan), recheck=2))


def test_a_job_waits_for_its_second_dry_run_and_then_runs(ticket: Ticket, fake: Fake) -> None:
    job = job_of(ticket)
    assert claim(job.pk) is None
    assert claim(job.pk) is None, "it is made once"
    (row,) = DryRun.objects.filter(purpose="recheck")
    assert (row.state, row.job_id) == ("waiting", job.pk)
    run(row.pk)
    real.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("completed", 1)
    assert [order.mode for order in fake.orders][:3] == [Mode.CHECK, Mode.CHECK, Mode.RUN]
    assert kinds(ticket).count("plan.foreseen") == 1
    assert "0 changes differ from those foreseen, 0 may" in log_of(job)
    assert breaks(ticket) == []


def test_I05_other_changes_stop_it_and_those_who_approved_are_asked_on_the_new_result(
    ticket: Ticket, people, fake: Fake
) -> None:
    signed, job = ticket.content.digest, job_of(ticket)
    fake.places = [FILE, OTHER]
    row = rechecked(ticket)
    job.refresh_from_db()
    assert (row.state, job.state, job.outcome, job.attempt) == ("failed", "cancelled", "drifted", 0)
    assert [order.mode for order in fake.orders] == [Mode.CHECK, Mode.CHECK], "nothing ran"
    told = Event.objects.filter(ticket=ticket, kind="plan.foreseen").latest("seq").data
    assert (told["drift"], told["limit"], told["job"], told["again"]) == (2, 0, job.pk, ["leader"])
    assert (told["digest"], told["state"]) == (row.digest, "done")
    assert ticket.state == "approving"
    assert ticket.content.digest != signed
    assert [visit.round for visit in ticket.visits.filter(node="leader").order_by("round")] == [1, 2]
    assert "job.started" not in kinds(ticket)
    assert breaks(ticket) == []
    real.run(job.pk)
    assert claim(job.pk) is None, "the old approval runs nothing any more"
    approve(ticket, people)
    dispatch()
    again = job_of(ticket)
    assert again.pk != job.pk
    assert rechecked(ticket).state == "done"
    real.run(again.pk)
    again.refresh_from_db()
    assert (again.state, breaks(ticket)) == ("completed", [])


def test_a_job_that_drifted_is_not_run_again_by_hand(ticket: Ticket, people, fake: Fake) -> None:
    fake.places = [OTHER]
    rechecked(ticket)
    with pytest.raises(WrongState):
        control.rerun(job_id=job_of(ticket).pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="")


def test_where_a_host_fails_now_nobody_says_yes_before_a_better_result(ticket: Ticket, people, fake: Fake) -> None:
    fake.status, fake.message = "failed", "the disk is full"
    rechecked(ticket)
    assert (job_of(ticket).outcome, ticket.state) == ("drifted", "approving")
    with pytest.raises(DryRunFailed):
        approve(ticket, people)
    assert breaks(ticket) == []


@pytest.mark.usefixtures("limit")
def test_within_the_limit_it_runs_and_what_needs_no_change_any_more_is_no_drift(ticket: Ticket, fake: Fake) -> None:
    fake.places = [OTHER]  # one more on each of two hosts, and FILE needs no change any more
    assert rechecked(ticket).state == "done"
    real.run(job_of(ticket).pk)
    assert job_of(ticket).state == "completed"


@pytest.mark.usefixtures("limit")
def test_where_nothing_could_be_foreseen_at_all_no_limit_lets_it_run(ticket: Ticket, fake: Fake) -> None:
    fake.refusal = "the playbook is gone"
    rechecked(ticket)
    assert job_of(ticket).outcome == "drifted"


def test_one_that_is_old_is_made_again(ticket: Ticket, fake: Fake) -> None:
    row = rechecked(ticket)
    DryRun.objects.filter(pk=row.pk).update(finished_at=timezone.now() - recheck.GOOD_FOR - timedelta(seconds=1))
    fake.places = [OTHER]
    rechecked(ticket)
    assert job_of(ticket).outcome == "drifted"


def test_I17_a_withdrawal_meanwhile_wins(ticket: Ticket, people, fake: Fake) -> None:
    real.run(job_of(ticket).pk)
    withdraw(number=ticket.number, actor=people["alice"], at=timezone.now(), comment="")
    dispatch()
    fake.places = [OTHER]
    row = DryRun.objects.get(ticket=ticket, purpose="recheck")
    run(row.pk)
    row.refresh_from_db()
    ticket.refresh_from_db()
    assert (row.state, job_of(ticket).outcome, ticket.state) == ("dropped", "withdrawn", "withdrawn")


def test_nobody_asks_for_one_where_the_action_or_the_plan_does_not(people, hosts, fake: Fake) -> None:
    publish("sql", "dry_run: required")
    publish("conf")
    for made in (submit("sql", people, ["demo-01"], sql="SELECT 1"), submit("conf", people, ["demo-01"], text="a\n")):
        foresee(made)
        approve(made, people)
        dispatch()
        real.run(job_of(made).pk)
        assert job_of(made).state == "completed"
    assert not DryRun.objects.filter(purpose="recheck").exists()


def test_the_applicant_hears_of_it(ticket: Ticket, people, fake: Fake) -> None:
    people["alice"].email = "alice@example.com"
    people["alice"].save()
    fake.places = [OTHER]
    rechecked(ticket)
    dispatch()
    heard = Delivery.objects.filter(event__kind="plan.foreseen", event__data__has_key="drift", kind="email")
    assert {delivery.recipient.username for delivery in heard} == {"alice"}
    with translation.override("en"):
        heading = write(heard.get()).message.heading
    assert heading == "Not run, because the predicted changes are different now; its approvers are asked again: Please"


def row(name: str, status: str, *items: tuple[str, str], changed: bool = True) -> dict:
    return {"name": name, "status": status, "changed": changed, "items": [{"path": p, "diff": d} for p, d in items]}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (row("a", "changed", FILE, SERVICE), 0),
        (row("a", "ok", changed=False), 0),
        (row("a", "changed", FILE, SERVICE, OTHER), 1),
        (row("a", "changed", (FILE[0], FILE[1] + "+ more\n"), SERVICE), 1),
        (row("a", "failed"), 2),
        (row("a", "unreachable"), 2),
        (row("b", "changed", FILE), 1),
        (row("b", "changed"), 1),
        (row("b", "failed"), 1),
    ],
)
def test_what_counts_as_drift(now, expected) -> None:
    assert drift([row("a", "changed", FILE, SERVICE)], [now]) == expected


def test_an_action_says_the_limit_and_none_where_nothing_can_be_foreseen(tmp_path: Path) -> None:
    assert load_action(LIBRARY / "config.sync").recheck == 0
    assert load_action(LIBRARY / "database.run_change").recheck is None
    folder = tmp_path / "acme.look"
    folder.mkdir()
    (folder / "action.yaml").write_text(
        "name: Look\nexecutor: ansible\nread_only: true\nrecheck: {limit: 1}\nrun: {playbook: playbook.yml}\n"
    )
    (folder / "playbook.yml").write_text("- hosts: all\n  tasks: [{ansible.builtin.ping: {}}]\n")
    with pytest.raises(SystemExit, match=r"recheck: .*(foreseen a second time|无法复查)"):
        load_action(folder)


@pytest.mark.services
def test_A06_a_file_changed_by_hand_between_approval_and_run_stops_the_real_run(people, hosts: Path) -> None:
    file = hosts / "demo-01/etc/sysctl.d/60-shop.conf"
    file.parent.mkdir(parents=True)
    file.write_text("vm.swappiness = 60\n")
    file.chmod(0o644)
    publish("conf", "dry_run: required")
    ticket = submit("conf", people, ["demo-01"], text="vm.swappiness = 10\n")
    assert foresee(ticket).state == "done"
    approve(ticket, people)
    dispatch()
    file.write_text("vm.swappiness = 60\nvm.overcommit_memory = 2\n")
    assert rechecked(ticket).state == "failed"
    assert (job_of(ticket).outcome, ticket.state) == ("drifted", "approving")
    assert "overcommit" in file.read_text(), "nobody has touched it"
    approve(ticket, people)
    dispatch()
    assert rechecked(ticket).state == "done"
    assert breaks(ticket) == []
