"""From committed events to job rows."""

from collections.abc import Sequence

from django.db import transaction

from automation.clock import db_now
from automation.commands.claim import forget
from automation.models import Job, JobHost
from automation.registry import library
from automation.signed import not_before, valid_until
from automation.states import JobState
from config import doorbell
from tickets.events import Kind
from tickets.models import ContentVersion, Event, NodeVisit


@transaction.atomic
def on_events(events: Sequence[Event]) -> None:
    """Rows only: a job per approved execution, once per visit; waiting jobs that nobody waits for end."""
    for event in events:
        if event.kind == Kind.EXECUTION_APPROVED:
            enqueue(event)
        elif event.kind == Kind.NODE_CLOSED and event.data["type"] == "automation":
            abandon(event)


def enqueue(event: Event) -> None:
    """The job of this approval, waiting; a second call changes nothing (I14, F19).

    News may come late and in any order: a visit that has closed meanwhile gets none (I17). One that closes just now,
    unseen by this transaction, leaves its job to the sweep.
    """
    node, data = event.data["node"], event.data
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
            "plan_digest": data["plan_digest"],
            "not_before": begins,
            "expires_at": valid_until(plan, event.at, library().action(plan["action"])),
            "created_at": event.at,
            "rung_at": None if begins and begins > event.at else db_now(),
        },
    )
    if is_new:
        JobHost.objects.bulk_create(JobHost(job=job, name=target["name"]) for target in plan["targets"])
    if is_new and job.rung_at:
        doorbell.ring("automation.run", job.pk)


def abandon(event: Event) -> None:
    """End the job of a visit that was closed before it began, by whatever closed it (I17).

    The job of another branch is none of its business, and one that has begun comes to its own end.
    """
    visit = {"visit__node": event.data["node"], "visit__round": event.data["round"]}
    waiting = Job.objects.select_for_update(of=("self",)).filter(
        ticket=event.ticket_id, state=JobState.WAITING, **visit
    )
    for job in waiting:
        forget(job, event.at)
