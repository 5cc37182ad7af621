"""Job logs: paged, searched, downloaded; limited in size, and hidden like their values (A35, I23)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from automation.background.purge import purge_logs
from automation.commands.claim import claim
from automation.commands.finish import finish
from automation.executors.base import HostResult
from automation.executors.verdict import Verdict
from automation.jobs.log import CUT, LOG_MAX, append
from automation.models import Job, JobLog
from automation.queries.logs import MATCHES_MAX, read_log, search_log, whole_log
from tests.automation.world import approved_job
from tickets.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(people, hosts) -> Job:
    return approved_job("sql", people, ["demo-01", "demo-02"], sql="SELECT 1")


@pytest.fixture
def begun(job) -> Job:
    assert claim(job.pk)
    return Job.objects.get(pk=job.pk)


def browser(people, name: str) -> Client:
    found = Client(headers={"Accept-Language": "en"})
    found.force_login(people[name], backend="accounts.backends.PasswordBackend")
    return found


def test_A35_a_log_is_capped_and_read_in_pieces(begun) -> None:
    job = begun
    append(job, "一" * (LOG_MAX - job.log_size - 1))
    append(job, "over\n")
    append(job, "dropped")
    job.refresh_from_db()
    text, offset, pages = "", 0, 0
    while True:
        page = read_log(job, offset)
        if not page["text"]:
            break
        text, offset, pages = text + page["text"], page["next_offset"], pages + 1
        assert (page["done"], page["size"]) == (False, job.log_size)
    assert pages > 10
    assert text.endswith("一o" + CUT)
    assert offset == len(text) == job.log_size
    assert read_log(job, 3)["text"][0] == text[3]


def test_the_log_is_read_on_and_on(people, job) -> None:
    claimed = claim(job.pk)
    first = browser(people, "alice").get(f"/api/v1/jobs/{job.pk}/log").json()
    assert first["text"].startswith("Attempt 1: database.run_change")
    assert not first["done"]
    finish(job.pk, claimed.attempt, "more\n", Verdict("failed", {"demo-01": HostResult("failed")}))
    rest = browser(people, "alice").get(f"/api/v1/jobs/{job.pk}/log?offset={first['next_offset']}").json()
    end = rest["next_offset"]
    assert rest == {"text": "more\nEnded: failed\n", "next_offset": end, "size": end, "done": True}


def test_a_line_is_found_across_pieces_and_its_offset_leads_to_it(begun) -> None:
    append(begun, "x" * 15_990 + "\nTASK [Restart NGINX] ***\n第二行\n")
    assert JobLog.objects.filter(job=begun.pk).count() > 2
    found = search_log(begun, "nginx")
    assert [match["line"] for match in found["matches"]] == ["TASK [Restart NGINX] ***"]
    assert read_log(begun, found["matches"][0]["offset"])["text"].startswith("TASK [Restart NGINX] ***\n第二行")
    assert search_log(begun, "nothing of the kind") == {"matches": [], "more": False}


def test_a_line_that_is_not_complete_yet_is_found_as_well(begun) -> None:
    append(begun, "half a li")
    assert [match["line"] for match in search_log(begun, "half")["matches"]] == ["half a li"]


def test_A47_matches_are_bounded(begun) -> None:
    append(begun, "again\n" * (MATCHES_MAX + 1))
    found = search_log(begun, "again")
    assert (len(found["matches"]), found["more"]) == (MATCHES_MAX, True)


def test_A35_the_whole_log_is_an_inert_file(people, begun) -> None:
    append(begun, "<script>alert(1)</script> 一\n" * 10_000)
    answer = browser(people, "alice").get(f"/api/v1/jobs/{begun.pk}/log/download")
    text = answer.getvalue().decode()
    assert text == "".join(whole_log(begun))
    assert text.count("一") == 10_000
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == f'attachment; filename="{begun.ticket.number}-run-{begun.pk}.log"'


def test_pieces_are_fetched_a_few_at_a_time(begun, django_assert_num_queries) -> None:
    append(begun, "x" * 16_000 * 20)
    list(whole_log(begun))  # the process knows the template from now on
    with django_assert_num_queries(3):
        assert len("".join(whole_log(begun))) == begun.log_size


def test_I23_a_log_is_searched_and_downloaded_by_who_sees_its_ticket(people, job) -> None:
    for path in ("log/search?q=a", "log/download"):
        statuses = [browser(people, name).get(f"/api/v1/jobs/{job.pk}/{path}").status_code for name in people]
        assert dict(zip(people, statuses, strict=True)) == {"alice": 200, "bob": 200, "erin": 200, "heidi": 404}
    assert browser(people, "alice").get(f"/api/v1/jobs/{job.pk}/log/search?q=%20").status_code == 422


def test_I23_a_run_with_hidden_values_is_one_sentence_everywhere(begun, monkeypatch) -> None:
    monkeypatch.setattr("automation.queries.logs.runs_with", lambda _node, hidden: bool(hidden))
    append(begun, "s3cret\n")
    assert search_log(begun, "s3cret", ["field"])["matches"] == []
    assert "s3cret" not in "".join(whole_log(begun, ["field"]))
    assert "s3cret" not in read_log(begun, 0, ["field"])["text"]


class TestPurge:
    """Logs go by policy (BATON_LOG_DAYS); everything else stays."""

    @pytest.fixture
    def over(self, job) -> Job:
        claimed = claim(job.pk)
        assert claimed
        assert finish(job.pk, claimed.attempt, "it broke\n", Verdict("failed", {"demo-01": HostResult("failed")}))
        return Job.objects.get(pk=job.pk)

    def test_an_old_log_goes_once_and_a_line_says_so(self, over, settings) -> None:
        events = Event.objects.count()
        later = over.finished_at + timedelta(days=settings.LOG_DAYS, minutes=1)
        assert purge_logs(later) == 1
        assert purge_logs(later) == 0
        over.refresh_from_db()
        page = read_log(over, 0)
        assert page["text"].startswith("The log of this run was removed on ")
        assert page["done"]
        assert page["next_offset"] == over.log_size
        assert search_log(over, "it broke")["matches"] == []
        assert (Event.objects.count(), over.hosts.count()) == (events, 2)

    def test_young_logs_those_of_open_jobs_and_all_of_them_with_0_stay(self, over, settings) -> None:
        assert purge_logs(over.finished_at + timedelta(days=settings.LOG_DAYS - 1)) == 0
        settings.LOG_DAYS = 0
        assert purge_logs(over.finished_at + timedelta(days=4000)) == 0

    def test_a_job_that_has_not_ended_keeps_its_log_however_old(self, begun, settings) -> None:
        assert purge_logs(timezone.now() + timedelta(days=settings.LOG_DAYS * 2)) == 0

    def test_a_rerun_writes_on_behind_the_line(self, over, settings) -> None:
        purge_logs(over.finished_at + timedelta(days=settings.LOG_DAYS, minutes=1))
        over.refresh_from_db()
        append(over, "once more\n", ours=True)
        assert read_log(over, 0)["text"].endswith("ended.\nonce more\n")
