"""Manual jobs: the executor hands them to people, who record a result for each host; the last one ends the job.

The executor claims such a job like any other, so that it is done once and as approved. Then it releases the job, which
runs without a worker and without a lease (`heartbeat_at` is null), for as long as it takes.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import RoleMember, User
from automation.clock import db_now
from automation.commands.claim import Claim
from automation.commands.finish import end
from automation.errors import CommentNeeded
from automation.executors.base import HostResult
from automation.executors.log_text import clean
from automation.jobs.log import append
from automation.jobs.results import statuses, store_hosts
from automation.models import Job, JobHost
from automation.models.job import DONE, HostStatus
from automation.queries.by_hand import does_it, is_by_hand
from automation.queries.jobs import get_job
from automation.states import JobState, Outcome
from tickets.commands import execution
from tickets.errors import NotAllowed, NotFound, OwnTicket, WrongState
from tickets.rules.rights import is_own

TICKS = (HostStatus.OK, HostStatus.CHANGED, HostStatus.FAILED, HostStatus.SKIPPED)
NEEDS_WORDS = frozenset({HostStatus.FAILED, HostStatus.SKIPPED})
MESSAGE_MAX = 1000


@transaction.atomic
def hand_to_people(claimed: Claim) -> bool:
    """Release a job that this worker has claimed. False if it no longer belongs to this worker."""
    mine = Job.objects.select_for_update(of=("self",)).select_related("ticket", "content")
    job = mine.filter(pk=claimed.job_id, attempt=claimed.attempt, state=JobState.RUNNING).first()
    if job is None:
        return False
    Job.objects.filter(pk=job.pk).update(heartbeat_at=None)
    append(job, "Handed to people: done by hand, and ticked off host by host\n", ours=True)
    hosts = [target["name"] for target in claimed.order.targets]
    named = named_people(claimed.order.action.run.get("by", []))
    people = [person for person in named if not is_own(job.ticket, job.content, person.pk)]
    execution.hand_over(visit_id=job.visit_id, job_id=job.pk, at=db_now(), hosts=hosts, people=people)
    return True


def named_people(rules: list[dict[str, str]]) -> list[User]:
    """The active users that an action names; empty if it leaves the work to the operators."""
    roles = [rule["role"] for rule in rules if "role" in rule]
    users = [rule["user"] for rule in rules if "user" in rule]
    members = RoleMember.objects.filter(role__key__in=roles).values("user_id")
    named = Q(pk__in=members) | Q(username__in=users)
    return list(User.objects.filter(named, is_active=True).order_by("username"))


@transaction.atomic
def tick(*, job_id: int, host: str, actor: User, at: datetime, status: str, comment: str = "") -> Job:
    """Record the result of one host; after the last host, the job ends and the ticket moves on.

    A result may be changed until then. Raises NotFound, NotAllowed, OwnTicket for people who requested or changed it,
    WrongState unless it is a running manual job, CommentNeeded for failed and skipped hosts.
    """
    get_job(actor, job_id, at)
    job = Job.objects.select_for_update(of=("self",)).select_related("ticket", "content").get(pk=job_id)
    if not does_it(actor, job):
        raise NotAllowed
    if is_own(job.ticket, job.content, actor.pk):
        raise OwnTicket
    if not is_by_hand(job):
        raise WrongState
    row = JobHost.objects.filter(job=job.pk, name=host).first()
    if row is None or row.status == HostStatus.NOT_REACHED or (job.only is not None and host not in job.only):
        raise NotFound
    said = clean(comment, MESSAGE_MAX)
    if status in NEEDS_WORDS and not said:
        raise CommentNeeded
    store_hosts(job, {host: HostResult(status, changed=status == HostStatus.CHANGED, message=said)})
    append(job, f"{actor.username}: {host}: {status}{': ' if said else ''}{said}\n", ours=True)
    execution.tick(visit_id=job.visit_id, job_id=job.pk, actor=actor, at=at, hosts={host: status}, comment=said)
    left = statuses(job)
    mine = [status for name, status in left.items() if job.only is None or name in job.only]
    if HostStatus.WAITING not in mine:
        end(job, _outcome(mine))
    return job


def _outcome(ticked: list[str]) -> str:
    done = [status in DONE for status in ticked]
    return Outcome.OK if all(done) else Outcome.PARTIAL if any(done) else Outcome.FAILED
