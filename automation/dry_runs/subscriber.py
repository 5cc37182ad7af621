"""Turn committed events into dry runs: only database rows, and few statements."""

from collections.abc import Sequence

from automation.dry_runs.commands import Purpose, drop, make
from automation.models.dry_run import OPEN, DryRun
from tickets.models import Event, Ticket
from tickets.rules.dry_run_rules import DONE, UNDER_WAY, last_of
from tickets.trail.events import Kind

HANDED_IN = frozenset({Kind.TICKET_SUBMITTED, Kind.TICKET_RESUBMITTED, Kind.TICKET_EDITED})
OVER = frozenset({Kind.TICKET_RETURNED, Kind.TICKET_WITHDRAWN, Kind.TICKET_VETOED, Kind.TICKET_COMPLETED})


def hear(events: Sequence[Event]) -> None:
    """Create a dry run for each submitted plan that has none; drop those that are no longer needed."""
    over = {event.ticket_id for event in events if event.kind in OVER and _ends_it(event)}
    if over:
        drop(ticket__in=over, purpose=Purpose.PLAN)
    handed_in = {event.ticket_id for event in events if event.kind in HANDED_IN}
    if handed_in:
        _start(handed_in)
    for event in events:
        if event.kind == Kind.EXECUTION_APPROVED:
            drop(ticket=event.ticket_id, node=Kind.EXECUTION_APPROVED.of(event)["node"], purpose=Purpose.PLAN)


def _start(ticket_ids: set[int]) -> None:
    """Events may be late, so only the ticket's current plans get a dry run."""
    tickets = Ticket.objects.filter(pk__in=ticket_ids, state__in=UNDER_WAY).exclude(content__plans={})
    for ticket in tickets.select_related("content").order_by("pk"):
        content = ticket.content
        for node, plan in content.plans.items():
            if "dry_run" not in plan:
                continue
            drop_others(ticket.pk, node, plan["digest"])
            known = last_of(ticket.foreseen, plan)
            if known is None or known["state"] != DONE:
                make(ticket, content, plan)


def drop_others(ticket_id: int, node: str, plan_digest: str) -> None:
    """Drop this node's dry runs of plans that are no longer current."""
    others = DryRun.objects.filter(ticket=ticket_id, node=node, purpose=Purpose.PLAN, state__in=OPEN)
    drop(pk__in=others.exclude(plan_digest=plan_digest).values("pk"))


def _ends_it(event: Event) -> bool:
    """False for a return to an earlier step: the plans stay."""
    return event.kind != Kind.TICKET_RETURNED or Kind.TICKET_RETURNED.of(event)["to"] == "applicant"
