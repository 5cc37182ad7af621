"""Which jobs does this person see, and what may they do with one?"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import OPERATE, has_permission
from automation.models import Job, JobLog
from automation.states import JobState
from templates_engine.program import load
from tickets.errors import NotFound
from tickets.models import NodeVisit
from tickets.queries.hidden import runs_with
from tickets.queries.visible import visible_tickets
from tickets.states import TicketState

LOG_PAGE = 64_000
ENDED = frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED})


def visible_jobs(user: User, at: datetime) -> QuerySet[Job]:
    """All jobs for operators; else those of the tickets that this person may see (I23)."""
    jobs = Job.objects.all()
    return jobs if has_permission(user, OPERATE) else jobs.filter(ticket__in=visible_tickets(user, at))


def get_job(user: User, job_id: int, at: datetime) -> Job:
    """This job with ticket, content and visit. Raises NotFound."""
    jobs = visible_jobs(user, at).select_related("ticket", "ticket__applicant", "content", "visit")
    job = jobs.filter(pk=job_id).first()
    if job is None:
        raise NotFound
    return job


def may_cancel(user: User, job: Job) -> bool:
    """Operators, and the applicant of its ticket."""
    return job.ticket.applicant_id == user.pk or has_permission(user, OPERATE)


def allowed_actions(user: User, job: Job, at: datetime) -> list[str]:
    """The verbs that this person may use on this job now."""
    if job.state in (JobState.WAITING, JobState.RUNNING):
        return ["cancel"] if may_cancel(user, job) and not job.cancel_requested_at else []
    is_stuck = job.ticket.state == TicketState.FAILED and job.visit.state == NodeVisit.State.OPEN
    if not is_stuck or job.state == JobState.COMPLETED or not has_permission(user, OPERATE):
        return []
    return ["rerun", "resolve"] if job.expires_at > at else ["resolve"]


def read_log(job: Job, offset: int, hidden: Collection[str] = ()) -> dict[str, object]:
    """{text, next_offset, done} from this character on, at most LOG_PAGE at once.

    hidden: the fields that the reader may not see; one sentence is all he reads of a run with their values.
    """
    if runs_with(load(job.ticket.template_version_id).node(job.node), hidden):
        text = _("What this run wrote may show values that are hidden from you.")
        return {"text": text[offset:], "next_offset": max(offset, len(text)), "done": job.state in ENDED}
    behind = JobLog.objects.annotate(end=F("start") + F("size")).filter(job=job.pk, end__gt=offset)
    text, next_offset = "", offset
    for piece in behind.order_by("start").iterator(chunk_size=8):
        text += piece.text[max(offset - piece.start, 0) :]
        next_offset = piece.start + piece.size
        if len(text) >= LOG_PAGE:
            break
    done = job.state in ENDED and next_offset >= job.log_size
    return {"text": text, "next_offset": next_offset, "done": done}
