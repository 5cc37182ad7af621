"""The executor's journal: nothing begins twice, whatever the database says (I14, I26, A32, F05, F13)."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from automation.actions.library import Library
from automation.actions.shelf import Shelf
from automation.background.run import run
from automation.commands.claim import claim
from automation.commands.control import rerun
from automation.commands.finish import finish
from automation.errors import CommentNeeded
from automation.executors.verdict import Verdict
from automation.journal import book as books
from automation.journal import marks, runs, witness
from automation.journal.book import Book, JournalUnusable
from automation.models import ActionVersion, Job
from notify.models import Delivery
from tests.automation.world import approved_job, kinds, log_of
from tickets.audit.verify import verify
from tickets.background.dispatch import dispatch
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rings(monkeypatch) -> list[tuple]:
    heard: list[tuple] = []
    monkeypatch.setattr("common.doorbell.ring", lambda *what: heard.append(what))
    return heard


@pytest.fixture
def job(people, hosts) -> Job:
    return approved_job("sql", people, ["demo-01"], sql="SELECT 1")


def sql(statement: str, *values: Any) -> None:
    """As the owner of the tables: no trigger fires."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


def cut_back(job: Job, last: Event) -> None:
    """Ticket, visit and job as they stood right after this event; the trail ends with it."""
    newer = "WHERE ticket_id = %s AND seq > %s"
    sql(f"DELETE FROM tickets_outbox WHERE event_id IN (SELECT id FROM tickets_event {newer})", job.ticket_id, last.seq)
    sql(f"DELETE FROM tickets_event {newer}", job.ticket_id, last.seq)
    sql(
        "UPDATE tickets_ticket SET event_seq = %s, event_hash = %s, state = 'executing', finished_at = NULL"
        " WHERE id = %s", last.seq, last.hash, job.ticket_id,
    )  # fmt: skip
    sql(
        "UPDATE tickets_nodevisit SET state = 'open', started_at = NULL, closed_at = NULL, outcome = '', queue = '[]'"
        " WHERE id = %s", job.visit_id,
    )  # fmt: skip
    begun = Event.objects.filter(ticket=job.ticket_id, kind="job.started").count()
    sql("DELETE FROM automation_audithost USING automation_auditrun run WHERE run_id = run.id AND run.job_id = %s"
        " AND run.attempt > %s", job.pk, begun)  # fmt: skip
    sql("DELETE FROM automation_auditrun WHERE job_id = %s AND attempt > %s", job.pk, begun)
    sql(
        "UPDATE automation_job SET state = 'waiting', outcome = '', attempt = %s, started_at = NULL,"
        " finished_at = NULL, \"only\" = %s::jsonb WHERE id = %s",
        begun,
        None if last.kind == "execution.approved" else '["demo-01"]',
        job.pk,
    )  # fmt: skip


def approval_of(job: Job) -> Event:
    return Event.objects.get(ticket=job.ticket_id, kind="execution.approved")


def ran(job: Job, outcome: str = "ok") -> None:
    """One attempt, its end in the journal and in the database."""
    claimed = claim(job.pk)
    assert claimed is not None
    runs.end(claimed.entry, outcome)
    assert finish(job.pk, claimed.attempt, "", Verdict(outcome, {}))


def said(job: Job) -> tuple[str, str]:
    job.refresh_from_db()
    return job.state, job.outcome


def journal() -> Book:
    return Book(books.book().folder)


def what_it_says(held: Book) -> list[str]:
    lines = [line for found in held.lines.values() for line in found]
    return [line["do"] for line in sorted(lines, key=lambda line: line["seq"])]


def test_A32_an_approval_whose_run_was_cut_from_the_trail_does_not_run_again(job) -> None:
    """The attack: no trigger, the events behind the approval gone, the stored end put back, the job waiting."""
    ran(job)
    cut_back(job, approval_of(job))
    assert list(verify(Ticket.objects.filter(pk=job.ticket_id))) == []  # by itself the ticket is whole
    assert claim(job.pk) is None
    assert said(job) == ("failed", "refused")
    assert "begun_before" in log_of(job)
    assert "job.started" not in kinds(job.ticket)


def test_A32_nor_by_a_second_try_after_the_refusal(job) -> None:
    ran(job)
    for _again in range(2):
        cut_back(job, approval_of(job))
        assert claim(job.pk) is None
    with journal().held() as held:
        assert what_it_says(held) == ["begin", "end", "refuse"]


def test_F05_a_crash_between_journal_and_commit_leaves_an_unknown_job(job, monkeypatch) -> None:
    def killed(*_given, **_named) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Job, "start", killed)
        with pytest.raises(SystemExit):
            claim(job.pk)
    assert said(job) == ("waiting", "")
    assert claim(job.pk) is None
    assert said(job) == ("failed", "unknown")
    assert "nobody wrote down its end" in log_of(job)


def test_F11_what_was_not_committed_is_struck_out_and_runs_later(job, monkeypatch) -> None:
    def lost(*_given, **_named) -> None:
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(Job, "start", lost)
        with pytest.raises(DatabaseError):
            claim(job.pk)
    assert claim(job.pk) is not None
    with journal().held() as held:
        assert what_it_says(held) == ["begin", "void", "begin"]


def test_I14_a_rerun_begins_by_its_own_event(job, people) -> None:
    ran(job, "failed")
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="")
    assert claim(job.pk) is not None
    started = [event.data["entry"] for event in Event.objects.filter(kind="job.started").order_by("seq")]
    with journal().held() as held:
        assert [line["seq"] for line in runs.live(held)] == started


def test_A32_a_rerun_that_was_cut_back_does_not_run_again(job, people) -> None:
    ran(job, "failed")
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="")
    asked = Event.objects.get(ticket=job.ticket_id, kind="job.rerun")
    job.refresh_from_db()
    ran(job)
    cut_back(job, asked)
    assert claim(job.pk) is None
    assert said(job) == ("failed", "refused")


def test_F13_a_run_that_a_restored_database_forgot_is_released_by_a_person_only(job, people) -> None:
    ran(job, "failed")
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="")
    before_rerun = Event.objects.get(ticket=job.ticket_id, kind="job.finished")
    job.refresh_from_db()
    ran(job)
    # restored from a backup made before the rerun: failed, and erin asks again
    cut_back(job, before_rerun)
    sql("UPDATE tickets_nodevisit SET outcome = 'failed' WHERE id = %s", job.visit_id)
    sql("UPDATE tickets_ticket SET state = 'failed' WHERE id = %s", job.ticket_id)
    sql("UPDATE automation_job SET state = 'failed', outcome = 'failed', finished_at = now() WHERE id = %s", job.pk)
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="")
    assert claim(job.pk) is None
    assert said(job) == ("failed", "refused")
    with pytest.raises(CommentNeeded):
        rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment=" ")
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="the host is as before")
    assert claim(job.pk) is not None


def test_I26_without_a_journal_nothing_runs_and_the_job_waits(job, settings, caplog) -> None:
    settings.JOURNAL_DIR = "/dev/null/journal"
    run(job.pk)
    assert said(job) == ("waiting", "")
    assert "job.started" not in kinds(job.ticket)
    assert "journal.unusable" in [record.message for record in caplog.records]
    assert "cannot be written" in " ".join(marks.problems())


def test_I26_a_lost_journal_beside_jobs_that_have_begun_stops_everything(job, people, home) -> None:
    ran(job)
    for file in (home / "journal").iterdir():
        file.unlink()
    other = approved_job("look", people, ["demo-01"])
    with pytest.raises(JournalUnusable, match="there is no journal"):
        claim(other.pk)
    assert "No job starts" in " ".join(marks.problems())


def test_I26_a_journal_that_was_cut_stops_everything(job, people, home) -> None:
    ran(job)
    path = home / "journal" / "journal"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:1]))
    other = approved_job("look", people, ["demo-01"])
    with pytest.raises(JournalUnusable, match="was cut: it ends at line 0"):
        claim(other.pk)
    assert "was cut" in " ".join(marks.problems())


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [lines[0], lines[1].replace(b'"do":"begin"', b'"do":"voids"'), *lines[2:]],
        lambda lines: [lines[0], *lines[2:]],
        lambda lines: [lines[0], lines[2], lines[1]],
        lambda lines: [b"{}\n", *lines[1:]],
        lambda lines: [*lines, b"not json\n"],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [b"\n", *lines],
    ],
)
def test_A32_a_changed_journal_is_refused(job, people, home, change) -> None:
    ran(job)
    path = home / "journal" / "journal"
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(JournalUnusable, match="was changed"), journal().held():
        pass
    books._books.clear()  # a process that remembers it whole knows the truth; this one has just started
    other = approved_job("look", people, ["demo-01"])
    with pytest.raises(JournalUnusable):
        claim(other.pk)


def test_A32_a_journal_signed_by_another_key_is_refused(job, settings) -> None:
    ran(job)
    settings.AUDIT_KEY = "another-key-of-more-than-32-characters"
    with pytest.raises(JournalUnusable), journal().held():
        pass


def test_F39_a_journal_goes_on_under_a_new_key(job, people, settings) -> None:
    ran(job, "failed")
    settings.AUDIT_KEYS = {"2027": "new-key-of-more-than-32-characters-" + "n" * 8}
    rerun(job_id=job.pk, actor=people["erin"], at=timezone.now(), hosts="all", comment="")
    assert claim(job.pk) is not None
    with journal().held() as held:
        assert what_it_says(held) == ["begin", "end", "begin"]


def test_a_line_torn_by_a_crash_does_not_count(job, home) -> None:
    with books.book().held():
        pass
    path = home / "journal" / "journal"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"seq":1,"do":"beg')
    assert claim(job.pk) is not None
    assert path.read_bytes().startswith(whole)
    with journal().held() as held:
        assert what_it_says(held) == ["begin"]


@pytest.mark.parametrize("part", [".", "journal"])
def test_I26_a_journal_that_others_can_write_is_refused(job, home, part) -> None:
    with books.book().held():
        pass
    (home / "journal" / part).chmod(0o777)
    with pytest.raises(JournalUnusable):
        claim(job.pk)


def test_the_journal_is_its_users_own(job, home) -> None:
    assert claim(job.pk) is not None
    assert (home / "journal").stat().st_mode & 0o777 == 0o700
    assert (home / "journal" / "journal").stat().st_mode & 0o777 == 0o600


def test_F09_many_writers_make_one_chain(tmp_path: Path) -> None:
    """Each with a book of its own, as so many processes."""
    run_ = {"number": "N", "node": "run", "round": 1, "release": "r"}

    def write() -> None:
        mine = Book(tmp_path / "shared")
        for _line in range(5):
            with mine.held() as held:
                held.append(do="begin", **run_)

    threads = [threading.Thread(target=write) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Book(tmp_path / "shared").held() as held:
        assert held.seq == 40
        assert len(held.lines["N", "run", 1]) == 40


def settled_lines(monkeypatch) -> None:
    monkeypatch.setattr(witness, "SETTLED", -timedelta(days=1))


def test_A32_verify_names_runs_that_were_cut_from_the_trail(job, monkeypatch) -> None:
    settled_lines(monkeypatch)
    ran(job)
    assert list(witness.breaks()) == []
    cut_back(job, approval_of(job))
    assert [(found.number, found.what) for found in witness.breaks()] == [(job.ticket.number, "lost_run")]
    claim(job.pk)
    assert list(witness.breaks()) == []  # the alarm in the trail names the line


def test_A32_verify_names_a_ticket_that_ran_and_is_gone(job, monkeypatch) -> None:
    settled_lines(monkeypatch)
    ran(job)
    number = job.ticket.number
    sql("UPDATE tickets_ticket SET number = 'OTHER' WHERE id = %s", job.ticket_id)
    assert [(found.number, found.what) for found in witness.breaks()] == [(number, "lost_ticket")]


def test_A32_verify_names_a_broken_journal(job, home, monkeypatch) -> None:
    ran(job)
    path = home / "journal" / "journal"
    path.write_bytes(path.read_bytes() + b"x\n")
    assert [found.what for found in witness.breaks()] == ["broken_journal"]
    with pytest.raises(SystemExit):
        call_command("audit", "verify")


def test_A32_administrators_are_alarmed(job, people, rings) -> None:
    people["heidi"].is_admin = True
    people["heidi"].save()
    ran(job)
    cut_back(job, approval_of(job))
    claim(job.pk)
    told = Event.objects.get(ticket=job.ticket_id, kind="execution.refused")
    assert told.data["reason"].startswith("begun_before")
    dispatch()
    assert set(Delivery.objects.filter(event=told).values_list("recipient__username", flat=True)) == {"heidi"}


def test_A32_a_version_that_is_not_kept_is_no_alarm(job, monkeypatch) -> None:
    ActionVersion.objects.all().delete()
    monkeypatch.setattr("automation.actions.library.library", lambda: Library({}, Shelf()))
    claim(job.pk)
    assert said(job) == ("failed", "refused")
    assert "execution.refused" not in kinds(job.ticket)


def test_a_healthy_journal_has_no_problems(job) -> None:
    assert list(marks.problems()) == []
    ran(job)
    assert list(marks.problems()) == []


def test_a_lost_journal_is_replaced_knowingly(job, people, home, capsys) -> None:
    ran(job)
    with pytest.raises(CommandError, match="Move it away"):
        call_command("journal", "new")
    (home / "journal").rename(home / "kept")
    other = approved_job("look", people, ["demo-01"])
    with pytest.raises(SystemExit):
        call_command("journal", "check")
    call_command("journal", "new")
    assert "OK" in capsys.readouterr().out
    assert claim(other.pk) is not None


def test_executors_with_journals_of_their_own_are_noticed(job, people, settings, home) -> None:
    with Book(home / "second").held():
        pass
    ran(job)
    settings.JOURNAL_DIR = str(home / "second")
    assert "share one BATON_JOURNAL_DIR" in " ".join(marks.problems())
