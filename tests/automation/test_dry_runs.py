"""试运行: made at submission, seen before approval, and part of what is signed if required."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from automation.dry_runs import repeat
from automation.dry_runs.run import run
from automation.dry_runs.sweep import sweep
from automation.errors import DryRunRunning, DryRunTooSoon
from automation.executors import WHY_UNREACHABLE
from automation.executors.base import Mode
from automation.models import Job
from automation.models.dry_run import DryRun
from tests.automation.foreseeing import FILE, SERVICE, Fake, faked, foresee
from tests.automation.world import approve, kinds, publish, submit
from tickets.audit.verify import verify
from tickets.background.dispatch import dispatch
from tickets.commands import execution, talk
from tickets.commands.decide import decide
from tickets.commands.execution import ExecutionRefused
from tickets.commands.withdraw import withdraw
from tickets.errors import DryRunFailed, DryRunPending, ForeseenAnew, NotAllowed, WrongState
from tickets.models import Event, NodeVisit, Ticket

pytestmark = pytest.mark.django_db
People = dict[str, User]
REQUIRED, OFFERED, NONE = "dry_run: required", "", "dry_run: none"


@pytest.fixture
def fake() -> Iterator[Fake]:
    with faked() as executor:
        yield executor


@pytest.fixture
def ticket(people: People, hosts, fake: Fake, request) -> Ticket:
    """One that changes two hosts; by default its dry run is required."""
    publish("sql", getattr(request, "param", REQUIRED))
    return submit("sql", people, ["demo-01", "demo-02"], sql="SELECT 1")


def breaks(ticket: Ticket) -> list[str]:
    return [found.what for found in verify([Ticket.objects.get(pk=ticket.pk)])]


def again(ticket: Ticket, people: People, who: str = "alice") -> DryRun:
    """Asked for once more, past the pause."""
    DryRun.objects.filter(ticket=ticket).update(created_at=timezone.now() - repeat.PAUSE)
    repeat.of_plan(number=ticket.number, node="run", actor=people[who], at=timezone.now())
    return foresee(ticket)


def last(ticket: Ticket, kind: str) -> Event:
    return Event.objects.filter(ticket=ticket, kind=kind).latest("seq")


def test_a_dry_run_is_made_at_submission_on_all_hosts_at_once_and_changes_nothing(ticket: Ticket, fake: Fake) -> None:
    made = foresee(ticket)
    (order,) = fake.orders
    assert (order.mode, order.batch, len(order.targets), bool(order.key)) == (Mode.CHECK, None, 2, True)
    assert made.state == "done"
    assert made.summary == {"hosts": 2, "changed": 2, "failed": 0, "unforeseen": 0}
    assert made.words == {
        "zh": "2 台，改 1 个文件，重启 1 个服务",
        "en": "2 hosts, 1 file changed, 1 service restarted",
    }
    host = made.hosts.get(name="demo-01")
    assert host.items == [{"path": path, "diff": text} for path, text in sorted([FILE, SERVICE])]
    told = last(ticket, "plan.foreseen").data
    assert (told["digest"], told["summary"], told["state"]) == (made.digest, made.summary, "done")
    assert breaks(ticket) == []


def test_I05_a_required_one_holds_every_yes_back_until_it_is_there(ticket: Ticket, people: People) -> None:
    digest = ticket.content.digest
    with pytest.raises(DryRunPending):
        approve(ticket, people)
    foresee(ticket)
    ticket.refresh_from_db()
    assert ticket.content.digest != digest, "what is signed covers the dry run"
    task = ticket.tasks.get(state="pending")
    with pytest.raises(ForeseenAnew):
        decide(task_id=task.pk, verb="approve", actor=people["bob"], channel="web", digest=digest)
    approve(ticket, people)
    assert last(ticket, "execution.approved").data["foreseen"] == last(ticket, "plan.foreseen").data["digest"]
    dispatch()
    visit = NodeVisit.objects.get(ticket=ticket, node="run")
    job = Job.objects.get(ticket=ticket)
    execution.begin(visit_id=visit.pk, job_id=job.pk, at=timezone.now())
    assert breaks(ticket) == []


@pytest.mark.parametrize("verb", ["return", "veto"])
def test_what_stops_it_needs_no_dry_run(ticket: Ticket, people: People, verb) -> None:
    task = ticket.tasks.get(state="pending")
    decide(task_id=task.pk, verb=verb, actor=people["bob"], channel="web", comment="no")
    dispatch()
    assert not DryRun.objects.filter(state__in=["waiting", "running"]).exists()


def test_a_failed_one_says_why_and_may_be_made_again(ticket: Ticket, people: People, fake: Fake) -> None:
    fake.status, fake.message, fake.places = "failed", "no such group: www", []
    made = foresee(ticket)
    assert (made.state, made.message) == ("failed", "demo-01: no such group: www")
    with pytest.raises(DryRunFailed):
        approve(ticket, people)
    fake.status, fake.places = "changed", [FILE]
    again(ticket, people, "bob")
    assert last(ticket, "plan.foreseen").data["asked_by"] == "bob"
    approve(ticket, people)
    assert breaks(ticket) == []


def test_A06_a_result_made_anew_changes_what_is_signed_only_where_it_differs(
    ticket: Ticket, people: People, fake: Fake
) -> None:
    foresee(ticket)
    seen = Ticket.objects.get(pk=ticket.pk).content.digest
    again(ticket, people)
    assert Ticket.objects.get(pk=ticket.pk).content.digest == seen
    fake.places = [FILE]
    again(ticket, people)
    assert Ticket.objects.get(pk=ticket.pk).content.digest != seen
    assert breaks(ticket) == []


def test_A06_where_an_executor_kept_a_file_for_one_run_is_no_part_of_what_is_signed(
    ticket: Ticket, people: People, fake: Fake
) -> None:
    path, diff = FILE
    fake.places = [(path, diff.replace("+++ after", "+++ after: tmp/ansible-local-1/a.j2"))]
    foresee(ticket)
    seen = Ticket.objects.get(pk=ticket.pk).content.digest
    fake.places = [(path, diff.replace("+++ after", "+++ after: tmp/ansible-local-2/b.j2"))]
    assert again(ticket, people).hosts.get(name="demo-01").items == [{"path": path, "diff": diff}]
    assert Ticket.objects.get(pk=ticket.pk).content.digest == seen


@pytest.mark.parametrize("text", ["$ANSIBLE_VAULT;1.1;AES256\n6138", "-----BEGIN RSA PRIVATE KEY-----\nMII"])
def test_I24_A35_keys_and_vaults_are_not_shown_and_the_rest_is_cleaned(ticket: Ticket, fake: Fake, text) -> None:
    hostile = "+\x1b[31mred <b> {{ 7*7 }} password=hunter22\n"
    fake.places = [("/etc/a", text), ("/etc/ssl/site.key", "+abc"), ("/etc/b", hostile), ("/etc/c", "x\n" * 100_000)]
    items = {item["path"]: item["diff"] for item in foresee(ticket).hosts.get(name="demo-01").items}
    assert items["/etc/a"] == items["/etc/ssl/site.key"] == "Not shown: this may hold secrets."
    assert items["/etc/b"] == "+red <b> {{ 7*7 }} password=********\n"
    assert len(items["/etc/c"]) < 70_000


@pytest.mark.parametrize("ticket", [OFFERED], indirect=True)
def test_an_offered_one_blocks_nobody_and_the_decision_says_which_was_there(
    ticket: Ticket, people: People, hosts
) -> None:
    digest = ticket.content.digest
    approve(ticket, people)
    assert "foreseen" not in last(ticket, "task.approved").data
    dispatch()
    assert not DryRun.objects.filter(state="waiting").exists(), "nobody waits for it any more"
    other = submit("sql", people, ["demo-01"], sql="SELECT 2")
    made = foresee(other)
    other.refresh_from_db()
    assert other.content.number == 1, "an offered one is not part of what is signed"
    approve(other, people)
    assert last(other, "task.approved").data["foreseen"] == {"run": made.digest}
    assert "foreseen" not in last(other, "execution.approved").data
    assert digest
    assert breaks(other) == []


@pytest.mark.parametrize("ticket", [NONE], indirect=True)
def test_none_is_made_where_the_template_says_so_and_the_digest_stays_what_it_was(ticket: Ticket) -> None:
    dispatch()
    assert not DryRun.objects.exists()
    assert "dry_run" not in ticket.content.plans["run"]


@pytest.mark.parametrize("change", ["row", "state", "fold"])
def test_A32_a_result_written_behind_the_trail_starts_nothing(ticket: Ticket, people: People, change) -> None:
    foresee(ticket)
    approve(ticket, people)
    dispatch()
    forged = dict(Ticket.objects.get(pk=ticket.pk).foreseen)
    forged["run"] = {**forged["run"], **{"row": {"digest": "0" * 64}, "state": {"state": "failed"}, "fold": {}}[change]}
    Ticket.objects.filter(pk=ticket.pk).update(foreseen=forged if change != "fold" else {})
    visit, job = NodeVisit.objects.get(ticket=ticket, node="run"), Job.objects.get(ticket=ticket)
    with pytest.raises(ExecutionRefused, match="changed_foreseen"):
        execution.begin(visit_id=visit.pk, job_id=job.pk, at=timezone.now())
    assert breaks(ticket) == ["changed_foreseen"]


def test_I13_a_forged_entry_does_not_let_anybody_say_yes(ticket: Ticket, people: People) -> None:
    """The gate asks the content, which is signed, and not the row alone."""
    plan = ticket.content.plans["run"]
    entry = {"plan": plan["digest"], "state": "done", "digest": "0" * 64, "summary": {}, "words": ""}
    Ticket.objects.filter(pk=ticket.pk).update(foreseen={"run": entry})
    with pytest.raises(DryRunPending):
        approve(ticket, people)


def test_I17_a_withdrawal_ends_a_dry_run_under_way(ticket: Ticket, people: People, fake: Fake) -> None:
    dispatch()
    fake.hangs = True

    def take_back() -> None:
        if not fake.stopped and DryRun.objects.filter(state="running").exists():
            withdraw(number=ticket.number, actor=people["alice"], at=timezone.now(), comment="")
            dispatch()

    fake.on_poll = take_back
    run(DryRun.objects.get(ticket=ticket).pk)
    assert (fake.stopped, fake.left) == (True, 1)
    assert DryRun.objects.get(ticket=ticket).state == "dropped"
    assert "plan.foreseen" not in kinds(ticket)


def test_F37_a_dry_run_whose_executor_died_is_tried_again_and_three_times_at_most(ticket: Ticket, fake: Fake) -> None:
    dispatch()
    row = DryRun.objects.get(ticket=ticket)
    for tries in (1, 2):
        DryRun.objects.filter(pk=row.pk).update(
            state="running", tries=tries, heartbeat_at=timezone.now() - timedelta(minutes=1)
        )
        sweep()
        row.refresh_from_db()
        assert row.state == "waiting"
    DryRun.objects.filter(pk=row.pk).update(
        state="running", tries=3, heartbeat_at=timezone.now() - timedelta(minutes=1)
    )
    sweep()
    row.refresh_from_db()
    assert (row.state, row.message) == ("failed", "It was tried three times, and its executor died each time.")
    assert fake.orders == []
    assert last(ticket, "plan.foreseen").data["state"] == "failed"
    assert breaks(ticket) == []


def test_F30_a_worker_that_was_taken_for_dead_writes_nothing(ticket: Ticket, fake: Fake) -> None:
    dispatch()
    row = DryRun.objects.get(ticket=ticket)
    fake.hangs = True
    fake.on_poll = lambda: DryRun.objects.filter(pk=row.pk).update(tries=2)
    run(row.pk)
    row.refresh_from_db()
    assert (row.state, fake.stopped) == ("running", True)
    assert "plan.foreseen" not in kinds(ticket)


def test_who_may_ask_for_another_one_and_how_often(ticket: Ticket, people: People) -> None:
    foresee(ticket)
    ask: dict[str, Any] = {"number": ticket.number, "node": "run", "at": timezone.now()}
    with pytest.raises(DryRunTooSoon):
        repeat.of_plan(actor=people["alice"], **ask)
    DryRun.objects.update(created_at=timezone.now() - repeat.PAUSE)
    talk.watch(number=ticket.number, actor=people["alice"], at=timezone.now(), users=["heidi"])
    with pytest.raises(NotAllowed):
        repeat.of_plan(actor=people["heidi"], **ask)
    repeat.of_plan(actor=people["bob"], **ask)
    with pytest.raises(DryRunRunning):
        repeat.of_plan(actor=people["alice"], **ask)
    foresee(ticket)
    approve(ticket, people)
    with pytest.raises(WrongState):
        repeat.of_plan(actor=people["alice"], **ask)


def test_what_was_refused_to_start_is_a_failed_dry_run(ticket: Ticket, fake: Fake) -> None:
    fake.refusal = "the action is not the approved one"
    made = foresee(ticket)
    assert (made.state, made.message, made.summary["failed"]) == ("failed", fake.refusal, 2)


def test_F27_a_dry_run_waits_while_what_it_goes_through_is_away(ticket: Ticket, fake: Fake, monkeypatch) -> None:
    dispatch()
    row = DryRun.objects.get(ticket=ticket)
    monkeypatch.setitem(
        WHY_UNREACHABLE, row.content.plans[row.node]["executor"], lambda _credentials: "salt-api answered 503"
    )
    run(row.pk)
    row.refresh_from_db()
    assert (row.state, row.tries) == ("waiting", 0)
    monkeypatch.delitem(WHY_UNREACHABLE, row.content.plans[row.node]["executor"])
    run(row.pk)
    row.refresh_from_db()
    assert (row.state, row.tries) == ("done", 1)


def test_a_time_limit_holds_for_dry_runs_too(ticket: Ticket, fake: Fake, monkeypatch) -> None:
    fake.hangs = True
    clock = iter(range(0, 10**9, 10_000))
    monkeypatch.setattr("automation.executors.following.time", SimpleNamespace(monotonic=lambda: next(clock)))
    made = foresee(ticket)
    assert (made.state, fake.stopped) == ("failed", True)
    assert made.message == "The time limit was reached."
