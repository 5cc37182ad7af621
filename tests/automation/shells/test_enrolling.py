"""Which hosts may send lines: those where an approved job installed the collector, with the key that it found."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from automation.commands.claim import claim
from automation.commands.finish import finish
from automation.executors.base import HostResult
from automation.executors.host_words import KEY_OF_ANOTHER, NO_HOST_KEY
from automation.executors.verdict import PAUSED, Ending, Verdict, verdict_of
from automation.models import Host, Job
from automation.models.shell import ShellHost
from automation.shells.enrolling import INSTALL, REMOVE, note, unfit
from tests.automation.shells.signing import enrolled, line
from tests.automation.world import approved_job, log_of
from tests.statements import counted

pytestmark = pytest.mark.django_db
KEYS = [f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{chr(65 + number) * 43}" for number in range(4)]
DONE, FAILED = HostResult("changed", changed=True), HostResult("failed")
ENDED_WELL = Ending(0, has_verdict=True)
NO_KEYS = [None, 5, "", "ssh-ed25519", KEYS[0][:-1], f"ssh-rsa {KEYS[0]}", "{{ 7*7 }}", [KEYS[0]]]


@pytest.fixture
def job(people, hosts) -> Job:
    return approved_job("sql", people, ["demo-01", "demo-02", "demo-03"], sql="SELECT 1")


def handed(**keys: object) -> list[tuple[str, dict]]:
    return [(INSTALL, {host.replace("_", "-"): {"host_key": key} for host, key in keys.items()})]


def standing() -> dict[str, str]:
    return dict(ShellHost.objects.filter(removed_at__isnull=True).order_by("name").values_list("name", "public_key"))


def test_I13_a_job_that_ran_as_approved_enrols_the_hosts_that_are_done(job: Job) -> None:
    claimed = claim(job.pk)
    results = {"demo-01": DONE, "demo-02": FAILED, "demo-03": HostResult("ok")}
    keys = handed(demo_01=f"{KEYS[0]} root@demo-01", demo_02=KEYS[1], demo_03=KEYS[2], stranger=KEYS[3])
    assert finish(job.pk, claimed.attempt, "", Verdict("partial", results, handed=keys))
    assert standing() == {"demo-01": KEYS[0], "demo-03": KEYS[2]}
    row = ShellHost.objects.get(name="demo-01")
    assert (row.host, row.enrolled_job, row.enrolled_by) == (Host.objects.get(name="demo-01"), job, "alice")
    assert "Lines of shells: demo-01 is enrolled, with its key SHA256:" in log_of(job)


def test_F30_an_attempt_that_is_not_the_jobs_any_more_enrols_nobody(job: Job) -> None:
    claimed = claim(job.pk)
    verdict = Verdict("ok", {"demo-01": DONE}, handed=handed(demo_01=KEYS[0]))
    assert not finish(job.pk, claimed.attempt + 1, "", verdict)
    assert standing() == {}


def test_a_batch_before_a_pause_is_enrolled(job: Job) -> None:
    claimed = claim(job.pk)
    results = {"demo-01": DONE, "demo-02": HostResult("waiting")}
    assert finish(job.pk, claimed.attempt, "", Verdict(PAUSED, results, handed=handed(demo_01=KEYS[0])))
    assert standing() == {"demo-01": KEYS[0]}


def test_what_another_action_hands_over_enrols_nobody(job: Job) -> None:
    note(job, [("test.report", {"demo-01": {"host_key": KEYS[0]}})], {"demo-01": DONE}, timezone.now())
    assert standing() == {}


def test_other_jobs_pay_nothing(job: Job) -> None:
    with counted() as asked:
        note(job, [("service.restart", {})], {"demo-01": DONE}, timezone.now())
        assert unfit([("service.restart", {})], {"demo-01": DONE}) == {}
    assert asked == []


@pytest.mark.parametrize("said", NO_KEYS)
def test_A35_a_host_that_hands_over_no_key_has_failed(job: Job, said: object) -> None:
    results = {"demo-01": DONE, "demo-02": DONE}
    keys = handed(demo_01=said, demo_02=KEYS[1])
    wrong = unfit(keys, results)
    assert wrong == {"demo-01": HostResult("failed", changed=True, message=NO_HOST_KEY)}
    verdict = verdict_of(list(results), results | wrong, ENDED_WELL)
    assert verdict.outcome == "partial"
    note(job, keys, verdict.hosts, timezone.now())
    assert standing() == {"demo-02": KEYS[1]}
    assert unfit([(INSTALL, {})], {"demo-01": DONE})["demo-01"].message == NO_HOST_KEY


def test_A41_two_hosts_never_share_a_key(job: Job, tmp_path: Path) -> None:
    """Copied machines have the same one, and a host may say another's: neither writes for the other."""
    first = enrolled(tmp_path, "web-01")
    results = {"demo-01": DONE, "demo-02": DONE, "demo-03": DONE}
    keys = handed(demo_01=first.row.public_key, demo_02=KEYS[1], demo_03=KEYS[1])
    wrong = unfit(keys, results)
    assert {host: result.message for host, result in wrong.items()} == {
        "demo-01": KEY_OF_ANOTHER,
        "demo-03": KEY_OF_ANOTHER,
    }
    note(job, keys, results, timezone.now())  # as if another job had been quicker
    assert standing() == {"web-01": first.row.public_key, "demo-02": KEYS[1]}
    assert "Lines of shells: demo-03 is not enrolled. It was installed, but another host" in log_of(job)


def test_the_same_key_goes_on_and_another_one_begins_anew(job: Job, tmp_path: Path) -> None:
    before = enrolled(tmp_path, "demo-01")
    assert before.send(line(1)).status_code == 202
    note(job, handed(demo_01=before.row.public_key), {"demo-01": DONE}, timezone.now())
    assert before.send(line(2)).json() == {"accepted": 1, "enrolment": before.row.pk, "last_seq": 2}
    note(job, handed(demo_01=KEYS[0]), {"demo-01": DONE}, timezone.now())
    assert standing() == {"demo-01": KEYS[0]}
    assert before.send(line(3)).status_code == 401
    assert ShellHost.objects.get(removed_at__isnull=True).last_seq == 0


def test_a_host_that_was_renamed_keeps_its_key(job: Job) -> None:
    at = timezone.now()
    note(job, handed(demo_01=KEYS[0]), {"demo-01": DONE}, at)
    Host.objects.filter(name="demo-01").update(name="shop-01")
    assert unfit(handed(shop_01=KEYS[0]), {"shop-01": DONE}) == {}
    note(job, handed(shop_01=KEYS[0]), {"shop-01": DONE}, at + timedelta(hours=1))
    assert standing() == {"shop-01": KEYS[0]}


@pytest.mark.parametrize("status", ["changed", "failed"])
def test_removing_ends_it_where_it_was_done(job: Job, tmp_path: Path, status: str) -> None:
    before = enrolled(tmp_path, "demo-01")
    other = enrolled(tmp_path, "demo-02")
    assert before.send(line(1)).status_code == 202
    note(job, [(REMOVE, {})], {"demo-01": HostResult(status)}, timezone.now())
    assert before.send(line(2)).status_code == (401 if status == "changed" else 202)
    assert other.send(line(1)).status_code == 202
    assert before.row.lines.filter(seq=1).exists()
    assert ("demo-01 is no longer enrolled" in log_of(job)) == (status == "changed")
