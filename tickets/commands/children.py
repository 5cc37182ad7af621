"""Continue a parent when its sub-tickets end (I12). A parent is never locked while a child is locked."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Count, F, Func, IntegerField, Q

from common import doorbell
from common.retrying import retried
from templates_engine.text import Text
from tickets.commands.closing import close_all, mark_begun, require_no_running_job
from tickets.commands.returning import return_to_applicant
from tickets.engine.advance import go_on
from tickets.engine.walk import OPEN, Walk, lock
from tickets.errors import AlreadyRunning
from tickets.models import Event, NodeVisit, Ticket
from tickets.states import TicketState
from tickets.states.ticket import FINAL
from tickets.trail.events import Kind

logger = logging.getLogger("baton.children")
WAKE = "tickets.wake_parent"
ENDED = frozenset({Kind.TICKET_COMPLETED, Kind.TICKET_VETOED, Kind.TICKET_WITHDRAWN})


def on_events(events: Sequence[Event]) -> None:
    """Subscriber: sub-tickets that ended wake their parents."""
    for event in events:
        if event.kind in ENDED and event.ticket.parent_visit_id is not None:
            doorbell.ring(WAKE, event.ticket.parent_visit_id)


def wake_all(at: datetime) -> int:
    """Wake every parent with an unrecorded end of a sub-ticket, in case a message was lost. Returns how many.

    A parent that fails stays for the next sweep and blocks no other (F37).
    """
    waiting = NodeVisit.objects.filter(type="subticket", state=OPEN)
    unheard = waiting.annotate(
        ended=Count("children", filter=Q(children__finished_at__isnull=False)),
        heard=Func(F("queue"), function="jsonb_array_length", output_field=IntegerField()),
    ).filter(ended__gt=F("heard"))
    woken = 0
    for visit_id in list(unheard.order_by("pk").values_list("pk", flat=True)):
        try:
            retried(partial(wake, visit_id=visit_id, at=at))
            woken += 1
        except Exception:
            logger.exception("parent.wake_failed", extra={"visit": visit_id})
    return woken


def wake_parent(child: Ticket) -> None:
    """Continue the parent of an ended ticket right after the commit, so that the caller sees the result.

    Errors there do not fail the caller; the message and the sweep try again.
    """
    visit_id = child.parent_visit_id
    if visit_id is None or child.state not in FINAL:
        return

    def look_again() -> None:
        wake(visit_id=visit_id, at=None)

    transaction.on_commit(look_again, robust=True)


def wake(*, visit_id: int, at: datetime | None) -> None:
    """Check a parent's sub-tickets again; can be repeated. at: None for now.

    If this would close a visit whose job is running, nothing is recorded yet; the sweep repeats it until the job ends.
    """
    with suppress(AlreadyRunning):
        _wake(visit_id, at)


@transaction.atomic
def _wake(visit_id: int, at: datetime | None) -> None:
    walk = lock(at, visit=visit_id)
    visit = next(visit for visit in walk.visits if visit.pk == visit_id)
    if visit.state != OPEN or walk.ticket.state in FINAL:
        return
    children = dict(Ticket.objects.filter(parent_visit=visit).order_by("id").values_list("number", "state"))
    if _tell(walk, visit, children):
        _settle(walk, visit, list(children.values()))
        walk.save()


def _tell(walk: Walk, visit: NodeVisit, children: dict[str, str]) -> bool:
    """Record the sub-tickets that have ended since last time; returns whether there are any."""
    told = {entry["child"] for entry in visit.queue}
    ended = [(number, state) for number, state in children.items() if state in FINAL and number not in told]
    for number, state in ended:
        walk.record_by_system(Kind.SUBTICKET_ENDED, child=number, state=state, **walk.node_facts(visit))
    visit.queue = [*visit.queue, *({"child": number, "state": state} for number, state in ended)]
    walk.changed(visit)
    return bool(ended)


def _settle(walk: Walk, visit: NodeVisit, states: list[str]) -> None:
    """Go on, go back, or keep waiting, as the node says."""
    node = walk.program.node(visit.node)
    wait, on_failure = node.get("wait", "all"), node.get("on_child_failure", "return")
    completed = states.count(TicketState.COMPLETED)
    final = sum(1 for state in states if state in FINAL)
    failed = final > completed and (wait == "all" or (final == len(states) and not completed))
    if failed and on_failure != "continue":
        _fail(walk, visit, on_failure, node["name"])
    elif (wait == "any" and completed) or final == len(states):
        mark_begun(walk, [visit])
        go_on(walk, visit, "completed")


def _fail(walk: Walk, visit: NodeVisit, on_failure: str, name: Text) -> None:
    """Handle a vetoed or withdrawn sub-ticket. Raises AlreadyRunning."""
    require_no_running_job(walk.open_visits())
    if on_failure == "return":
        return_to_applicant(walk, visit.node, resume="restart", comment="", system=True)
        return
    close_all(walk, "vetoed")
    walk.ticket.veto(at=walk.at)
    walk.record_by_system(Kind.TICKET_VETOED, node=visit.node, name=name, comment="")
