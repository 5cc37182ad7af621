"""Creates and ends job rows for committed events."""

from collections.abc import Sequence

from django.db import transaction

from automation.actions.batches import batch_numbers
from automation.actions.library import library
from automation.clock import db_now
from automation.dry_runs import subscriber as dry_runs
from automation.jobs.refusing import forget
from automation.jobs.signed import not_before, valid_until
from automation.jobs.sites import ring
from automation.models import Job, JobHost
from automation.states import JobState
from tickets.models import ContentVersion, Event, NodeVisit
from tickets.trail.events import Kind


@transaction.atomic
def on_events(events: Sequence[Event]) -> None:
    """Change rows only: create dry runs of submitted plans and jobs of approved executions; end jobs of closed visits.

    One job per visit.
    """
    dry_runs.hear(events)
    for event in events:
        if event.kind == Kind.EXECUTION_APPROVED:
            enqueue(event)
        elif event.kind == Kind.NODE_CLOSED and Kind.NODE_CLOSED.of(event)["type"] == "automation":
            abandon(event)


def enqueue(event: Event) -> None:
    """Create the waiting job of this approval; a second call changes nothing (I14, F19).

    Events may come late and in any order: a closed visit gets no job (I17). If the visit closes in a parallel
    transaction, the sweep ends the job.
    """
    data = Kind.EXECUTION_APPROVED.of(event)
    node = data["node"]
    visit = NodeVisit.objects.get(ticket=event.ticket_id, node=node, round=data["round"])
    if visit.state != NodeVisit.State.OPEN:
        return
    content = ContentVersion.objects.filter(ticket=event.ticket_id, digest=data["content_digest"]).latest("number")
    plan = content.plans[node]
    begins = not_before(plan)
    job, is_new = Job.objects.get_or_create(
        visit=visit,
        defaults={
            "ticket_id": event.ticket_id,
            "content": content,
            "node": node,
            "node_name": data["name"],
            "action": plan["action"],
            "site": plan.get("site", ""),
            "plan_digest": data["plan_digest"],
            "not_before": begins,
            "expires_at": valid_until(plan, event.at, library().action(plan["action"], plan["version"])),
            "created_at": event.at,
            "rung_at": None if begins and begins > event.at else db_now(),
        },
    )
    if is_new:
        batches = batch_numbers(plan, None)
        names = [target["name"] for target in plan["targets"]]
        JobHost.objects.bulk_create(JobHost(job=job, name=name, batch=batches.get(name)) for name in names)
    if is_new and job.rung_at:
        ring(job)


def abandon(event: Event) -> None:
    """End the waiting or paused job of a visit that was closed, for whatever reason (I17).

    Jobs of other branches are not changed, and a running job comes to its own end.
    """
    closed = Kind.NODE_CLOSED.of(event)
    visit = {"visit__node": closed["node"], "visit__round": closed["round"]}
    standing = Job.objects.select_for_update(of=("self",)).filter(
        ticket=event.ticket_id, state__in=[JobState.WAITING, JobState.PAUSED], is_rollback=False, **visit
    )
    for job in standing:
        forget(job, event.at)
